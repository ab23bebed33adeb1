import type { FanOut, LogEntry, Member } from '../model.ts';
import type { Copies, FanOutQueue, History, Members } from '../ports.ts';
import { type DeliverPorts, deliver, type Recipient } from './deliver.ts';
import { claimPart, sendPart } from './fan-out-parts.ts';
import type { MarkPendingPorts } from './mark-pending.ts';
import { POST_AND_CLOSE } from './patient-post.ts';

/** What a message to a group needs to reach its members. */
export interface FanOutPorts extends DeliverPorts, MarkPendingPorts {
  members: Members;
  /** The texts of edits. */
  history: Pick<History, 'getMany'>;
  fanOutQueue: FanOutQueue;
  /** Members whom one invocation takes on. */
  fanOutPageSize: number;
}

// As many inboxes as the database reads at once, and as many posts at a time.
const WIDTH = 100;
// After so many waits a throttled connection is closed after all, and its user owed; and what still fails is told.
const TRIES = 10;

/**
 * Hands a group's message to members, a page of their list in one go; what is behind it, and what there is no time
 * for, is done later. Who is away and owed already costs nothing but their row.
 * @param source the connection that the message came by; absent in what is done later
 */
export async function fanOut(
  ports: FanOutPorts,
  entry: LogEntry,
  rest: Pick<FanOut, 'after' | 'names' | 'tries'>,
  source?: string,
): Promise<void> {
  await handOver(ports, { entry, recipients: await take(ports, entry, rest) }, rest, source);
}

/**
 * Goes on with what was put off, if no other copy of it does. What fails before the place where the next goes on has been
 * sent is put off once more, as it is; from there on only those whom it failed for are, by name.
 * @param found is called with the message before it goes out
 * @throws what failed once too often
 */
export async function resume(
  ports: FanOutPorts & { history: History; copies: Copies },
  rest: FanOut,
  found: (entry: LogEntry) => void = () => {},
): Promise<void> {
  const { chat, seq, tries = 0 } = rest;
  const begun = await (async () => {
    const [isMine, stored] = await Promise.all([claimPart(ports, rest), ports.history.get(chat, seq)]);
    if (!isMine) return undefined;
    if (stored === undefined) throw new Error(`There is no ${chat} ${seq}`);
    found(stored);
    return { entry: stored, recipients: await take(ports, stored, rest) };
  })().catch(async (error: unknown) => {
    if (tries >= TRIES) throw error;
    await sendPart(ports, { ...rest, tries: tries + 1 }, error);
    return undefined;
  });
  if (begun) await handOver(ports, begun, rest);
}

/** Reaches whom it can, and puts off the others. */
async function handOver(
  ports: FanOutPorts,
  { entry, recipients }: { entry: LogEntry; recipients: readonly Member[] },
  { names, tries = 0 }: Pick<FanOut, 'names' | 'tries'>,
  source?: string,
): Promise<void> {
  // A page's own tries were for its list.
  const waits = names ? tries : 0;
  const left = await reach(ports, entry, recipients, { source, patient: waits < TRIES });
  await requeue(ports, entry, waits, left);
}

/** Whom this one takes on. Where the next goes on is sent last, and before anybody is reached, so that it goes on meanwhile. */
async function take(
  ports: FanOutPorts,
  entry: LogEntry,
  { after = '', names }: Pick<FanOut, 'after' | 'names'>,
): Promise<Member[]> {
  const { members, fanOutPageSize } = ports;
  const { chat, seq } = entry;
  const rows = names
    ? await members.getMany(names.map((username) => ({ chat, username })))
    : await members.page(chat, after, fanOutPageSize);
  if (!names && rows.length >= fanOutPageSize)
    await sendPart(ports, { chat, seq, after: rows.at(-1)?.username });
  return rows.filter((row) => isFor(row, entry));
}

async function requeue(
  ports: FanOutPorts,
  { chat, seq }: LogEntry,
  waits: number,
  { missed, untried, why }: Left,
): Promise<void> {
  const send = async (those: readonly Recipient[], tries: number) => {
    const names = those.map(({ username }) => username);
    if (names.length > 0) await sendPart(ports, { chat, seq, names, list: ports.world.newId(), tries }, why);
  };
  await send(missed, waits + 1);
  await send(untried, waits);
}

/** Whom a message has still to reach. */
interface Left {
  /** There was no room at the gateway, or something failed for them. */
  missed: readonly Recipient[];
  /** Their turn did not come. */
  untried: readonly Recipient[];
  why?: unknown;
}

async function reach(
  ports: FanOutPorts,
  entry: LogEntry,
  recipients: readonly Recipient[],
  { source, patient }: { source?: string; patient: boolean },
): Promise<Left> {
  // The sender's own devices go with the first, though there may be nobody else.
  for (let at = 0; at === 0 || at < recipients.length; at += WIDTH) {
    if (ports.world.timeLeft() < POST_AND_CLOSE)
      return { missed: [], untried: recipients.slice(at), why: 'no time left' };
    const some = recipients.slice(at, at + WIDTH);
    let why: unknown = 'the gateway throttles';
    const failed = (error: unknown) => {
      why = error;
    };
    // Who waits for a reply is told; what the queue brings is tried again, for those alone whom it failed for.
    const isToldNobody = source === undefined && patient;
    const missed = await deliver(ports, entry, some, {
      source: at === 0 ? source : undefined,
      patient,
      ...(isToldNobody && { failed }),
    }).catch((error: unknown) => {
      if (!isToldNobody) throw error;
      // Before anybody was reached.
      failed(error);
      return some;
    });
    if (missed.length > 0) return { missed, untried: recipients.slice(at + WIDTH), why };
  }
  return { missed: [], untried: [] };
}

/** Who joined after the message has no part in it; who is away and owed it from before needs nothing. */
const isFor = ({ username, since, away, generation }: Member, entry: LogEntry): boolean =>
  username !== entry.sender &&
  generation === entry.generation &&
  since <= entry.seq &&
  (away === undefined || away > entry.seq);
