import { groupOf } from '../chat-id.ts';
import type { Handed, Inbox, OverflowPointer } from '../model.ts';
import type { Inboxes, Overflow } from '../ports.ts';

/** What settling needs. */
export interface PointerPorts {
  inboxes: Inboxes;
  overflow: Overflow;
}

/** The connection that may settle, and the mark that its login left in the inbox. */
export interface Login {
  username: string;
  connectionId: string;
  mark: string;
}

// Pointers of the overflow in one page. Each is 203 bytes at most, so that a page is 13 read units.
const PAGE = 250;
// Writes at once.
const WIDTH = 25;

/** What a user is owed: by the pointers in the inbox, and by those in the overflow, as far as they have been read. */
export class PendingPointers {
  readonly #ports: PointerPorts;
  readonly #by: Login;
  readonly #inbox: Map<string, number>;
  #pointers: OverflowPointer[] = [];
  /** The overflow's id, as long as it is in the inbox. */
  #overflow: string | undefined;
  #last: OverflowPointer | undefined;
  #more = false;
  /** Some pointers are not this login's to remove. */
  #kept = false;

  private constructor(ports: PointerPorts, by: Login, { pending, overflow }: Inbox) {
    this.#ports = ports;
    this.#by = by;
    this.#inbox = new Map(pending);
    this.#overflow = overflow;
  }

  /** Reads the first page of the overflow, if there is any. */
  static async read(ports: PointerPorts, by: Login, inbox: Inbox): Promise<PendingPointers> {
    const pointers = new PendingPointers(ports, by, inbox);
    await pointers.readOn();
    return pointers;
  }

  /** Chat → the first seq that is owed, in the order of the chats' ids. */
  get pending(): ReadonlyMap<string, number> {
    const all = new Map(this.#inbox);
    for (const { chat, from } of this.#pointers) all.set(chat, Math.min(from, all.get(chat) ?? from));
    return new Map([...all].sort(([one], [other]) => (one < other ? -1 : 1)));
  }

  /** The chat up to which all that is owed has been read; absent if it is everything. */
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

  /** Reads on until all groups that are owed are known: their ids come before those of private chats. */
  async readGroups(): Promise<void> {
    while (this.upTo !== undefined && groupOf(this.upTo) !== undefined) await this.readOn();
  }

  /**
   * Puts one pointer of this login's own in place of those of each group: the member rows of these have had their turn,
   * so nobody notes there that the user is away on the strength of a pointer that goes off now.
   */
  async adoptGroups(): Promise<void> {
    const { username, mark } = this.#by;
    const theirs = this.#pointers.filter(this.#isStrange);
    const own = theirs.map((pointer) => ({
      ...pointer,
      from: this.pending.get(pointer.chat) ?? 0,
      id: mark,
    }));
    const one = [...new Map(own.map((pointer) => [pointer.chat, pointer])).values()];
    await inTurns(one, (pointer) => this.#ports.overflow.add(username, pointer, 'instead'));
    await inTurns(theirs, (pointer) => this.#ports.overflow.remove(username, pointer));
    this.#pointers = [...this.#pointers.filter((pointer) => !this.#isStrange(pointer)), ...one];
  }

  /** Keeps the pointers of groups that came after the login had read them: their senders may not be through. */
  keepStrange(): void {
    const others = this.#pointers.filter((pointer) => !this.#isStrange(pointer));
    this.#kept = others.length < this.#pointers.length;
    this.#pointers = others;
  }

  #isStrange = ({ chat, id }: OverflowPointer): boolean =>
    groupOf(chat) !== undefined && id !== this.#by.mark;

  /**
   * Takes pointers off, or moves them on, if the connection is there since that very login; with the last of the overflow
   * its id. One update of the inbox decides on all of it: what moves on is in the inbox from then on, and pointers of the
   * overflow go after that. Whoever wrote these saw nobody connected, and so before that login: it still stood after they
   * were read.
   */
  async acknowledge(handed: readonly Handed[]): Promise<void> {
    const { username, connectionId, mark } = this.#by;
    const ends = new Map(handed.map(({ chat, to }) => [chat, to ?? Number.POSITIVE_INFINITY]));
    const isOver = ({ chat, from }: OverflowPointer) => from < (ends.get(chat) ?? 0);
    const over = this.#pointers.filter(isOver);
    const left = this.#pointers.filter((pointer) => !isOver(pointer));
    const those = handed.flatMap((each): Handed[] => {
      if (this.#inbox.has(each.chat)) return [each];
      const moves = each.to !== undefined && over.some(({ chat }) => chat === each.chat);
      return moves ? [{ ...each, instead: true }] : [];
    });
    const isLast = this.#overflow !== undefined && !this.#more && !this.#kept && left.length === 0;
    if (those.length === 0 && over.length === 0 && !isLast) return;
    const { inboxes, overflow } = this.#ports;
    if (
      !(await inboxes.ackPending(
        username,
        connectionId,
        mark,
        those,
        isLast ? 'and the overflow' : undefined,
      ))
    )
      return;
    for (const { chat, to } of those) {
      if (to === undefined) this.#inbox.delete(chat);
      else this.#inbox.set(chat, to);
    }
    if (isLast) this.#overflow = undefined;
    this.#pointers = left;
    await inTurns(over, (pointer) => overflow.remove(username, pointer));
  }
}

/** Does it for each, so many at once: one user's many chats leave sockets and throughput to others. */
export async function inTurns<T, R>(all: readonly T[], each: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let index = 0; index < all.length; index += WIDTH)
    results.push(...(await Promise.all(all.slice(index, index + WIDTH).map(each))));
  return results;
}
