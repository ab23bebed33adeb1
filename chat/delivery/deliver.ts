import { type Form, groupOf, writePush } from '../../protocol/index.ts';
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
import type { Connections, Gateway, History, Inboxes, Members, Runtime } from '../ports.ts';
import { type MarkPendingPorts, markPending } from './mark-pending.ts';

/** The ports of posting to devices. */
export interface DeliverPorts {
  connections: Connections;
  inboxes: Inboxes;
  gateway: Gateway;
  runtime: Runtime;
}

/** A user to deliver to; in a group, with the member's row as it was read. */
export type Recipient = Pick<Member, 'username' | 'attemptId' | 'loginVersion'>;

interface DeliverOptions {
  /** The connection that sent the message and gets the reply; the sender's other devices get a copy. */
  source?: string;
  /**
   * Whether recipients whose posts the gateway throttles are returned, for another attempt. Otherwise their connections
   * are closed and the message is marked pending.
   */
  patient?: boolean;
  /** Called with the error of one recipient, who is then returned; absent, the error is thrown. */
  failed?: (error: unknown) => void;
}

/** The ports of `deliver`. */
interface MessagePorts extends DeliverPorts, MarkPendingPorts {
  members: Members;
  /** The texts of edits. */
  history: Pick<History, 'getMany'>;
}

/**
 * Posts a stored entry to all devices of its recipients, and marks it pending for recipients without one. Afterwards, for
 * each recipient a device has accepted it, it is pending (docs/guarantees.md, the inbox), or the recipient is returned.
 * @param recipients include the sender only in a chat with oneself
 * @returns the recipients who still have to be reached
 */
export async function deliver(
  ports: MessagePorts,
  entry: LogEntry,
  recipients: readonly Recipient[],
  { source, patient = false, failed }: DeliverOptions,
): Promise<Recipient[]> {
  const { sender } = entry;
  const names = recipients.map(({ username }) => username);
  const echoes = source !== undefined && !names.includes(sender);
  // Must follow the append: either this read sees a connection, or that connection's login sees the entry in the log.
  const inboxes = await ports.inboxes.getMany(echoes ? [...names, sender] : names);
  const inboxOf = (username: string) => inboxes.get(username) as Inbox;
  const { entry: complete, readers } = await textFor(ports, entry, recipients);
  const reach = async (each: Recipient): Promise<boolean> => {
    if (!readers.has(each.username)) return true;
    const delivery = deliverTo(ports, complete, each, inboxOf(each.username), patient);
    if (failed === undefined) return delivery;
    return delivery.catch((error: unknown) => {
      failed(error);
      return false;
    });
  };
  const [reached] = await Promise.all([
    Promise.all(recipients.map(reach)),
    echoes && postToDevices(ports, sender, inboxOf(sender), frameOf(complete, sender), { except: source }),
  ]);
  return recipients.filter((_, index) => !reached[index]);
}

/**
 * The entry with an edit's text, and who may read it. An edit of a group's message may carry the text of another edit,
 * made after a member left. So who is still a member is read after such a text.
 */
async function textFor(
  { history, members }: MessagePorts,
  entry: LogEntry,
  recipients: readonly Recipient[],
): Promise<{ entry: LogEntry; readers: ReadonlySet<string> }> {
  const { entry: complete, isOfAnother } = await withText(history, entry);
  const { chat, generation } = entry;
  if (!isOfAnother || groupOf(chat) === undefined)
    return { entry: complete, readers: new Set(recipients.map(({ username }) => username)) };
  const rows = await members.getMany(recipients.map(({ username }) => ({ chat, username })));
  const readers = rows.filter((row) => row.generation === generation);
  return { entry: complete, readers: new Set(readers.map(({ username }) => username)) };
}

/**
 * Loops until a device accepts the entry or it is marked pending; each iteration in between removes a dead connection.
 * @param first the entry, with an edit's text as read after the inbox. Each iteration reads it again, so that a device
 *   that connects after a deletion doesn't get the deleted text
 * @returns false if the gateway throttles
 */
