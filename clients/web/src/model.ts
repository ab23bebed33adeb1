import {
  type ChatRef,
  type ChatSummary,
  type Code,
  type EditableChat,
  type Message,
  RequestError,
  type State,
} from '../../sdk/chat.ts';
import { groupIdOf } from '../../sdk/names.ts';
import type { KeyValueStore } from '../../sdk/store.ts';
import { between } from '../../view/between.ts';
import { changeOf, withChange } from '../../view/changes.ts';
import { withoutSource } from '../../view/detail.ts';
import { Invitations } from '../../view/invitations.ts';
import { listen } from '../../view/listen.ts';
import { emptyLog, type Log } from '../../view/log.ts';
import { chatOfGroup, lookFor } from '../../view/look-for.ts';
import { Names } from '../../view/names.ts';
import { People } from '../../view/people.ts';
import { pictureAt } from '../../view/pictures.ts';
import { Previews } from '../../view/previews.ts';
import { Reader } from '../../view/reader.ts';
import { type Action, reduce } from '../../view/reducer.ts';
import type { Parts } from '../../view/seen.ts';
import { unsentIn } from '../../view/unsent.ts';
import {
  emptyView,
  lastOf,
  listed,
  nameOf,
  openRow,
  type Row,
  type Sent,
  sendingsIn,
  summariesOf,
  titleOf,
  typingIn,
  unseenOf,
  type View,
} from '../../view/view.ts';
import { inWords, isolatedId, wordsFor } from '../../view/words.ts';
import { keepChats, keepNames, keepRead, keepSeen, lastChats, lastNames, lastSeen } from './last-chats.ts';
import type { Service } from './service.ts';
import { tellWhatHappens } from './tell-what-happens.ts';
import { Writing } from './writing.ts';

interface ModelOptions {
  /** Whether nobody looks at the page (looked-at.ts). */
  isAway(): boolean;
  /** Whether this is whom the browser's data belong to, so that they may be shown before the login. */
  isKnown: boolean;
  /** The service's part of the browser's. */
  store: KeyValueStore;
  service?: Service;
  /** What proves to a backend who the user is: a token that the service takes for a login. */
  proof?(): string | undefined | Promise<string | undefined>;
}

interface PageAfter {
  after: number;
  limit: number;
}

/** Receives why it is over, in words, and whether the user logged out or is deleted. */
type End = (reason: string, isOut: boolean) => void;

const PAGE = 40;
const NONE: Parts = [];

// A monotonic clock.
const clock = () => performance.now();

/** The page's state and actions. Components subscribe to changes. */
export class Model {
  readonly chat: EditableChat;
  readonly writing: Writing;
  #notice = '';
  /** Whether what the notice says is still so. */
  #holds = () => true;
  /** The group that the notice lets one join; empty if it doesn't. */
  invitation = '';
  /** Whom the notice says to ask; empty for nobody. */
  ask = '';
  /** Whether the notice is of what happened, and no error. */
  isNews = false;
  /** The group that the notice says its user is not in; empty if it is of something else. */
  #notIn = '';
  /** Why there is no token of the identity provider; empty unless one is missing. */
  noToken = '';
  readonly service: Service;
  readonly proof: NonNullable<ModelOptions['proof']>;
  /** The browser's, until the user logs out. */
  readonly store: KeyValueStore;
  /** Who is in the open chat. */
  readonly people: People;
  readonly invitations: Invitations;
  readonly previews: Previews;
  /** Whether the service has listed the user's chats. */
  isListed = false;
  /** Whether what came while there was no connection, or no page, may still be arriving. */
  isCatchingUp: boolean;
  /** Whether the notice is the error of what the user asked for, or of what the page did by itself. */
  #isOfUser: boolean | undefined;
  #view: View;
  /** The last list of chats, and the rows that were kept of it. */
  #chats: readonly ChatSummary[] = [];
  #kept: Pick<View, 'rows' | 'given' | 'seen'> | undefined;
  #isOut = false;
  readonly #reader: Reader;
  readonly #names: Names;
  readonly #isAway: () => boolean;
  /** The chat for which `#fillOffline` waits; empty for none. */
  #filling = '';
  /** By group. */
  readonly #joined = new Map<string, number>();
  /** Chats in which somebody looked at messages since that was kept. */
  readonly #looked = new Set<string>();
  /** What the user has seen of the open chat. */
  #inView: { id: string; seq: number; parts: Parts } = { id: '', seq: 0, parts: NONE };
  /** Whether the user's data may be shown: they are the browser's, or the service has let them in. */
  isIn: boolean;
  readonly #listeners = new Set<() => void>();
  readonly #onlines = new Set<() => void>();
  readonly #ends = new Set<End>();
  readonly #logouts = new Set<() => void>();

