import { Cache } from './cache.ts';
import { Credentials } from './credentials.ts';
import { Emitter } from './emitter.ts';
import { endedKey, tellEnded } from './ended.ts';
import { History } from './history.ts';
import { insisting } from './insist.ts';
import { chatIdOf, chatRefOf, whose } from './names.ts';
import { Outbox } from './outbox.ts';
import { socketOf } from './register.ts';
import type { Outgoing } from './sending.ts';
import { type Ask, Session, type SessionOptions } from './session.ts';
import { allChats } from './start.ts';
import { memoryStore, partOf, type Store } from './store.ts';
import { Sync } from './sync.ts';
import { standardTiming } from './timing.ts';
import type {
  Chat,
  ChatRef,
  ChatSummary,
  CommandType,
  Events,
  Frame,
  Message,
  Options,
  Recipient,
  ReplyFor,
  RequestFor,
  Sending,
  State,
  StateChange,
} from './types.ts';
import { watchForWaking } from './wake.ts';

/** All parts of a client, and how they are told of one another. */
export class Client implements Chat {
  readonly #emitter = new Emitter<Events>();
  readonly #given: Store;
  /** The same, as long as the user is not forgotten. */
  readonly #store: Store;
  readonly #credentials: Credentials;
  readonly #cache = new Cache();
  readonly #history: History;
  readonly #insist: Ask;
  readonly #session: Session;
  readonly #sync: Sync;
  readonly #outbox: Outbox;
  readonly #config: SessionOptions;
  readonly #unwatch: () => void;
  #loaded: Store | undefined;
  /** Nothing is kept of this user any more. */
  #isForgotten = false;

