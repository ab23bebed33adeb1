import {
  type Chat,
  type ChatRef,
  type ChatSummary,
  type Code,
  connect,
  type Options,
  RequestError,
  type Sending,
  type State,
} from '../../sdk/chat.ts';
import { afterMessage, afterRead, afterSummary, nothingRead, type Reading } from '../../sdk/reading.ts';
import { Entries, type Entry } from './entries.ts';

/** A line of the list of chats. */
export interface Row extends Reading {
  id: string;
  kind: 'private' | 'group';
  /** The partner, or the group. */
  name: string;
  lastAt?: string;
  lastText?: string;
}

/** A member of a group, or a partner, as far as is known. */
export interface Person {
  username: string;
  online: boolean;
  lastSeen?: string;
}

const PAGE = 40;
const TYPING_MS = 4_000;
const TYPING_EVERY_MS = 3_000;

/** All that the page shows: what the client tells, put in order. Whoever draws it asks to be told of changes. */
export class Model {
  readonly chat: Chat;
  readonly rows = new Map<string, Row>();
  state: State = 'connecting';
  /** Until when it waits before the next attempt; milliseconds since 1970. */
  waitsUntil = 0;
  openId = '';
  /** What went wrong last, in words. */
  notice = '';
  /** Of the open chat. */
  people: Person[] = [];
  /** The last message of each chat that the partner has read. */
  readonly readBy = new Map<string, number>();
  readonly #entries = new Map<string, Entries>();
  readonly #typing = new Map<string, Map<string, number>>();
  readonly #listeners = new Set<() => void>();
  readonly #onlines = new Set<() => void>();
  readonly #ends = new Set<(reason: string) => void>();
  #saidTyping = Number.NEGATIVE_INFINITY;

