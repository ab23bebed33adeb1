import * as z from 'zod/mini';
import { events, sessionEnded } from './events.ts';
import { clientId, name, seq, timestamp } from './fields.ts';

const common = {
  message_id: z.string(),
  chat_id: z.string(),
  seq,
  sender: name,
  /** As it is now; empty if it is deleted. */
  content: z.string(),
  timestamp,
  /** Only on the copies that the sender's own devices receive. */
  client_message_id: z.optional(clientId),
  /** When it was changed last, if it was. */
  edited: z.optional(timestamp),
  deleted: z.optional(timestamp),
  /** This is no message, but changes the one with this seq: `content` is the text that it has now. */
  edits: z.optional(seq),
  /** This is no message, but takes the one with this seq away, for good. An edit of a deleted message comes as this, too. */
  deletes: z.optional(seq),
};

/** A message between two users, as history and pending lists carry it. */
const privateMessage = z.object({ ...common, recipient: name });

/** A message of a group, as history and pending lists carry it. */
const groupMessage = z.object({ ...common, groupname: name, group_id: name });

/** A message of either kind; only a group's has a `group_id`. */
export const message = z.union([privateMessage, groupMessage]);

export type WireMessage = z.infer<typeof message>;

/** What the server sends unasked, by `type`. */
export const pushes = {
  RECEIVE_MESSAGE: {
    doc: 'A message from a user, or from another device of your own.',
    fields: privateMessage,
  },
  RECEIVE_GROUP_MESSAGE: { doc: 'A message in a group you are in.', fields: groupMessage },
  MESSAGE_EDITED: {
    doc: 'A message was changed: `edits` is its seq, `content` the text that it has now. An entry of the log with a seq of its own.',
    fields: z.object({ ...common, edits: seq }),
  },
  MESSAGE_DELETED: {
    doc: 'A message was deleted, for good, whatever changes of it come before or after: `deletes` is its seq. An entry of the log with a seq of its own.',
    fields: z.object({ ...common, deletes: seq }),
  },
  pending_messages: {
    doc: 'What did not fit into the login reply, until `more` is false.',
    fields: z.object({ messages: z.array(message), more: z.boolean() }),
  },
  ...events,
  SESSION_ENDED: sessionEnded,
} as const;
