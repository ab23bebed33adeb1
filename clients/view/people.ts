import { type Chat, RequestError } from '../sdk/chat.ts';
import type { Profiles } from '../sdk/profiles.ts';
import { Invitees } from './invitees.ts';
import { lastBefore, PROVIDED, REGISTERED } from './last-before.ts';
import type { Row } from './view.ts';

/** A member of a group or a partner, with the known presence. */
export interface Person {
  username: string;
  online: boolean;
  lastSeen?: string;
  /** No user has this name. */
  unknown?: boolean;
  role?: 'owner' | 'member';
}

type PeopleChat = Pick<Chat, 'request' | 'state' | 'username' | 'userIdOf'>;

/** Milliseconds for which presence counts as known. */
export const PRESENCE_AGE = 30_000;
/** Milliseconds after which an open list of members is read again. */
export const WATCH_MS = 10_000;

/**
 * Who is in the open chat: the partner, or the group's members by name, page by page, with what its owner has set and may
 * do. What fails is thrown as a `RequestError`; what only refreshes fails silently, and is tried again.
 */
export class People {
  /** Without gaps from the first member on. */
  list: readonly Person[] = [];
  /** How many members the group has; undefined until it is known. */
  count: number | undefined;
  owner: string | undefined;
  inviteOnly = false;
  /** What the group is about. */
  topic = '';
  readonly invitees: Invitees;
  #row: Pick<Row, 'id' | 'kind' | 'name'> | undefined;
  #next: { after: string } | undefined;
  #more: Promise<void> | undefined;
  /** The first member in sight, if it is not the first of all. */
  #from: Person | undefined;
  /** When a member was read. */
  readonly #read = new WeakMap<Person, number>();
  readonly #chat: PeopleChat;
  readonly #profiles: Pick<Profiles, 'groups' | 'setGroup'>;
  readonly #changed: () => void;
  readonly #now: () => number;

  /** @param changed something is known that was not @param now milliseconds of a clock that is never set */
  constructor(
    chat: PeopleChat,
    profiles: Pick<Profiles, 'groups' | 'setGroup'>,
    changed: () => void,
    now: () => number,
  ) {
    this.#chat = chat;
    this.#profiles = profiles;
    this.#changed = changed;
    this.#now = now;
    this.invitees = new Invitees(chat, changed);
  }

  /** Whether the group has members that are not read yet. */
  get hasMore(): boolean {
    return this.#next !== undefined;
  }

  /** Whether this user owns the open group. */
  get isOwner(): boolean {
    return this.owner !== undefined && this.owner === this.#chat.username;
  }

  /** Who is shown: members and invitees. */
  get usernames(): readonly string[] {
    return [...this.list.map(({ username }) => username), ...this.invitees.list];
  }

  /** Whether nothing speaks against a user being in the open chat. */
  knows(username: string): boolean {
    return this.hasMore || this.has(username) || this.#row?.kind === 'private';
  }

  /** Whether a user is known to be in the open chat. */
  has(username: string): boolean {
    return this.list.some((each) => each.username === username);
  }

