import {
  groupOf,
  limits,
  login,
  type ReplyOf,
  sync,
  type WireMessage,
  writePending,
  writePush,
  writeReply,
} from '../../protocol/index.ts';
import { type DeliverPorts, dropConnection } from '../delivery/deliver.ts';
import { postPatiently } from '../delivery/patient-post.ts';
import { bytesOf, sizeOf } from '../frame-size.ts';
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

/** One frame to post, and the messages that it carries. */
interface PendingFrame {
  frame: string;
  messages: readonly WireMessage[];
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
  const frames = caller.form === 'json' ? jsonFrames : textFrames;
  let reached: Position | undefined;
  let framesSinceAck = 0;
  let hasReplied = false;
  const ack = async () => {
    framesSinceAck = 0;
    if (reached) await pointers.acknowledge(before(pointers.pending, reached));
  };
  const ackNewFrames = async () => (framesSinceAck > 0 ? ack() : undefined);
  for await (const { frame, messages } of frames(session, pendingMessages(ports, session, pointers, ack))) {
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
  const { username, caller } = session;
  await pointers.readGroups();
  const { pending } = pointers;
  await pointers.markBack(groupsIn(pending));
  const post = async (frame: string) => {
    const result = await postPatiently(ports, caller.connectionId, frame);
    if (result === 'taken') return true;
    await dropConnection(ports, username, caller.connectionId, result, ports.runtime.now());
    return false;
  };
  if (!(await post(replyFrame(session, [], true)))) return;
  const upTo = knownUpTo(listed, pointers.upTo);
  const news = await newsIn(ports, username, walk, [...listed, ...pending.keys()], upTo);
  if (!(await post(writeReply(sync, 'json', pageOf(news, news.next))))) return;
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

type Messages = AsyncIterable<WireMessage>;

/** `login_success`, then a `receive` frame for each message. */
async function* textFrames(session: Session, messages: Messages): AsyncGenerator<PendingFrame> {
  yield { frame: replyFrame(session, []), messages: [] };
  for await (const message of messages) yield { frame: writePush(message, 'text'), messages: [message] };
}

/** The reply with as many messages as fit, then further frames with the rest. */
async function* jsonFrames(session: Session, messages: Messages): AsyncGenerator<PendingFrame> {
  let isReply = true;
  let page: WireMessage[] = [];
  const write = (more: boolean) => (isReply ? replyFrame(session, page, more) : writePending(page, more));
  let room = limits.frameBytes - bytesOf(write(true));
  for await (const message of messages) {
    const size = sizeOf(message);
    // A message larger than a page gets a frame of its own, never the reply's.
    if (size > room && (page.length > 0 || isReply)) {
      yield { frame: write(true), messages: page };
      isReply = false;
      page = [];
      room = limits.frameBytes - bytesOf(write(true));
    }
    page.push(message);
    room -= size;
  }
  yield { frame: write(false), messages: page };
}

const replyFrame = (
  { username, caller, groups, session, requestId }: Session,
  page: WireMessage[],
  more = false,
) =>
  writeReply(
    login,
    caller.form,
    { username, pending_messages: page, groups, ...session, more: more || undefined },
    requestId,
  );
