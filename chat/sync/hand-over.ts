import {
  limits,
  login,
  type ReplyOf,
  sync,
  type WireMessage,
  writePending,
  writePush,
  writeReply,
} from '../../protocol/index.ts';
import { groupOf } from '../chat-id.ts';
import { type DeliverPorts, dropConnection } from '../delivery/deliver.ts';
import { postPatiently } from '../delivery/patient-post.ts';
import { bytesOf, sizeOf } from '../frame-size.ts';
import type { Caller, Member } from '../model.ts';
import type { History, Members } from '../ports.ts';
import { before } from './acknowledge.ts';
import { knownUpTo, newsIn, type Position, pageOf, type Walk } from './news.ts';
import { inTurns, type PendingPointers, type PointerPorts } from './pending-pointers.ts';
import { type LogStart, messagesFrom } from './read-logs.ts';

/** What handing over what is pending needs. */
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
  /** What the reply tells of the session. */
  session: Pick<ReplyOf<typeof login>, 'session_token' | 'session_expires'>;
}

/** What a client has already, and the chats of its user, which the index may not know all of yet. */
export interface Behind {
  walk: Walk;
  listed: readonly string[];
}

/** One frame to post, and the messages that it carries. */
interface PendingFrame {
  frame: string;
  messages: readonly WireMessage[];
}

// How many frames may have to be sent again if a login dies: pointers are moved on this often, and before each wait.
const FRAMES_PER_SETTLEMENT = 50;

/**
 * Posts the login reply and all that is pending, oldest first within each chat, and takes off the pointers
 * of what the gateway took. While the gateway throttles, it waits; when time runs out, it closes the connection. What was
 * not posted by then, or when a login dies halfway, is still owed (docs/guarantees.md, the inbox).
 */
export async function handOverPending(
  ports: HandOverPorts,
  session: Session,
  pointers: PendingPointers,
): Promise<void> {
  const { username, caller } = session;
  const frames = caller.form === 'json' ? jsonFrames : textFrames;
  let reached: Position | undefined;
  let sinceSettled = 0;
  const settle = async () => {
    sinceSettled = 0;
    if (reached) await pointers.acknowledge(before(pointers.pending, reached));
  };
  const settleReached = async () => (sinceSettled > 0 ? settle() : undefined);
  for await (const { frame, messages } of frames(session, messagesOwed(ports, session, pointers, settle))) {
    // Should this login end while it waits, the next one goes on where this one stopped.
    const result = await postPatiently(ports, caller.connectionId, frame, settleReached);
    if (result !== 'taken') {
      // A connection that ended may have lost the last frames.
      if (result !== 'gone') await settleReached();
      await dropConnection(ports, username, caller.connectionId, result, ports.world.now());
      return;
    }
    const last = messages.at(-1);
    if (last) reached = { from_chat: last.chat_id, from_seq: last.seq + 1 };
    if (++sinceSettled >= FRAMES_PER_SETTLEMENT) await settleReached();
  }
  await pointers.acknowledge([...pointers.pending.keys()].map((chat) => ({ chat })));
}

/**
 * Posts the login reply, and one page of what came after the client's cursors, whatever is pending; the client goes on
 * with `sync`, as fast as it reads. What the page carries is settled when the gateway took it, and what comes behind by
 * that `sync`.
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
  await rowsOfOwed(ports.members, session, pending);
  await pointers.adoptGroups();
  const post = async (frame: string) => {
    const result = await postPatiently(ports, caller.connectionId, frame);
    if (result === 'taken') return true;
    await dropConnection(ports, username, caller.connectionId, result, ports.world.now());
    return false;
  };
  if (!(await post(replyFrame(session, [], true)))) return;
  const upTo = knownUpTo(listed, pointers.upTo);
  const news = await newsIn(ports, username, walk, [...listed, ...pending.keys()], upTo);
  if (!(await post(writeReply(sync, 'json', pageOf(news, news.next))))) return;
  const end = { from_chat: walk.to_chat ?? BEHIND_ALL };
  await pointers.acknowledge(before(pending, news.next ?? end));
}

// No chat id is behind it.
const BEHIND_ALL = '~';

/**
 * All messages that are owed, chat by chat in the order of their ids.
 * @param settle is called before more of the overflow is read: it may be long
 */
async function* messagesOwed(
  { members, history }: HandOverPorts,
  session: Session,
  pointers: PendingPointers,
  settle: () => Promise<void>,
): AsyncGenerator<WireMessage> {
  for (let done = ''; ; ) {
    const { upTo = BEHIND_ALL } = pointers;
    // A chat that one page of the overflow ends with, and the next begins with, was read to its end.
    const next = new Map([...pointers.pending].filter(([chat]) => chat > done && chat <= upTo));
    const rows = await rowsOfOwed(members, session, next);
    yield* messagesFrom(history, session.username, readable(rows, next));
    if (pointers.upTo === undefined) return;
    done = upTo;
    await settle();
    await pointers.readOn();
  }
}

/**
 * The user's rows in the groups that are owed. Each says from now on that the user must be looked for, before the
 * log is read: what is not handed over from there, its sender hands over.
 */
async function rowsOfOwed(
  members: Members,
  { username }: Session,
  pending: ReadonlyMap<string, number>,
): Promise<Member[]> {
  const groups = [...pending.keys()].filter((chat) => groupOf(chat) !== undefined);
  const rows = await inTurns(groups, (chat) => members.markBack(chat, username));
  return rows.flatMap((row) => row ?? []);
}

/** Where each chat's messages begin for this user; a group that they have left has none. */
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

/** The reply with as many messages as fit, then frames with the rest. */
async function* jsonFrames(session: Session, messages: Messages): AsyncGenerator<PendingFrame> {
  let isReply = true;
  let page: WireMessage[] = [];
  const write = (more: boolean) => (isReply ? replyFrame(session, page, more) : writePending(page, more));
  let room = limits.frameBytes - bytesOf(write(true));
  for await (const message of messages) {
    const size = sizeOf(message);
    // A message that is larger than a whole page goes alone, and never with the reply.
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
