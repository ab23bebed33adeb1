import * as z from 'zod/mini';
import { defineCommand, type OperatorExample } from '../command.ts';
import { chatIdOf, seq, time } from '../fields.ts';

export const replayEvents = defineCommand({
  type: 'replay_events',
  doc: 'Puts the events of messages on the bus once more, as they are now: of one chat, of all chats since a time, or both. They have the `id` of before, and `replayed`. It does in one call what there is time for: while the reply has `next`, send the same request with it. Without `chat` it reads the whole table of messages.',
  price: 0,
  operator: 'only',
  fields: {
    /** A chat, by its id. Without it, all chats, and `since` is needed. */
    chat: z.optional(chatIdOf),
    /** The first `seq` of the chat to tell of (1). */
    from_seq: z.optional(seq),
    /** Only what was written, edited or deleted at this time or later. */
    since: z.optional(time),
    /** From the reply to the call before. */
    next: z.optional(z.string()),
  },
  reply: {
    type: 'replay_events_response',
    status: 'replay_events_success',
    fields: {
      /** How many events this call has put on the bus. */
      events: z.number(),
      /** Where to go on; absent once all are on the bus. */
      next: z.optional(z.string()),
    },
  },
  fail: {
    type: 'replay_events_response',
    status: 'replay_events_fail',
    codes: ['not_allowed'],
  },
});

export const example: OperatorExample = {
  request: { type: 'replay_events', chat: '#groupname1', from_seq: 1 },
  reply: { type: 'replay_events_response', status: 'replay_events_success', events: 3 },
};
