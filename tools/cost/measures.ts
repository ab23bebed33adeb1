import type { Counted } from './counter.ts';
import type { Fixed } from './fixed.ts';
import type { Usage } from './usage.ts';

/** What each operation of the service does, counted. */
export interface Measures {
  /** A message to one user who is there, to one who is away and owed already, and to a group. */
  toOnline: Counted;
  toAway: Counted;
  toGroup: Counted;
  /** Members of that group who are connected, beside its sender. */
  here: number;
  login: Counted;
  disconnect: Counted;
  ping: Counted;
  /** The newest page of a chat. */
  page: Counted;
  /** What it adds that somebody who is away comes to be owed: a private chat, and a group. */
  owePrivate: Usage;
  oweGroup: Usage;
  /** What a login does more for each chat, and for each message, that it is owed. */
  owedChat: Usage;
  owedMessage: Usage;
  fixed: Fixed;
  /** Metrics of our own that the functions wrote. */
  metrics: number;
}
