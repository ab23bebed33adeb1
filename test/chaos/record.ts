import type { FanOut } from '../../chat/model.ts';

/** Where a message stands. */
export interface Place {
  chat_id: string;
  seq: number;
}

/** One message, or change of one, that somebody wanted to send. Times are milliseconds of one clock. */
export interface Sending {
  /** Also the content, or the text that an edit gives, so that it is recognised wherever it appears. */
  key: string;
  sender: string;
  /** A user or a group. */
  to: string;
  isGroup: boolean;
  began: number;
  attempts: number;
  /** It is an edit or a deletion of this message of the sender's. */
  change?: Place & { kind: 'edits' | 'deletes' };
  /** The last seq of the chat that the sender had seen before the first attempt. */
  after?: number;
  /** What MESSAGE_SENT said, if it ever came. */
  sent?: { message_id: string; chat_id: string; seq: number; at: number };
}

/** A message as a device got it. */
export interface Delivery {
  user: string;
  device: string;
  message_id: string;
  chat_id: string;
  seq: number;
  content: string;
  /** Of a change: the seq of its message. */
  edits?: number;
  deletes?: number;
  via: 'push' | 'login' | 'sync';
  at: number;
  /** When it was asked for; a push never was. */
  asked?: number;
}

/** A socket that was logged in, or was trying to be. */
export interface Session {
  id: string;
  user: string;
  from: number;
  to: number;
}

/** What the gateway took for a session, by the word of its host: posts, which it answered with 200. */
export interface Taken {
  session: string;
  message_ids: string[];
}

/** Somebody's time in a group: surely in between `joined` and `leaving`, surely not outside of `joining` and `left`. */
export interface Membership {
  user: string;
  group: string;
  joining: number;
  joined: number;
  leaving: number;
  left: number;
}

/** A message as history has it. */
export interface Stored {
  message_id: string;
  chat_id: string;
  seq: number;
  sender: string;
  content: string;
  timestamp: string;
  edits?: number;
  deletes?: number;
  deleted?: string;
}

/** All that is known when it is over: what the clients saw, and what became of what they never did. */
export interface Record {
  kinds: Map<string, 'plain' | 'cursor'>;
  sendings: Sending[];
  deliveries: Delivery[];
  sessions: Session[];
  taken: Taken[];
  /** What the queue brought too often: it waits for a person. */
  deadLetters: FanOut[];
  /** Lines that functions wrote about fan-outs. */
  said: string[];
  memberships: Membership[];
  /** What each device that keeps cursors has applied, in its order. */
  applied: Map<string, { chat_id: string; seq: number; message_id: string }[]>;
  /** Chat → its whole history. */
  history: Map<string, Stored[]>;
}

export const emptyRecord = (): Record => ({
  kinds: new Map(),
  sendings: [],
  deliveries: [],
  sessions: [],
  taken: [],
  deadLetters: [],
  said: [],
  memberships: [],
  applied: new Map(),
  history: new Map(),
});
