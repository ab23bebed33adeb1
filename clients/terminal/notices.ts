import type { Chat } from '../sdk/chat.ts';

/** Describes events that the view does not show. @returns stops */
export function listenForNotices(chat: Chat, tell: (line: string) => void): () => void {
  const ends = [
    chat.on('gap', ({ chat_id }) => tell(`Messages of ${chat_id} that you missed are no longer kept.`)),
    chat.on('INVITED', ({ by, group_id: group }) => tell(`${by} invites you to #${group}: /join ${group}`)),
    chat.on('REMOVED', ({ by, group_id: group }) => tell(`${by} has removed you from #${group}.`)),
    chat.on('JOINED', ({ group_id: group }) => tell(`You have joined #${group} on another device.`)),
    chat.on('LEFT', ({ group_id: group }) => tell(`You have left #${group} on another device.`)),
  ];
  return () => {
    for (const end of ends) end();
  };
}
