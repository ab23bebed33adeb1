import { outcomeFor, type Who } from '../../protocol/command.ts';
import { commands, examples, operatorExamples } from '../../protocol/index.ts';

export { WHO, type Who } from '../../protocol/command.ts';

/** A column of the table in docs/security.md: what each command is answered with. */
export const columnOf = (who: Who, hasProvider: boolean): Record<string, string> =>
  Object.fromEntries(commands.map(({ type }) => [type, outcomeFor(examples[type], who, hasProvider)]));

/** Names for those of the docs. */
export interface Cast {
  user1: string;
  user2: string;
  user3: string;
  groupname1: string;
}

/** The request in the docs, about others: how tests of all commands ask for one that they say nothing particular of. */
export function requestFor(type: string, cast: Cast): Record<string, unknown> & { type: string } {
  const { request } = { ...examples, ...operatorExamples }[type as keyof typeof examples];
  const renamed = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(renamed);
    return typeof value === 'string' && value in cast ? cast[value as keyof Cast] : value;
  };
  return {
    ...Object.fromEntries(Object.entries(request).map(([field, value]) => [field, renamed(value)])),
    type,
  };
}

/** Commands that change nothing, so that tests ask for several in one scene. Others that are not here get a scene each. */
export const LOOKS: readonly string[] = [
  'fetch_history',
  'sync',
  'list_chats',
  'list_members',
  'list_invitations',
  'get_groups',
  'get_profiles',
  'presence',
  'ping',
  'help',
];
