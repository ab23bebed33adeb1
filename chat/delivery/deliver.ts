import { groupOf, writePushes } from '../../protocol/index.ts';
import { type Entries, isSome, toWire } from '../entries.ts';
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
import { POST_AND_CLOSE } from './patient-post.ts';

/** The ports of posting to devices. */
export interface DeliverPorts {
  connections: Connections;
  inboxes: Inboxes;
  gateway: Gateway;
  runtime: Runtime;
}

/** A user to deliver to; in a group, with the member's row as it was read. */
export type Recipient = Pick<Member, 'username' | 'attemptId' | 'loginVersion'>;

/** A recipient who still has to be reached. */
interface Left<R extends Recipient> {
  recipient: R;
  /** The seq of the first entry that is left. */
  from: number;
  /** Whether a device has accepted any. */
  progress: boolean;
}

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
): Promise<Left<R>[]> {
  const [{ sender }] = entries;
  const names = recipients.map(({ username }) => username);
  const echoes = source !== undefined && !names.includes(sender);
  // Must follow the append: either this read sees a connection, or that connection's login sees the entry in the log.
  const inboxes = await ports.inboxes.getMany(echoes ? [...names, sender] : names);
  const inboxOf = (username: string) => inboxes.get(username) as Inbox;
  const { complete, readers } = await textsFor(ports, entries, recipients);
  const reach = async (recipient: R): Promise<Left<R>[]> => {
    const own = complete.filter((entry) => isFor(recipient, entry));
    if (!isSome(own) || !readers.has(recipient.username)) return [];
    const [first] = own;
    const delivery = deliverTo(ports, own, recipient, inboxOf(recipient.username), patient).then((left) =>
      left === undefined ? [] : [{ recipient, from: left, progress: left !== first.seq }],
    );
    if (failed === undefined) return delivery;
    return delivery.catch((error: unknown) => {
      failed(error);
      return [{ recipient, from: first.seq, progress: false }];
    });
  };
  const [left] = await Promise.all([
    Promise.all(recipients.map(reach)),
    echoes && postToDevices(ports, sender, inboxOf(sender), framesOf(complete, sender), { except: source }),
  ]);
  return left.flat();
}

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
 * @returns the seq of the first entry that is left, if the gateway throttles
 */
async function deliverTo(
  ports: MessagePorts,
  first: Entries,
  recipient: Recipient,
  inbox: Inbox,
  patient: boolean,
): Promise<number | undefined> {
  const [{ chat }] = first;
  const { username, attemptId, loginVersion } = recipient;
  for (let current = inbox, entries = first; ; ) {
    const posted = await postToDevices(ports, username, current, framesOf(entries, username), { patient });
    // A device may have accepted the first of them before it was found dead, or throttled.
    const left = entries.slice(posted.taken);
    if (!isSome(left)) return undefined;
    if (posted.throttled) return left[0].seq;
    current = posted.inbox;
    const pending =
      current.connections.size > 0 ? current : await markPending(ports, username, left[0], current);
    if (typeof pending !== 'number') {
      current = pending;
      const again = await textsFor(ports, left, [recipient]);
      if (!again.readers.has(username)) return undefined;
      entries = again.complete;
      continue;
    }
    // Until their next login, senders see in the member list that they can skip this member.
    if (groupOf(chat) !== undefined)
      await ports.members.markAway({ chat, username, attemptId, loginVersion }, pending);
    return undefined;
  }
}

/** The frames of entries for one user's devices. They are cut as they are written: the text of an edit may be another by then. */
function framesOf(entries: readonly LogEntry[], viewer: string): FramesFor {
  const wire = entries.map((entry) => toWire(entry, viewer));
  return ({ form, batches }) => writePushes(wire, form, batches);
}

/** The frames for a device, and how many entries each carries. */
type FramesFor = (device: Device) => { frame: string; messages: number }[];

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
 * @returns how many entries a device accepted (`taken`), whether only the gateway's rate prevented more, and the updated inbox
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
  // If another device has accepted more, a throttled one is closed: it reconnects and asks for what it missed.
  const canWait = ({ result, entries }: Accepted) => patient && result === 'throttled' && entries === taken;
  let current = inbox;
  for (const { id, login, result, entries } of results) {
    if (result === 'taken' || canWait({ result, entries }) || (result !== 'gone' && dispensable)) continue;
    current = await dropConnection(ports, username, id, result, lastSeen(inbox), login);
  }
  return {
    taken,
    throttled: results.some(canWait),
    inbox: current,
  };
}

/** The result of the last frame that was posted to a device, and how many entries it has accepted. */
interface Accepted {
  result: Posted;
  entries: number;
}

/** Posts frames in order, up to the first that isn't accepted. What there is no time for counts as throttled. */
async function post(
  { gateway, runtime }: DeliverPorts,
  id: string,
  device: Device,
  frames: ReturnType<FramesFor>,
): Promise<Accepted> {
  let entries = 0;
  for (const { frame, messages } of frames) {
    if (entries > 0 && runtime.timeLeft() < POST_AND_CLOSE) return { result: 'throttled', entries };
    const result = hasEnded(runtime, device) ? 'gone' : await gateway.post(id, frame);
    if (result !== 'taken') return { result, entries };
    entries += messages;
  }
  return { result: 'taken', entries };
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
