import type { Counted } from '../../../tools/cost/counter.ts';
import type { Measures } from '../../../tools/cost/measures.ts';
import type { Usage } from '../../../tools/cost/usage.ts';

const counted = (usage: Usage, posts = 0): Counted => ({ requests: 4, posts, ms: 10, memory: 512, usage });

/** Counts that nobody counted, round enough to reckon with by hand. */
export const fakeMeasures: Measures = {
  toOnline: counted({ messages: 3, writes: 1, reads: 4, sentOut: 3e-6 }, 1),
  toAway: counted({ messages: 2, writes: 1, reads: 4, sentOut: 1e-6, gbSeconds: 0.01 }),
  toGroup: counted({ messages: 4, writes: 1, reads: 10 }, 2),
  here: 2,
  login: counted({ messages: 2, writes: 3, reads: 1, sentOut: 1e-6 }, 1),
  disconnect: counted({ writes: 2, reads: 1 }),
  ping: counted({ messages: 2 }),
  page: counted({ messages: 2, reads: 5 }),
  markPrivate: { writes: 1 },
  markGroup: { writes: 2 },
  pendingChat: { writes: 1, reads: 1 },
  pendingMessage: { reads: 0.1, sentOut: 1e-6 },
  fixed: { usage: { alarms: 2, queued: 1_000 }, logMonths: 0.5 },
  metrics: 3,
};
