import { type Form, writePush } from '../protocol/index.ts';
import { toWire } from './chats.ts';
import type { Connections, Device, Gateway, Inbox, Inboxes, LogEntry, Millis, World } from './ports.ts';

/** What delivering needs. */
export interface DeliverPorts {
  connections: Connections;
  inboxes: Inboxes;
  gateway: Gateway;
  world: World;
}

/** API Gateway ends every connection after 2 hours; what is older than this is dead, whatever the inbox says. */
export const CONNECTION_LIFE: Millis = (2 * 60 + 10) * 60_000;

/**
 * Hands a stored message to everyone it is for: to each device that is there, or to the inbox of who is
 * away. When it returns, each recipient has been posted to or is owed (design.md, idea 2).
 * @param recipients who it is for; the sender may be among them only in a chat with oneself
 * @param source the connection that the message came by, which gets the reply instead of a copy
 */
export async function deliver(
  ports: DeliverPorts,
  entry: LogEntry,
  recipients: readonly string[],
  source: string,
): Promise<void> {
  // After the append: either this read sees a connection, or that connection's login reads the log.
  const inboxes = await ports.inboxes.getMany([...new Set([...recipients, entry.sender])]);
  const toSelf = recipients.includes(entry.sender);
  await Promise.all(
    [...inboxes].map(([username, inbox]) =>
      username === entry.sender && !toSelf
        ? postToDevices(ports, username, inbox, frameOf(entry, username), source)
        : handOver(ports, entry, username, inbox),
    ),
  );
}

/** Until somebody took it, or it is owed. A turn that ends neither way has taken a dead connection out. */
async function handOver(ports: DeliverPorts, entry: LogEntry, username: string, inbox: Inbox): Promise<void> {
  let current: Inbox | undefined = inbox;
  while (current !== undefined) {
    const posted = await postToDevices(ports, username, current, frameOf(entry, username));
    if (posted.taken) return;
    current = posted.inbox;
    if (current.connections.size > 0) continue;
    if ((current.pending.get(entry.chat) ?? Number.POSITIVE_INFINITY) <= entry.seq) return;
    current = await ports.inboxes.owe(username, entry.chat, entry.seq);
  }
}

/** An entry as one user's devices get it. */
function frameOf(entry: LogEntry, viewer: string): (form: Form) => string {
  const wire = toWire(entry, viewer);
  return (form) => writePush(wire, form);
}

/**
 * Posts to every device of a user but one, and takes out those that are dead.
 * @returns whether anybody took it, and the inbox as it then is
 */
export async function postToDevices(
  ports: DeliverPorts,
  username: string,
  inbox: Inbox,
  frame: (form: Form) => string,
  except?: string,
): Promise<{ taken: boolean; inbox: Inbox }> {
  const devices = [...inbox.connections].filter(([id]) => id !== except);
  const results = await Promise.all(
    devices.map(async ([id, device]) => ({
      id,
      device,
      result: await post(ports, id, device, frame(device.form)),
    })),
  );
  let current = inbox;
  for (const { id, device, result } of results) {
    if (result !== 'taken') current = await takeOut(ports, username, id, result, device.since);
  }
  return { taken: results.some(({ result }) => result === 'taken'), inbox: current };
}

const post = async ({ gateway, world }: DeliverPorts, id: string, device: Device, frame: string) =>
  world.now() - device.since > CONNECTION_LIFE ? 'gone' : gateway.post(id, frame);

/**
 * Takes a connection out of its user's inbox. One that is not gone but cannot be reached is closed as well,
 * and unbound, so that its client comes back and gets what it is owed.
 * @param since when it logged in: the user was not seen on it for longer than a connection lives
 */
export async function takeOut(
  { gateway, connections, inboxes, world }: DeliverPorts,
  username: string,
  connectionId: string,
  why: 'gone' | 'failed',
  since: Millis,
): Promise<Inbox> {
  if (why === 'failed') {
    await gateway.close(connectionId);
    await connections.unbind(connectionId, username);
  }
  return inboxes.disconnect(username, connectionId, Math.min(world.now(), since + CONNECTION_LIFE));
}