  constructor(options: Options) {
    this.chat = connect(options);
    this.state = this.chat.state;
    this.chat.on('message', (message) => this.#came(message));
    this.chat.on('sending', () => this.#changed());
    this.chat.on('chat-left', ({ chat_id }) => this.#left(chat_id));
    this.chat.on('gap', ({ chat_id }) => {
      this.say(`Messages of ${this.rows.get(chat_id)?.name ?? chat_id} that you missed are no longer kept.`);
    });
    this.chat.on('state', ({ state, reason, retryInMs }) => {
      this.state = state;
      this.waitsUntil = Date.now() + (retryInMs ?? 0);
      if (state === 'online') {
        for (const listener of this.#onlines) listener();
        void this.refresh();
      }
      if (state === 'closed') for (const listener of this.#ends) listener(endOf(reason));
      this.#changed();
    });
    this.#listen('TYPING', ({ chat_id, username }) => this.#types(String(chat_id), String(username)));
    this.#listen('READ', ({ chat_id, username, seq }) =>
      this.#wasRead(String(chat_id), String(username), Number(seq)),
    );
    this.#listen('REMOVED', ({ group_id }) => this.#left(`#${group_id}`));
    this.#listen('JOINED', () => void this.refresh());
    this.#listen('INVITED', ({ group_id, by }) => {
      this.say(`${by} invites you to ${group_id}: join it by its name.`);
    });
  }

  onChange = (listener: () => void) => added(this.#listeners, listener);
  onOnline = (listener: () => void) => added(this.#onlines, listener);
  onEnd = (listener: (reason: string) => void) => added(this.#ends, listener);

  /** The newest first. */
  get list(): Row[] {
    return [...this.rows.values()].sort((one, other) => (other.lastAt ?? '').localeCompare(one.lastAt ?? ''));
  }

  get open(): Row | undefined {
    return this.rows.get(this.openId);
  }

  entriesOf = (id: string): Entries => {
    const entries = this.#entries.get(id) ?? new Entries();
    this.#entries.set(id, entries);
    return entries;
  };

  /** What is on its way to a chat, or has failed. */
  sendingsOf({ kind, name }: Row): Sending[] {
    return this.chat.sendings.filter(
      ({ to, status }) => status !== 'sent' && (kind === 'group' ? isGroup(to, name) : to === name),
    );
  }

  typingIn(id: string): string[] {
    return [...(this.#typing.get(id)?.keys() ?? [])];
  }

  /** Reads the list of chats anew. */
  async refresh(): Promise<void> {
    await this.#try(async () => {
      for (const summary of await this.chat.chats()) this.#summarize(summary);
      if (this.open) await this.#lookAt(this.open);
    });
  }

  async show(id: string): Promise<void> {
    this.openId = id;
    this.people = [];
    this.notice = '';
    this.#changed();
    const row = this.open;
    if (!row) return;
    if (this.entriesOf(id).first === undefined) await this.older(id);
    this.markRead();
    await this.#lookAt(row);
  }

  /** Reads what is before the first message that is shown. */
  async older(id: string): Promise<void> {
    const row = this.rows.get(id);
    const entries = this.entriesOf(id);
    if (!row || entries.isWhole || row.lastSeq === 0) return;
    await this.#try(async () => {
      const page = await this.chat.history(refOf(row), { before: entries.first, limit: PAGE });
      for (const entry of page) entries.add(entry as Entry);
      entries.isWhole = page.length === 0 || page[0]?.seq === 1;
    });
  }

  /** Begins to talk to a user, whether there was a chat before or not. */
  talkTo(name: string): void {
    const id = [this.chat.username, name].sort().join(':');
    if (!this.rows.has(id)) this.rows.set(id, { id, kind: 'private', name, ...nothingRead });
    void this.show(id);
  }

  /** @returns whether it worked */
  async enterGroup(name: string, isNew: boolean): Promise<boolean> {
    return this.#try(async () => {
      await (isNew ? this.chat.createGroup(name) : this.chat.joinGroup(name));
      await this.refresh();
      const id = `#${name}`;
      if (!this.rows.has(id)) this.rows.set(id, { id, kind: 'group', name, ...nothingRead });
      await this.show(id);
    });
  }

  async leave({ name, id }: Row): Promise<void> {
    if (await this.#try(() => this.chat.leaveGroup(name))) this.#left(id);
  }

  send(row: Row, content: string): void {
    this.chat.send(row.kind === 'group' ? { group: row.name } : row.name, content);
    this.#changed();
  }

  async edit(row: Row, seq: number, content: string): Promise<void> {
    await this.#change(row, seq, { type: 'edit_message', content }, { content, edited: now() });
  }

  async remove(row: Row, seq: number): Promise<void> {
    await this.#change(row, seq, { type: 'delete_message' }, { content: '', deleted: now() });
  }

  /** Tells the others, at most once in three seconds. */
  types(row: Row): void {
    // A clock that is never set.
    const since = performance.now() - this.#saidTyping;
    if (since < TYPING_EVERY_MS || row.lastSeq === 0) return;
    this.#saidTyping = performance.now();
    this.#ask({ type: 'typing', chat: row.id }).catch(() => {});
  }

  /** What is shown has been read, if somebody looks. */
  markRead(): void {
    const row = this.open;
    if (!row || row.unread === 0 || document.hidden) return;
    this.rows.set(row.id, afterRead(row, row.lastSeq));
    this.#changed();
    this.#ask({ type: 'mark_read', chat: row.id, seq: row.lastSeq }).catch(() => {});
  }

  say(notice: string): void {
    this.notice = notice;
    this.#changed();
  }

  #summarize(summary: ChatSummary): void {
    const { chat_id: id, kind, name, last_timestamp, partner_read } = summary;
    const known = this.rows.get(id);
    const lastAt = last_timestamp ?? known?.lastAt;
    this.rows.set(id, { ...known, ...{ id, kind, name, lastAt }, ...afterSummary(known, summary) });
    if (partner_read !== undefined) this.#partnerRead(id, partner_read);
  }

  #came(message: Entry): void {
    const { chat_id: id, sender, timestamp: lastAt } = message;
    const lastText = message.deletes === undefined ? message.content : 'Deleted';
    this.entriesOf(id).add(message);
    const me = this.chat.username;
    const row = this.rows.get(id) ?? { ...chatOf(message, me), id, ...nothingRead };
    this.rows.set(id, { ...afterMessage(row, message, me), lastAt, lastText });
    this.#typing.get(id)?.delete(sender);
    if (id === this.openId) this.markRead();
    this.#changed();
  }

