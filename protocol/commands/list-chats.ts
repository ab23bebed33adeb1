import * as z from 'zod/mini';
import { defineCommand, type Example } from '../command.ts';
import { chatIdOf, seq, timestamp, userId } from '../fields.ts';

/** One chat of the user, as `list_chats` shows it. */
const chat = z.object({
  chat_id: z.string(),
  kind: z.enum(['private', 'group']),
  /** The partner of a private chat, or the group: the recipient to send to. */
  name: userId,
  last_seq: seq,
  /** When the last message was sent; absent if there is none. */
  last_timestamp: z.optional(timestamp),
  /** How far the user has marked the chat as read; entries from before they joined count as read. */
  read: seq,
  /**
   * Messages of others behind `read`, as of a moment ago; a lower bound with `unread_more`. Edits, deletions and messages that
   * were deleted, erased or have expired don't count.
   */
  unread: seq,
  /** Whether there may be more: in a group beyond the newest 50 entries, in a private chat if older messages were deleted. */
  unread_more: z.optional(z.literal(true)),
  /** How far the partner of a private chat has marked it as read, as of a moment ago; then `READ` reports changes. */
  partner_read: z.optional(seq),
});

export const listChats = defineCommand({
  type: 'list_chats',
  doc: 'Lists your chats, each with its last entry and your unread count.',
  price: 0.5,
  fields: {
    /** Continues after this chat; from `next` of the previous page. */
    after_chat: z.optional(chatIdOf),
  },
  reply: {
    type: 'list_chats_response',
    status: 'list_chats_success',
    fields: {
      chats: z.array(chat),
      /** What to add to the same request for the next page; absent on the last. */
      next: z.optional(z.object({ after_chat: z.string() })),
    },
  },
  fail: { type: 'list_chats_response', status: 'list_chats_fail', codes: ['not_logged_in'] },
  text: {
    word: 'list_chats',
    usage: '[AFTER_CHAT]',
    args: ['after_chat'],
    write: ({ chats, next }, { after_chat }) =>
      [
        `list_chats_success${after_chat === undefined ? '' : ` after ${after_chat}`}`,
        ...chats.map(
          (each) =>
            `${each.name} ${each.kind} ${each.last_seq} ${each.last_timestamp ?? '-'} ${each.unread}${each.unread_more ? '+' : ''} unread`,
        ),
        ...(next ? [`more: list_chats ${next.after_chat}`] : []),
      ].join('\n'),
  },
});

export const example: Example = {
  request: { type: 'list_chats' },
  reply: {
    type: 'list_chats_response',
    status: 'list_chats_success',
    chats: [
      {
        chat_id: 'user1:user2',
        kind: 'private',
        name: 'user2',
        last_seq: 2,
        last_timestamp: '2024-08-21T10:02:00.000Z',
        read: 1,
        unread: 1,
        partner_read: 2,
      },
    ],
  },
  access: 'users',
};
