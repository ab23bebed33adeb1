import { groupOf } from '../../protocol/index.ts';
import type { Handed, Inbox, Member, OverflowPointer } from '../model.ts';
import type { Inboxes, Members, Overflow } from '../ports.ts';

/** The ports of `PendingPointers`. */
export interface PointerPorts {
  inboxes: Inboxes;
  overflow: Overflow;
  members: Members;
}

/** The connection that may acknowledge, and its login id in the inbox. */
export interface Login {
  username: string;
  connectionId: string;
  login: string;
}

// Pointers in one page of the overflow. With names each has at most 217 bytes, so a page costs 14 read units; with ids of 128
// characters from an identity provider it is 31.
const PAGE = 250;
// Sorts after the ids of all groups; few private chats have ids that sort before it.
const BEHIND_GROUPS = '$';
// Concurrent calls.
const WIDTH = 25;

/** A user's pointers: those in the inbox, and those in the overflow that have been read. */
export class PendingPointers {
  readonly #ports: PointerPorts;
  readonly #by: Login;
  readonly #inbox: Map<string, number>;
  #pointers: OverflowPointer[] = [];
  /** The overflow's id, as long as it is in the inbox. */
  #overflow: string | undefined;
  #last: OverflowPointer | undefined;
  #more = false;
  /** Some pointers must stay, so the overflow id must stay as well. */
  #kept = false;
  /** The groups in which this login has marked the user back. */
  readonly #back = new Set<string>();
  /** Whether the inbox must still learn that this is so in all groups of its pointers. */
  #backUnsaid = false;
  /** Whether the inbox may have pointers that are not known here: left out, or moved from the overflow by another login. */
  readonly #isPart: boolean;

  private constructor(ports: PointerPorts, by: Login, { pending, overflow }: Inbox, isPart: boolean) {
    this.#ports = ports;
    this.#by = by;
    this.#inbox = new Map(pending);
    this.#overflow = overflow;
    this.#isPart = isPart || overflow !== undefined;
  }

  /**
   * Reads the first page of the overflow, if there is any.
   * @param isPart whether some pointers of the inbox are left out
   */
  static async read(ports: PointerPorts, by: Login, inbox: Inbox, isPart = false): Promise<PendingPointers> {
    const pointers = new PendingPointers(ports, by, inbox, isPart);
    await pointers.readOn();
    return pointers;
  }

