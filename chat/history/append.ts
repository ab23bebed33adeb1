import { ChatError, limits } from '../../protocol/index.ts';
import { firstFor } from '../entries.ts';
import type { LogEntry, Member } from '../model.ts';
import type { History, Runtime } from '../ports.ts';
import { countsAfter } from './counts.ts';

/** An entry to append, and the key by which a repeat of it is recognised. */
export interface Draft {
  chat: string;
  sender: string;
  content: string;
  /** The sender's `client_message_id`. */
  key?: string;
  /** The last seq that the sender had when it first sent this. */
  after?: number;
  /** The generation of the group that the sender is in. */
  generation?: number;
  /** The seq of the message that it changes. */
  edits?: number;
  deletes?: number;
}

/** The draft of a member, or in a group. Entries of earlier groups with the same name are not searched for repeats. */
export const draftBy = (row: Pick<Member, 'generation' | 'first'>, draft: Draft): Draft => ({
  ...draft,
  generation: row.generation,
  after: draft.after === undefined ? undefined : Math.max(draft.after, firstFor(row) - 1),
});

/** The end of a log as it was read: the last entry, and the draft's own entry if it is already stored. */
export interface Tail {
  last: LogEntry | undefined;
  /** The first seq that was read. */
  first?: number;
  repeat?: LogEntry;
}

// Attempts without a pause. After losing that many, many writers compete, and each lost attempt costs a write unit.
const EAGER_ATTEMPTS = 3;
// A few seconds in all, with the pauses in between.
const MAX_ATTEMPTS = 20;

/**
 * Reads the end of a log: the last entry, and all slots in which a repeat of the draft could be, up to one query page
 * (1 MB).
 * @throws ChatError `too_far_back` with the seq to continue from; `bad_request` if another entry has the draft's key
 */
export async function readTail(history: History, draft: Draft): Promise<Tail> {
  if (draft.key === undefined) return { last: (await history.newest(draft.chat, 1)).at(-1) };
  if (draft.after === undefined) return tailOf(await history.newest(draft.chat, limits.retryWindow), draft);
  // Starts at `after` itself: if that slot is empty, appending after it would leave a hole.
  const page = await history.from(draft.chat, draft.after);
  const tail = tailOf(page.entries, draft);
  if (page.more && !tail.repeat) throw tooFarBack(tail.last?.seq ?? draft.after);
  return tail;
}

/** The draft is not in any slot up to `looked`, so the client can continue the search from there. */
const tooFarBack = (looked: number) =>
  new ChatError(
    'too_far_back',
    `The message was not found up to seq ${looked}, and there are more: send it again with "after_seq" ${looked}.`,
    { after: looked },
  );

/** The tail after reading all entries from a seq on, which others have written meanwhile. */
async function readOn(history: History, draft: Draft, from: number, known: Tail): Promise<Tail> {
  let tail = known;
  for (let seq = from, more = true; more && !tail.repeat; ) {
    const page = await history.from(draft.chat, seq);
    if (page.entries.length > 0) tail = tailOf(page.entries, draft);
    seq = (tail.last?.seq ?? seq) + 1;
    more = page.more;
  }
  return tail;
}

const tailOf = (entries: readonly LogEntry[], draft: Draft): Tail => ({
  last: entries.at(-1),
  first: entries[0]?.seq,
  repeat: repeatIn(entries, draft),
});

/** @throws ChatError `bad_request` if another entry has the draft's key */
export const repeatIn = (entries: readonly LogEntry[], draft: Draft): LogEntry | undefined =>
  entries.find((entry) => isRepeat(entry, draft));

/** @throws ChatError `bad_request` if another entry has the draft's key */
function isRepeat(entry: LogEntry, draft: Draft): boolean {
  if (draft.key === undefined || entry.key !== draft.key || entry.sender !== draft.sender) return false;
  // An earlier group with the same name: its entries are invisible in this one.
  if (entry.generation !== draft.generation) return false;
  if (entry.edits === draft.edits && entry.deletes === draft.deletes) return true;
  throw new ChatError(
    'bad_request',
    `You used this "client_message_id" for seq ${entry.seq}, which is a different request.`,
  );
}

/**
 * What a user who is in the group no more had stored before: a repeat of it is answered like the first, whose reply may have
 * been lost. Only its sender has the key, so it counts in whatever generation of the group it was. As anybody may ask,
 * it looks at few entries, and tells nothing of them.
 * @throws ChatError `bad_request` if another entry has the draft's key
 */
export async function storedBefore(history: History, draft: Draft): Promise<LogEntry | undefined> {
  const { chat, key, after } = draft;
  if (key === undefined) return undefined;
  const entries =
    after === undefined
      ? await history.newest(chat, limits.retryWindow)
      : (await history.from(chat, after, limits.retryWindow)).entries;
  return entries.find((entry) => isRepeat(entry, { ...draft, generation: entry.generation }));
}

/** @throws ChatError `bad_request` if `after` is beyond the end, where an append would leave a hole */
export function refuseBeyondEnd(draft: Draft, tail: Tail): void {
  if (draft.key !== undefined && (draft.after ?? 0) > 0 && tail.last === undefined) {
    throw new ChatError('bad_request', '"after_seq" is beyond the end of the chat.');
  }
}

/**
 * Appends the draft at the first free slot after the tail, or returns the entry that is already in the log. It reads
 * every slot on the way, so the second of two repeats always finds the first (docs/guarantees.md, the log).
 * @param id the attempt id: the returned entry has it if this call stored it
 * @throws ChatError `bad_request` if `after` is beyond the end; `busy`, with nothing stored, after losing too many races
 */
export async function append(
  history: History,
  runtime: Runtime,
  draft: Draft,
  tail: Tail,
  id = runtime.newId(),
): Promise<LogEntry> {
  if (tail.repeat) return tail.repeat;
  refuseBeyondEnd(draft, tail);
  const { after: _, ...fields } = draft;
  let { last } = tail;
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const at = Math.max(runtime.now(), last?.at ?? 0);
    const counts = countsAfter(last, draft);
    const entry = { ...fields, seq: (last?.seq ?? 0) + 1, id, at, ...(counts && { counts }) };
    const winner = await history.put(entry);
    // The same id: the SDK has sent this attempt twice.
    if (winner.id === id || isRepeat(winner, draft)) return winner;
    last = winner;
    if (attempt < EAGER_ATTEMPTS) continue;
    await runtime.backOff(attempt - EAGER_ATTEMPTS);
    // One read of all slots taken meanwhile is cheaper than a lost write for each.
    const found = await readOn(history, draft, last.seq + 1, { last });
    if (found.repeat) return found.repeat;
    last = found.last ?? last;
  }
  throw new ChatError('busy', 'Too many people write to this chat at once. Try again.');
}
