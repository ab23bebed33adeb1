import type { Gateway } from '../chat/ports.ts';
import { env } from './runtime/env.ts';
import { lifeCycle } from './runtime/life-cycle.ts';
import { logOutcome, withObservability } from './runtime/observability.ts';

/** API Gateway's event for a handshake. */
export interface ConnectEvent {
  requestContext: { eventType?: string };
  headers?: Record<string, string | undefined>;
}

/** Refuses browsers on pages with other origins. */
export function onConnect({ gateway }: { gateway: Gateway }) {
  const origins = env('ALLOWED_ORIGINS').split(',');
  return lifeCycle(
    gateway,
    withObservability('$connect', async ({ headers = {} }: ConnectEvent) => {
      const origin = originOf(headers);
      // Other clients send no origin, and could fake any.
      const isForeign = origin !== undefined && !origins.includes(origin);
      logOutcome('$connect', isForeign ? 'origin' : 'ok');
      return { statusCode: isForeign ? 403 : 200 };
    }),
  );
}

const originOf = (headers: Record<string, string | undefined>): string | undefined =>
  Object.entries(headers).find(([name]) => name.toLowerCase() === 'origin')?.[1];
