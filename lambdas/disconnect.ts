import { disconnected } from '../chat/logout.ts';
import type { Event } from './event.ts';
import { lifeCycle } from './life-cycle.ts';
import { connections, inboxes } from './ports.ts';
import { conclude, watched } from './watched.ts';
import { world } from './world.ts';

/** Best effort, as the event itself is: what it misses, the next post to the connection finds. */
export const handler = lifeCycle(
  watched('$disconnect', async ({ requestContext }: Event) => {
    await disconnected({ connections, inboxes, world }, requestContext.connectionId);
    conclude('$disconnect', 'ok');
    return { statusCode: 200 };
  }),
);
