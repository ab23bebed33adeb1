import {
  type Chat,
  type ChatRef,
  type ChatSummary,
  type Code,
  type Message,
  RequestError,
  type State,
  type Store,
} from '../../sdk/chat.ts';
import { chatIdOf, groupIdOf } from '../../sdk/names.ts';
import { changeOf, withChange } from '../../view/changes.ts';
import { withoutSource } from '../../view/detail.ts';
import { listen } from '../../view/listen.ts';
import { emptyLog, type Log } from '../../view/log.ts';
import { Names } from '../../view/names.ts';
import { Reader } from '../../view/reader.ts';
import { type Action, reduce } from '../../view/reducer.ts';
import {
  emptyView,
  lastOf,
  listed,
  nameOf,
  openRow,
  type Row,
  type Sent,
  sendingsIn,
  titleOf,
  typingIn,
  type View,
} from '../../view/view.ts';
import { keepChats, lastChats } from './last-chats.ts';
import { Writing } from './writing.ts';

/** A member of a group or a partner, with the known presence. */
export interface Person {
  username: string;
  online: boolean;
  lastSeen?: string;
  /** No user has this name. */
  unknown?: boolean;
  role?: 'owner' | 'member';
}

interface ModelOptions {
  /** Whether the page is hidden, as in a background tab. */
  isHidden(): boolean;
  /** Whether this is whom the browser's data belong to, so that they may be shown before the login. */
  isKnown: boolean;
  /** The browser's. */
  store: Store;
}

const PAGE = 40;

// A monotonic clock.
const clock = () => performance.now();

/** The page's state and actions. Components subscribe to changes. */
export class Model {
  readonly chat: Chat;
  readonly writing: Writing;
  /** The last error, as a sentence. */
  notice = '';
  /** The group that the notice lets one join; empty if it doesn't. */
  invitation = '';
  /** Groups that others invite to, and who does, until it is answered. */
  readonly invitations = new Map<string, string>();
  /** Whether a dialog is open, which says itself what fails. */
  hasDialog = false;
  /** What the open group is about. */
  topic = '';
  /** Why there is no token of the identity provider; empty unless one is missing. */
  noToken = '';
  /** The members of the open chat; of a large group, the first ones. */
  people: Person[] = [];
  /** Whether the open group has more members than `people`. */
  hasMorePeople = false;
  /** Whether the service has listed the user's chats. */
  isListed = false;
  /** Whether the notice is the error of what the user asked for, or of what the page did by itself. */
  #isOfUser: boolean | undefined;
  #view: View;
  /** The last list of chats. */
  #chats: readonly ChatSummary[] = [];
  readonly #reader: Reader;
  readonly #names: Names;
  readonly #store: Store;
  readonly #isHidden: () => boolean;
  readonly #listeners = new Set<() => void>();
  readonly #onlines = new Set<() => void>();
  readonly #ends = new Set<(reason: string) => void>();

