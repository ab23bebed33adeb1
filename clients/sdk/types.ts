import type { Code, RequestError } from './errors.ts';
import type { Store } from './store.ts';
import type { Timing } from './timing.ts';
import type { Pushes, Replies, Requests, WireMessage } from './wire.ts';

/** What messages and changes have in common. */
interface Changed {
  /** When the content was last edited. */
  edited?: string;
  /** When it was deleted; its content is empty. */
  deleted?: string;
  /** Set on an edit: the seq of the message whose new content this is. */
  edits?: number;
  /** Set on a deletion: the seq of the deleted message. */
  deletes?: number;
}

/** An entry of a log: a message, edit or deletion. Only a group's entry has a `group_id`. */
export type Message = WireMessage & Changed;

/** One of the user's chats, as `list_chats` returns it. */
export type ChatSummary = Replies['list_chats']['chats'][number];

/** A recipient: a user by name, or a group. */
export type Recipient = string | { group: string };

/** A chat: with a user, or of a group. */
export type ChatRef = { user: string } | { group: string };

/** The `type` of any command. */
export type CommandType = keyof Requests;

/** Any request of the protocol, by its `type`. */
export type RequestFor<T extends CommandType> = { type: T } & Requests[T];

/** The reply to a request of this type. */
export type ReplyFor<T extends CommandType> = Replies[T];

/** What a new group may begin with: its title, and whether only invited users may join. */
export type GroupFields = Omit<RequestFor<'create_group'>, 'type' | 'group_name'>;

/** Any frame from the server; `type` tells which. */
export interface Frame {
  type?: string;
  status?: string;
  request_id?: string;
  [field: string]: unknown;
}

/** `connecting` until logged in, `waiting` until the next attempt, `closed` for good. */
export type State = 'connecting' | 'online' | 'waiting' | 'closed';

/** The event of `state`. */
export interface StateChange {
  state: State;
  /** Why it waits or is closed; for a refused login the server's code. */
  reason?: Code;
  /** The same in one sentence for people, as the service or `getToken` put it. */
  detail?: string;
  /** With `waiting`: milliseconds until the next attempt. */
  retryInMs?: number;
}

/** A message, edit or deletion being sent. Each change of its fields emits `sending`. */
export interface Sending {
  /** The `client_message_id` of the stored entry. */
  readonly id: string;
  readonly to: Recipient;
  /** The text as it will be; empty if it will be deleted. */
  readonly content: string;
  /** Of an edit or deletion: the seq of the stored message. */
  readonly target?: number;
  /** Whether the message will be deleted. */
  readonly isDeletion: boolean;
  /** Whether `undo` can take the deletion back. */
  readonly canUndo: boolean;
  readonly status: 'pending' | 'sent' | 'failed';
  /** Why it failed. */
  readonly error?: RequestError;
  /** Resolves with the stored entry, rejects with a `RequestError` if sending failed. Handling it is optional. */
  readonly message: Promise<Message>;
}

type PushType = Exclude<
  keyof Pushes,
  'RECEIVE_MESSAGE' | 'RECEIVE_GROUP_MESSAGE' | 'MESSAGES' | 'pending_messages'
>;

type Pushed = { [P in PushType]: Pushes[P] & { type: P } };

/** The first and last seq of a range that expired before this client got it. */
export interface Gap {
  chat_id: string;
  from: number;
  to: number;
}

/** Events and what their listeners receive. Other pushes are emitted by their `type`. */
export interface Events extends Pushed {
  /**
   * Every message of the user's chats, their own included, and every change (`edits`, `deletes`): once, in order within
   * its chat.
   */
  message: Message;
  /** One that has changed, or that was discarded and is in `sendings` no more. */
  sending: Sending;
  state: StateChange;
  /** Entries expired while this client was away; `message` continues after them. */
  gap: Gap;
  /** The user is no longer a member of this group. */
  'chat-left': { chat_id: string };
  /** Everything that arrived while this client was away has been delivered. */
  'caught-up': undefined;
}

