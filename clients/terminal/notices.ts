import type { Chat } from '../sdk/chat.ts';
import { idText } from '../view/view.ts';

function newOwner(me: string, group: string, owner: string, by: string | undefined): string {
  if (owner !== me) return `#${group} belongs to ${idText(owner)} now.`;
  const why = by === undefined ? 'its owner has left' : `${idText(by)} has handed it over`;
  return `#${group} is yours now: ${why}. /help groups says what you can do.`;
}

/** Describes events that the view does not show. @returns stops */
export function listenForNotices(chat: Chat, tell: (line: string) => void): () => void {
  const ends = [
    chat.on('gap', ({ chat_id }) => tell(`Messages of ${chat_id} that you missed are no longer kept.`)),
    chat.on('INVITED', ({ by, group_id: group }) =>
      tell(`${idText(by)} invites you to #${group}: /join ${group} or /decline ${group}`),
    ),
    chat.on('REMOVED', ({ by, group_id: group }) =>
      tell(`${idText(by)} has removed you from #${group}. You can come back if they invite you.`),
    ),
    chat.on('UNINVITED', ({ by, group_id: group }) =>
      tell(`${idText(by)} has withdrawn your invitation to #${group}.`),
    ),
    chat.on('OWNER_CHANGED', ({ by, owner, group_id: group }) =>
      tell(newOwner(chat.username, group, owner, by)),
    ),
    chat.on('JOINED', ({ group_id: group }) => tell(`You have joined #${group} on another device.`)),
    chat.on('LEFT', ({ group_id: group }) =>
      tell(`You have left #${group}, or declined its invitation, on another device.`),
    ),
  ];
  return () => {
    for (const end of ends) end();
  };
}