  constructor(chat: Chat, { isHidden, isKnown, store }: ModelOptions) {
    this.chat = chat;
    this.#store = store;
    this.#isHidden = isHidden;
    this.#reader = new Reader(this.chat, clock);
    this.#names = new Names(this.chat, (action) => this.#act(action), clock);
    this.#view = { ...emptyView(this.chat.username, clock()), state: this.chat.state };
    this.writing = new Writing({
      ...{ chat, store },
      messagesIn: (row) => this.logOf(row).messages,
      sendingsIn: (row) => this.sendingsIn(row),
      shown: (row, message) => this.shown(row, message),
      changed: () => this.#changed(),
    });
    listen(this.chat, (action) => this.#act(action));
    if (isKnown) this.#chats = lastChats(store, this.chat.username);
    this.#act({ what: 'chats', chats: this.#chats });
    const seconds = setInterval(() => this.#act({ what: 'tick', now: clock() }), 1_000);
    this.chat.on('gap', ({ chat_id }) => {
      this.say(`Messages of ${this.#chatCalled(chat_id)} that you missed are no longer kept.`);
    });
    this.chat.on('state', ({ state, reason, detail = '' }) => {
      if (state !== 'connecting') this.noToken = reason === 'no_token' ? withoutSource(detail) : '';
      if (state === 'online') {
        for (const listener of this.#onlines) listener();
        void this.refresh();
      }
      if (state !== 'closed') return;
      clearInterval(seconds);
      // A list that came after the client had cleared its user's data.
      if (reason === 'logged_out') keepChats(store, this.chat.username, []);
      for (const listener of this.#ends) listener(endOf(reason));
    });
    this.chat.on('JOINED', () => void this.refresh());
    this.chat.on('INVITED', ({ group_id, by }) => void this.#invited(group_id, by));
  }

  onChange = (listener: () => void) => added(this.#listeners, listener);
  onOnline = (listener: () => void) => added(this.#onlines, listener);
  onEnd = (listener: (reason: string) => void) => added(this.#ends, listener);

  get state(): State {
    return this.#view.state;
  }

  /** The chats, newest first. */
  get list(): Row[] {
    return listed(this.#view);
  }

  get open(): Row | undefined {
    return openRow(this.#view);
  }

  logOf({ id }: Row): Log {
    return this.#view.logs.get(id) ?? emptyLog;
  }

  /** The last known message of a chat. */
  lastOf(row: Row): Message | undefined {
    return lastOf(this.#view, row);
  }

  /** Unsent and failed messages of a chat. */
  sendingsIn({ id }: Row): readonly Sent[] {
    return sendingsIn(this.#view, id);
  }

  /** The change of a stored message that is under way, or was refused. */
  changeOf({ id }: Row, seq: number): Sent | undefined {
    return changeOf(this.#view, id, seq);
  }

  /** A message as it will be. */
  shown(row: Row, message: Message): Message {
    return withChange(message, this.changeOf(row, message.seq));
  }

  /** Display names. */
  typingIn({ id }: Row): string[] {
    return typingIn(this.#view, id).map((username) => this.nameOf(username));
  }

  /** A user's display name. */
  nameOf(username: string): string {
    return nameOf(this.#view, username);
  }

  /** A group's title, or a partner's display name. */
  titleOf(row: Row): string {
    return titleOf(this.#view, row);
  }

  /** The seq up to which the partner has read a chat. */
  readBy({ id }: Row): number {
    return this.#view.readBy.get(id) ?? 0;
  }

  /** Reloads the list of chats. */
  async refresh(): Promise<void> {
    await this.#try(async () => {
      this.#listed(await this.chat.chats());
      this.isListed = true;
      if (this.open) await this.#fill(this.open);
    }, false);
  }

  /** Shows the service's list, and keeps it. A group that the last one had is one of which the user is no member any more. */
  #listed(chats: readonly ChatSummary[]): void {
    const ids = new Set(chats.map(({ chat_id }) => chat_id));
    for (const { chat_id: chatId, kind } of this.#chats)
      if (kind === 'group' && !ids.has(chatId)) this.#act({ what: 'left', chatId });
    this.#chats = chats;
    keepChats(this.#store, this.chat.username, chats);
    this.#act({ what: 'chats', chats });
  }

  /** @param row a known or new chat; absent to show only the list */
  async show(row?: Pick<Row, 'id' | 'kind' | 'name'>): Promise<void> {
    this.people = [];
    this.hasMorePeople = false;
    this.topic = '';
    this.say('');
    this.#act({ what: 'shown', chat: row && { id: row.id, kind: row.kind, name: row.name } });
    if (this.open) await this.#fill(this.open);
  }

  /** Loads what the open chat shows. */
  async #fill(open: Row): Promise<void> {
    if (this.logOf(open).first === undefined) await this.older(open.id);
    await this.#lookAt(open);
  }

  /** Loads the messages before the first shown one. */
  async older(id: string): Promise<void> {
    const row = this.#view.rows.get(id);
    if (!row || this.logOf(row).isWhole || row.lastSeq === 0) return;
    await this.#try(async () => {
      const page = await this.chat.history(refOf(row), { before: this.logOf(row).first, limit: PAGE });
      this.#act({ what: 'history', chatId: id, page });
    }, false);
  }

  /** Opens the private chat with a user, new or not. */
  talkTo(name: string): void {
    void this.show({ id: chatIdOf(this.chat.username, { user: name }), kind: 'private', name });
  }

  /** @returns whether it succeeded */
  async enterGroup(name: string, isNew: boolean): Promise<boolean> {
    return this.#try(async () => {
      await (isNew ? this.chat.createGroup(name) : this.chat.joinGroup(name));
      await this.refresh();
      await this.show({ id: `#${name}`, kind: 'group', name });
    });
  }

  async leave(row: Row): Promise<void> {
    if (await this.#try(() => this.chat.leaveGroup(row.name))) this.drop(row);
  }

  /** Shows a chat no longer, until something happens in it. */
  drop({ id }: Pick<Row, 'id'>): void {
    this.#act({ what: 'left', chatId: id });
  }

  /** Whether the user administers the open group; of a large group, as far as its first members say. */
  get isOwner(): boolean {
    return this.people.some(({ username, role }) => role === 'owner' && username === this.chat.username);
  }

  /** Sets the name that others see; `''` removes it. @returns whether it succeeded */
  async rename(display_name: string): Promise<boolean> {
    return this.#try(async () => {
      await this.#names.profiles.set({ display_name });
      await this.#names.changed(`@${this.chat.username}`);
    });
  }

  /** Sets what a group is called, and what it is about. @returns whether it succeeded */
  async describe(row: Row, about: { title: string; topic: string }): Promise<boolean> {
    return this.#try(async () => {
      await this.#names.profiles.setGroup(row.name, about);
      await this.#names.changed(`#${row.name}`);
      await this.#readTopic(row);
    });
  }

  send(row: Row, content: string): void {
    this.chat.send(row.kind === 'group' ? { group: row.name } : row.name, content);
  }

  types(row: Row): void {
    this.#reader.types(row);
  }

  /** Marks the shown messages as read, if the page is visible. */
  looks(): void {
    if (!this.#isHidden()) this.#view = this.#reader.looks(this.#view);
    this.#names.look(
      this.#view,
      this.people.map(({ username }) => username),
    );
    this.#changed();
  }

  /** @param invitation the group that it lets one join */
  say(notice: string, invitation = ''): void {
    this.notice = notice;
    this.invitation = invitation;
    this.#isOfUser = undefined;
    this.#changed();
  }

  /** Shows an invitation no longer. */
  decline(group: string): void {
    this.invitations.delete(group);
    this.#changed();
  }

  #act(action: Action): void {
    this.#view = reduce(this.#view, action);
    for (const group of this.invitations.keys())
      if (this.#view.rows.has(groupIdOf(group))) this.invitations.delete(group);
    this.looks();
  }

  #chatCalled(id: string): string {
    const row = this.#view.rows.get(id);
    return row ? this.titleOf(row) : id;
  }

  /** Loads the members of the open chat and their presence. */
  async #lookAt(row: Row): Promise<void> {
    const reply: {
      people: (Pick<Person, 'username' | 'online' | 'role' | 'unknown'> & { last_seen?: string })[];
      next?: unknown;
    } = await (row.kind === 'group'
      ? this.chat
          .request({ type: 'list_members', group_id: row.name })
          .then(({ members, next }) => ({ people: members, next }))
      : this.chat
          .request({ type: 'presence', usernames: [row.name] })
          .then(({ users }) => ({ people: users }))
    ).catch(() => ({ people: [] }));
    if (this.open?.id !== row.id) return;
    this.hasMorePeople = reply.next !== undefined;
    this.people = reply.people.map(({ last_seen: lastSeen, ...each }) => ({ ...each, lastSeen }));
    this.looks();
    if (row.kind === 'group') await this.#readTopic(row);
  }

  async #readTopic({ id, name }: Row): Promise<void> {
    const groups = await this.#names.profiles.groups([name]).catch(() => undefined);
    if (groups && this.open?.id === id) this.topic = groups.get(name)?.topic ?? '';
    this.#changed();
  }

  async #invited(group: string, by: string): Promise<void> {
    await this.#names.changed(`@${by}`).catch(() => {});
    this.invitations.set(group, by);
    this.#changed();
  }

  /**
   * Runs an action and shows its error, until an action of the same kind succeeds.
   * @param isByUser whether the user asked for it
   */
  async #try(work: () => Promise<unknown>, isByUser = true): Promise<boolean> {
    try {
      await work();
      if (this.#isOfUser === isByUser) this.say('');
      return true;
    } catch (error) {
      this.say(error instanceof RequestError ? forPeople(error.message) : String(error));
      this.#isOfUser = isByUser;
      return false;
    } finally {
      this.#changed();
    }
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

const labels: Record<string, string> = { display_name: 'The name', title: 'The title', topic: 'The topic' };

/** The reason of a refusal, with a field that people fill in by the word that stands beside it. */
const forPeople = (reason: string): string =>
  reason.replace(/^"(\w+)"/, (quoted, field: string) => labels[field] ?? quoted);

const refOf = ({ kind, name }: Row): ChatRef => (kind === 'group' ? { group: name } : { user: name });

const ends: Partial<Record<Code, string>> = {
  closed: '',
  logged_out: '',
  invalid_credentials: 'Wrong username or password.',
  session_ended: 'Your session has ended. Log in again.',
  password_changed: 'Your password was changed on another device. Log in with the new one.',
  password_reset: 'An administrator has reset your password. Log in with the new one.',
  logged_out_everywhere: 'You were logged out everywhere, on another device.',
  erased: 'An administrator has removed this user.',
};

/** Why it is over, in words; empty if its user wanted it so. */
export const endOf = (reason: Code = 'closed'): string => ends[reason] ?? `Closed: ${reason}.`;

function added<T>(set: Set<T>, each: T): () => void {
  set.add(each);
  return () => set.delete(each);
}
