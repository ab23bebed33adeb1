import * as z from 'zod/mini';
import { clientId, groupName, seq, timestamp, userId } from './fields.ts';

/** Of every message. */
export const common = {
  message_id: z.string(),
  chat_id: z.string(),
  seq,
  sender: userId,
  /** A message of the service's own: `sender` is "system" then, and stands for no user, whatever users are called. */
  system: z.optional(z.literal(true)),
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
export const privateMessage = z.object({ ...common, recipient: userId });

/** A message of a group, as history and pending lists carry it. */
export const groupMessage = z.object({ ...common, groupname: groupName, group_id: groupName });

/** A message of either kind; only a group's has a `group_id`. */
export const message = z.union([privateMessage, groupMessage]);

export type WireMessage = z.infer<typeof message>;
