import { Cache } from './cache.ts';
import { Credentials } from './credentials.ts';
import { Emitter } from './emitter.ts';
import { isPassing, RequestError } from './errors.ts';
import { chatIdOf, chatRefOf, whose } from './names.ts';
import { Outbox } from './outbox.ts';
import type { Outgoing } from './sending.ts';
import { Session } from './session.ts';
import { Socket } from './socket.ts';
import { allChats } from './start.ts';
import { memoryStore, partOf, type Store } from './store.ts';
import { Sync } from './sync.ts';
import { backoff, standardTiming, type Timing } from './timing.ts';
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
  SocketConstructor,
  State,
  StateChange,
} from './types.ts';

export type { Code } from './errors.ts';
export { RequestError } from './errors.ts';
export type { Store } from './store.ts';
export { browserStore, memoryStore } from './store.ts';
export type * from './types.ts';

// How often what may be asked again without harm is asked.
const ATTEMPTS = 8;
const PAGE = 50;

/** Logs in, and stays so until `close` or `logout`. @throws Error if the options make no sense */
export function connect(options: Options): Chat {
  return new Client(options);
}

/** Registers a user. @throws RequestError `name_taken`, `invalid_name`, `unreachable`, … */
export async function register(
  options: Pick<Options, 'url' | 'username' | 'password' | 'webSocket'>,
): Promise<void> {
  const { url, username, password } = options;
  const socket = new Socket(url, socketOf(options), standardTiming, () => {});
  try {
    if (!(await socket.opened)) throw new RequestError('unreachable', 'The server cannot be reached.');
    await socket.ask({ type: 'register', username, password });
  } finally {
    socket.end('closed');
  }
}

function socketOf({ webSocket }: Pick<Options, 'webSocket'>): SocketConstructor {
  const found = webSocket ?? (globalThis as { WebSocket?: SocketConstructor }).WebSocket;
  if (!found) throw new Error('There is no WebSocket here: pass one as `webSocket`.');
  return found;
}

class Client implements Chat {
  readonly #emitter = new Emitter<Events>();
  readonly #store: Store;
  readonly #timing: Timing;
  readonly #random: () => number;
  readonly #credentials: Credentials;
  readonly #cache = new Cache();
  readonly #session: Session;
  readonly #sync: Sync;
  readonly #outbox: Outbox;
  #loaded: Store | undefined;

  constructor(options: Options) {
    const { url, store = memoryStore(), random = Math.random } = options;
    new URL(url);
    const webSocket = socketOf(options);
    this.#store = store;
    this.#random = random;
    this.#timing = { ...standardTiming, ...options.timing };
    this.#credentials = new Credentials(options, store);
    const common = { timing: this.#timing, random, ask: (request: object) => this.#session.ask(request) };
    this.#sync = new Sync({
      ...common,
      message: (message) => this.#tell(message),
      left: (chat_id) => this.#emitter.emit('chat-left', { chat_id }),
      caughtUp: () => this.#emitter.emit('caught-up', undefined),
      isOnline: () => this.state === 'online',
    });
    this.#outbox = new Outbox({
      ...common,
      lastSeq: (to) => this.#lastSeq(to),
      stored: (sending, reply) => this.#stored(sending, reply),
      changed: (sending) => this.#emitter.emit('sending', sending),
    });
    const config = { ...common, url, webSocket, credentials: this.#credentials };
    this.#session = new Session(config, {
      loginFields: () => this.#sync.loginFields(),
      loggedIn: (reply, ask) => {
        this.#load();
        return this.#sync.loggedIn(reply, ask);
      },
      frame: (frame) => this.#frame(frame),
      state: (change) => this.#changed(change),
    });
    if (this.#credentials.username !== '') this.#load();
    host.addEventListener?.('online', this.#wake);
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

  async history(chat: ChatRef, { before, limit = PAGE }: { before?: number; limit?: number } = {}) {
    const known = this.username && this.#sync.cursor(chatIdOf(this.username, chat));
    const end = before ?? (typeof known === 'number' ? known + 1 : undefined);
    if (end !== undefined) {
      const cached = this.#cache.before(chatIdOf(this.username, chat), end, limit);
      const isWhole = cached.length === limit || end === 1 || cached[0]?.seq === 1;
      if (isWhole || (cached.length > 0 && this.state === 'waiting')) return cached;
    }
    const { messages } = await this.#insist({
      type: 'fetch_history',
      ...('group' in chat ? { group_id: chat.group } : { recipient: chat.user }),
      before_seq: end,
      limit,
    });
    return this.#told(messages as Message[]);
  }

  async chats(): Promise<ChatSummary[]> {
    const chats: ChatSummary[] = [];
    for await (const chat of allChats((request) => this.#insist(request))) chats.push(chat);
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
    this.#sync.forget(chatIdOf(this.username, { group: name }));
    return reply;
  }

  async request<T extends CommandType>(request: RequestFor<T>): Promise<ReplyFor<T>> {
    return (await this.#session.ask(request)) as ReplyFor<T>;
  }

  on<E extends keyof Events>(event: E, listener: (event: Events[E]) => void): () => void {
    return this.#emitter.on(event, listener);
  }

  async logout(): Promise<void> {
    if (this.state === 'online') await this.#session.ask({ type: 'logout' }).catch(() => {});
    this.#session.end('logged_out');
    this.#credentials.forget();
    for (const key of this.#loaded?.keys('') ?? []) this.#loaded?.set(key, undefined);
  }

  close(): void {
    this.#session.end('closed');
  }

  readonly #wake = () => this.#session.wake();

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
      host.removeEventListener?.('online', this.#wake);
      this.#sync.end();
      this.#outbox.end();
    }
    this.#emitter.emit('state', change);
    if (change.state === 'online') this.#sync.online();
  }

  #frame(frame: Frame): void {
    if (this.#sync.frame(frame) || typeof frame.type !== 'string') return;
    // Pushes that came later than this client are told, too; only its types do not know them.
    this.#emitter.emit(frame.type as keyof Events, frame as never);
  }

  #tell(message: Message): void {
    this.#cache.put(message);
    this.#emitter.emit('message', message);
    this.#outbox.seen(message);
  }

  /** What has not been told yet will be. */
  #told(messages: Message[]): Message[] {
    return messages.filter(({ chat_id, seq }) => seq <= (this.#sync.cursor(chat_id) ?? seq));
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

  /** Asks again what may be asked twice, until there is an answer. */
  async #insist(request: object): Promise<Frame> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#session.ask(request);
      } catch (error) {
        if (!isPassing(error) || attempt === ATTEMPTS) throw error;
        const wait = error.retryAfterMs ?? backoff(attempt, this.#timing, this.#random);
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
  }
}

/** A browser says when the network is back. */
const host = globalThis as {
  addEventListener?(event: 'online', listener: () => void): void;
  removeEventListener?(event: 'online', listener: () => void): void;
};