  constructor(options: Options) {
    const { url, store: given = memoryStore(), random = Math.random } = options;
    new URL(url);
    const webSocket = socketOf(options);
    const set: Store['set'] = (key, value) => {
      // What is still under way when its user logs out must not be written any more.
      if (!this.#isForgotten || value === undefined) given.set(key, value);
    };
    const store = { ...partOf(given, ''), set };
    this.#store = store;
    this.#given = given;
    const timing = { ...standardTiming, ...options.timing };
    this.#credentials = new Credentials(options, store);
    const ask = (request: object) => this.#session.ask(request);
    const common = { timing, random, ask };
    this.#insist = insisting(ask, timing, random);
    this.#sync = new Sync({
      ...common,
      message: (message) => this.#tell(message),
      gap: (gap) => this.#emitter.emit('gap', gap),
      left: (chatId) => this.#left(chatId),
      caughtUp: () => this.#emitter.emit('caught-up', undefined),
      isOnline: () => this.state === 'online',
    });
    this.#outbox = new Outbox({
      ...common,
      lastSeq: (to) => this.#lastSeq(to),
      stored: (sending, reply) => this.#stored(sending, reply),
      changed: (sending) => this.#emitter.emit('sending', sending),
    });
    this.#history = new History({
      ask: this.#insist,
      cache: this.#cache,
      username: () => this.username,
      cursor: (chatId) => this.#sync.cursor(chatId),
      isWaiting: () => this.state === 'waiting',
    });
    this.#config = { timing, random, url, webSocket, credentials: this.#credentials };
    this.#session = new Session(this.#config, {
      loginFields: () => this.#sync.loginFields(),
      loggedIn: (reply, ask) => {
        this.#load();
        return this.#sync.loggedIn(reply, ask);
      },
      frame: (frame) => this.#frame(frame),
      state: (change) => this.#changed(change),
    });
    if (this.#credentials.username !== '') this.#load();
    void tellEnded(this.#config, given);
    this.#unwatch = watchForWaking(timing, (quietFor) => this.#session.wake(quietFor));
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

  send(to: Recipient, content: string): Sending {
    return this.#outbox.send(to, content);
  }

  retry(id: string): void {
    this.#outbox.retry(id);
  }

  discard(id: string): void {
    this.#outbox.discard(id);
  }

  history(chat: ChatRef, options?: { before?: number; limit?: number }): Promise<Message[]> {
    return this.#history.page(chat, options);
  }

  async chats(): Promise<ChatSummary[]> {
    const chats: ChatSummary[] = [];
    for await (const chat of allChats(this.#insist)) chats.push(chat);
    return chats;
  }

  async createGroup(name: string): Promise<ReplyFor<'create_group'>> {
    const reply = await this.request({ type: 'create_group', group_name: name });
    this.#sync.begin(chatIdOf(this.username, { group: name }));
    return reply;
  }

  async joinGroup(name: string): Promise<ReplyFor<'join_group'>> {
    return (await this.#insist({ type: 'join_group', group_id: name })) as ReplyFor<'join_group'>;
  }

  async leaveGroup(name: string): Promise<ReplyFor<'leave_group'>> {
    const reply = await this.request({ type: 'leave_group', group_id: name });
    this.#forget(chatIdOf(this.username, { group: name }));
    return reply;
  }

  async request<T extends CommandType>(request: RequestFor<T>): Promise<ReplyFor<T>> {
    const reply = await this.#session.ask(request);
    const { type, new_password: password, session_token: token } = request as Record<string, string>;
    if (type === 'change_password' && password) this.#credentials.changed(password, reply);
    if (type === 'logout' && !token) this.#leave();
    // A receipt: what it is for has a place in the log, and is told there.
    const { message_id, chat_id, seq } = reply;
    if (message_id !== undefined) this.#sync.expect(String(chat_id), Number(seq));
    return reply as ReplyFor<T>;
  }

  on<E extends keyof Events>(event: E, listener: (event: Events[E]) => void): () => void {
    return this.#emitter.on(event, listener);
  }

  async logout(): Promise<void> {
    const { token } = this.#credentials;
    const isTold =
      this.state === 'online' && this.#session.ask({ type: 'logout' }).then(Boolean, () => false);
    // Before anything is waited for: whatever ends this process, the session will be ended, and nothing is left.
    if (token) this.#given.set(endedKey(token), this.#config.url);
    this.#forgetUser();
    if ((await isTold) && token) this.#given.set(endedKey(token), undefined);
    this.#leave();
    void tellEnded(this.#config, this.#given);
  }

  #leave(): void {
    this.#forgetUser();
    this.#given.compact?.();
    this.#session.end('logged_out');
  }

  #forgetUser(): void {
    this.#isForgotten = true;
    this.#credentials.forget();
    for (const key of this.#loaded?.keys('') ?? []) this.#loaded?.set(key, undefined);
  }

  close(): void {
    this.#session.end('closed');
  }

  /** What the store has of this user, as soon as it is known who that is. */
  #load(): void {
    if (this.#loaded) return;
    this.#loaded = partOf(this.#store, `${this.username}/`);
    this.#cache.load(this.#loaded);
    this.#sync.load(this.username, this.#loaded);
    this.#outbox.load(this.#loaded);
  }

  #changed(change: StateChange): void {
    if (change.state === 'closed') {
      this.#unwatch();
      this.#sync.end();
      this.#outbox.end();
    }
    this.#emitter.emit('state', change);
    if (change.state === 'online') this.#sync.online();
  }

  #frame(frame: Frame): void {
    if (this.#sync.frame(frame) || typeof frame.type !== 'string') return;
    if (frame.type === 'REMOVED' || frame.type === 'LEFT') this.#left(`#${frame.group_id}`);
    // Pushes that came later than this client are told, too; only its types do not know them.
    this.#emitter.emit(frame.type as keyof Events, frame as never);
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
    this.#sync.forget(chatId);
    this.#cache.forget(chatId);
  }

  async #lastSeq(to: Recipient): Promise<number> {
    // Who it is that sends is known once there is a connection.
    await this.#session.ready();
    const chatId = chatIdOf(this.username, chatRefOf(to));
    const known = this.#sync.cursor(chatId);
    if (known !== undefined || typeof to === 'string') return known ?? 0;
    const page = await this.#session.ask({
      type: 'fetch_history',
      ...whose(this.username, chatId),
      limit: 1,
    });
    return (page.messages as Message[])[0]?.seq ?? 0;
  }

  #stored({ id, to, content }: Outgoing, reply: Frame): Message {
    const { message_id, chat_id, seq, timestamp } = reply;
    const group = typeof to === 'string' ? undefined : to.group.toLowerCase();
    const message = {
      ...{ message_id, chat_id, seq },
      ...(group === undefined
        ? { recipient: String(to).toLowerCase() }
        : { groupname: group, group_id: group }),
      ...{ sender: this.username, content, timestamp, client_message_id: id },
    } as Message;
    this.#sync.push(message);
    return message;
  }
}
