import {
  type ChatRef,
  type ChatSummary,
  type EditableChat,
  type Message,
  RequestError,
} from '../sdk/chat.ts';
import { listen } from '../view/listen.ts';
import { Names } from '../view/names.ts';
import { Previews } from '../view/previews.ts';
import { Reader } from '../view/reader.ts';
import { type Action, reduce } from '../view/reducer.ts';
import { emptyView, listed, type Row, titleOf, type View } from '../view/view.ts';
import { inWords } from '../view/words.ts';
import { Conversation } from './conversation.ts';
import { Details } from './details.ts';
import { Invited } from './invited.ts';
import { isAlike, kept, keptList } from './kept.ts';
import { MemberList } from './member-list.ts';
import { PresenceOf } from './presence-of.ts';
import type { Actions, ChatItem, ChatList, Connection } from './types.ts';

interface ModelOptions {
  /** Creates the client, or gives that of the app. */
  open(): EditableChat;
  /** Whether the client is closed with the model. */
  isOwner: boolean;
  /** As the client's. */
  userIdOf(name: string): string;
}

// A clock that is never set.
const clock = () => performance.now();

export const CONNECTING: Connection = { state: 'connecting', username: '' };
export const NO_CHATS: ChatList = { chats: [], isLoading: true, error: undefined };

/**
 * What the hooks read, of one user on one client. It is made while rendering, so it does nothing until an effect holds it or
 * something is asked of it; once nobody holds it, it is over for good.
 */
export class Model {
  readonly #options: ModelOptions;
  readonly #listeners = new Set<() => void>();
  readonly #conversations = new Map<string, Conversation>();
  readonly #members = new Map<string, MemberList>();
  /** What ends with this model, last first. */
  readonly #ends: (() => void)[] = [];
  #opened: Opened | undefined;
  #holders = 0;
  #ending: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;
  #isChangeTold = true;
  #view: View = emptyView('', clock());
  #untype: ReturnType<typeof setTimeout> | undefined;
  #connection = CONNECTING;
  /** The service's last list; undefined before the first. */
  #summaries: readonly ChatSummary[] | undefined;
  #listing: Promise<void> | undefined;
  #listError: RequestError | undefined;
  readonly details = new Details(this);
  readonly presence = new PresenceOf(this);
  readonly invited = new Invited(this);

  constructor(options: ModelOptions) {
    this.#options = options;
  }

