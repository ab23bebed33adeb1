import type { Command, listChats, pushes, ReplyOf, RequestOf, WireMessage } from '../../protocol/index.ts';
import type { Code, RequestError } from './errors.ts';
import type { Store } from './store.ts';
import type { Timing } from './timing.ts';

/** What a message or a change of one has beside. */
interface Changes {
  /** When its content became what it is. */
  edited?: string;
  /** When it was deleted; its content is empty. */
  deleted?: string;
  /** This is no message: its content is the new one of the message at this seq of its chat. */
  edits?: number;
  /** This is no message: it deletes the one at this seq. */
  deletes?: number;
}

/** A message, or a change of one, as the log has it; only a group's has a `group_id`. */
export type Message = WireMessage & Changes;

/** One of the user's chats, as `list_chats` tells it. */
export type ChatSummary = ReplyOf<typeof listChats>['chats'][number];

/** Whom to send to: a user by name, or a group. */
export type Recipient = string | { group: string };

/** Whose chat: with a user, or of a group. */
export type ChatRef = { user: string } | { group: string };

/** The `type` of any command. */
export type CommandType = Command['type'];

type CommandOf<T extends CommandType> = Extract<Command, { type: T }>;

// A command without fields has an index signature of `never`, which would refuse `type`.
type FieldsOf<T extends CommandType> = string extends keyof RequestOf<CommandOf<T>>
  ? unknown
  : RequestOf<CommandOf<T>>;

/** Any request of the protocol, by its `type`. */
export type RequestFor<T extends CommandType> = { type: T } & FieldsOf<T>;

/** What a request of this type is answered with. */
export type ReplyFor<T extends CommandType> = ReplyOf<CommandOf<T>>;

/** Any frame that the server may send; `type` says which. */
export interface Frame {
  type?: string;
  status?: string;
  request_id?: string;
  [field: string]: unknown;
}

/** `connecting` until logged in, `waiting` for the next attempt, `closed` for good. */
export type State = 'connecting' | 'online' | 'waiting' | 'closed';

/** What a listener of `state` is told. */
export interface StateChange {
  state: State;
  /** Why it waits or is closed; a login that was refused gives the server's code. */
  reason?: Code;
  /** With `waiting`: milliseconds until the next attempt. */
  retryInMs?: number;
}

/** A message on its way. Its fields change as it goes; every change is told as `sending`. */
export interface Sending {
  /** Its `client_message_id`, by which the stored message is known, too. */
  readonly id: string;
  readonly to: Recipient;
  readonly content: string;
  readonly status: 'pending' | 'sent' | 'failed';
  /** Why it failed. */
  readonly error?: RequestError;
  /** The message as it was stored; rejects with a `RequestError` when it failed. Nobody has to listen. */
  readonly message: Promise<Message>;
}

type PushType = Exclude<
  keyof typeof pushes,
  'RECEIVE_MESSAGE' | 'RECEIVE_GROUP_MESSAGE' | 'pending_messages'
>;

// `RequestOf` infers what any schema checks.
type Pushed = { [P in PushType]: RequestOf<{ request: (typeof pushes)[P]['fields'] }> & { type: P } };

/** Entries of a chat, the first and the last of them, that this client never had, and that are kept no more. */
export interface Gap {
  chat_id: string;
  from: number;
  to: number;
}

/** What can be listened to, and what a listener is given. Other pushes come by their `type`. */
export interface Events extends Pushed {
  /**
   * Every message of the user's chats, their own too, and every change of one (`edits`, `deletes`): once, and in
   * order within its chat.
   */
  message: Message;
  sending: Sending;
  state: StateChange;
  /** What came while this client was away for longer than messages are kept: `message` goes on behind it. */
  gap: Gap;
  /** The user is no member of this group any more. */
  'chat-left': { chat_id: string };
  /** All that came while this client was away has been told. */
  'caught-up': undefined;
}

/** How to connect, and as whom. */
export interface Options {
  /** `ws://` or `wss://`. */
  url: string;
  username?: string;
  password?: string;
  /** As an earlier login gave it; the store keeps it by itself. */
  sessionToken?: string;
  /** Absent, all is forgotten with the process. */
  store?: Store;
  /** Where there is no global `WebSocket` (Node 20), one like that of `ws`. */
  webSocket?: SocketConstructor;
  /** 0 to 1; for tests. */
  random?: () => number;
  timing?: Partial<Timing>;
}

/** What is used of a `WebSocket`, the browser's or one like it. */
export interface SocketLike {
  readonly readyState: number;
  send(data: string): void;
  close(code?: number): void;
  // biome-ignore-start lint/suspicious/noExplicitAny: each implementation has event types of its own.
  onopen: ((event: any) => void) | null;
  onmessage: ((event: any) => void) | null;
  onclose: ((event: any) => void) | null;
  onerror: ((event: any) => void) | null;
  // biome-ignore-end lint/suspicious/noExplicitAny: as above.
}

export type SocketConstructor = new (url: string) => SocketLike;

/** A connection to the service that comes back by itself, and what can be done with it. */
export interface Chat {
  readonly state: State;
  /** As the server writes it; empty until it is known. */
  readonly username: string;
  /** What is on its way or has failed, oldest first; from before a restart, too. */
  readonly sendings: readonly Sending[];
  /** Sends, now or as soon as that is possible; in each chat one after the other. */
  send(to: Recipient, content: string): Sending;
  /** Tries again to send what has failed. */
  retry(id: string): void;
  /** Forgets what has failed. */
  discard(id: string): void;
  /**
   * A page of a chat, oldest first: the newest that have been told as `message` or lie before, or those before
   * a seq. What comes after is told as `message`.
   */
  history(chat: ChatRef, options?: { before?: number; limit?: number }): Promise<Message[]>;
  /** All of the user's chats. */
  chats(): Promise<ChatSummary[]>;
  createGroup(name: string): Promise<ReplyFor<'create_group'>>;
  joinGroup(name: string): Promise<ReplyFor<'join_group'>>;
  leaveGroup(name: string): Promise<ReplyFor<'leave_group'>>;
  /** Any command of the protocol. Waits for a connection if there is none; rejects with a `RequestError`. */
  request<T extends CommandType>(request: RequestFor<T>): Promise<ReplyFor<T>>;
  /** @returns ends it */
  on<E extends keyof Events>(event: E, listener: (event: Events[E]) => void): () => void;
  /** Ends the session, and forgets all that the store has of this user. */
  logout(): Promise<void>;
  /** Ends the connection; the store keeps everything. */
  close(): void;
}
