import type { Message } from '../sdk/chat.ts';
import { isBy, nameIn } from './sender.ts';
import { YOU } from './shown-names.ts';
import type { Row, Sent } from './view.ts';

/** What a chat of the list ends with. */
export interface Preview {
  /** What stands before the text, which has another direction maybe; empty for nothing. */
  label: string;
  /** Whether the label wants to be noticed. */
  isUrgent: boolean;
  text: string;
}

interface Ending {
  /** What the user has typed there. */
  draft: string;
  sendings: readonly Sent[];
  /** As it will be; undefined if it is not known. */
  last: Message | undefined;
  me: string;
  nameOf(username: string): string;
}

const plain = (text: string): Preview => ({ label: '', isUrgent: false, text });

/** A draft, or else what is not sent, or else the last message; in a group, with its sender. */
export function previewOf(
  { kind, lastSeq }: Pick<Row, 'kind' | 'lastSeq'>,
  { draft, sendings, last, me, nameOf }: Ending,
): Preview {
  if (draft.trim() !== '') return { label: 'Draft', isUrgent: true, text: draft.trim() };
  const failed = sendings.findLast(({ status }) => status === 'failed');
  if (failed) return { label: 'Not sent', isUrgent: true, text: failed.content };
  const unsent = sendings.findLast(({ isDeletion }) => !isDeletion);
  if (unsent) return { label: 'Sending', isUrgent: false, text: unsent.content };
  if (!last) return plain(lastSeq > 0 ? '…' : 'No messages yet');
  const text = last.deleted ? 'Deleted' : last.content;
  const isNamed = kind === 'group' || last.system;
  const sender = isBy(last, me) ? YOU : isNamed ? nameIn(last, nameOf) : '';
  return { ...plain(text), label: sender };
}