  /** Keeps it alive. @returns lets go; soon after the last one, it is over */
  hold(): () => void {
    clearTimeout(this.#ending);
    this.#holders++;
    this.#use();
    return () => {
      if (--this.#holders === 0) this.#endSoon();
    };
  }

  /** In `StrictMode`, whoever lets go holds it again at once. */
  #endSoon(): void {
    clearTimeout(this.#ending);
    this.#ending = setTimeout(() => {
      this.#isOver = true;
      clearTimeout(this.#untype);
      for (const end of this.#ends.splice(0).reverse()) end();
      if (this.#options.isOwner) this.#opened?.chat.close();
    });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get view(): View {
    return this.#view;
  }

  get isOnline(): boolean {
    return this.#view.state === 'online';
  }

  get now(): number {
    return clock();
  }

  /** The client. It is created now if it was not, so this is not for the time of rendering. */
  get chat(): EditableChat {
    return this.#use().chat;
  }

  get reader(): Reader {
    return this.#use().reader;
  }

  get names(): Names {
    return this.#use().names;
  }

  get previews(): Previews {
    return this.#use().previews;
  }

  #use(): Opened {
    if (this.#opened) return this.#opened;
    if (this.#isOver) throw new Error('The chat’s provider is unmounted.');
    const chat = this.#options.open();
    // Children are mounted before their provider holds the model.
    if (this.#holders === 0) this.#endSoon();
    const own = { on: this.#on(chat), history: chat.history.bind(chat) };
    this.#opened = {
      chat,
      reader: new Reader(chat, clock),
      names: new Names(chat, (action) => this.act(action), clock),
      previews: new Previews(own, () => this.changed()),
    };
    this.#connection = connectionOf(chat);
    this.#view = { ...emptyView(chat.username, clock()), state: chat.state };
    this.#ends.push(listen(chat, (action) => this.act(action)));
    this.#ends.push(
      chat.on('state', ({ reason, detail, retryInMs }) => {
        const sentence = reason && (reason === 'logged_out' ? (detail ?? '') : inWords(reason, detail));
        this.#connection = { ...connectionOf(chat), reason, sentence, retryInMs };
        this.changed();
        if (this.isOnline) this.#online();
        else this.presence.offline();
        if (this.#view.state === 'waiting') for (const each of this.#conversations.values()) each.offline();
        if (reason === 'logged_out' || reason === 'erased') this.#forget(reason, sentence ?? '');
      }),
      chat.on('JOINED', ({ group_id }) => {
        void this.refresh().catch(() => {});
        this.#conversations.get(`#${group_id}`)?.online();
        this.#members.get(group_id)?.online();
      }),
      chat.on('message', (message) => {
        if ('group_id' in message && !message.system)
          this.#members.get(message.group_id)?.wrote(message.sender);
      }),
      chat.on('chat-left', ({ chat_id }) => this.#left(chat_id)),
    );
    if (chat.state === 'online') this.#online();
    this.changed();
    return this.#opened;
  }

  /** `on` of the client, whose listeners end with this model. */
  #on(chat: EditableChat): EditableChat['on'] {
    return (event, listener) => {
      const end = chat.on(event, listener);
      this.#ends.push(end);
      return end;
    };
  }

  /** A part of the client whose listeners end with this model. */
  get listened(): Pick<EditableChat, 'on' | 'request'> {
    const { chat } = this;
    return { on: this.#on(chat), request: (request) => chat.request(request) };
  }

  #online(): void {
    void this.refresh().catch(() => {});
    for (const each of this.#conversations.values()) each.online();
    for (const each of this.#members.values()) each.online();
    this.presence.online();
    this.details.online();
  }

  /** Nothing is shown of who is logged out. */
  #forget(...why: ConstructorParameters<typeof RequestError>): void {
    const error = new RequestError(...why);
    this.#view = { ...emptyView('', clock()), state: 'closed' };
    this.#summaries = undefined;
    this.#listError = error;
    for (const each of this.#conversations.values()) each.end(error);
    this.#members.clear();
    this.invited.end(error);
  }

  #left(chatId: string): void {
    for (const each of this.#conversations.values()) if (each.chatId === chatId) each.left();
  }

  /** Calls after changes, once for all that change at a time. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** A client tells what arrived meanwhile message by message, in thousands: what is shown of them is computed once. */
  changed(): void {
    if (!this.#isChangeTold || this.#isOver) return;
    this.#isChangeTold = false;
    queueMicrotask(() => {
      this.#isChangeTold = true;
      if (this.#isOver) return;
      this.#opened?.names.look(this.#view, this.details.usernames);
      this.details.look();
      for (const listener of [...this.#listeners]) listener();
    });
  }

  act(action: Action): void {
    if (this.#isOver) return;
    this.#view = reduce(reduce(this.#view, { what: 'tick', now: clock() }), action);
    this.#forgetTyping();
    this.changed();
  }

  /** Who types is shown until the signal runs out. */
  #forgetTyping(): void {
    clearTimeout(this.#untype);
    const next = Math.min(...this.#view.typing.map(({ until }) => until));
    if (next === Number.POSITIVE_INFINITY) return;
    this.#untype = setTimeout(
      () => this.act({ what: 'tick', now: clock() }),
      Math.max(0, next - clock()) + 1,
    );
  }

  /** Everything up to this entry was seen. */
  sees(chatId: string, seq: number): void {
    this.#view = this.reader.sees(this.#view, seq, chatId);
    this.changed();
  }

  /** Reads the list of chats again. @throws RequestError */
  refresh(): Promise<void> {
    this.#listing ??= this.#list().finally(() => {
      this.#listing = undefined;
      this.changed();
    });
    return this.#listing;
  }

  async #list(): Promise<void> {
    try {
      const chats = await this.chat.chats();
      const ids = new Set(chats.map(({ chat_id }) => chat_id));
      // Nobody told us that we left these: it was while we were away.
      for (const { chat_id: chatId, kind } of this.#summaries ?? [])
        if (kind === 'group' && !ids.has(chatId)) this.#drop(chatId);
      this.#summaries = chats;
      this.#listError = undefined;
      this.act({ what: 'chats', chats });
      this.reader.listed(this.#view, chats);
    } catch (error) {
      this.#listError = error as RequestError;
      throw error;
    }
  }

  #drop(chatId: string): void {
    this.act({ what: 'left', chatId });
    this.#left(chatId);
  }

  get connection(): Connection {
    return this.#connection;
  }

  readonly #items = new Map<string, ChatItem>();
  readonly #listed = kept((..._: [View['rows'], View['sendings'], View['names'], string]) => {
    const rows = listed(this.#view);
    const chats = rows.map((row) => this.#itemOf(row));
    return chats;
  });
  #chats: readonly ChatItem[] = NO_CHATS.chats;
  readonly #chatList = kept(
    (chats: readonly ChatItem[], isLoading: boolean, error: RequestError | undefined): ChatList => ({
      chats,
      isLoading,
      error,
    }),
  );

  get chats(): ChatList {
    const { rows, sendings, names, me } = this.#view;
    this.#chats = keptList(this.#chats, this.#listed(rows, sendings, names, me));
    const isLoading = this.#summaries === undefined && this.#listError === undefined;
    return this.#chatList(this.#chats, isLoading, this.#listError);
  }

  #itemOf(row: Row): ChatItem {
    const { id, kind, name, unread, moreUnread, lastAt } = row;
    const known = this.#items.get(id);
    const chat = known?.chat ?? refOf(row);
    const item = { id, chat, kind, name, title: titleOf(this.#view, row), unread, moreUnread, lastAt };
    if (known && isAlike(known, item)) return known;
    this.#items.set(id, item);
    return item;
  }

  /** The last message of a chat that was not opened. Asks for nothing, as it is read while rendering. */
  previewOf(chatId: string): Message | undefined {
    return this.#opened?.previews.of({ id: chatId });
  }

  conversation(chat: ChatRef): Conversation {
    const ref = this.#spelled(chat);
    return made(this.#conversations, keyOf(ref), () => new Conversation(this, ref));
  }

  members(group: string): MemberList {
    const name = group.toLowerCase();
    return made(this.#members, name, () => new MemberList(this, name));
  }

  userIdOf(name: string): string {
    return this.#options.userIdOf(name);
  }

  #spelled(chat: ChatRef): ChatRef {
    return 'group' in chat ? { group: chat.group.toLowerCase() } : { user: this.userIdOf(chat.user) };
  }

  /** What concerns no single chat; the same object for good. */
  readonly actions: Actions = {
    client: () => this.chat,
    refresh: () => this.refresh(),
    createGroup: async (name, fields) => {
      await this.chat.createGroup(name, fields);
      await this.refresh();
    },
    joinGroup: async (name) => {
      await this.chat.joinGroup(name);
      await this.refresh();
    },
    leaveGroup: async (name) => {
      const { group_id } = await this.chat.leaveGroup(name);
      this.#drop(`#${group_id}`);
    },
    setProfile: async (fields) => {
      const profile = await this.names.profiles.set(fields);
      await this.names.changed(`@${profile.username}`);
      this.details.changed(`@${profile.username}`);
      return profile;
    },
    logout: () => this.chat.logout(),
  };
}

interface Opened {
  chat: EditableChat;
  reader: Reader;
  names: Names;
  previews: Previews;
}

const connectionOf = ({ state, username }: EditableChat): Connection => ({ state, username });

const refOf = ({ kind, name }: Pick<Row, 'kind' | 'name'>): ChatRef =>
  kind === 'group' ? { group: name } : { user: name };

export const keyOf = (chat: ChatRef): string => ('group' in chat ? `#${chat.group}` : `@${chat.user}`);

function made<T>(map: Map<string, T>, key: string, make: () => T): T {
  const known = map.get(key) ?? make();
  map.set(key, known);
  return known;
}
