import { connected } from '../chat/accounts/connect.ts';
import type {
  Connections,
  Credentials,
  Directory,
  Gateway,
  Inboxes,
  Members,
  Runtime,
} from '../chat/ports.ts';
import { env } from './runtime/env.ts';
import type { RequestContext } from './runtime/event.ts';
import { lifeCycle } from './runtime/life-cycle.ts';
import { logOutcome, withObservability } from './runtime/observability.ts';

/** API Gateway's event for a handshake. */
interface ConnectEvent {
  requestContext: RequestContext;
  headers?: Record<string, string | undefined>;
}

/** The reason to refuse the connection; undefined to accept it. */
type Refusal = (context: RequestContext) => Promise<string | undefined>;

interface Ports {
  gateway: Gateway;
}

interface IdentityPorts extends Ports {
  connections: Connections;
  credentials: Credentials;
  inboxes: Inboxes;
  members: Members;
  directory: Directory;
  runtime: Runtime;
}

/** Refuses browsers on pages with other origins. */
export const onConnect = (ports: Ports) => handshake(ports, async () => undefined);

/** Checks the origin, and binds the connection to the authorizer's user. */
export const onConnectWithIdentity = (ports: IdentityPorts) =>
  handshake(ports, async ({ connectionId, authorizer }) => {
    const username = authorizer?.username;
    if (username === undefined) return 'no identity';
    return (await connected(ports, connectionId, username)) ? undefined : 'name_taken';
  });

function handshake({ gateway }: Ports, refusalOf: Refusal) {
  const origins = env('ALLOWED_ORIGINS');
  // Other clients send no origin, and could fake any.
  const isForeign = (origin: string | undefined): boolean =>
    origins !== 'off' && origin !== undefined && !origins.split(',').includes(origin);
  return lifeCycle(
    gateway,
    withObservability('$connect', async ({ requestContext, headers = {} }: ConnectEvent) => {
      const refusal = isForeign(headerOf(headers, 'origin')) ? 'origin' : await refusalOf(requestContext);
      logOutcome('$connect', refusal ?? 'ok');
      if (refusal !== undefined) return { statusCode: 403 };
      // The response must name the chosen subprotocol, or the client ends the handshake.
      const offered = headerOf(headers, 'sec-websocket-protocol') !== undefined;
      return { statusCode: 200, ...(offered && { headers: { 'Sec-WebSocket-Protocol': 'parley' } }) };
    }),
  );
}

const headerOf = (headers: Record<string, string | undefined>, name: string): string | undefined =>
  Object.entries(headers).find(([each]) => each.toLowerCase() === name)?.[1];
