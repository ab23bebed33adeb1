/** One message that somebody wanted to send. Times are milliseconds of one clock. */
export interface Sending {
  /** Also the content, so that a message is recognised wherever it appears. */
  key: string;
  sender: string;
  /** A user or a group. */
  to: string;
  isGroup: boolean;
  began: number;
  attempts: number;
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
  via: 'push' | 'login' | 'sync';
  at: number;
}

/** A socket that was logged in, or was trying to be. */
export interface Session {
  user: string;
  from: number;
  to: number;
  /** Whether its login's frames all came; until then, what they carry may be lost with it. */
  isHandedOver: boolean;
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
}

/** All that the clients know when it is over. */
export interface Record {
  kinds: Map<string, 'plain' | 'cursor'>;
  sendings: Sending[];
  deliveries: Delivery[];
  sessions: Session[];
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
  memberships: [],
  applied: new Map(),
  history: new Map(),
});
