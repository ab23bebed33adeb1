import * as z from 'zod/mini';
import { clientId, content, seq, timestamp } from '../fields.ts';

/** What every way of sending takes: the content, and what makes a repeat of it harmless. */
export const sendFields = {
  content,
  /** The same on every repeat of one message; it is then stored once. */
  client_message_id: z.optional(clientId),
  /** The last seq of the chat that the sender had seen when it first sent this. */
  after_seq: z.optional(seq),
};

/** The receipt: where in the chat's log the message stands. */
export const sentFields = { message_id: z.string(), chat_id: z.string(), seq, timestamp };
