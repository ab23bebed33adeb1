import type { Message } from './types.ts';

/** The seq of the message that an entry changes; undefined for a message. */
export const targetOf = ({ edits, deletes }: Pick<Message, 'edits' | 'deletes'>): number | undefined =>
  edits ?? deletes;

/** A message as it stands after an edit or a deletion of it. A deletion is final, in whatever order changes come. */
export function changedBy(message: Message, { content, deletes, timestamp }: Message): Message {
  if (message.deleted !== undefined) return message;
  return deletes === undefined
    ? { ...message, content, edited: timestamp }
    : { ...message, content: '', deleted: timestamp };
}
