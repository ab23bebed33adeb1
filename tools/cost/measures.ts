import type { Counted } from './counter.ts';
import type { Fixed } from './fixed.ts';
import type { Usage } from './usage.ts';

/** The counted work of each operation of the service. */
export interface Measures {
  /** A message to an online user, to an away user with messages already pending, and to a group. */
  toOnline: Counted;
  toAway: Counted;
  toGroup: Counted;
  /** Connected members of that group, besides the sender. */
  here: number;
  login: Counted;
  disconnect: Counted;
  ping: Counted;
  /** The newest page of a chat. */
  page: Counted;
  /** The extra work of marking a message pending: in a private chat, and in a group. */
  markPrivate: Usage;
  markGroup: Usage;
  /** The extra work of a login per chat with pending messages, and per pending message. */
  pendingChat: Usage;
  pendingMessage: Usage;
  fixed: Fixed;
  /** The number of custom metrics that the functions wrote. */
  metrics: number;
}
