import * as z from 'zod/mini';
import { name, seq } from './fields.ts';

/** What is told to who is there and kept for nobody: who was away asks (`list_chats`, `list_members`). */
export const events = {
  READ: {
    doc: 'A user has read a chat up to `seq`: you on another device, or your partner in a private chat.',
    fields: z.object({ chat_id: z.string(), username: name, seq }),
  },
  TYPING: {
    doc: 'A user is typing in a chat of yours; it comes at most every 3 seconds as long as they are.',
    fields: z.object({ chat_id: z.string(), username: name }),
  },
  INVITED: {
    doc: 'The creator of a group has invited you to it: join it if you like.',
    fields: z.object({ group_id: name, by: name }),
  },
  REMOVED: {
    doc: 'The creator of a group has removed you from it: you get nothing more of it.',
    fields: z.object({ group_id: name, by: name }),
  },
} as const;

/** Any one of them, as its push. */
export type ChatEvent = {
  [T in keyof typeof events]: { type: T } & z.infer<(typeof events)[T]['fields']>;
}[keyof typeof events];