  /** Follows another chat, or none. */
  follow(row?: Pick<Row, 'id' | 'kind' | 'name'>): void {
    if (row && row.id === this.#row?.id) return;
    this.#row = row && { id: row.id, kind: row.kind, name: row.name };
    this.list = [];
    this.count = this.owner = this.#next = this.#from = undefined;
    this.inviteOnly = false;
    this.topic = '';
    this.invitees.follow(row?.kind === 'group' ? row.name : undefined);
  }

  /** Reads who is there, the first page. @throws RequestError */
  async read(): Promise<void> {
    await this.#load('');
  }

  /** Reads again who is there, as far as it is in sight. */
  async refresh(): Promise<void> {
    const row = this.#row;
    if (!row) return;
    const from = this.#from;
    await Promise.all([
      this.#load('').catch(() => {}),
      from && this.#load(this.#before(from)).catch(() => {}),
      row.kind === 'group' && this.#readTopic(row),
    ]);
  }

  /** Reads the next page of members, once at a time. */
  async more(): Promise<void> {
    const after = this.#next?.after;
    if (after === undefined) return;
    this.#more ??= this.#load(after).finally(() => {
      this.#more = undefined;
    });
    await this.#more;
  }

  /** The members from this one on are in sight: reads those again whose presence is not known any more. */
  async see(index: number): Promise<void> {
    const person = this.list[index];
    this.#from = index > 0 ? person : undefined;
    if (!person || this.#now() - (this.#read.get(person) ?? 0) < PRESENCE_AGE) return;
    await this.#load(this.#before(person)).catch(() => {});
  }

  /** The first members whose ids begin like this, of all that the group has. */
  async find(text: string): Promise<readonly Person[]> {
    const [group_id, start] = [this.#group().name, this.#chat.userIdOf(text)];
    const ids = this.#chat.userIdOf('A') === 'A' ? PROVIDED : REGISTERED;
    if (start === '' || [...start].some((each) => !ids.characters.includes(each))) return [];
    const after = lastBefore(start, ids);
    const { members } = await this.#chat.request({
      type: 'list_members',
      group_id,
      ...(after && { after }),
    });
    return members.filter(({ username }) => username.startsWith(start));
  }

  async invite(username: string): Promise<void> {
    const row = this.#group();
    await this.#chat.request({ type: 'invite', group_id: row.name, username });
    if (this.#row?.id === row.id && !this.has(username)) this.invitees.add(username);
  }

  async remove(username: string): Promise<void> {
    const row = this.#group();
    await this.#chat.request({ type: 'remove_member', group_id: row.name, username });
    if (this.#row?.id !== row.id) return;
    this.list = this.list.filter((each) => each.username !== username);
    this.#changed();
    await this.refresh();
  }

  /** Takes an invitation back. @returns whether they have joined meanwhile, and stay */
  async withdraw(username: string): Promise<boolean> {
    const row = this.#group();
    const request = { type: 'remove_member', group_id: row.name, username, only: 'invited' } as const;
    const hasJoined = await this.#chat.request(request).then(
      () => false,
      (error: unknown) => {
        if (error instanceof RequestError && error.code === 'already_a_member') return true;
        throw error;
      },
    );
    if (this.#row?.id !== row.id) return hasJoined;
    this.invitees.remove(username);
    if (hasJoined) await this.refresh();
    return hasJoined;
  }

  /**
   * Reads again and again who is there, as nobody is told who joins or leaves; for the owner also who is invited.
   * @param isAway whether nobody looks at the page @returns stops
   */
  watch(isAway: () => boolean): () => void {
    const look = async () => {
      await this.refresh();
      if (this.isOwner) await this.invitees.refresh().catch(() => {});
    };
    void look();
    // Without a connection, requests would wait and go out all at once when there is one.
    const timer = setInterval(() => this.#chat.state === 'online' && !isAway() && void look(), WATCH_MS);
    return () => clearInterval(timer);
  }

  /** Makes another member the owner. */
  async handOver(username: string): Promise<void> {
    const row = this.#group();
    await this.#chat.request({ type: 'set_owner', group_id: row.name, username });
    if (this.#row?.id !== row.id) return;
    this.owner = username;
    this.#changed();
  }

  async setInviteOnly(inviteOnly: boolean): Promise<void> {
    const row = this.#group();
    await this.#chat.request({ type: 'update_group', group_id: row.name, invite_only: inviteOnly });
    if (this.#row?.id !== row.id) return;
    this.inviteOnly = inviteOnly;
    this.#changed();
  }

  /** Sets what the group is called, what it is about, and the address of its picture; what is absent stays. */
  async describe(about: { title?: string; topic?: string; avatar_url?: string }): Promise<void> {
    const row = this.#group();
    await this.#profiles.setGroup(row.name, about);
    await this.#readTopic(row);
  }

  async #load(after: string): Promise<void> {
    const row = this.#row;
    if (!row) return;
    if (row.kind === 'private') {
      const { users } = await this.#chat.request({ type: 'presence', usernames: [row.name] });
      if (this.#row !== row) return;
      this.list = users.map(({ last_seen: lastSeen, ...each }) => ({ ...each, lastSeen }));
    } else {
      const { members, next, count, owner, invite_only } = await this.#chat.request({
        type: 'list_members',
        group_id: row.name,
        ...(after && { after }),
      });
      if (this.#row !== row) return;
      for (const each of members) this.#read.set(each, this.#now());
      const behind = next ? this.list.filter(({ username }) => username > next.after) : [];
      if (behind.length === 0) this.#next = next;
      this.list = [...this.list.filter(({ username }) => username <= after), ...members, ...behind];
      // A service that is older says none of it.
      this.count = count ?? (this.hasMore ? undefined : this.list.length);
      this.owner = owner ?? this.list.find(({ role }) => role === 'owner')?.username;
      this.inviteOnly = invite_only === true;
    }
    this.#changed();
  }

  #before(person: Person): string {
    return this.list[this.list.findIndex(({ username }) => username === person.username) - 1]?.username ?? '';
  }

  async #readTopic(row: Pick<Row, 'id' | 'name'>): Promise<void> {
    const groups = await this.#profiles.groups([row.name]).catch(() => undefined);
    if (groups && this.#row?.id === row.id) this.topic = groups.get(row.name)?.topic ?? '';
    this.#changed();
  }

  #group(): Pick<Row, 'id' | 'name'> {
    if (this.#row?.kind !== 'group') throw new Error('No group is open.');
    return this.#row;
  }
}
