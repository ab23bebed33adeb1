import * as z from 'zod/mini';
import { events } from './commands/index.ts';
import { sessionEnded } from './events.ts';
import { seq } from './fields.ts';
import { common, groupMessage, message, privateMessage } from './messages.ts';

/** What the service pushes, by `type`. */
export const pushes = {
  RECEIVE_MESSAGE: {
    doc: 'A message in a private chat, from your partner or from another device of yours.',
    fields: privateMessage,
  },
  RECEIVE_GROUP_MESSAGE: { doc: 'A message in one of your groups.', fields: groupMessage },
  MESSAGES: {
    doc: 'Several messages, edits or deletions of one group, in order of `seq`. They have no `type`: `edits` and `deletes` tell. Only for clients that log in with `batches`.',
    fields: z.object({ messages: z.array(groupMessage) }),
  },
  MESSAGE_EDITED: {
    doc: 'A message was edited: `edits` is its seq, `content` its current text. An entry of the log with a seq of its own.',
    fields: z.object({ ...common, edits: seq }),
  },
  MESSAGE_DELETED: {
    doc: 'A message was deleted: `deletes` is its seq. Final, whatever edits come before or after. An entry of the log with a seq of its own.',
    fields: z.object({ ...common, deletes: seq }),
  },
  pending_messages: {
    doc: 'The pending messages that the login reply had no room for; the last frame has `more` false.',
    fields: z.object({ messages: z.array(message), more: z.boolean() }),
  },
  ...events,
  SESSION_ENDED: sessionEnded,
} as const;
