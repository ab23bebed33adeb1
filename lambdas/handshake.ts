import { env } from './env.ts';
import type { RequestContext } from './event.ts';
import { lifeCycle } from './life-cycle.ts';
import { conclude, watched } from './watched.ts';

/** What API Gateway tells of a handshake. */
interface ConnectEvent {
  requestContext: RequestContext;
  headers?: Record<string, string | undefined>;
}

const origins = env('ALLOWED_ORIGINS');

/**
 * The handler of `$connect`: refuses browsers on pages of elsewhere, and whom else it is told to.
 * @param refusalOf says why a connection is refused; undefined if it is not
 */
export const handshake = (refusalOf: (context: RequestContext) => Promise<string | undefined>) =>
  lifeCycle(
    watched('$connect', async ({ requestContext, headers = {} }: ConnectEvent) => {
      const refusal = isForeign(headerOf(headers, 'origin')) ? 'origin' : await refusalOf(requestContext);
      conclude('$connect', refusal ?? 'ok');
      if (refusal !== undefined) return { statusCode: 403 };
      // The service wants the one that was chosen echoed, or the client ends the handshake.
      const offered = headerOf(headers, 'sec-websocket-protocol') !== undefined;
      return { statusCode: 200, ...(offered && { headers: { 'Sec-WebSocket-Protocol': 'parley' } }) };
    }),
  );

/** What is no browser sends no origin, and could send any. */
const isForeign = (origin: string | undefined): boolean =>
  origins !== 'off' && origin !== undefined && !origins.split(',').includes(origin);

const headerOf = (headers: Record<string, string | undefined>, name: string): string | undefined =>
  Object.entries(headers).find(([each]) => each.toLowerCase() === name)?.[1];
