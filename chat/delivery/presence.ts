import type { presence as command, ReplyOf, RequestOf } from '../../protocol/index.ts';
import { currentUser } from '../current-user.ts';
import { timestamp } from '../entries.ts';
import type { Caller } from '../model.ts';
import type { DeliverPorts } from './deliver.ts';
import { presenceOfAll } from './online.ts';

/**
 * Returns who is online, when the others last were, and which names no user has. Every registered user has an inbox, so
 * that costs no further read.
 * @throws ChatError `not_logged_in`
 */
export async function presence(
  ports: DeliverPorts,
  { usernames }: RequestOf<typeof command>,
  caller: Caller,
): Promise<ReplyOf<typeof command>> {
  await currentUser(ports, caller);
  const there = await presenceOfAll(ports, [...new Set(usernames)]);
  const users = [...there].map(([username, { online, seen, unknown }]) => ({
    username,
    online,
    last_seen: online || seen === 0 ? undefined : timestamp(seen),
    unknown,
  }));
  return { users };
}
