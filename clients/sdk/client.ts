import { Cache } from './cache.ts';
import { Credentials, userOn } from './credentials.ts';
import { Emitter } from './emitter.ts';
import { endedKey, endLoggedOutSessions, loggedOutKey } from './ended.ts';
import { isTransient } from './errors.ts';
import { historyOf } from './history.ts';
import { addressOf, chatIdOf, chatRefOf, groupIdOf, recipientOf } from './names.ts';
import { Outbox } from './outbox.ts';
import { socketOf } from './register.ts';
import type { Outgoing } from './sending.ts';
import { type Ask, Session, type SessionOptions } from './session.ts';
import { allChats } from './start.ts';
import { clear, memoryStore, partOf, partOfUser, type Store } from './store.ts';
import { Sync } from './sync.ts';
import { exponentialBackoff, standardTiming } from './timing.ts';
import type {
  Chat,
  ChatRef,
  ChatSummary,
  CommandType,
  Events,
  Frame,
  GroupFields,
  Message,
  Options,
  Recipient,
  ReplyFor,
  RequestFor,
  Sending,
  State,
  StateChange,
} from './types.ts';
import { watchForWakeUps } from './wake.ts';
import { withRetry } from './with-retry.ts';

// Retries of an idempotent request.
const RETRIES = 8;

/** Creates the parts of a client and connects their callbacks. */
export class Client implements Chat {
  readonly history: Chat['history'];
  readonly #emitter = new Emitter<Events>();
  readonly #given: Store;
  /** The part of the store that belongs to this user; undefined until the user is known. */
  #mine: Store | undefined;
  readonly #credentials: Credentials;
  readonly #cache: Cache;
  readonly #askWithRetry: Ask;
  readonly #session: Session;
  readonly #sync: Sync;
  readonly #outbox: Outbox;
  readonly #config: SessionOptions;
  readonly #unwatch: () => void;
  /** After a logout, nothing of this user is written to the store. */
  #isForgotten = false;
  /** Whether the account may be deleted: that was asked for, and not refused. */
  #mayBeDeleted = false;

