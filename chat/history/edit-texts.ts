import { isDeleted } from '../entries.ts';
import type { LogEntry } from '../model.ts';
import type { History } from '../ports.ts';

type Texts = Pick<History, 'getMany'>;

// Edited messages to read at once. One text takes up to 16 KB, and a query page holds thousands of edits: reading all
// their texts to fill one reply would be wasteful.
const AHEAD = 8;

/**
 * Adds the texts of edits to entries. Only the edited message stores the text, so each edit gets the message's current
 * one, read a few at a time as the caller iterates. If the message is deleted, expired or of another generation, or if a
 * deletion of it is among these entries, the edit becomes a deletion, so that no seq is missing.
 * @param entries must be read or written before the call, so that the texts are at least as new as the edits
 */
export async function* withTexts(history: Texts, entries: readonly LogEntry[]): AsyncGenerator<LogEntry> {
  const gone = new Set(
    entries.flatMap(({ chat, deletes }) => (deletes === undefined ? [] : [idOf(chat, deletes)])),
  );
  // `undefined` marks messages without text.
  const known = new Map<string, LogEntry | undefined>([...gone].map((id) => [id, undefined]));
  for (const [index, entry] of entries.entries()) {
    const { edits } = entry;
    if (edits === undefined) {
      yield entry;
      continue;
    }
    const id = idOf(entry.chat, edits);
    if (!known.has(id)) await readAhead(history, entries.slice(index), known);
    yield textOf(known.get(id), entry);
  }
}

/**
 * As `withTexts`, for one entry.
 * @returns also whether the text is that of another edit, which may have been made after somebody left the group
 */
export async function withText(
  history: Texts,
  entry: LogEntry,
): Promise<{ entry: LogEntry; isOfAnother: boolean }> {
  const { chat, edits, key, id } = entry;
  if (edits === undefined) return { entry, isOfAnother: false };
  const message = (await history.getMany([{ chat, seq: edits }])).find(hasText);
  const isOfAnother = message !== undefined && message.editIds?.at(-1) !== (key ?? id);
  return { entry: textOf(message, entry), isOfAnother };
}

/** An edit with the text of its message, or, without one, the deletion that it becomes. */
function textOf(message: LogEntry | undefined, entry: LogEntry): LogEntry {
  if (message !== undefined && message.generation === entry.generation)
    return { ...entry, content: message.content };
  const { edits, ...rest } = entry;
  return { ...rest, content: '', deletes: edits };
}

/** Reads the next few edited messages that are not known yet. */
async function readAhead(
  history: Texts,
  entries: readonly LogEntry[],
  known: Map<string, LogEntry | undefined>,
): Promise<void> {
  const next = new Map<string, { chat: string; seq: number }>();
  for (const { chat, edits } of entries) {
    if (edits !== undefined && !known.has(idOf(chat, edits)))
      next.set(idOf(chat, edits), { chat, seq: edits });
    if (next.size === AHEAD) break;
  }
  for (const id of next.keys()) known.set(id, undefined);
  for (const message of await history.getMany([...next.values()]))
    if (hasText(message)) known.set(idOf(message.chat, message.seq), message);
}

const idOf = (chat: string, seq: number): string => `${chat}/${seq}`;

const hasText = (entry: LogEntry): boolean => !isDeleted(entry) && !entry.expired;