  constructor(
    chat: EditableChat,
    { isAway, isKnown, store, service = {}, proof = () => undefined }: ModelOptions,
  ) {
    this.chat = chat;
    // The client has cleared what belongs to a user who has logged out: what happens until the page is gone stays out.
    this.store = { ...store, set: (key, value) => this.#isOut || store.set(key, value) };
    this.#isAway = isAway;
    this.isIn = isKnown || chat.state === 'online';
    this.isCatchingUp = chat.state === 'connecting';
    this.#reader = new Reader(this.chat, clock);
    this.service = service;
    this.proof = proof;
    this.#names = new Names(this.chat, (action) => this.#act(action), clock);
    this.people = new People(this.chat, this.#names.profiles, () => this.looks(), clock);
    this.invitations = new Invitations(this.chat, () => this.#invited());
    this.previews = new Previews(this.chat, () => this.#changed());
    this.#view = { ...emptyView(this.chat.username, clock()), state: this.chat.state };
    this.writing = new Writing({
      ...{ chat, store: this.store },
      messagesIn: (row) => this.logOf(row).known,
      sendingsIn: (row) => this.sendingsIn(row),
      shown: (row, message) => this.shown(row, message),
      changed: () => this.#changed(),
      say: (notice) => this.say(notice),
    });
    listen(this.chat, (action) => this.#act(action));
    if (isKnown) {
      this.#chats = lastChats(store, this.chat.username);
      this.#act({ what: 'names', names: lastNames(store, this.chat.username) });
      this.#act({ what: 'seenBefore', chats: lastSeen(store, this.chat.username) });
    }
    this.#act({ what: 'chats', chats: this.#chats });
    // Another tab's drafts. Thousands of keys change there when messages come.
    const unwatch = store.watch?.((key) => {
      if (this.writing.isKey(key)) this.#changed();
    });
    const seconds = setInterval(() => {
      this.keep();
      this.#act({ what: 'tick', now: clock() });
    }, 1_000);
    this.chat.on('state', ({ state, reason, detail = '' }) => {
      this.isCatchingUp = state === 'connecting' || state === 'online';
      if (state !== 'connecting') this.noToken = reason === 'no_token' ? withoutSource(detail) : '';
      if (state === 'online') {
        this.isIn = true;
        for (const listener of this.#onlines) listener();
        void this.refresh();
      }
      if (state === 'waiting') void this.#fillOffline();
      if (state !== 'closed') return;
      clearInterval(seconds);
      unwatch?.();
      const isOut = reason === 'logged_out' || reason === 'erased';
      if (isOut) this.#isOut = true;
      for (const listener of this.#ends) listener(endOf(reason, detail), isOut);
    });
    this.chat.on('caught-up', () => {
      this.isCatchingUp = false;
      this.#changed();
    });
    this.chat.on('JOINED', () => void this.refresh());
    this.chat.on('message', ({ chat_id, sender, system }) => {
      // Nobody is told of a new member, who shows by writing.
      if (chat_id === this.open?.id && !system && !this.people.knows(sender)) void this.people.refresh();
    });
    tellWhatHappens(this);
  }

  onChange = (listener: () => void) => added(this.#listeners, listener);
  onOnline = (listener: () => void) => added(this.#onlines, listener);
  onEnd = (listener: End) => added(this.#ends, listener);
  /** Calls when the user logs out here, before the service has answered. */
  onLogout = (listener: () => void) => added(this.#logouts, listener);

  /** The last error, or what has happened, as a sentence; empty once it is not so any more. */
  get notice(): string {
    return this.#holds() ? this.#notice : '';
  }

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

  /** The last known message of a chat, as it will be. */
  lastOf(row: Row): Message | undefined {
    const last = lastOf(this.#view, row) ?? this.previews.of(row);
    return last && this.shown(row, last);
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

  /** The name that a user (`@ID`) or a group (`#ID`) has been given; empty without one. */
  givenName(key: string): string {
    return this.#view.given.get(key) ?? '';
  }

  /** The address of the picture that a user (`@ID`) or a group (`#ID`) has been given; empty without one. */
  givenPicture(key: string): string {
    return this.#view.pictures.get(key) ?? '';
  }

  /** The same, if the page shows it. */
  pictureOf(key: string): string {
    const picture = this.givenPicture(key);
    return pictureAt(picture, this.service.pictures) === 'shown' ? picture : '';
  }

  /** A group's title, or a partner's display name. */
  titleOf(row: Pick<Row, 'kind' | 'name'>): string {
    return titleOf(this.#view, row);
  }

  /** The seq up to which the partner has read a chat. */
  readBy({ id }: Row): number {
    return this.#view.readBy.get(id) ?? 0;
  }

  /** Reloads the list of chats. @returns whether it succeeded */
  async refresh(): Promise<boolean> {
    return this.#try(async () => {
      const chats = await this.chat.chats();
      this.isListed = true;
      this.#listed(chats);
      if (this.open) await this.#fill(this.open);
    }, false);
  }

  /** Shows the service's list, and keeps it. A group that the last one had is one of which the user is no member any more. */
  #listed(chats: readonly ChatSummary[]): void {
    const ids = new Set(chats.map(({ chat_id }) => chat_id));
    for (const { chat_id: chatId, kind } of this.#chats)
      if (kind === 'group' && !ids.has(chatId)) this.#act({ what: 'left', chatId });
    this.invitations.entered(ids);
    this.#chats = chats;
    this.#act({ what: 'chats', chats });
    this.#reader.listed(this.#view, chats);
    this.keep();
  }

  /** Keeps the list for the next start, which may have no connection. Each second does so, too. */
  keep(): void {
    const { rows, given, seen } = this.#view;
    if (!this.isListed) return;
    const isListKept = rows === this.#kept?.rows;
    if (!isListKept) keepChats(this.store, this.chat.username, summariesOf(this.#view));
    if (!isListKept || given !== this.#kept?.given) keepNames(this.store, this.#view);
    if (!isListKept || seen !== this.#kept?.seen) keepSeen(this.store, this.#view, this.#looked);
    this.#looked.clear();
    this.#kept = { rows, given, seen };
  }

  /** Sends what can be sent, and returns how much cannot. */
  unsent(): Promise<number> {
    return unsentIn(this.chat);
  }

  logout(): Promise<void> {
    this.#isOut = true;
    const isTold = this.chat.logout();
    for (const listener of this.#logouts) listener();
    return isTold;
  }

  /** @param row a known or new chat; absent to show only the list */
  async show(row?: Pick<Row, 'id' | 'kind' | 'name'>): Promise<void> {
    this.people.follow(row);
    this.say('');
    this.#act({ what: 'shown', chat: row && { id: row.id, kind: row.kind, name: row.name } });
    if (this.open) await this.#fill(this.open);
  }

  /** Loads what the open chat shows: its messages, and at the same time who is in it. */
  async #fill(open: Row): Promise<void> {
    await Promise.all([this.logOf(open).first === undefined && this.older(open.id), this.people.refresh()]);
  }

  /** Shows what is kept of the open chat. What was asked for while connecting is not answered before there is a connection. */
  async #fillOffline(): Promise<void> {
    const { open } = this;
    if (!open || this.#filling === open.id || this.logOf(open).first !== undefined) return;
    this.#filling = open.id;
    await this.older(open.id);
    this.#filling = '';
  }

  /** Loads the messages before the first known one. @returns whether it succeeded */
  async older(id: string, limit = PAGE): Promise<boolean> {
    const row = this.#view.rows.get(id);
    if (!row || this.logOf(row).isWhole || row.lastSeq === 0) return true;
    return this.#try(async () => {
      const before = this.logOf(row).first;
      const page = await this.chat.history(refOf(row), { before, limit });
      this.#act({ what: 'history', chatId: id, page, before });
    }, false);
  }

  /** Loads the messages after the last shown one, if the newest are not. @returns whether it succeeded */
  async later(row: Row, limit = PAGE): Promise<boolean> {
    const { ahead, last: after } = this.logOf(row);
    if (!ahead || after === undefined) return true;
    return this.#try(async () => {
      const part = { after, before: ahead.first, limit };
      const { messages: page } = await between(this.chat, refOf(row), part);
      if (this.open?.id === row.id) this.#act({ what: 'later', chatId: row.id, page, after });
    }, false);
  }

  /**
   * Shows a page from the middle of the open chat.
   * @param after the seq before its first message
   * @param isWanted whether it still is when it has come
   * @returns whether it succeeded
   */
  async around(row: Row, { after, limit }: PageAfter, isWanted: () => boolean): Promise<boolean> {
    return this.#try(async () => {
      const before = this.logOf(row).newest.first;
      const { messages: page } = await between(this.chat, refOf(row), { after, before, limit });
      if (this.open?.id === row.id && isWanted()) this.#act({ what: 'around', chatId: row.id, page });
    }, false);
  }

  /** Shows the newest messages of the open chat again. */
  newest({ id }: Row): void {
    if (this.#view.logs.get(id)?.ahead) this.#act({ what: 'newest', chatId: id });
  }

  /** What waits beside the open chat: other chats with unread messages, and invitations. */
  get waiting(): number {
    const unread = this.list.filter((row) => row.unread > 0 && row.id !== this.open?.id);
    return unread.length + this.invitations.list.length;
  }

  /** Becomes a member of a group. */
  async join(group: string): Promise<void> {
    const id = groupIdOf(group);
    const isNew = !this.hasChat(id);
    await this.chat.joinGroup(group);
    const title = this.invitations.list.find((each) => each.group === group)?.title;
    // Else it is called by its id until its title is asked for.
    if (title && this.givenName(id) === '') this.#act({ what: 'names', names: new Map([[id, title]]) });
    this.invitations.settle(group);
    await this.refresh();
    const row = this.#view.rows.get(id);
    if (isNew && row) this.#joined.set(id, row.lastSeq);
    this.#changed();
  }

  /** The last seq of a group when its user joined it, since the page was loaded; undefined if that was before. */
  joinedAfter({ id }: Row): number | undefined {
    return this.#joined.get(id);
  }

  /** Joins a group and shows it, or says why not. */
  async enter(group: string): Promise<void> {
    if (await this.#try(() => this.join(group))) await this.show(chatOfGroup(group));
    else this.#notIn = group;
  }

  /** Shows the chat with a user, or says that there is none. */
  async write(user: string): Promise<void> {
    await this.#try(async () => {
      const found = await lookFor(this.chat, { user, group: undefined, isGroup: false });
      if (found.what !== 'chat') throw new RequestError('unknown_recipient', '');
      await this.show(found.chat);
    });
  }

  /** @param about `title`: what the group is called, in any script; empty for by its name */
  async create(group: string, about: { title: string; isInviteOnly: boolean }): Promise<void> {
    const { title, isInviteOnly } = about;
    await this.chat.createGroup(group, {
      ...(title && { title }),
      ...(isInviteOnly && { invite_only: true }),
    });
    await this.refresh();
  }

  /** An invitation came or went. One that came says more than that its user is not in the group. */
  #invited(): void {
    if (this.#isInvitedTo(this.#notIn)) this.say('');
    this.looks();
  }

  #isInvitedTo(name: string): boolean {
    return this.invitations.list.some(({ group }) => group === name);
  }

  async leave(row: Row): Promise<void> {
    await this.chat.leaveGroup(row.name);
    this.drop(row);
  }

  /** Shows a chat no longer, until something happens in it. */
  drop({ id }: Pick<Row, 'id'>): void {
    this.#joined.delete(id);
    this.#act({ what: 'left', chatId: id });
  }

  /** Sets the name that others see, and the address of the picture; `''` removes one, what is absent stays. */
  async setProfile(profile: { display_name?: string; avatar_url?: string }): Promise<void> {
    await this.#names.profiles.set(profile);
    await this.#names.changed(`@${this.chat.username}`);
  }

  /** Sets what the open group is called, what it is about, and its picture; `''` removes one, what is absent stays. */
  async describe(row: Row, about: { title?: string; topic?: string; avatar_url?: string }): Promise<void> {
    await this.people.describe(about);
    await this.#names.changed(`#${row.name}`);
  }

  send(row: Row, content: string): void {
    // What one writes follows the newest messages.
    this.newest(row);
    this.chat.send(row.kind === 'group' ? { group: row.name } : row.name, content);
  }

  types(row: Row): void {
    this.#reader.types(row);
  }

  /** What was seen of a chat before, behind what counts as read. */
  seenOf({ id }: Row): Parts | undefined {
    return this.#view.seen.get(id);
  }

  /** A chat, with what is unread in it and was not seen. */
  unseenOf(row: Row): Row {
    return unseenOf(this.#view, row);
  }

  /** The list says up to where nothing in a chat was passed over, and all that was seen of it. */
  sees({ id }: Row, seq: number, parts: Parts = NONE): void {
    const isKnown = this.#inView.id === id && this.#inView.seq === seq && this.#inView.parts === parts;
    if (isKnown) return;
    this.#inView = { id, seq, parts };
    this.#looked.add(id);
    this.#act({ what: 'looked', chatId: id, parts });
  }

  /** Marks what is in view as read, if somebody looks at the page. */
  looks(): void {
    const { id, seq } = this.#inView;
    const before = this.open;
    if (!this.#isAway() && id === before?.id) this.#view = this.#reader.sees(this.#view, seq);
    if (this.open && this.open.read !== before?.read)
      keepRead(this.store, this.chat.username, id, this.open.read);
    this.#names.look(this.#view, [...this.people.usernames, ...this.invitations.list.map(({ by }) => by)]);
    this.#changed();
  }

  /** A list of users is in view, or these of it are now: what they are called is asked for again. */
  listsUsers(usernames: readonly string[]): void {
    this.#names.check(usernames);
  }

  /** Whether the user is in a chat, as far as is known. */
  hasChat(chatId: string): boolean {
    return this.#view.rows.has(chatId);
  }

  /**
   * @param about `invitation`: the group that it lets one join; `notIn`: one that its user is not in; `ask`: whom to ask;
   * `isNews`: it is no error; `holds`: whether it is still so
   */
  say(
    notice: string,
    about: {
      invitation?: string;
      notIn?: string;
      ask?: string | undefined;
      isNews?: boolean;
      holds?: (() => boolean) | undefined;
    } = {},
  ): void {
    const { invitation = '', notIn = invitation, ask = '', isNews = notIn !== '' } = about;
    const { holds = () => notIn === '' || !this.hasChat(groupIdOf(notIn)) } = about;
    this.#notice = this.#isInvitedTo(notIn) ? '' : notice;
    this.#holds = holds;
    this.invitation = invitation;
    this.ask = ask;
    this.#notIn = notIn;
    this.isNews = isNews;
    this.#isOfUser = undefined;
    this.#changed();
  }

  #act(action: Action): void {
    this.#view = reduce(this.#view, action);
    this.looks();
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
      const ask = error instanceof RequestError ? error.ask : undefined;
      this.say(wordsFor(error, isolatedId), { ask, isNews: ask !== undefined });
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

const refOf = ({ kind, name }: Row): ChatRef => (kind === 'group' ? { group: name } : { user: name });

/** Why it is over, in words; empty if its user wanted it so. @param detail where else they logged out */
export const endOf = (reason: Code = 'closed', detail = ''): string =>
  reason === 'logged_out' ? detail : inWords(reason);

function added<T>(set: Set<T>, each: T): () => void {
  set.add(each);
  return () => set.delete(each);
}
