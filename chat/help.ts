import { type help as command, commands, type ReplyOf, usageOf } from '../protocol/index.ts';
import type { Policy } from './model.ts';

/** Refused where users come from an identity provider (chat/accounts/change-password.ts). */
const FOR_PASSWORDS = new Set(['register', 'change_password']);

/** The commands of the text grammar that this service takes, one per line. */
export const help = ({ policy }: { policy: Policy }): ReplyOf<typeof command> => ({
  lines: commands
    .filter((each) => 'text' in each && !(policy.hasProvider && FOR_PASSWORDS.has(each.type)))
    .map((each) => `${usageOf(each)} - ${each.doc}`),
});
