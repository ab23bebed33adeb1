import type { Chat, Sending } from '../sdk/chat.ts';
import type { Action } from './reducer.ts';

/** Tells all that comes from a chat as what it does to the view, what is on its way already first. @returns ends it */
export function listen(chat: Chat, happen: (event: Action) => void): () => void {
  const tell = (line: string) => happen({ what: 'noticed', notice: [line] });
  const sendings = () => happen({ what: 'sendings', sendings: chat.sendings.map(withReason) });
  const ends = [
    chat.on('message', (message) => happen({ what: 'message', message })),
    chat.on('sending', sendings),
    chat.on('chat-left', ({ chat_id: chatId }) => happen({ what: 'left', chatId })),
    chat.on('gap', ({ chat_id }) => tell(`Messages of ${chat_id} that you missed are no longer kept.`)),
    chat.on('state', (change) => happen({ what: 'state', ...change })),
    chat.on('TYPING', ({ chat_id: chatId, username }) => happen({ what: 'typing', chatId, username })),
    chat.on('READ', ({ chat_id: chatId, username, seq }) => happen({ what: 'read', chatId, username, seq })),
    chat.on('INVITED', ({ by, group_id: group }) => tell(`${by} invites you to #${group}: /join ${group}`)),
    chat.on('REMOVED', ({ by, group_id: group }) => tell(`${by} has removed you from #${group}.`)),
    chat.on('JOINED', ({ group_id: group }) => tell(`You have joined #${group} on another device.`)),
    chat.on('LEFT', ({ group_id: group }) => tell(`You have left #${group} on another device.`)),
  ];
  sendings();
  return () => {
    for (const end of ends) end();
  };
}

const withReason = ({ id, to, content, status, error }: Sending) => ({
  ...{ id, to, content, status },
  reason: error?.reason,
});
