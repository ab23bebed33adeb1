import * as z from 'zod/mini';
import { defineCommand, type Example } from '../command.ts';
import { chatIdOf, cursors, numberOf, position, seq } from '../fields.ts';
import { receiveLine } from '../lines.ts';
import { message } from '../messages.ts';

/** `CHAT_ID=SEQ`. An id may contain `=`. */
function pairOf(pair: string): [chat: string, seq: unknown] {
  const end = pair.lastIndexOf('=');
  return end === -1 ? [pair, undefined] : [pair.slice(0, end), numberOf(pair.slice(end + 1))];
}

/** Where the next page begins; with `=` and no number if it is a whole chat whose id contains `=`. */
function placeOf({ from_chat = '', from_seq = '' }: { from_chat?: string; from_seq?: number | '' }): string {
  return from_seq === '' && !from_chat.includes('=') ? from_chat : `${from_chat}=${from_seq}`;
}

export const sync = defineCommand({
  type: 'sync',
  doc: 'Reads what follows your cursors: chats in the order of their ids, oldest first within each.',
  price: 0.5,
  notAsUser: 'It hands over what is pending for a connection: use list_chats and fetch_history.',
  fields: {
    /** Chat id → the last `seq` that the client has. A chat without a cursor starts where you joined it. */
    cursors: z.optional(cursors),
    ...position,
    /** Only chats before this one; for clients with more cursors than fit into a request. */
    to_chat: z.optional(chatIdOf),
  },
  reply: {
    type: 'sync_response',
    status: 'sync_success',
    fields: {
      messages: z.array(message),
      /** Whether to request the next page: there are more messages, or this page has yet to be acknowledged. */
      more: z.boolean(),
      /** What to add to the same request for the next page. */
      next: z.optional(z.object(position)),
      /** Chat id → the first `seq` that still exists, for cursors whose next entry doesn't. */
      oldest: z.optional(z.record(z.string(), seq)),
    },
  },
  fail: { type: 'sync_response', status: 'sync_fail', codes: ['not_logged_in'] },
  text: {
    word: 'sync',
    usage: '[CHAT_ID=SEQ…] [from CHAT_ID=SEQ]',
    args: ['cursors'],
    rest: true,
    // `user1:user2=3 #team=5 from #zoo=2`; what is not of this shape is left for the checks of the fields to refuse.
    read: ({ cursors: words }) => {
      if (typeof words !== 'string') return {};
      const pairs = words.trim().split(/\s+/);
      const from = pairs.at(-2) === 'from' ? pairs.splice(-2)[1] : undefined;
      const [from_chat, from_seq] = from === undefined ? [] : pairOf(from);
      return {
        cursors: Object.fromEntries(pairs.map(pairOf)),
        from_chat,
        from_seq: from_seq === '' ? undefined : from_seq,
      };
    },
    write: ({ messages, next, oldest = {} }) =>
      [
        'sync_success',
        ...messages.map(receiveLine),
        ...Object.entries(oldest).map(([chat, at]) => `oldest ${chat}=${at}`),
        ...(next ? [`more: from ${placeOf(next)}`] : []),
      ].join('\n'),
  },
});

export const example: Example = {
  request: { type: 'sync', cursors: { 'user1:user2': 1 } },
  reply: {
    type: 'sync_response',
    status: 'sync_success',
    messages: [
      {
        message_id: '7e0c6a3d-90c4-4b0e-8d0a-54f6f3c0b1aa',
        chat_id: 'user1:user2',
        seq: 2,
        sender: 'user2',
        recipient: 'user1',
        content: 'Are you there?',
        timestamp: '2024-08-21T10:02:00.000Z',
      },
    ],
    more: false,
  },
  access: 'users',
  inTerminal: 'The SDK, after each login.',
};
