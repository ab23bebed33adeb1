import type { ChatSummary, Message } from './types.ts';

// A server may be broken, or hostile: what is kept and shown has the shape that it must have.

/** Whether it counts the entries of a chat. Beyond the safe integers, the next one would be the same. */
export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

const areTexts = (values: unknown[]): boolean => values.every((value) => typeof value === 'string');

/** Whether it is a log entry. A late answer to a request that timed out has no sender. */
export function isEntry(value: unknown): value is Message {
  const entry = Object(value) as Message;
  const { message_id, chat_id, sender, content, timestamp, seq, edits = 1, deletes = 1 } = entry;
  const to = 'group_id' in entry ? entry.group_id : entry.recipient;
  return (
    areTexts([message_id, chat_id, sender, content, timestamp, to]) && [seq, edits, deletes].every(isCount)
  );
}

/** The log entries of a page. */
export const entriesIn = (page: unknown): Message[] => listIn(page).filter(isEntry);

/** The chats of a page. */
export const chatsIn = (page: unknown): ChatSummary[] =>
  listIn(page).filter((value): value is ChatSummary => {
    const { chat_id, kind, name, last_seq, read, unread } = Object(value) as ChatSummary;
    return areTexts([chat_id, kind, name]) && [last_seq, read, unread].every(isCount);
  });

const listIn = (page: unknown): unknown[] => (Array.isArray(page) ? page : []);

/** Whether there is another page: one that begins elsewhere than the last. */
export const goesOn = (last: object, next: unknown): next is object =>
  next instanceof Object && JSON.stringify({ ...last, ...next }) !== JSON.stringify(last);
