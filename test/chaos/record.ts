import type { FanOut } from '../../chat/model.ts';

/** The place of a message. */
export interface Place {
  chat_id: string;
  seq: number;
}

/** A message or change that a user tried to send. Times are milliseconds of one clock. */
export interface Sending {
  /** Also used as the content, or as the new text of an edit, so that it is recognised wherever it appears. */
  key: string;
  sender: string;
  /** The user or group it is sent to. */
  to: string;
  isGroup: boolean;
  began: number;
  attempts: number;
  /** For an edit or deletion: the sender's own message that it changes. */
  change?: Place & { kind: 'edits' | 'deletes' };
  /** The last seq of the chat that the sender had seen before the first attempt. */
  after?: number;
  /** The content of its acknowledgement, if one arrived. */
  sent?: { message_id: string; chat_id: string; seq: number; at: number };
}

/** A message as a device received it. */
export interface Delivery {
  user: string;
  device: string;
  message_id: string;
  chat_id: string;
  seq: number;
  content: string;
  /** For a change: the seq of the changed message. */
  edits?: number;
  deletes?: number;
  via: 'push' | 'login' | 'sync';
  at: number;
  /** The time of the request that it answers; absent for a push. */
  asked?: number;
}

/** A socket that was logged in or logging in. */
export interface Session {
  id: string;
  user: string;
  from: number;
  to: number;
}

/** A post for a session that the gateway answered with 200, as noted by its host. */
export interface Accepted {
  session: string;
  message_ids: string[];
}

/** A user's stay in a group: certainly a member from `joined` to `leaving`, certainly none before `joining` or after `left`. */
export interface Membership {
  user: string;
  group: string;
  joining: number;
  joined: number;
  leaving: number;
  left: number;
}

/** A message as the history has it. */
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

/** Everything that is known after a run: what the clients saw, and where the rest may have gone. */
export interface Record {
  kinds: Map<string, 'plain' | 'cursor'>;
  sendings: Sending[];
  deliveries: Delivery[];
  sessions: Session[];
  accepted: Accepted[];
  /** Jobs in the dead-letter queue. */
  deadLetters: FanOut[];
  /** The functions' log lines about fan-outs. */
  logged: string[];
  memberships: Membership[];
  /** What each device with cursors applied, in that order. */
  applied: Map<string, { chat_id: string; seq: number; message_id: string }[]>;
  /** Chat → its complete history. */
  history: Map<string, Stored[]>;
}

export const emptyRecord = (): Record => ({
  kinds: new Map(),
  sendings: [],
  deliveries: [],
  sessions: [],
  accepted: [],
  deadLetters: [],
  logged: [],
  memberships: [],
  applied: new Map(),
  history: new Map(),
});
