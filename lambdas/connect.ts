import { connected } from '../chat/connect.ts';
import { env } from './env.ts';
import type { RequestContext } from './event.ts';
import { connections, credentials, inboxes, names } from './ports.ts';
import { conclude, watched } from './watched.ts';
import { world } from './world.ts';

/** What API Gateway tells of a handshake. */
interface ConnectEvent {
  requestContext: RequestContext;
  headers?: Record<string, string | undefined>;
}

const origins = env('ALLOWED_ORIGINS');
const hasProvider = env('JWT_ISSUER') !== 'off';

/** There only where origins are allowed one by one, or users come from an identity provider (lib/settings.ts). */
export const handler = watched('$connect', async ({ requestContext, headers = {} }: ConnectEvent) => {
  const outcome = await refusal(requestContext, headerOf(headers, 'origin'));
  conclude('$connect', outcome ?? 'ok');
  if (outcome !== undefined) return { statusCode: 403 };
  // The service wants the one that was chosen echoed, or the client ends the handshake.
  const offered = headerOf(headers, 'sec-websocket-protocol') !== undefined;
  return { statusCode: 200, ...(offered && { headers: { 'Sec-WebSocket-Protocol': 'parley' } }) };
});

async function refusal({ connectionId, authorizer }: RequestContext, origin: string | undefined) {
  // What is no browser sends no origin, and could send any.
  if (origins !== 'off' && origin !== undefined && !origins.split(',').includes(origin)) return 'origin';
  if (!hasProvider) return undefined;
  const username = authorizer?.username;
  if (username === undefined) return 'no identity';
  const ports = { names, credentials, inboxes, connections, world };
  return (await connected(ports, connectionId, username)) ? undefined : 'name_taken';
}

const headerOf = (headers: Record<string, string | undefined>, name: string): string | undefined =>
  Object.entries(headers).find(([each]) => each.toLowerCase() === name)?.[1];
