import type { presence as command, ReplyOf, RequestOf } from '../../protocol/index.ts';
import { currentUser } from '../current-user.ts';
import { timestamp } from '../entries.ts';
import type { Caller } from '../model.ts';
import type { DeliverPorts } from './deliver.ts';
import { presenceOfAll } from './online.ts';

/**
 * Returns who is online, and when the others last were. Users who don't exist were never online.
 * @throws ChatError `not_logged_in`
 */
export async function presence(
  ports: DeliverPorts,
  { usernames }: RequestOf<typeof command>,
  caller: Caller,
): Promise<ReplyOf<typeof command>> {
  await currentUser(ports, caller);
  const there = await presenceOfAll(ports, [...new Set(usernames)]);
  const users = [...there].map(([username, { online, seen }]) => ({
    username,
    online,
    last_seen: online || seen === 0 ? undefined : timestamp(seen),
  }));
  return { users };
}
