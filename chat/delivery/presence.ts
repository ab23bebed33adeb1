import type { presence as command, ReplyOf, RequestOf } from '../../protocol/index.ts';
import { timestamp } from '../chat-id.ts';
import { loggedIn } from '../current-user.ts';
import type { Caller } from '../ports.ts';
import type { DeliverPorts } from './deliver.ts';
import { whoIsThere } from './online.ts';

/**
 * Who is there, and when the others last were. Who does not exist was never there.
 * @throws ChatError `not_logged_in`
 */
export async function presence(
  ports: DeliverPorts,
  { usernames }: RequestOf<typeof command>,
  caller: Caller,
): Promise<ReplyOf<typeof command>> {
  await loggedIn(ports.connections, caller);
  const there = await whoIsThere(ports, [...new Set(usernames)]);
  const users = [...there].map(([username, { online, seen }]) => ({
    username,
    online,
    last_seen: online || seen === 0 ? undefined : timestamp(seen),
  }));
  return { users };
}
