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
    doc: 'The owner of a group has invited you to it: join it if you like.',
    fields: z.object({ group_id: name, by: name }),
  },
  REMOVED: {
    doc: 'The owner of a group has removed you from it: you get nothing more of it.',
    fields: z.object({ group_id: name, by: name }),
  },
  JOINED: {
    doc: 'You have joined a group, or created it, on another device.',
    fields: z.object({ group_id: name }),
  },
  LEFT: {
    doc: 'You have left a group on another device: you get nothing more of it.',
    fields: z.object({ group_id: name }),
  },
} as const;

/** Why a session was ended that its own connection did not ask to end, and what a person is told of it. */
export const endings = {
  password_changed: 'Your password was changed on another connection: log in with the new one.',
  logged_out_everywhere: 'You were logged out everywhere, from another connection.',
  erased: 'An administrator has removed this user.',
} as const;

/** What a connection is told before it is closed. */
export const sessionEnded = {
  doc: 'The session that this connection logged in with has ended, and the connection is closed next: do not log in again unasked. `code` is `password_changed`, `logged_out_everywhere` or `erased`.',
  fields: z.object({ code: z.enum(Object.keys(endings) as [Ending, ...Ending[]]), reason: z.string() }),
} as const;

export type Ending = keyof typeof endings;

/** Any one of the events, as its push. */
export type ChatEvent = {
  [T in keyof typeof events]: { type: T } & z.infer<(typeof events)[T]['fields']>;
}[keyof typeof events];
