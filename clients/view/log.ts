import { changedBy, targetOf } from '../sdk/changes.ts';
import type { Message } from '../sdk/chat.ts';

/** Messages ordered by `seq`, with edits and deletions applied, and the last change of each by the message's `seq`. */
interface Merged {
  messages: readonly Message[];
  /** A change may arrive before its message. */
  changes: ReadonlyMap<number, Message>;
}

/** What was added to a log, in the order of arrival. */
interface Added {
  to: Log;
  entries: readonly Message[];
}

/**
 * The current messages of one chat. A log never changes: `with` returns another one. What was added is merged when the
 * messages are asked for, all at once, so that thousands of entries that arrive one by one are not copied each time.
 */
export class Log {
  /** Whether the first message is the beginning of the chat. */
  readonly isWhole: boolean;
  /** The seq of the first known entry, including changes. */
  readonly first: number | undefined;
  /** The seq of the last known entry, including changes. */
  readonly last: number | undefined;
  /** The newest messages, if some that are not loaded are between these and them. Both have all that is between their ends. */
  readonly ahead: Log | undefined;
  #merged: Merged | undefined;
  #added: Added | undefined;

  constructor(added?: Added, isWhole = false, ahead = added?.to.ahead) {
    let { first, last } = added?.to ?? {};
    for (const entry of added?.entries ?? []) {
      const { seq } = entry;
      // A change beyond the gap, of a message on this side.
      if (ahead && targetOf(entry) !== undefined) continue;
      first = Math.min(first ?? seq, seq);
      last = Math.max(last ?? seq, seq);
    }
    this.first = first;
    this.last = last;
    this.isWhole = isWhole || added?.to.isWhole === true || first === 1;
    this.ahead = ahead;
    this.#added = added;
    if (!added) this.#merged = { messages: [], changes: new Map() };
  }

  /** Adds entries. One that is known already stays as it is. @param isWhole whether nothing is before them */
  with(entries: readonly Message[], isWhole = false): Log {
    return new Log({ to: this, entries }, isWhole);
  }

  /** The part that has the newest messages. */
  get newest(): Log {
    return this.ahead ?? this;
  }

  /** All messages that are known, on both sides of a gap. */
  get known(): readonly Message[] {
    return this.ahead ? [...this.messages, ...this.ahead.messages] : this.messages;
  }

  /** Adds an entry that was delivered: it follows the newest. */
  delivered(entry: Message): Log {
    if (!this.ahead) return this.with([entry]);
    const changes = targetOf(entry) === undefined ? [] : [entry];
    return new Log({ to: this, entries: changes }, false, this.ahead.with([entry]));
  }

  /** Adds a page that ends before a seq, or without one at the newest message; one that is out of place is left out. */
  withBefore(before: number | undefined, page: readonly Message[]): Log {
    const { ahead, first, last } = this;
    const end = before ?? Number.POSITIVE_INFINITY;
    const isNext = first === undefined || (first <= end && (!ahead || end <= (last ?? 0) + 1));
    return isNext ? this.with(page, page.length === 0) : this;
  }

  /** Adds a page that begins after a seq, up to the newest messages; one that is out of place is left out. */
  withAfter(after: number, page: readonly Message[]): Log {
    if (!this.ahead || after !== this.last) return this;
    return this.with(page).#joined(page.length === 0);
  }

  /** A page in the middle of the chat, with the newest messages ahead of it. */
  around(page: readonly Message[]): Log {
    if (page.length === 0) return this;
    const { newest } = this;
    const bare = new Log();
    bare.#merged = { messages: [], changes: newest.#merge().changes };
    return new Log({ to: bare, entries: page }, false, newest).#joined();
  }

  /** Without a gap, if nothing is between both parts. */
  #joined(isAll = false): Log {
    const { ahead, last = 0, messages, isWhole } = this;
    if (!ahead || (!isAll && last + 1 < (ahead.first ?? 0))) return this;
    return ahead.with(messages, isWhole);
  }

  /** Ordered by `seq`. */
  get messages(): readonly Message[] {
    return this.#merge().messages;
  }

  #merge(): Merged {
    if (this.#merged) return this.#merged;
    const entries: (readonly Message[])[] = [];
    let start: Log = this;
    while (start.#added && !start.#merged) {
      entries.push(start.#added.entries);
      start = start.#added.to;
    }
    this.#merged = merged(start.#merge(), entries.reverse().flat());
    // What it was merged from is not needed any more.
    this.#added = undefined;
    return this.#merged;
  }
}

export const emptyLog = new Log();

/** The index of the first message after a seq, in messages that are ordered by it. */
export function indexAfter(messages: readonly Pick<Message, 'seq'>[], seq: number): number {
  let [low, high] = [0, messages.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((messages[middle]?.seq ?? 0) <= seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

function merged({ messages, changes }: Merged, entries: readonly Message[]): Merged {
  const changed = withChanges(changes, entries);
  const all = withMessages(messages, entries);
  if (changed === changes && all === messages) return { messages, changes };
  const result = all === messages ? [...messages] : all;
  // A known message has its earlier changes already; a new one may have been changed before it came.
  const targets =
    all === messages ? entries.map(targetOf) : entries.map((entry) => targetOf(entry) ?? entry.seq);
  for (const target of targets) {
    const change = target === undefined ? undefined : changed.get(target);
    if (target === undefined || change === undefined) continue;
    const index = indexAfter(result, target) - 1;
    const message = result[index];
    if (message?.seq === target) result[index] = changedBy(message, change);
  }
  return { messages: result, changes: changed };
}

function withChanges(changes: ReadonlyMap<number, Message>, entries: readonly Message[]) {
  let all: Map<number, Message> | undefined;
  for (const entry of entries) {
    const target = targetOf(entry);
    if (target === undefined) continue;
    const known = (all ?? changes).get(target);
    // A deletion is final, in whatever order changes arrive.
    const isOld = known !== undefined && entry.deletes === undefined && known.seq >= entry.seq;
    if (known?.deletes !== undefined || isOld) continue;
    all ??= new Map(changes);
    all.set(target, entry);
  }
  return all ?? changes;
}

/** @returns the same array if nothing is new */
function withMessages(messages: readonly Message[], entries: readonly Message[]): Message[] {
  const added = entries.filter((entry) => targetOf(entry) === undefined);
  if (added.some(({ seq }, index) => seq < (added[index - 1]?.seq ?? 0)))
    added.sort((one, other) => one.seq - other.seq);
  const [first, last] = [added[0]?.seq, added.at(-1)?.seq];
  if (first === undefined || last === undefined) return messages as Message[];
  // What is before and after all of them is copied as a whole.
  const [start, end] = [indexAfter(messages, first - 1), indexAfter(messages, last)];
  const among: Message[] = [];
  let at = start;
  for (const entry of added) {
    for (; at < end && (messages[at]?.seq ?? 0) <= entry.seq; at++) among.push(messages[at] as Message);
    if (among.at(-1)?.seq !== entry.seq) among.push(entry);
  }
  const result = messages.slice(0, start).concat(among, messages.slice(end));
  return result.length === messages.length ? (messages as Message[]) : result;
}
