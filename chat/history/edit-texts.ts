import { isDeleted } from '../entries.ts';
import type { LogEntry } from '../model.ts';
import type { History } from '../ports.ts';

type Texts = Pick<History, 'getMany'>;

// A text takes up to 16 KB, and the entry of its edit next to nothing: whoever fills a page of some size must not read
// the texts of all that a page of the database holds, which are thousands.
const AHEAD = 8;

/**
 * Entries as they may be handed out. The text of an edit is in the message that it changes, and nowhere else: here
 * each edit gets the text that its message has now, read when it is asked for, and with it those of the next few. One
 * whose message is deleted, kept no more, or of another generation of the group, has none, and is handed out as its
 * deletion, so that no number is missing. So is one behind a deletion among these entries, whose text is just about to go.
 * @param entries read or written before this is called: then their edits are at least as old as the texts
 */
export async function* withTexts(history: Texts, entries: readonly LogEntry[]): AsyncGenerator<LogEntry> {
  const gone = new Set(
    entries.flatMap(({ chat, deletes }) => (deletes === undefined ? [] : [idOf(chat, deletes)])),
  );
  // Also those that have none.
  const known = new Map<string, LogEntry | undefined>([...gone].map((id) => [id, undefined]));
  for (const [index, entry] of entries.entries()) {
    const { edits, ...rest } = entry;
    if (edits === undefined) {
      yield entry;
      continue;
    }
    const id = idOf(entry.chat, edits);
    if (!known.has(id)) await readAhead(history, entries.slice(index), known);
    const message = known.get(id);
    yield message === undefined || message.generation !== entry.generation
      ? { ...rest, content: '', deletes: edits }
      : { ...entry, content: message.content };
  }
}

/** One entry as it may be handed out. */
export async function withText(history: Texts, entry: LogEntry): Promise<LogEntry> {
  for await (const told of withTexts(history, [entry])) return told;
  return entry;
}

/** Reads the messages that come first among those that are edited and not known. */
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