  #left(id: string): void {
    this.rows.delete(id);
    this.#entries.delete(id);
    if (id === this.openId) this.openId = '';
    this.#changed();
  }

  #types(id: string, username: string): void {
    const typing = this.#typing.get(id) ?? new Map<string, number>();
    this.#typing.set(id, typing);
    clearTimeout(typing.get(username));
    const stop = () => {
      typing.delete(username);
      this.#changed();
    };
    typing.set(username, window.setTimeout(stop, TYPING_MS));
    this.#changed();
  }

  #wasRead(id: string, username: string, seq: number): void {
    const row = this.rows.get(id);
    if (username !== this.chat.username) this.#partnerRead(id, seq);
    else if (row) this.rows.set(id, afterRead(row, seq));
    this.#changed();
  }

  #partnerRead(id: string, seq: number): void {
    this.readBy.set(id, Math.max(seq, this.readBy.get(id) ?? 0));
  }

  /** Who is in the open chat, and who of them is there. */
  async #lookAt(row: Row): Promise<void> {
    const ask =
      row.kind === 'group'
        ? this.#ask({ type: 'list_members', group_id: row.name }).then(({ members }) => members)
        : this.#ask({ type: 'presence', usernames: [row.name] }).then(({ users }) => users);
    const people = (await ask.catch(() => [])) as {
      username: string;
      online?: boolean;
      last_seen?: string;
    }[];
    if (this.openId !== row.id) return;
    this.people = people.map(({ username, online, last_seen }) => ({
      username,
      online: online === true,
      lastSeen: last_seen,
    }));
    this.#changed();
  }

  async #change(row: Row, seq: number, request: object, shown: Partial<Entry>): Promise<void> {
    await this.#try(async () => {
      await this.#ask({ ...request, chat: row.id, seq });
      const entry = this.entriesOf(row.id).list.find((each) => each.seq === seq);
      if (entry) this.entriesOf(row.id).add({ ...entry, ...shown } as Entry);
    });
  }

  #ask(request: object): Promise<Record<string, unknown>> {
    return this.chat.request(request as never) as Promise<Record<string, unknown>>;
  }

  #listen(type: string, listener: (frame: Record<string, unknown>) => void): void {
    this.chat.on(type as never, listener as never);
  }

  /** What fails is shown. */
  async #try(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      this.notice = error instanceof RequestError ? error.message : String(error);
      return false;
    } finally {
      this.#changed();
    }
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

const now = () => new Date().toISOString();

const isGroup = (to: Sending['to'], name: string) => typeof to !== 'string' && to.group === name;

const refOf = ({ kind, name }: Row): ChatRef => (kind === 'group' ? { group: name } : { user: name });

/** Whose chat a message is of. */
function chatOf(message: Entry, me: string): Pick<Row, 'kind' | 'name'> {
  if ('group_id' in message) return { kind: 'group', name: message.group_id };
  return { kind: 'private', name: message.sender === me ? message.recipient : message.sender };
}

const ends: Partial<Record<Code, string>> = {
  closed: '',
  logged_out: '',
  invalid_credentials: 'No such user, or not their password.',
  session_ended: 'Your session has ended. Log in again.',
  password_changed: 'Your password was changed on another device. Log in with the new one.',
  logged_out_everywhere: 'You were logged out everywhere, on another device.',
  erased: 'An administrator has removed this user.',
};

const endOf = (reason: Code = 'closed'): string => ends[reason] ?? `Closed: ${reason}.`;

function added<T>(set: Set<T>, each: T): () => void {
  set.add(each);
  return () => set.delete(each);
}
