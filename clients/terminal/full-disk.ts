import type { Chat } from '../sdk/chat.ts';
import type { KeyValueStore } from '../sdk/store.ts';

const FULL = 'This disk has no room left: what is not sent yet is lost when this program ends.';

/** Says when a client's store keeps in memory alone what it had to keep: once, until there is room again. @returns stops */
export function tellFullDisk(
  store: Pick<KeyValueStore, 'unkept'>,
  chat: Pick<Chat, 'on'>,
  tell: (line: string) => void,
): () => void {
  let wasFull = false;
  const look = () => {
    const isFull = store.unkept !== undefined;
    if (isFull && !wasFull) tell(FULL);
    wasFull = isFull;
  };
  // All that is written follows from one of these.
  const ends = [chat.on('sending', look), chat.on('message', look), chat.on('state', look)];
  return () => {
    for (const end of ends) end();
  };
}
