import * as z from 'zod/mini';
import type { events } from './commands/index.ts';

/** Why a session ended that its own connection did not end, and the sentence for its user. */
export const endings = {
  password_changed: 'Your password was changed on another connection: log in with the new one.',
  password_reset: 'An administrator has reset your password: log in with the new one.',
  logged_out_everywhere: 'You were logged out everywhere, from another connection.',
  erased: 'This account was deleted.',
} as const;

/** Sent to a connection before it is closed. */
export const sessionEnded = {
  doc: 'The session of this connection has ended, and the service closes the connection next. Do not log in again automatically. `code` is `password_changed`, `password_reset`, `logged_out_everywhere` or `erased`.',
  fields: z.object({ code: z.enum(Object.keys(endings) as [Ending, ...Ending[]]), reason: z.string() }),
} as const;

export type Ending = keyof typeof endings;

/** Any one of the events, as its push. */
export type ChatEvent = {
  [T in keyof typeof events]: { type: T } & z.infer<(typeof events)[T]['fields']>;
}[keyof typeof events];
