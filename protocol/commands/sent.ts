import * as z from 'zod/mini';
import { clientId, content, seq, timestamp } from '../fields.ts';

/** What makes a retry harmless, of a message, an edit or a deletion. */
export const retryFields = {
  /** An id of your choice. A retry carries the same one, so it takes effect once. */
  client_message_id: z.optional(clientId),
  /** The last `seq` of the chat that you had seen when you first sent this. */
  after_seq: z.optional(seq),
};

/** The receipt: the entry's place in the log of the chat. */
export const sentFields = { message_id: z.string(), chat_id: z.string(), seq, timestamp };

/** Likewise for a text. */
export const storedFields = {
  ...sentFields,
  /** The text that is stored, if the service's operator has it changed before it is. */
  content: z.optional(content),
};
