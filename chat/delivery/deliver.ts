import { type Form, groupOf, takesSeveral, writePush, writePushes } from '../../protocol/index.ts';
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
  /** Whether only time is lacking: nothing was refused. */
  late: boolean;
}

// After so long, frames to one recipient are posted no more: what their inbox, the members and the texts were is too old.
const IN_TURN: Millis = 1_000;

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
    const left = { recipient, from: own[0].seq, progress: false, late: false };
    const delivery = deliverTo(ports, own, left, inboxOf(recipient.username), patient);
    const isReached = failed
      ? delivery.catch((error: unknown) => {
          failed(error);
          return false;
        })
      : delivery;
    return (await isReached) ? [] : [left];
  };
  const [left] = await Promise.all([
    Promise.all(recipients.map(reach)),
    echoes && echo(ports, complete, inboxOf(sender), source),
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

/** Posts entries to the other devices of their sender. */
async function echo(ports: DeliverPorts, entries: Entries, inbox: Inbox, except: string): Promise<void> {
  const [{ sender }] = entries;
  for (const { frame } of framesOf(entries, sender, inbox))
    await postToDevices(ports, sender, inbox, frame, { except });
}

/**
 * Posts frame by frame, until a device has accepted each or the rest is marked pending; in between it removes dead connections.
 * @param first the entries, with an edit's text as read after the inbox. It is read again once a device is found dead, so
 *   that one that connects after a deletion doesn't get the deleted text
 * @param left is told from which entry on they are left
 * @returns false if they are left, as the gateway throttles or it takes too long
 */
async function deliverTo(
  ports: MessagePorts,
  first: Entries,
  left: Left<Recipient>,
  inbox: Inbox,
  patient: boolean,
): Promise<boolean> {
  const { runtime } = ports;
  const [{ chat }] = first;
  const { username, attemptId, loginVersion } = left.recipient;
  const begun = runtime.now();
  let current = inbox;
  let entries = first;
  let frames = framesOf(entries, username, current);
  for (let next = frames.shift(); next !== undefined; next = frames.shift()) {
    const posted = await postToDevices(ports, username, current, next.frame, { patient });
    if (posted.taken) {
      const rest = entries.slice(next.messages);
      if (!isSome(rest)) return true;
      if (posted.inbox !== current) frames = framesOf(rest, username, posted.inbox);
      current = posted.inbox;
      entries = rest;
      const late = runtime.now() - begun > IN_TURN || runtime.timeLeft() < POST_AND_CLOSE;
      Object.assign(left, { from: rest[0].seq, progress: true, late });
      if (late) return false;
      continue;
    }
    if (posted.throttled) return false;
    current = posted.inbox;
    const pending =
      current.connections.size > 0 ? current : await markPending(ports, username, entries[0], current);
    if (typeof pending === 'number') {
      // Until their next login, senders see in the member list that they can skip this member.
      if (groupOf(chat) !== undefined)
        await ports.members.markAway({ chat, username, attemptId, loginVersion }, pending);
      return true;
    }
    current = pending;
    const again = await textsFor(ports, entries, [left.recipient]);
    if (!again.readers.has(username)) return true;
    entries = again.complete;
    frames = framesOf(entries, username, current);
  }
  return true;
}

/** A frame in the form of each device, and how many entries it carries. */
interface Frame {
  frame: (form: Form) => string;
  messages: number;
}

/**
 * The frames of entries for one user's devices, cut as they are written: the text of an edit may be another by then. Each
 * carries the same entries to all devices, so that none gets ahead: several if all take several.
 */
function framesOf(entries: Entries, viewer: string, { connections }: Inbox): Frame[] {
  const wire = entries.map((entry) => toWire(entry, viewer));
  const devices = [...connections.values()];
  if (wire.length > 1 && devices.length > 0 && devices.every(takesSeveral))
    return writePushes(wire).map(({ frame, messages }) => ({ frame: () => frame, messages }));
  return wire.map((message) => ({ frame: (form) => writePush(message, form), messages: 1 }));
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
 * Posts a frame to all devices of a user except one, and removes dead connections.
 * @returns whether a device accepted it (`taken`), whether only the gateway's rate prevented that, and the updated inbox
 */
export async function postToDevices(
  ports: DeliverPorts,
  username: string,
  inbox: Inbox,
  frame: Frame['frame'],
  { except, patient = false, dispensable = false }: PostOptions = {},
): Promise<{ taken: boolean; throttled: boolean; inbox: Inbox }> {
  const { gateway, runtime } = ports;
  const devices = [...inbox.connections].filter(([id]) => id !== except);
  const results = await Promise.all(
    devices.map(async ([id, device]) => ({
      id,
      login: device.login,
      result: hasEnded(runtime, device) ? ('gone' as const) : await gateway.post(id, frame(device.form)),
    })),
  );
  const taken = results.some(({ result }) => result === 'taken');
  // If another device has accepted it, a throttled one is closed: it reconnects and asks for what it missed.
  const canWait = (result: Posted) => patient && result === 'throttled' && !taken;
  let current = inbox;
  for (const { id, login, result } of results) {
    if (result === 'taken' || canWait(result) || (result !== 'gone' && dispensable)) continue;
    current = await dropConnection(ports, username, id, result, lastSeen(inbox), login);
  }
  return { taken, throttled: results.some(({ result }) => canWait(result)), inbox: current };
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
