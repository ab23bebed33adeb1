import type { Chat, Sending } from '../sdk/chat.ts';
import type { Action } from './reducer.ts';
import { inWords } from './words.ts';

/** Converts a chat's events to actions on the view, beginning with its unsent messages. @returns stops */
export function listen(chat: Chat, happen: (event: Action) => void): () => void {
  const sendings = () => happen({ what: 'sendings', sendings: chat.sendings.map(withReason) });
  const ends = [
    chat.on('message', (message) => happen({ what: 'message', message })),
    chat.on('sending', sendings),
    chat.on('chat-left', ({ chat_id: chatId }) => happen({ what: 'left', chatId })),
    chat.on('state', (change) => happen({ what: 'state', ...change, me: chat.username })),
    chat.on('TYPING', ({ chat_id: chatId, username }) => happen({ what: 'typing', chatId, username })),
    chat.on('READ', ({ chat_id: chatId, username, seq }) => happen({ what: 'read', chatId, username, seq })),
  ];
  sendings();
  return () => {
    for (const end of ends) end();
  };
}

const withReason = ({ id, to, content, status, target, isDeletion, canUndo, error }: Sending) => ({
  ...{ id, to, content, status, target, isDeletion, canUndo },
  reason: error && inWords(error.code, error.reason),
});