  /** Chat → the first pending seq, ordered by chat id. */
  get pending(): ReadonlyMap<string, number> {
    const all = new Map(this.#inbox);
    for (const { chat, from } of this.#pointers) all.set(chat, Math.min(from, all.get(chat) ?? from));
    return new Map([...all].sort(([one], [other]) => (one < other ? -1 : 1)));
  }

  /** The chat up to which all pointers have been read; absent if all have been. */
  get upTo(): string | undefined {
    return this.#more ? this.#last?.chat : undefined;
  }

  /** Reads the next page of the overflow. */
  async readOn(): Promise<void> {
    if (this.#overflow === undefined) return;
    const { username } = this.#by;
    const { pointers, more } = await this.#ports.overflow.page(username, this.#overflow, PAGE, this.#last);
    this.#pointers.push(...pointers);
    this.#last = pointers.at(-1) ?? this.#last;
    this.#more = more;
  }

  /** Reads on until the pointers of all groups have been read. */
  async readGroups(): Promise<void> {
    while (this.upTo !== undefined && this.upTo < BEHIND_GROUPS) await this.readOn();
  }

  /**
   * Marks the user back in groups, before the log is read: the sender of anything later checks the inbox again. No sender
   * can still write an away note that relies on a pointer of theirs which exists now, so this login may remove them.
   * @returns the rows of the groups that the user is in
   */
  async markBack(groups: readonly string[]): Promise<Member[]> {
    const { username, login } = this.#by;
    const inOverflow = new Set(this.#pointers.map(({ chat }) => chat));
    const rows = await inBatches(groups, (chat) =>
      this.#ports.members.markBack(chat, username, inOverflow.has(chat) ? login : undefined),
    );
    for (const chat of groups) this.#back.add(chat);
    this.#backUnsaid ||= groups.length > 0;
    return rows.flatMap((row) => row ?? []);
  }

  /**
   * Keeps the pointers of groups, up to this one, in which this login has not marked the user back: their senders may
   * still be about to write an away note. Where the user has left, no note can be written.
   */
  async keepOthers(upTo: string): Promise<void> {
    await this.#keepOthersOf(this.#pointers.filter(({ chat }) => chat <= upTo));
  }

  async #keepOthersOf(pointers: readonly OverflowPointer[]): Promise<void> {
    const { username, login } = this.#by;
    const chats = new Set(pointers.map(({ chat }) => chat));
    const groups = [...chats].filter((chat) => groupOf(chat) !== undefined && !this.#back.has(chat));
    if (groups.length === 0) return;
    const rows = await this.#ports.members.getMany(groups.map((chat) => ({ chat, username })));
    const others = new Set(rows.filter(({ backBy }) => backBy !== login).map(({ chat }) => chat));
    for (const chat of groups) if (!others.has(chat)) this.#back.add(chat);
    this.#kept ||= others.size > 0;
    this.#pointers = this.#pointers.filter(({ chat }) => !others.has(chat));
  }

  /**
   * Removes pointers or moves them forward, if the inbox still lists the connection with this login id; with the last
   * pointer of the overflow, its id. If pointers of groups remain, a login notes that it has marked the user back in them,
   * so that its client's `sync` may remove these. One update of the inbox decides all of it: it takes in moved pointers, and only then are
   * pointers deleted from the overflow. These were written while nobody was connected, so before this login.
   * @returns false if the inbox doesn't list the connection with this login id any more
   */
  async acknowledge(handed: readonly Handed[]): Promise<boolean> {
    const { username, connectionId, login } = this.#by;
    const ends = new Map(handed.map(({ chat, to }) => [chat, to ?? Number.POSITIVE_INFINITY]));
    const isDelivered = ({ chat, from }: OverflowPointer) => from < (ends.get(chat) ?? 0);
    await this.#keepOthersOf(this.#pointers.filter(isDelivered));
    const delivered = this.#pointers.filter(isDelivered);
    const remaining = this.#pointers.filter((pointer) => !isDelivered(pointer));
    const updates = handed.flatMap((each): Handed[] => {
      if (this.#inbox.has(each.chat)) return [each];
      const moves = each.to !== undefined && delivered.some(({ chat }) => chat === each.chat);
      return moves ? [{ ...each, instead: true }] : [];
    });
    const isLast = this.#overflow !== undefined && !this.#more && !this.#kept && remaining.length === 0;
    const isBack = this.#backUnsaid && this.#isBackInRest(updates);
    if (updates.length === 0 && delivered.length === 0 && !isLast && !isBack) return true;
    const { inboxes, overflow } = this.#ports;
    if (
      !(await inboxes.ackPending(
        username,
        connectionId,
        login,
        updates,
        isLast ? 'and the overflow' : undefined,
        isBack ? 'and is back' : undefined,
        this.#isLeft(updates) ? undefined : 'and nothing is left',
      ))
    )
      return false;
    for (const { chat, to } of updates) {
      if (to === undefined) this.#inbox.delete(chat);
      else this.#inbox.set(chat, to);
    }
    if (isLast) this.#overflow = undefined;
    if (isBack) this.#backUnsaid = false;
    this.#pointers = remaining;
    await inBatches(delivered, (pointer) => overflow.remove(username, pointer));
    return true;
  }

  /** Whether the inbox keeps pointers of groups after these updates, and the user is marked back in all of them. */
  #isBackInRest(updates: readonly Handed[]): boolean {
    const groups = this.#keptAfter(updates).filter((chat) => groupOf(chat) !== undefined);
    return groups.length > 0 && groups.every((chat) => this.#back.has(chat));
  }

  /** Whether the inbox has pointers after these updates, as far as is known: another login may have put one back. */
  #isLeft(updates: readonly Handed[]): boolean {
    return this.#isPart || this.#keptAfter(updates).length > 0;
  }

  /** The chats of the pointers that the inbox keeps after these updates. */
  #keptAfter(updates: readonly Handed[]): string[] {
    const done = new Set(updates.filter(({ to }) => to === undefined).map(({ chat }) => chat));
    return [...this.#inbox.keys(), ...updates.map(({ chat }) => chat)].filter((chat) => !done.has(chat));
  }
}

/** Calls `each` for all, a batch at a time, so that a user with many chats leaves sockets and throughput to others. */
async function inBatches<T, R>(all: readonly T[], each: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let index = 0; index < all.length; index += WIDTH)
    results.push(...(await Promise.all(all.slice(index, index + WIDTH).map(each))));
  return results;
}