  constructor(options: Options) {
    const { url, store: given = memoryStore(), random = Math.random } = options;
    new URL(url);
    const webSocket = socketOf(options);
    const timing = { ...standardTiming, ...options.timing };
    const backoff = exponentialBackoff(timing, random);
    this.#given = given;
    this.#credentials = new Credentials(options, this.#unlessForgotten(''), timing);
    const store: Store = {
      get: (key) => this.#mine?.get(key),
      set: (key, value) => this.#mine?.set(key, value),
      keys: (prefix) => this.#mine?.keys(prefix) ?? [],
    };
    const ask = (request: object) => this.#session.ask(request);
    const common = { timing, backoff, ask, store, username: () => this.username };
    this.#askWithRetry = withRetry(ask, backoff, RETRIES);
    this.#cache = new Cache(store);
    this.#sync = new Sync({
      ...common,
      message: (message) => this.#tell(message),
      gap: (gap) => this.#emitter.emit('gap', gap),
      left: (chatId) => this.#left(chatId),
      caughtUp: () => this.#caughtUp(),
    });
    this.#outbox = new Outbox({
      ...common,
      spelled: (to) => recipientOf(this.#spelled(chatRefOf(to))),
      lastSeq: (to) => this.#lastSeq(to),
      stored: (sending, reply) => this.#stored(sending, reply),
      isTold: ({ chat_id, seq }) => (this.#sync.logs.cursor(chat_id) ?? 0) >= seq,
      changed: (sending) => this.#emitter.emit('sending', sending),
    });
    const history = historyOf({
      ...common,
      ask: this.#askWithRetry,
      cache: this.#cache,
      cursor: (chatId) => this.#sync.logs.cursor(chatId),
      isWaiting: () => this.state === 'waiting',
    });
    this.history = (chat, options) => history(this.#spelled(chat), options);
    this.#config = { timing, random, backoff, url, webSocket, credentials: this.#credentials };
    this.#session = new Session(this.#config, {
      loginFields: () => this.#sync.loginFields(),
      loggedIn: (reply, ask) => {
        this.#load();
        return this.#sync.loggedIn(reply, ask);
      },
      frame: (frame) => this.#frame(frame),
      state: (change) => this.#changed(change),
    });
    if (this.username) this.#load();
    void endLoggedOutSessions(this.#config, given);
    const unwatch = watchForWakeUps(timing, (quietFor) => this.#session.wake(quietFor));
    const unwatchStore = given.watch?.((key) => {
      const part = partOfUser(this.username);
      if (key === loggedOutKey(this.username)) this.#leave(true);
      if (this.#mine && key.startsWith(`${part}o/`)) this.#outbox.heard(key.slice(part.length));
    });
    this.#unwatch = () => {
      unwatch();
      unwatchStore?.();
    };
  }

  get state(): State {
    return this.#session.state;
  }

  get username(): string {
    return this.#credentials.username;
  }

  get sendings(): readonly Sending[] {
    return this.#outbox.sendings;
  }

  userIdOf(name: string): string {
    return this.#credentials.hasProvider ? name : name.replace(/^#/, '').toLowerCase();
  }

  send(to: Recipient, content: string): Sending {
    return this.#outbox.send(to, content);
  }

  edit(to: Recipient, target: number | string, content: string): Sending {
    return this.#outbox.edit(to, target, content);
  }

  delete(to: Recipient, target: number | string, undoMs?: number): Sending {
    return this.#outbox.delete(to, target, undoMs);
  }

  undo(id: string): void {
    this.#outbox.undo(id);
  }

  flush(): void {
    this.#outbox.flush();
  }

  retry(id: string): void {
    this.#outbox.retry(id);
  }

  discard(id: string): void {
    this.#outbox.discard(id);
  }

  chats(): Promise<ChatSummary[]> {
    return allChats(this.#askWithRetry);
  }

  async createGroup(name: string, fields?: GroupFields): Promise<ReplyFor<'create_group'>> {
    const reply = await this.request({ type: 'create_group', group_name: name, ...fields });
    this.#sync.logs.begin(this.#sync.logs.get(groupIdOf(name)), 0);
    return reply;
  }

  joinGroup(name: string): Promise<ReplyFor<'join_group'>> {
    return this.#askWithRetry({ type: 'join_group', group_id: name }) as Promise<ReplyFor<'join_group'>>;
  }

  async leaveGroup(name: string): Promise<ReplyFor<'leave_group'>> {
    const reply = await this.request({ type: 'leave_group', group_id: name });
    this.#forget(groupIdOf(name));
    return reply;
  }

  async request<T extends CommandType>(request: RequestFor<T>): Promise<ReplyFor<T>> {
    if (request.type === 'delete_account') this.#mayBeDeleted = true;
    const reply = await this.#session.ask(request).catch((error) => {
      if (request.type === 'delete_account') this.#mayBeDeleted = isTransient(error);
      throw error;
    });
    const { type, new_password: password, session_token: token } = request as Record<string, string>;
    if (type === 'change_password' && password) this.#credentials.changed(password, reply);
    if ((type === 'logout' && !token) || type === 'delete_account') this.#leave();
    // A reply to an edit or deletion: its entry will be delivered from the log.
    const { message_id, chat_id, seq } = reply;
    if (message_id) this.#sync.logs.expect(chat_id as string, seq as number);
    return reply as ReplyFor<T>;
  }

  on<E extends keyof Events>(event: E, listener: (event: Events[E]) => void): () => void {
    return this.#emitter.on(event, listener);
  }

  async logout(): Promise<void> {
    const { token } = this.#credentials;
    const key = token && endedKey(token);
    const isTold =
      this.state === 'online' && this.#session.ask({ type: 'logout' }).then(Boolean, () => false);
    // Before the first await: if the process dies now, the data is gone and the next start ends the session.
    if (key) this.#given.set(key, this.#config.url);
    this.#forgetUser();
    if ((await isTold) && key) this.#given.set(key, undefined);
    this.#leave();
    void endLoggedOutSessions(this.#config, this.#given);
  }

  /** @param isElsewhere whether the user logged out in another program on this store */
  #leave(isElsewhere = false): void {
    this.#forgetUser(isElsewhere);
    this.#given.compact?.();
    this.#session.end('logged_out', isElsewhere ? 'You were logged out in another tab.' : undefined);
  }

  #forgetUser(isElsewhere = false): void {
    const wasForgotten = this.#isForgotten;
    this.#isForgotten = true;
    this.#credentials.forget(!isElsewhere);
    // A tab that was frozen hears of it late: not what a new session of the same user has stored since.
    if (isElsewhere && (userOn(this.#given) === this.username || this.#outbox.isReplaced)) return;
    if (this.#mine) clear(this.#mine, '');
    if (wasForgotten || isElsewhere || !this.#given.watch) return;
    for (const value of ['1', undefined]) this.#given.set(loggedOutKey(this.username), value);
  }

  close(): void {
    this.#session.end('closed');
  }

  /** Loads this user's state from the store, once the user is known. */
  #load(): void {
    if (this.#mine) return;
    this.#mine = this.#unlessForgotten(partOfUser(this.username));
    this.#sync.logs.load();
    this.#outbox.load();
  }

  /** After a logout, work that is still in progress must not write anything back. */
  #unlessForgotten(prefix: string): Store {
    const part = partOf(this.#given, prefix);
    const set: Store['set'] = (key, value) => {
      if (!this.#isForgotten || value === undefined) part.set(key, value);
    };
    return { ...part, set };
  }

  #changed(change: StateChange): void {
    if (change.state === 'closed') {
      this.#unwatch();
      this.#sync.end();
      this.#outbox.end();
      // Nobody comes back to what is kept of them. The reply to a deletion may have been lost.
      const isDeleted = this.#mayBeDeleted && change.reason === 'session_ended';
      if (change.reason === 'erased' || isDeleted) this.#forgetUser(true);
    }
    this.#emitter.emit('state', change);
    this.#caughtUp();
  }

  #caughtUp(): void {
    if (this.state === 'online' && this.#sync.isCaughtUp) this.#emitter.emit('caught-up', undefined);
  }

  #frame(frame: Frame): void {
    if (this.#sync.frame(frame)) return;
    if (frame.type === 'REMOVED' || frame.type === 'LEFT') this.#left(`#${frame.group_id}`);
    // Also emits pushes that are newer than this client's types, but nothing that this client says by itself.
    if (/^[A-Z]/.test(frame.type ?? '')) this.#emitter.emit(frame.type as keyof Events, frame as never);
  }

  #tell(message: Message): void {
    this.#cache.put(message);
    this.#emitter.emit('message', message);
    this.#outbox.seen(message);
  }

  #left(chatId: string): void {
    this.#forget(chatId);
    this.#emitter.emit('chat-left', { chat_id: chatId });
  }

  #forget(chatId: string): void {
    this.#sync.logs.forget(chatId);
    this.#cache.forget(chatId);
    this.#outbox.left(chatId);
  }

  /** As the server spells it. */
  #spelled(chat: ChatRef): ChatRef {
    if ('group' in chat) return { group: chat.group.toLowerCase() };
    return { user: this.#credentials.hasProvider ? chat.user : chat.user.toLowerCase() };
  }

  async #lastSeq(to: Recipient): Promise<number> {
    // The user may be unknown until the client is connected.
    await this.#session.ready();
    const chat = chatRefOf(to);
    const chatId = chatIdOf(this.username, chat);
    const known = this.#sync.logs.cursor(chatId);
    if (known !== undefined || typeof to === 'string') return known ?? 0;
    const page = await this.#session.ask({ type: 'fetch_history', ...addressOf(chat), limit: 1 });
    return (page.messages as Message[])[0]?.seq ?? 0;
  }

  #stored({ id, to, draft }: Outgoing, reply: Frame): Message {
    const { message_id, chat_id, seq, timestamp } = reply;
    const { content, target, deletes } = draft;
    const message = {
      ...{ message_id, chat_id, seq },
      ...(typeof to === 'string' ? { recipient: to } : { groupname: to.group, group_id: to.group }),
      ...{ sender: this.username, content, timestamp, client_message_id: id },
      ...(target && { [deletes ? 'deletes' : 'edits']: target }),
    } as Message;
    const { logs } = this.#sync;
    // The entry of an edit carries the message's text, which may be that of another device's later edit.
    if (target && !deletes) logs.expect(message.chat_id, message.seq);
    else logs.push(message);
    return message;
  }
}
