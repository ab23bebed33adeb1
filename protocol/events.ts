import * as z from 'zod/mini';
import { name, seq } from './fields.ts';

/** Pushes to users who are online. They are stored for nobody: clients that were away ask `list_chats` or `list_members`. */
export const events = {
  READ: {
    doc: 'Somebody has read a chat up to `seq`: you on another device, or your partner in a private chat.',
    fields: z.object({ chat_id: z.string(), username: name, seq }),
  },
  TYPING: {
    doc: 'A user is typing in one of your chats; sent at most every 3 seconds while they type.',
    fields: z.object({ chat_id: z.string(), username: name }),
  },
  INVITED: {
    doc: 'The owner of a group has invited you; `join_group` accepts.',
    fields: z.object({ group_id: name, by: name }),
  },
  REMOVED: {
    doc: 'The owner of a group has removed you; you get no further messages of it.',
    fields: z.object({ group_id: name, by: name }),
  },
  JOINED: {
    doc: 'You have joined a group, or created it, on another device.',
    fields: z.object({ group_id: name }),
  },
  LEFT: {
    doc: 'You have left a group on another device; you get no further messages of it.',
    fields: z.object({ group_id: name }),
  },
} as const;

/** Why a session ended that its own connection did not end, and the sentence for its user. */
export const endings = {
  password_changed: 'Your password was changed on another connection: log in with the new one.',
  logged_out_everywhere: 'You were logged out everywhere, from another connection.',
  erased: 'An administrator has removed this user.',
} as const;

/** Sent to a connection before it is closed. */
export const sessionEnded = {
  doc: 'The session of this connection has ended, and the service closes the connection next. Do not log in again automatically. `code` is `password_changed`, `logged_out_everywhere` or `erased`.',
  fields: z.object({ code: z.enum(Object.keys(endings) as [Ending, ...Ending[]]), reason: z.string() }),
} as const;

export type Ending = keyof typeof endings;

/** Any one of the events, as its push. */
export type ChatEvent = {
  [T in keyof typeof events]: { type: T } & z.infer<(typeof events)[T]['fields']>;
}[keyof typeof events];
