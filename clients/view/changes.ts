import type { Message } from '../sdk/chat.ts';
import { chatIdOf, chatRefOf } from '../sdk/names.ts';
import { isBy } from './sender.ts';
import type { Sent, View } from './view.ts';

/** The edit or deletion of a stored message that is under way, or was refused. */
export const changeOf = (
  { me, sendings }: Pick<View, 'me' | 'sendings'>,
  chatId: string,
  seq: number,
): Sent | undefined =>
  sendings.findLast(({ to, target }) => target === seq && chatIdOf(me, chatRefOf(to)) === chatId);

/** How long a deletion can be undone, unless its user leaves before (clients/web/src/use-parting.ts). */
export const UNDO_MS = 8_000;

/** Where an edit or deletion stands. A deletion that can be undone may be of an edit that was refused. */
export type Stage = 'saving' | 'deleting' | 'not saved' | 'not deleted';

export function stageOf({ status, isDeletion, canUndo }: Sent): Stage {
  const isUnderWay = status === 'pending' || canUndo;
  if (isDeletion) return isUnderWay ? 'deleting' : 'not deleted';
  return isUnderWay ? 'saving' : 'not saved';
}

/** A message as it will be; as it is, if its change was refused. */
export function withChange(message: Message, change: Sent | undefined): Message {
  const stage = change && stageOf(change);
  if (stage === 'saving') return { ...message, content: change?.content ?? '' };
  return stage === 'deleting' ? { ...message, content: '', deleted: message.timestamp } : message;
}

/** The user's last own message in a chat that can be edited: its seq, or the id of one that is not stored yet. */
export function lastOwn(
  log: readonly Message[],
  sendings: readonly Sent[],
  changed: (message: Message) => Message,
  me: string,
): { target: number | string; content: string } | undefined {
  const unsent = sendings.findLast(({ status, isDeletion }) => status === 'pending' && !isDeletion);
  if (unsent) return { target: unsent.id, content: unsent.content };
  for (let index = log.length - 1; index >= 0; index--) {
    const message = log[index];
    if (!message || !isBy(message, me)) continue;
    const { seq, content, deleted } = changed(message);
    if (deleted === undefined) return { target: seq, content };
  }
  return undefined;
}
