import { disconnected } from '../chat/accounts/logout.ts';
import type { Connections, Gateway, Inboxes, Runtime } from '../chat/ports.ts';
import type { Event } from './runtime/event.ts';
import { lifeCycle } from './runtime/life-cycle.ts';
import { logOutcome, withObservability } from './runtime/observability.ts';

interface Ports {
  connections: Connections;
  gateway: Gateway;
  inboxes: Inboxes;
  runtime: Runtime;
}

/** Best effort, like API Gateway's event: if it is missed, the next post to the connection finds it gone. */
export const onDisconnect = (ports: Ports) =>
  lifeCycle(
    ports.gateway,
    withObservability('$disconnect', async ({ requestContext }: Event) => {
      await disconnected(ports, requestContext.connectionId);
      logOutcome('$disconnect', 'ok');
      return { statusCode: 200 };
    }),
  );
