import { bestEffort } from '../after-commit.ts';
import type { Device, Inbox, Millis } from '../model.ts';
import { type DeliverPorts, dropConnection, isGone, lastSeen } from './deliver.ts';

/** Whether a user is online, and when they last were, as far as is known (0: never). */
interface Presence {
  online: boolean;
  seen: Millis;
  /** No user has this name. */
  unknown?: true;
}

// Concurrent lookups: a page of members takes four rounds and leaves sockets and gateway rate for messages.
const AT_ONCE = 50;
// The longest time of one lookup, if the gateway doesn't answer, with all retries.
const MAX_LOOKUP: Millis = 10_000;

/**
 * Looks up which users are online. $disconnect may be lost, so it asks the gateway about the devices in each inbox, newest
 * first, until one is open, and removes those that are gone. API Gateway closes connections after ten idle minutes, so an
 * online user was there within that time. If the gateway can't answer, the inbox decides.
 */
export async function presenceOfAll(
  ports: DeliverPorts,
  usernames: readonly string[],
): Promise<Map<string, Presence>> {
  const inboxes = await ports.inboxes.getMany(usernames);
  const there = new Map([...inboxes.keys()].map((name) => [name, { online: false, seen: 0 }]));
  // All workers share one iterator.
  const left = inboxes.entries();
  const work = async () => {
    for (const [username, inbox] of left) there.set(username, await presenceOf(ports, username, inbox));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return there;
}

/** Terminates because each iteration removes a connection, and one that is gone never comes back, or only by a new login. */
async function presenceOf(ports: DeliverPorts, username: string, inbox: Inbox): Promise<Presence> {
  for (let current = inbox; ; ) {
    const [newest, device] = newestOf(current) ?? [];
    const seen = lastSeen(current);
    if (newest === undefined || device === undefined)
      return { online: false, seen, ...(inbox.missing && { unknown: true }) };
    if (ports.runtime.timeLeft() < MAX_LOOKUP || !(await isGone(ports, newest, device)))
      return { online: true, seen };
    const left = await bestEffort(dropConnection(ports, username, newest, 'gone', seen, device.login));
    current = left ?? without(current, newest);
  }
}

const newestOf = ({ connections }: Inbox): [string, Device] | undefined =>
  [...connections].toSorted(([, one], [, other]) => other.since - one.since)[0];

/** The inbox without a connection that is gone, although the update failed. */
const without = (inbox: Inbox, connectionId: string): Inbox => ({
  ...inbox,
  connections: new Map([...inbox.connections].filter(([id]) => id !== connectionId)),
  lastSeen: lastSeen(inbox),
});