async function deliverTo(
  ports: MessagePorts,
  first: LogEntry,
  recipient: Recipient,
  inbox: Inbox,
  patient: boolean,
): Promise<boolean> {
  const { chat } = first;
  const { username, attemptId, loginVersion } = recipient;
  for (let current = inbox, entry = first; ; ) {
    const posted = await postToDevices(ports, username, current, frameOf(entry, username), { patient });
    if (posted.taken) return true;
    if (posted.throttled) return false;
    current = posted.inbox;
    const pending =
      current.connections.size > 0 ? current : await markPending(ports, username, entry, current);
    if (typeof pending !== 'number') {
      current = pending;
      const again = await textFor(ports, entry, [recipient]);
      if (!again.readers.has(username)) return true;
      entry = again.entry;
      continue;
    }
    // Until their next login, senders see in the member list that they can skip this member.
    if (groupOf(chat) !== undefined)
      await ports.members.markAway({ chat, username, attemptId, loginVersion }, pending);
    return true;
  }
}

/** The frame of an entry for one user's devices. */
function frameOf(entry: LogEntry, viewer: string): (form: Form) => string {
  const wire = toWire(entry, viewer);
  return (form) => writePush(wire, form);
}

interface PostOptions {
  /** A connection to skip. */
  except?: string;
  /** Whether throttled connections stay open. */
  patient?: boolean;
  /** Whether the frame may be lost: then only connections that are gone are removed. */
  dispensable?: boolean;
}

/**
 * Posts to all devices of a user except one, and removes dead connections.
 * @returns `taken` if a device accepted it, `throttled` if only the gateway's rate prevented that; and the updated inbox
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
      login: device.login,
      result: await post(ports, id, device, frame(device.form)),
    })),
  );
  const taken = results.some(({ result }) => result === 'taken');
  // If another device has accepted it, a throttled one is closed: it reconnects and asks for what it missed.
  const keepThrottled = patient && !taken;
  let current = inbox;
  for (const { id, login, result } of results) {
    if (result === 'taken' || (result === 'throttled' && keepThrottled) || (result !== 'gone' && dispensable))
      continue;
    current = await dropConnection(ports, username, id, result, lastSeen(inbox), login);
  }
  return {
    taken,
    throttled: keepThrottled && results.some(({ result }) => result === 'throttled'),
    inbox: current,
  };
}

const post = async (ports: DeliverPorts, id: string, device: Device, frame: string) =>
  hasEnded(ports.runtime, device) ? 'gone' : ports.gateway.post(id, frame);

/** Whether the device's connection is too old to be open, or its login has expired. */
function hasEnded(runtime: Runtime, { since, until }: Device): boolean {
  const now = runtime.now();
  return now - since > CONNECTION_LIFE || (until !== undefined && until <= now);
}

/**
 * Whether a listed device is gone: $disconnect may have been lost, or its login has expired. If the gateway can't tell, it
 * counts as open.
 */
export const isGone = async (
  { gateway, runtime }: Pick<DeliverPorts, 'gateway' | 'runtime'>,
  connectionId: string,
  device: Device,
): Promise<boolean> => hasEnded(runtime, device) || !(await gateway.isOpen(connectionId));

/**
 * Removes a connection from its user's inbox. If it is unreachable but not gone, it is closed and unbound as well, so that
 * its client reconnects and gets what is pending.
 * @param seen when the user was last online, as far as is known
 * @param login the login id of the device that is gone: one whose login has expired may log in again meanwhile
 */
export async function dropConnection(
  { gateway, connections, inboxes }: DeliverPorts,
  username: string,
  connectionId: string,
  why: Exclude<Posted, 'taken'>,
  seen: Millis,
  login?: string,
): Promise<Inbox> {
  if (why !== 'gone') {
    await gateway.close(connectionId);
    await connections.unbind(connectionId, username);
  }
  return inboxes.disconnect(username, connectionId, seen, login);
}

/** When a user was last online, 0 for never. A connection that ended unnoticed counts from its login. */
export const lastSeen = ({ connections, lastSeen: noted = 0 }: Inbox): Millis =>
  Math.max(noted, ...[...connections.values()].map(({ since }) => since));
