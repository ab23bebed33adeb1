import type { Counted } from './counter.ts';
import type { Fixed } from './fixed.ts';
import type { Usage } from './usage.ts';

/** The counted work of each operation of the service. */
export interface Measures {
  /** A message to a user online, to a user away with messages pending already, and to a group. */
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
  owePrivate: Usage;
  oweGroup: Usage;
  /** The extra work of a login per chat with pending messages, and per pending message. */
  owedChat: Usage;
  owedMessage: Usage;
  fixed: Fixed;
  /** Metrics of our own that the functions wrote. */
  metrics: number;
}
