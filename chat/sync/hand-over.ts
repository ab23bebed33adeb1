import {
  groupOf,
  login,
  loginFrames,
  type ReplyOf,
  sync,
  type WireMessage,
  writeReply,
} from '../../protocol/index.ts';
import { type DeliverPorts, dropConnection } from '../delivery/deliver.ts';
import { postPatiently } from '../delivery/patient-post.ts';
import type { Caller, Member, Millis } from '../model.ts';
import type { History, Members } from '../ports.ts';
import { before } from './acknowledge.ts';
import { knownUpTo, newsIn, type Position, pageOf, type Walk } from './news.ts';
import type { PendingPointers, PointerPorts } from './pending-pointers.ts';
import { type LogStart, messagesFrom } from './read-logs.ts';

/** The ports of a login's delivery. */
export interface HandOverPorts extends DeliverPorts, PointerPorts {
  members: Members;
  history: History;
}

/** The login whose reply this is. */
interface Session {
  username: string;
  caller: Caller;
  requestId?: string;
  groups: string[];
  /** The session's fields in the reply. */
  session: Pick<ReplyOf<typeof login>, 'session_token' | 'session_expires'>;
  /** When the login expires; absent for never. */
  until?: Millis;
}

/** The client's cursors, and its user's chats from the index, which may lag. */
export interface Behind {
  walk: Walk;
  listed: readonly string[];
}

// Pointers are moved forward this often, and before each wait: a login that dies causes at most this many repeated frames.
const FRAMES_PER_ACK = 50;

/**
 * Posts the login reply and all pending messages, oldest first within each chat, and acknowledges what the gateway has
 * accepted. It waits while the gateway throttles, and closes the connection when time runs out. What has not been posted
 * then, when the login expires, or when it dies halfway, stays pending (docs/guarantees.md, the inbox).
 */
export async function handOverPending(
  ports: HandOverPorts,
  session: Session,
  pointers: PendingPointers,
): Promise<void> {
  const { username, caller, until = Number.POSITIVE_INFINITY } = session;
  let reached: Position | undefined;
  let framesSinceAck = 0;
  let hasReplied = false;
  const ack = async () => {
    framesSinceAck = 0;
    if (reached) await pointers.acknowledge(before(pointers.pending, reached));
  };
  const ackNewFrames = async () => (framesSinceAck > 0 ? ack() : undefined);
  const pending = pendingMessages(ports, session, pointers, ack);
  const frames = loginFrames(caller.form, replyTo(session), pending, session.requestId);
  for await (const { frame, messages } of frames) {
    // Everybody gets their reply.
    if (hasReplied && until <= ports.runtime.now()) return ackNewFrames();
    // If this login ends while it waits, the next one continues from there.
    const result = await postPatiently(ports, caller.connectionId, frame, ackNewFrames);
    if (result !== 'taken') {
      // If the connection is gone, it may have lost the last frames.
      if (result !== 'gone') await ackNewFrames();
      await dropConnection(ports, username, caller.connectionId, result, ports.runtime.now());
      return;
    }
    hasReplied = true;
    const last = messages.at(-1);
    if (last) reached = { from_chat: last.chat_id, from_seq: last.seq + 1 };
    if (++framesSinceAck >= FRAMES_PER_ACK) await ackNewFrames();
  }
  const all = [...pointers.pending.keys()].map((chat) => ({ chat }));
  // Others caused the cost of what was pending. A login that ends before this must pay for it, or its client could cause
  // it again and again.
  if (await pointers.acknowledge(all)) caller.waiveSurplus?.();
}

/**
 * Posts the login reply and one page of what came after the client's cursors; the client continues with `sync` at its own
 * speed. The page is acknowledged when the gateway has accepted it, later pages by the next `sync`.
 */
export async function handOverPage(
  ports: HandOverPorts,
  session: Session,
  pointers: PendingPointers,
  { walk, listed }: Behind,
): Promise<void> {
  const { username, caller, requestId } = session;
  await pointers.readGroups();
  const { pending } = pointers;
  await pointers.markBack(groupsIn(pending));
  const post = async (frame: string) => {
    const result = await postPatiently(ports, caller.connectionId, frame);
    if (result === 'taken') return true;
    await dropConnection(ports, username, caller.connectionId, result, ports.runtime.now());
    return false;
  };
  const reply = { ...replyTo(session), pending_messages: [], more: true };
  if (!(await post(writeReply(login, caller.form, reply, requestId)))) return;
  const upTo = knownUpTo(listed, pointers.upTo);
  const news = await newsIn(ports, username, walk, [...listed, ...pending.keys()], upTo);
  if (!(await post(writeReply(sync, caller.form, pageOf(news, news.next))))) return;
  const end = { from_chat: walk.to_chat ?? BEHIND_ALL };
  await pointers.acknowledge(before(pending, news.next ?? end));
}

// Sorts after all chat ids, which are printable ASCII.
const BEHIND_ALL = '\x7f';

/**
 * All pending messages, ordered by chat id.
 * @param ack called before each further page of the overflow, which may be long
 */
async function* pendingMessages(
  { history }: HandOverPorts,
  session: Session,
  pointers: PendingPointers,
  ack: () => Promise<void>,
): AsyncGenerator<WireMessage> {
  for (let done = ''; ; ) {
    const { upTo = BEHIND_ALL } = pointers;
    // A chat whose pointers span two pages has been read to its end with the first one.
    const next = new Map([...pointers.pending].filter(([chat]) => chat > done && chat <= upTo));
    const rows = await pointers.markBack(groupsIn(next));
    yield* messagesFrom(history, session.username, readable(rows, next));
    if (pointers.upTo === undefined) return;
    done = upTo;
    await ack();
    await pointers.readOn();
  }
}

const groupsIn = (pending: ReadonlyMap<string, number>): string[] =>
  [...pending.keys()].filter((chat) => groupOf(chat) !== undefined);

/** Where each chat's pending messages begin; groups that the user has left are omitted. */
function readable(rows: readonly Member[], pending: ReadonlyMap<string, number>): LogStart[] {
  const found = new Map(rows.map((row) => [row.chat, row]));
  return [...pending].flatMap(([chat, from]) => {
    if (groupOf(chat) === undefined) return [{ chat, start: from }];
    const row = found.get(chat);
    return row ? [{ chat, start: Math.max(row.since, from), generation: row.generation }] : [];
  });
}

const replyTo = ({ username, groups, session }: Session) => ({ username, groups, ...session });
