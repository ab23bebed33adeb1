import * as z from 'zod/mini';
import { events, sessionEnded } from './events.ts';
import { clientId, name, seq, timestamp } from './fields.ts';

const common = {
  message_id: z.string(),
  chat_id: z.string(),
  seq,
  sender: name,
  /** The current text; empty if the message is deleted. */
  content: z.string(),
  timestamp,
  /** Only on copies for the sender's own devices. */
  client_message_id: z.optional(clientId),
  /** The time of the last edit. */
  edited: z.optional(timestamp),
  /** The time of the deletion. */
  deleted: z.optional(timestamp),
  /** This entry edits the message with this seq; `content` is the message's current text. */
  edits: z.optional(seq),
  /** This entry deletes the message with this seq. An edit of a deleted message is sent in this form, too. */
  deletes: z.optional(seq),
};

/** A message between two users, as history and pending lists carry it. */
const privateMessage = z.object({ ...common, recipient: name });

/** A message of a group, as history and pending lists carry it. */
const groupMessage = z.object({ ...common, groupname: name, group_id: name });

/** A message of either kind; only a group's has a `group_id`. */
export const message = z.union([privateMessage, groupMessage]);

export type WireMessage = z.infer<typeof message>;

/** What the service pushes, by `type`. */
export const pushes = {
  RECEIVE_MESSAGE: {
    doc: 'A message in a private chat, from your partner or from another device of yours.',
    fields: privateMessage,
  },
  RECEIVE_GROUP_MESSAGE: { doc: 'A message in one of your groups.', fields: groupMessage },
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