/** How to connect, and as which user. */
export interface Options {
  /** `ws://` or `wss://`. */
  url: string;
  /** With `getToken` optional: the service refuses a token of anybody else. */
  username?: string | undefined;
  password?: string | undefined;
  /** Token of an earlier login; with a store it is kept automatically. */
  sessionToken?: string | undefined;
  /**
   * Returns a token of the service's identity provider. Called before each login, and again early enough before the token
   * expires. What it throws is reported as `waiting` with the reason `no_token`, and it is called again later.
   * @param refused why the service refused the previous token; a cache must not return that one again
   */
  getToken?: ((refused?: Code) => Promise<string> | string) | undefined;
  /** Keeps the client's state, and shares it with other tabs. Without one, everything is lost when the process ends. */
  store?: Store | undefined;
  /** For `edit`, `delete`, `undo` and `flush`: `changes` of `@parley-chat/client/changes`. */
  changes?: Changes | undefined;
  /** Where there is no global `WebSocket` (Node 20): one like that of `ws`. */
  webSocket?: SocketConstructor | undefined;
  /** Returns 0 to 1; for tests. */
  random?: (() => number) | undefined;
  timing?: Partial<Timing> | undefined;
}

/** The part of `WebSocket` that is used. */
export interface SocketLike {
  readonly readyState: number;
  send(data: string): void;
  close(code?: number): void;
  // biome-ignore-start lint/suspicious/noExplicitAny: each implementation has its own event types.
  onopen: ((event: any) => void) | null;
  onmessage: ((event: any) => void) | null;
  onclose: ((event: any) => void) | null;
  onerror: ((event: any) => void) | null;
  // biome-ignore-end lint/suspicious/noExplicitAny: as above.
}

export type SocketConstructor = new (url: string) => SocketLike;

/** A connection to the service that reconnects by itself. */
export interface Chat {
  readonly state: State;
  /** The user's name in the server's spelling; empty until it is known. */
  readonly username: string;
  /**
   * The id of the user whom somebody typed: of a name, in lower case and without a leading `#`; with an identity provider,
   * as it is.
   */
  userIdOf(name: string): string;
  /** Messages, edits and deletions that are pending or failed, oldest first, from before a restart too. */
  readonly sendings: readonly Sending[];
  /** Sends now or as soon as possible; one after the other in each chat. */
  send(to: Recipient, content: string): Sending;
  /** Sends again what has failed. */
  retry(id: string): void;
  /** Removes what has failed, and emits `sending`. */
  discard(id: string): void;
  /**
   * Returns a page of a chat, oldest first: the newest entries that `message` has delivered or that precede them, or those
   * before a seq. Later entries arrive as `message`.
   */
  history(
    chat: ChatRef,
    options?: { before?: number | undefined; limit?: number | undefined },
  ): Promise<Message[]>;
  /** Returns all of the user's chats. */
  chats(): Promise<ChatSummary[]>;
  createGroup(name: string, fields?: GroupFields): Promise<ReplyFor<'create_group'>>;
  joinGroup(name: string): Promise<ReplyFor<'join_group'>>;
  leaveGroup(name: string): Promise<ReplyFor<'leave_group'>>;
  /** Sends any command of the protocol, once there is a connection. Rejects with a `RequestError`. */
  request<T extends CommandType>(request: RequestFor<T>): Promise<ReplyFor<T>>;
  /** @returns a function that removes the listener */
  on<E extends keyof Events>(event: E, listener: (event: Events[E]) => void): () => void;
  /** Ends the session and removes this user's data from the store. */
  logout(): Promise<void>;
  /** Closes the connection; the store keeps everything. */
  close(): void;
}

/** What `changes` of `@parley-chat/client/changes` adds to a client. */
export interface Edits {
  /**
   * Replaces the text of a message of the user's own: in the message itself if that was never sent, otherwise as soon as
   * possible after it is stored.
   * @param target its seq, or while it is in `sendings` its id
   */
  edit(to: Recipient, target: number | string, content: string): Sending;
  /**
   * Deletes a message of the user's own, in place of edits that are not stored yet; one that was never sent is discarded.
   * @param undoMs how long `undo` is possible: it waits so long, unless the program ends
   */
  delete(to: Recipient, target: number | string, undoMs?: number): Sending;
  /** Takes a deletion back, if `canUndo`. */
  undo(id: string): void;
  /** Makes deletions wait no longer: for when their user can't undo them any more. */
  flush(): void;
}

/** A client that also edits and deletes messages. */
export interface EditableChat extends Chat, Edits {}

/** What the client gives it is its own affair. */
export type Changes = (client: never) => Edits;
