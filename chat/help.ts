import { type help as command, commands, type ReplyOf, usageOf } from '../protocol/index.ts';
import type { Policy } from './model.ts';

/** Refused where users come from an identity provider (chat/accounts/change-password.ts). */
const FOR_PASSWORDS = new Set(['register', 'change_password']);

/** Whether this service refuses a command to all. */
const isRefused = ({ hasProvider, registration }: Policy, type: string): boolean =>
  (hasProvider && FOR_PASSWORDS.has(type)) || (registration === 'closed' && type === 'register');

/** The commands of the text grammar that this service takes, one per line. */
export const help = ({ policy }: { policy: Policy }): ReplyOf<typeof command> => ({
  lines: commands
    .filter((each) => 'text' in each && !isRefused(policy, each.type))
    .map((each) => `${usageOf(each)} - ${each.doc}`),
});
