import { isDeleted } from './chats.ts';
import type { History, LogEntry } from './ports.ts';

/**
 * Entries as they may be handed out. The text of an edit is in the message that it changes, and nowhere else: here
 * each edit gets the text that its message has now. One whose message is deleted, kept no more, or of another generation
 * of the group, has none, and is handed out as its deletion, so that no number is missing. So is one behind a deletion among
 * these entries, whose text is just about to go.
 * @param entries read or written before this is called: then their edits are at least as old as the texts
 */
export async function withTexts(
  history: Pick<History, 'getMany'>,
  entries: readonly LogEntry[],
): Promise<LogEntry[]> {
  const keys = new Map(
    entries.flatMap(({ chat, edits }) =>
      edits === undefined ? [] : [[idOf(chat, edits), { chat, seq: edits }] as const],
    ),
  );
  if (keys.size === 0) return [...entries];
  const found = await history.getMany([...keys.values()]);
  const texts = new Map(found.filter(hasText).map((each) => [idOf(each.chat, each.seq), each]));
  const gone = new Set(
    entries.flatMap(({ chat, deletes }) => (deletes === undefined ? [] : [idOf(chat, deletes)])),
  );
  return entries.map((entry) => {
    const { edits, ...rest } = entry;
    if (edits === undefined) return entry;
    const message = texts.get(idOf(entry.chat, edits));
    const isOver = message?.generation !== entry.generation || gone.has(idOf(entry.chat, edits));
    return message === undefined || isOver
      ? { ...rest, content: '', deletes: edits }
      : { ...entry, content: message.content };
  });
}

const idOf = (chat: string, seq: number): string => `${chat}/${seq}`;

const hasText = (entry: LogEntry): boolean => !isDeleted(entry) && !entry.expired;
