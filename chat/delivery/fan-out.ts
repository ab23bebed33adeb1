import type { FanOut, LogEntry, Member } from '../model.ts';
import type { Copies, FanOutQueue, History, Members } from '../ports.ts';
import { type DeliverPorts, deliver, type Recipient } from './deliver.ts';
import { claimPart, sendPart } from './fan-out-parts.ts';
import type { MarkPendingPorts } from './mark-pending.ts';
import { POST_AND_CLOSE } from './patient-post.ts';

/** The ports of `fanOut`. */
export interface FanOutPorts extends DeliverPorts, MarkPendingPorts {
  members: Members;
  /** The texts of edits. */
  history: Pick<History, 'getMany'>;
  fanOutQueue: FanOutQueue;
  /** Members that one invocation delivers to. */
  fanOutPageSize: number;
}

// Members in one batch: what one BatchGetItem reads, and as many concurrent posts.
const BATCH = 100;
// After this many retries, throttled connections are closed with the message pending, and errors are thrown.
const MAX_TRIES = 10;

/**
 * Delivers a group's message to one page of its members, and queues the next page and what there is no time for. A
 * member with an away note costs only the read of their row.
 * @param source the connection that sent the message; absent in an invocation from the queue
 */
export async function fanOut(
  ports: FanOutPorts,
  entry: LogEntry,
  rest: Pick<FanOut, 'after' | 'names' | 'tries'>,
  source?: string,
): Promise<void> {
  await deliverPage(ports, { entry, recipients: await takePage(ports, entry, rest) }, rest, source);
}

/**
 * Resumes a queued fan-out, unless another copy does. A failure before the next page is queued requeues this part as it
 * is; a later one requeues only the members that failed, by name.
 * @param found called with the message before it is delivered
 * @throws the error, after `MAX_TRIES`
 */
export async function resume(
  ports: FanOutPorts & { history: History; copies: Copies },
  rest: FanOut,
  found: (entry: LogEntry) => void = () => {},
): Promise<void> {
  const { chat, seq, tries = 0 } = rest;
  const page = await (async () => {
    const [isMine, stored] = await Promise.all([claimPart(ports, rest), ports.history.get(chat, seq)]);
    if (!isMine) return undefined;
    if (stored === undefined) throw new Error(`The queued message ${chat} ${seq} does not exist`);
    found(stored);
    return { entry: stored, recipients: await takePage(ports, stored, rest) };
  })().catch(async (error: unknown) => {
    if (tries >= MAX_TRIES) throw error;
    await sendPart(ports, { ...rest, tries: tries + 1 }, error);
    return undefined;
  });
  if (page) await deliverPage(ports, page, rest);
}

/** Delivers to a page, and queues the members that it could not reach. */
async function deliverPage(
  ports: FanOutPorts,
  { entry, recipients }: { entry: LogEntry; recipients: readonly Member[] },
  { names, tries = 0 }: Pick<FanOut, 'names' | 'tries'>,
  source?: string,
): Promise<void> {
  // Only a list of names counts throttling: the retries of a page were for reading its members.
  const waits = names ? tries : 0;
  const left = await reach(ports, entry, recipients, { source, patient: waits < MAX_TRIES });
  await requeue(ports, entry, waits, left);
}

/** Reads the members of this page. Queues the next page before anybody is posted to, so that both run in parallel. */
async function takePage(
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
  return rows.filter((row) => needsDelivery(row, entry));
}

async function requeue(
  ports: FanOutPorts,
  { chat, seq }: LogEntry,
  waits: number,
  { missed, untried, why }: Unreached,
): Promise<void> {
  const send = async (recipients: readonly Recipient[], tries: number) => {
    const names = recipients.map(({ username }) => username);
    if (names.length > 0)
      await sendPart(ports, { chat, seq, names, list: ports.runtime.newId(), tries }, why);
  };
  await send(missed, waits + 1);
  await send(untried, waits);
}

/** The recipients that a message has not reached. */
interface Unreached {
  /** The gateway throttled the post, or delivery failed. */
  missed: readonly Recipient[];
  /** Not attempted. */
  untried: readonly Recipient[];
  why?: unknown;
}

async function reach(
  ports: FanOutPorts,
  entry: LogEntry,
  recipients: readonly Recipient[],
  { source, patient }: { source?: string; patient: boolean },
): Promise<Unreached> {
  // The first batch includes the sender's other devices, even if there are no other recipients.
  for (let at = 0; at === 0 || at < recipients.length; at += BATCH) {
    if (ports.runtime.timeLeft() < POST_AND_CLOSE)
      return { missed: [], untried: recipients.slice(at), why: 'no time left' };
    const batch = recipients.slice(at, at + BATCH);
    let why: unknown = 'the gateway throttles';
    const failed = (error: unknown) => {
      why = error;
    };
    // An error answers the sender if one waits for a reply; in the queue, only the failed members are retried.
    const canRetry = source === undefined && patient;
    const missed = await deliver(ports, entry, batch, {
      source: at === 0 ? source : undefined,
      patient,
      ...(canRetry && { failed }),
    }).catch((error: unknown) => {
      if (!canRetry) throw error;
      // With `failed`, `deliver` throws only before it has posted to anybody.
      failed(error);
      return batch;
    });
    if (missed.length > 0) return { missed, untried: recipients.slice(at + BATCH), why };
  }
  return { missed: [], untried: [] };
}

/** Excludes the sender, members who joined after the message, and those whose away note covers it. */
const needsDelivery = ({ username, since, away, generation }: Member, entry: LogEntry): boolean =>
  username !== entry.sender &&
  generation === entry.generation &&
  since <= entry.seq &&
  (away === undefined || away > entry.seq);
