import { bestEffort } from '../after-commit.ts';
import type { Device, Inbox, Millis } from '../model.ts';
import { type DeliverPorts, dropConnection, isGone, lastSeen } from './deliver.ts';

/** Whether a user is there; and when they last were, as far as is known: 0 for who never was. */
interface Presence {
  online: boolean;
  seen: Millis;
}

// A page of members is done in four rounds, and leaves sockets and throttle to messages.
const AT_ONCE = 50;
// A look takes this long at worst, with a gateway that does not answer, and its repeats.
const LOOK: Millis = 10_000;

/**
 * Who of some users is there. An inbox says who came, but the end of a connection may have been told to nobody: so the gateway
 * is asked about the devices that it lists, the newest first, until one is open. API Gateway closes what was silent for ten
 * minutes, so that whoever is shown was there within those. What is gone is taken out. Where the gateway cannot be asked, the
 * inbox stands.
 */
export async function presenceOfAll(
  ports: DeliverPorts,
  usernames: readonly string[],
): Promise<Map<string, Presence>> {
  const inboxes = await ports.inboxes.getMany(usernames);
  const there = new Map([...inboxes.keys()].map((name) => [name, { online: false, seen: 0 }]));
  // All workers take from the same iterator.
  const left = inboxes.entries();
  const work = async () => {
    for (const [username, inbox] of left) there.set(username, await presenceOf(ports, username, inbox));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return there;
}

/** Each turn that does not end it has a connection less: none comes back that is gone. */
async function presenceOf(ports: DeliverPorts, username: string, inbox: Inbox): Promise<Presence> {
  for (let current = inbox; ; ) {
    const [newest, device] = newestOf(current) ?? [];
    const seen = lastSeen(current);
    if (newest === undefined || device === undefined) return { online: false, seen };
    if (ports.world.timeLeft() < LOOK || !(await isGone(ports, newest, device)))
      return { online: true, seen };
    const left = await bestEffort(dropConnection(ports, username, newest, 'gone', seen));
    current = left ?? without(current, newest);
  }
}

const newestOf = ({ connections }: Inbox): [string, Device] | undefined =>
  [...connections].toSorted(([, one], [, other]) => other.since - one.since)[0];

/** The inbox as it will be once somebody takes out a connection that is gone. */
const without = (inbox: Inbox, connectionId: string): Inbox => ({
  ...inbox,
  connections: new Map([...inbox.connections].filter(([id]) => id !== connectionId)),
  lastSeen: lastSeen(inbox),
});
