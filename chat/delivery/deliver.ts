import { groupOf, writePushes } from '../../protocol/index.ts';
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
import type { Entries } from './gather.ts';
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

interface DeliverOptions<R extends Recipient> {
  /** The connection that sent the message and gets the reply; the sender's other devices get a copy. */
  source?: string;
  /**
   * Whether recipients whose posts the gateway throttles are returned, for another attempt. Otherwise their connections
   * are closed and the message is marked pending.
   */
  patient?: boolean;
  /** Called with the error of one recipient, who is then returned; absent, the error is thrown. */
  failed?: (error: unknown) => void;
  /** Whether a recipient gets an entry; absent, each gets all. */
  isFor?: (recipient: R, entry: LogEntry) => boolean;
}

/** The ports of `deliver`. */
interface MessagePorts extends DeliverPorts, MarkPendingPorts {
  members: Members;
  /** The texts of edits. */
  history: Pick<History, 'getMany'>;
}

/**
 * Posts stored entries to all devices of their recipients, and marks them pending for recipients without one. Afterwards, for
 * each recipient a device has accepted them, they are pending (docs/guarantees.md, the inbox), or the recipient is returned.
 * @param entries of one chat, in order; several fit into one frame
 * @param recipients include the sender only in a chat with oneself
 * @returns the recipients who still have to be reached
 */
export async function deliver<R extends Recipient>(
  ports: MessagePorts,
  entries: Entries,
  recipients: readonly R[],
  { source, patient = false, failed, isFor = () => true }: DeliverOptions<R>,
): Promise<R[]> {
  const [{ sender }] = entries;
  const names = recipients.map(({ username }) => username);
  const echoes = source !== undefined && !names.includes(sender);
  // Must follow the append: either this read sees a connection, or that connection's login sees the entry in the log.
  const inboxes = await ports.inboxes.getMany(echoes ? [...names, sender] : names);
  const inboxOf = (username: string) => inboxes.get(username) as Inbox;
  const { complete, readers } = await textsFor(ports, entries, recipients);
  const reach = async (each: R): Promise<boolean> => {
    const own = complete.filter((entry) => isFor(each, entry));
    if (!isSome(own) || !readers.has(each.username)) return true;
    const delivery = deliverTo(ports, own, each, inboxOf(each.username), patient);
    if (failed === undefined) return delivery;
    return delivery.catch((error: unknown) => {
      failed(error);
      return false;
    });
  };
  const [reached] = await Promise.all([
    Promise.all(recipients.map(reach)),
    echoes && postToDevices(ports, sender, inboxOf(sender), framesOf(complete, sender), { except: source }),
  ]);
  return recipients.filter((_, index) => !reached[index]);
}

const isSome = (entries: readonly LogEntry[]): entries is Entries => entries.length > 0;

/**
 * The entries with the texts of edits, and who may read them. An edit of a group's message may carry the text of another
 * edit, made after a member left. So who is still a member is read after such a text.
 */
async function textsFor(
  { history, members }: MessagePorts,
  entries: Entries,
  recipients: readonly Recipient[],
): Promise<{ complete: Entries; readers: ReadonlySet<string> }> {
  const [{ chat, generation }] = entries;
  const texts = await Promise.all(entries.map((entry) => withText(history, entry)));
  const complete = texts.map(({ entry }) => entry) as [LogEntry, ...LogEntry[]];
  if (!texts.some(({ isOfAnother }) => isOfAnother) || groupOf(chat) === undefined)
    return { complete, readers: new Set(recipients.map(({ username }) => username)) };
  const rows = await members.getMany(recipients.map(({ username }) => ({ chat, username })));
  const readers = rows.filter((row) => row.generation === generation);
  return { complete, readers: new Set(readers.map(({ username }) => username)) };
}

/**
 * Loops until a device accepts the entries or they are marked pending; each iteration in between removes a dead connection.
 * @param first the entries, with an edit's text as read after the inbox. Each iteration reads it again, so that a device
 *   that connects after a deletion doesn't get the deleted text
 * @returns false if the gateway throttles
 */
async function deliverTo(
  ports: MessagePorts,
  first: Entries,
  recipient: Recipient,
  inbox: Inbox,
  patient: boolean,
): Promise<boolean> {
  const [{ chat }] = first;
  const { username, attemptId, loginVersion } = recipient;
  for (let current = inbox, entries = first; ; ) {
    const posted = await postToDevices(ports, username, current, framesOf(entries, username), { patient });
    if (posted.throttled) return false;
    // A device may have accepted the first of them before it was found dead.
    const left = entries.slice(posted.taken);
    if (!isSome(left)) return true;
    current = posted.inbox;
    const pending =
      current.connections.size > 0 ? current : await markPending(ports, username, left[0], current);
    if (typeof pending !== 'number') {
      current = pending;
      const again = await textsFor(ports, left, [recipient]);
      if (!again.readers.has(username)) return true;
      entries = again.complete;
      continue;
    }
    // Until their next login, senders see in the member list that they can skip this member.
    if (groupOf(chat) !== undefined)
      await ports.members.markAway({ chat, username, attemptId, loginVersion }, pending);
    return true;
  }
}

/** The frames of entries for one user's devices: one with all of them, or one each for a client that doesn't know those. */
function framesOf(entries: readonly LogEntry[], viewer: string): FramesFor {
  const wire = entries.map((entry) => toWire(entry, viewer));
  return ({ form, batches }) => {
    const frames = writePushes(wire, form, batches);
    return frames.map((frame) => ({ frame, entries: wire.length / frames.length }));
  };
}

/** The frames for a device, and how many entries each carries. */
type FramesFor = (device: Device) => { frame: string; entries: number }[];

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
 * @returns how many entries a device accepted (`taken`), whether only the gateway's rate prevented that, and the updated inbox
 */
export async function postToDevices(
  ports: DeliverPorts,
  username: string,
  inbox: Inbox,
  frames: FramesFor,
  { except, patient = false, dispensable = false }: PostOptions = {},
): Promise<{ taken: number; throttled: boolean; inbox: Inbox }> {
  const devices = [...inbox.connections].filter(([id]) => id !== except);
  const results = await Promise.all(
    devices.map(async ([id, device]) => ({
      id,
      login: device.login,
      ...(await post(ports, id, device, frames(device))),
    })),
  );
  const taken = Math.max(0, ...results.map(({ entries }) => entries));
  // If a device has accepted any, a throttled one is closed: it reconnects and asks for what it missed.
  const keepThrottled = patient && taken === 0;
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

/** Posts frames in order, up to the first that isn't accepted. @returns its result, and the number of entries that were */
async function post(
  { gateway, runtime }: DeliverPorts,
  id: string,
  device: Device,
  frames: ReturnType<FramesFor>,
): Promise<{ result: Posted; entries: number }> {
  let taken = 0;
  for (const { frame, entries } of frames) {
    const result = hasEnded(runtime, device) ? 'gone' : await gateway.post(id, frame);
    if (result !== 'taken') return { result, entries: taken };
    taken += entries;
  }
  return { result: 'taken', entries: taken };
}

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
