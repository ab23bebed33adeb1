import type { EditableChat } from '../sdk/chat.ts';
import { sleep } from '../sdk/timing.ts';

/** What is not sent after this time takes longer than somebody who logs out waits for it. */
const PATIENCE_MS = 2_000;

/**
 * Sends the deletions that wait for an undo, and waits a moment for all that is under way.
 * @returns how many messages and changes are still not sent, which a logout would discard
 */
export async function unsentIn(chat: Pick<EditableChat, 'flush' | 'sendings' | 'state'>): Promise<number> {
  chat.flush();
  const ends = chat.sendings.map(({ message }) => message);
  if (chat.state === 'online' && ends.length > 0)
    await Promise.race([Promise.allSettled(ends), sleep(PATIENCE_MS)]);
  return chat.sendings.length;
}

/** What a logout would lose, as a sentence. @param count at least 1 */
export const lossOf = (count: number): string =>
  count === 1
    ? 'A message or change of yours is not sent yet. It is lost if you log out now.'
    : `${count} messages and changes of yours are not sent yet. They are lost if you log out now.`;
