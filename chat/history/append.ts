import { ChatError, limits } from '../../protocol/index.ts';
import { firstFor } from '../entries.ts';
import type { LogEntry, Member } from '../model.ts';
import type { History, World } from '../ports.ts';
import { countsAfter } from './counts.ts';

/** What is to be appended, and what makes a repeat of it recognisable. */
export interface Draft {
  chat: string;
  sender: string;
  content: string;
  /** The sender's `client_message_id`. */
  key?: string;
  /** The last seq that the sender had seen when it first sent this. */
  after?: number;
  /** The group's generation that its sender is a member of. */
  generation?: number;
  /** What it changes, if it is no message. */
  edits?: number;
  deletes?: number;
}

/** A draft by a member: what was written before the group had its name is not looked at. */
export const draftBy = (row: Member, draft: Draft): Draft => ({
  ...draft,
  generation: row.generation,
  after: draft.after === undefined ? undefined : Math.max(draft.after, firstFor(row) - 1),
});

/** What an appender knows of a chat before it writes: its last entry, and the draft's own if it was stored before. */
export interface Tail {
  last: LogEntry | undefined;
  /** The first seq that was looked at. */
  first?: number;
  repeat?: LogEntry;
}

// The next slot is tried at once so often; from then on a crowd writes here, and each try in it costs a write unit.
const EAGER_ATTEMPTS = 3;
// With the pauses in between, some seconds. A loser of so many races should come back later.
const MAX_ATTEMPTS = 20;

/**
 * Reads a chat's end: all slots in which a repeat of the draft could be, and the last one; of a long way there, as much as
 * one answer of the database holds (1 MB).
 * @throws ChatError `too_far_back` with where to go on; `bad_request` if the draft's key was given to something else
 */
export async function readTail(history: History, draft: Draft): Promise<Tail> {
  if (draft.key === undefined) return { last: (await history.newest(draft.chat, 1)).at(-1) };
  if (draft.after === undefined) return tailOf(await history.newest(draft.chat, limits.retryWindow), draft);
  // From `after` itself on: were that slot empty, the next one would leave a hole.
  const page = await history.from(draft.chat, draft.after);
  const tail = tailOf(page.entries, draft);
  if (page.more && !tail.repeat) throw tooFarBack(tail.last?.seq ?? draft.after);
  return tail;
}

/** Every slot up to there is taken, and by something else: a repeat that is met further on is met as well from there. */
const tooFarBack = (looked: number) =>
  new ChatError(
    'too_far_back',
    `It is not among the messages up to seq ${looked}, and there are more: send it again with "after_seq" ${looked}.`,
    { after: looked },
  );

/** The tail as it is after all entries from a seq on have been looked at: those that came while somebody wrote. */
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

/** @throws ChatError `bad_request` if the draft's key was given to something else */
export const repeatIn = (entries: readonly LogEntry[], draft: Draft): LogEntry | undefined =>
  entries.find((entry) => isRepeat(entry, draft));

/** @throws ChatError `bad_request` if the draft's key was given to something else */
function isRepeat(entry: LogEntry, draft: Draft): boolean {
  if (draft.key === undefined || entry.key !== draft.key || entry.sender !== draft.sender) return false;
  // The same name, but not the same group: nobody in this one would see it.
  if (entry.generation !== draft.generation) return false;
  if (entry.edits === draft.edits && entry.deletes === draft.deletes) return true;
  throw new ChatError(
    'bad_request',
    `"client_message_id" is that of seq ${entry.seq}, which is something else.`,
  );
}

/** @throws ChatError `bad_request` if the draft comes after what does not exist: it would leave a hole */
export function refuseBeyondEnd(draft: Draft, tail: Tail): void {
  if (draft.key !== undefined && (draft.after ?? 0) > 0 && tail.last === undefined) {
    throw new ChatError('bad_request', '"after_seq" is beyond the end of the chat.');
  }
}

/**
 * Appends the draft at the first free slot after the tail, or finds that it is in the log already.
 * Every slot on the way is looked at, so whichever of two repeats comes second must meet the first
 * (docs/guarantees.md, the log).
 * @param id of this very attempt: the entry has it if it was stored by this call
 * @throws ChatError `bad_request` if the draft comes after what does not exist; `busy` if others were first too
 *   often: nothing is stored then
 */
export async function append(
  history: History,
  world: World,
  draft: Draft,
  tail: Tail,
  id = world.newId(),
): Promise<LogEntry> {
  if (tail.repeat) return tail.repeat;
  refuseBeyondEnd(draft, tail);
  const { after: _, ...fields } = draft;
  let { last } = tail;
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const at = Math.max(world.now(), last?.at ?? 0);
    const counts = countsAfter(last, draft);
    const entry = { ...fields, seq: (last?.seq ?? 0) + 1, id, at, ...(counts && { counts }) };
    const winner = await history.put(entry);
    // The same id: this very attempt, which the SDK may have made twice.
    if (winner.id === id || isRepeat(winner, draft)) return winner;
    last = winner;
    if (attempt < EAGER_ATTEMPTS) continue;
    await world.backOff(attempt - EAGER_ATTEMPTS);
    // One read for all the slots that were taken in the meantime, instead of a lost write for each.
    const found = await readOn(history, draft, last.seq + 1, { last });
    if (found.repeat) return found.repeat;
    last = found.last ?? last;
  }
  throw new ChatError('busy', 'Too many people write to this chat at once. Try again.');
}
