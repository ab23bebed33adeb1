import * as z from 'zod/mini';
import { defineCommand, type Example } from '../command.ts';
import { name, seq, timestamp } from '../fields.ts';
import { oneLine } from '../lines.ts';

/** One chat of the user, as `list_chats` shows it. */
const chat = z.object({
  chat_id: z.string(),
  kind: z.enum(['private', 'group']),
  /** The partner of a private chat, or the group: what to send to. */
  name,
  last_seq: seq,
  /** When the last message was sent; absent as long as there is none. */
  last_timestamp: z.optional(timestamp),
  /** Up to where the user has marked it read; what was said before they joined counts as read. */
  read: seq,
  /**
   * Messages of others behind `read`, exactly so many unless `unread_more` is there, as of a moment ago. Edits and deletions
   * are none, and what was deleted or has expired, or is of a user who was erased, does not count.
   */
  unread: seq,
  /**
   * Present if there may be more: of a group, the newest 50 entries are looked at; of a private chat, where messages further back
   * were deleted, `unread` is the least that there can be.
   */
  unread_more: z.optional(z.literal(true)),
  /**
   * Of a chat with another user: up to where they have marked it read, as of a moment ago. `READ` tells from then on.
   */
  partner_read: z.optional(seq),
});

export const listChats = defineCommand({
  type: 'list_chats',
  doc: 'Lists your chats, each with its last entry and your unread count.',
  price: 0.5,
  fields: {
    /** Goes on behind this chat: from `next` of the page before. */
    after_chat: z.optional(z.string()),
  },
  reply: {
    type: 'list_chats_response',
    status: 'list_chats_success',
    fields: {
      chats: z.array(chat),
      /** What to add to the same request for the following page; absent on the last. */
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
        // Of a word that was typed by mistake, too: these are not all.
        `list_chats_success${after_chat === undefined ? '' : ` after ${oneLine(after_chat)}`}`,
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
};
