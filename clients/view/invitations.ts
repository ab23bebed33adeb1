import { type Chat, RequestError } from '../sdk/chat.ts';
import { groupIdOf } from '../sdk/names.ts';
import { lastBefore, REGISTERED } from './last-before.ts';

/** To a group, by a user. */
export interface Invitation {
  group: string;
  by: string;
  /** When, in ISO 8601; absent if it has just come. */
  at?: string;
  /** The group's title, as it was when this was read. */
  title?: string;
}

/** The most recent invitations whose titles are asked for when they come; a page shows no more of them at first. */
export const MOST_RECENT = 3;

/**
 * The user's open invitations, newest first. Strangers may send thousands, so a connection reads one page, which the
 * service orders by group, and the user asks for more; what comes meanwhile is added on top.
 */
export class Invitations {
  list: readonly Invitation[] = [];
  readonly #chat: Pick<Chat, 'on' | 'request'>;
  readonly #changed: () => void;
  #next: { after: string } | undefined;
  /** For each page that is being read, the groups whose invitations came or went meanwhile: the page may be older. */
  readonly #meanwhile = new Set<Set<string>>();
  /** The groups whose titles were asked for. */
  readonly #asked = new Set<string>();
  #isAsking = false;
  readonly #listeners = new Set<(come: readonly Invitation[]) => void>();
  /** Whether the first page was read. */
  isRead = false;

  /** @param changed the list has changed */
  constructor(chat: Pick<Chat, 'on' | 'request'>, changed: () => void) {
    this.#chat = chat;
    this.#changed = changed;
    chat.on('INVITED', ({ group_id: group, by }) => {
      this.#touch(group);
      this.#put([{ group, by }, ...this.#without(group)]);
      this.#tell([{ group, by }]);
      void this.#askForTitles();
    });
    chat.on('UNINVITED', ({ group_id: group }) => this.settle(group));
    // Accepted or declined on another device.
    chat.on('JOINED', ({ group_id: group }) => this.settle(group));
    chat.on('LEFT', ({ group_id: group }) => this.settle(group));
    chat.on('state', ({ state }) => {
      // What failed is tried again with the next connection.
      if (state === 'online') this.refresh().catch(() => {});
    });
  }

  /** Whether there are invitations that are not read yet. */
  get hasMore(): boolean {
    return this.#next !== undefined;
  }

  /**
   * Tells which invitations have just come, newest first: while there is a connection, and, with the next one, those of the
   * time without. Not those that were open before the first connection. @returns stops
   */
  onCome(listener: (come: readonly Invitation[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Reads the first page, with those of the time when nobody listened. @throws RequestError */
  async refresh(): Promise<void> {
    this.#next = await this.#read('');
    this.isRead = true;
    this.#changed();
  }

  /** Reads the next page. @throws RequestError */
  async more(): Promise<void> {
    const from = this.#next;
    if (!from) return;
    const next = await this.#read(from.after);
    // Unless a new connection has begun again meanwhile.
    if (this.#next === from) this.#next = next;
    this.#changed();
  }

  /** @throws RequestError */
  async decline(group: string): Promise<void> {
    try {
      await this.#chat.request({ type: 'leave_group', group_id: group });
    } catch (error) {
      // It was withdrawn, or the group has ended: there is nothing to decline any more.
      const isGone = error instanceof RequestError && GONE.has(error.code);
      if (!isGone) throw error;
    }
    this.settle(group);
  }

  /** An invitation that was accepted or declined, or that doesn't hold any more. */
  settle(group: string): void {
    this.#touch(group);
    this.#put(this.#without(group));
  }

  /** @param chats the ids of all chats that the user is in */
  entered(chats: ReadonlySet<string>): void {
    const open = this.list.filter(({ group }) => !chats.has(groupIdOf(group)));
    if (open.length < this.list.length) this.#put(open);
  }

  /** Reads a page, which says all of the groups that it spans. @returns where the next begins */
  async #read(after: string): Promise<{ after: string } | undefined> {
    const touched = new Set<string>();
    this.#meanwhile.add(touched);
    try {
      const page = await this.#chat.request({ type: 'list_invitations', ...(after && { after }) });
      const end = page.next?.after;
      const found = page.invitations
        .map(({ group_id: group, timestamp: at, ...rest }) => ({ group, at, ...rest }))
        .filter(({ group }) => !touched.has(group));
      const others = this.list.filter(
        ({ group }) => touched.has(group) || group <= after || (end !== undefined && group > end),
      );
      const come = found.filter(({ group }) => this.#lacks(group));
      this.#put([...others, ...found].sort(newestFirst));
      this.#tell(come.sort(newestFirst));
      return page.next;
    } finally {
      this.#meanwhile.delete(touched);
    }
  }

  /** A push says no title, so those in sight are asked for, one after the other. */
  async #askForTitles(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    const wanted = () =>
      this.list.slice(0, MOST_RECENT).find(({ group, at }) => at === undefined && !this.#asked.has(group));
    for (let each = wanted(); each; each = wanted()) {
      this.#asked.add(each.group);
      await this.#read(lastBefore(each.group, REGISTERED)).catch(() => {});
    }
    this.#isAsking = false;
  }

  /** Whether there was no invitation to a group when this was read last. Of what no page has reached, nothing is known. */
  #lacks(group: string): boolean {
    const isKnown = this.isRead && (this.#next === undefined || group <= this.#next.after);
    return isKnown && !this.list.some((each) => each.group === group);
  }

  #tell(come: readonly Invitation[]): void {
    if (come.length > 0) for (const listener of this.#listeners) listener(come);
  }

  #touch(group: string): void {
    this.#asked.delete(group);
    for (const touched of this.#meanwhile) touched.add(group);
  }

  #without(group: string): Invitation[] {
    return this.list.filter((each) => each.group !== group);
  }

  #put(list: readonly Invitation[]): void {
    this.list = list;
    this.#changed();
  }
}

const GONE = new Set<string>(['not_a_member', 'unknown_group']);

/** What has just come is newer than all that was read. */
const newestFirst = ({ at: one = LATEST }: Invitation, { at: other = LATEST }: Invitation): number =>
  one < other ? 1 : one > other ? -1 : 0;

// Sorts after every timestamp.
const LATEST = '9999';
