import { type Form, writePush } from '../../protocol/index.ts';
import { groupOf } from '../chat-id.ts';
import { toWire } from '../entries.ts';
import { withText } from '../history/edit-texts.ts';
import {
  CONNECTION_LIFE,
  type Device,
  type Inbox,
  type LogEntry,
  type Member,
  type Millis,
  type Posted,
} from '../model.ts';
import type { Connections, Gateway, History, Inboxes, Members, World } from '../ports.ts';
import { type MarkPendingPorts, markPending } from './mark-pending.ts';

/** What delivering needs. */
export interface DeliverPorts {
  connections: Connections;
  inboxes: Inboxes;
  gateway: Gateway;
  world: World;
}

/** Whom a message is for; a member of a group as their row was. */
export type Recipient = Pick<Member, 'username' | 'mark' | 'turn'>;

interface DeliverOptions {
  /** The connection that the message came by, which gets the reply; the sender's others get a copy. */
  source?: string;
  /**
   * Whether who cannot be posted to because the gateway throttles is returned, to be tried again; else their
   * connection is closed, and they are owed.
   */
  patient?: boolean;
  /** Called with what failed for one recipient, who is returned then; absent, it is thrown. */
  failed?: (error: unknown) => void;
}

/** What handing a message over needs. */
interface HandOverPorts extends DeliverPorts, MarkPendingPorts {
  members: Members;
  /** The texts of edits. */
  history: Pick<History, 'getMany'>;
}

/**
 * Hands a stored message to its recipients: to each device that is there, or to the inbox of who is away. When it
 * returns, each recipient has been posted to, or is owed (docs/guarantees.md, the inbox), or is among those that it returns.
 * @param recipients the sender may be among them only in a chat with oneself
 * @returns who has still to be reached
 */
export async function deliver(
  ports: HandOverPorts,
  entry: LogEntry,
  recipients: readonly Recipient[],
  { source, patient = false, failed }: DeliverOptions,
): Promise<Recipient[]> {
  const { sender } = entry;
  const names = recipients.map(({ username }) => username);
  const echoes = source !== undefined && !names.includes(sender);
  // After the append: either this read sees a connection, or that connection's login reads the log.
  const inboxes = await ports.inboxes.getMany(echoes ? [...names, sender] : names);
  const inboxOf = (username: string) => inboxes.get(username) as Inbox;
  const told = await withText(ports.history, entry);
  const reach = (each: Recipient): Promise<boolean> => {
    const handed = handOver(ports, told, each, inboxOf(each.username), patient);
    if (failed === undefined) return handed;
    return handed.catch((error: unknown) => {
      failed(error);
      return false;
    });
  };
  const [reached] = await Promise.all([
    Promise.all(recipients.map(reach)),
    echoes && postToDevices(ports, sender, inboxOf(sender), frameOf(told, sender), { except: source }),
  ]);
  return recipients.filter((_, index) => !reached[index]);
}

/**
 * Until somebody took it, or it is owed. A turn that ends neither way has taken a dead connection out.
 * @param told with the text that an edit had after the inbox was read: a device that connects behind a deletion gets none
 */
async function handOver(
  ports: HandOverPorts,
  told: LogEntry,
  { username, mark, turn }: Recipient,
  inbox: Inbox,
  patient: boolean,
): Promise<boolean> {
  const { chat } = told;
  for (let current = inbox, entry = told; ; entry = await withText(ports.history, entry)) {
    const posted = await postToDevices(ports, username, current, frameOf(entry, username), { patient });
    if (posted.taken) return true;
    if (posted.throttled) return false;
    current = posted.inbox;
    if (current.connections.size > 0) continue;
    const owed = await markPending(ports, username, entry, current);
    if (typeof owed !== 'number') {
      current = owed;
      continue;
    }
    // Until their next login, the member list alone tells that they need nothing.
    if (groupOf(chat) !== undefined) await ports.members.markAway({ chat, username, mark, turn }, owed);
    return true;
  }
}

/** An entry as one user's devices get it. */
function frameOf(entry: LogEntry, viewer: string): (form: Form) => string {
  const wire = toWire(entry, viewer);
  return (form) => writePush(wire, form);
}

interface PostOptions {
  /** A connection that is left out. */
  except?: string;
  /** Whether throttled connections are let alone. */
  patient?: boolean;
  /** Whether a frame that does not get through is dropped: only connections that are gone are taken out. */
  dispensable?: boolean;
}

/**
 * Posts to every device of a user but one, and takes out those that are dead.
 * @returns whether anybody took it, or could have but for the gateway's rate; and the inbox as it then is
 */
export async function postToDevices(
  ports: DeliverPorts,
  username: string,
  inbox: Inbox,
  frame: (form: Form) => string,
  { except, patient = false, dispensable = false }: PostOptions = {},
): Promise<{ taken: boolean; throttled: boolean; inbox: Inbox }> {
  const devices = [...inbox.connections].filter(([id]) => id !== except);
  const results = await Promise.all(
    devices.map(async ([id, device]) => ({
      id,
      result: await post(ports, id, device, frame(device.form)),
    })),
  );
  const taken = results.some(({ result }) => result === 'taken');
  // Another device has it already: this one must come back, and ask for what it lacks.
  const spare = patient && !taken;
  let current = inbox;
  for (const { id, result } of results) {
    if (result === 'taken' || (result === 'throttled' && spare) || (result !== 'gone' && dispensable))
      continue;
    current = await dropConnection(ports, username, id, result, lastSeen(inbox));
  }
  return { taken, throttled: spare && results.some(({ result }) => result === 'throttled'), inbox: current };
}

const post = async (ports: DeliverPorts, id: string, device: Device, frame: string) =>
  isTooOld(ports.world, device) ? 'gone' : ports.gateway.post(id, frame);

const isTooOld = (world: World, { since }: Device): boolean => world.now() - since > CONNECTION_LIFE;

/** Whether a device that an inbox lists is gone for good: nobody may have told its end. Asked in vain, it counts as there. */
export const isGone = async (
  { gateway, world }: Pick<DeliverPorts, 'gateway' | 'world'>,
  connectionId: string,
  device: Device,
): Promise<boolean> => isTooOld(world, device) || !(await gateway.isOpen(connectionId));

/**
 * Takes a connection out of its user's inbox. One that is not gone but cannot be reached is closed as well,
 * and unbound, so that its client comes back and gets what it is owed.
 * @param seen when the user was last there, as far as is known
 */
export async function dropConnection(
  { gateway, connections, inboxes }: DeliverPorts,
  username: string,
  connectionId: string,
  why: Exclude<Posted, 'taken'>,
  seen: Millis,
): Promise<Inbox> {
  if (why !== 'gone') {
    await gateway.close(connectionId);
    await connections.unbind(connectionId, username);
  }
  return inboxes.disconnect(username, connectionId, seen);
}

/** When a user last was there, 0 for who never was. A connection whose end nobody noticed shows at least when it began. */
export const lastSeen = ({ connections, lastSeen: noted = 0 }: Inbox): Millis =>
  Math.max(noted, ...[...connections.values()].map(({ since }) => since));
