import type { FanOut, LogEntry, Member, Millis } from '../model.ts';
import type { Copies, FanOutQueue, History, Members } from '../ports.ts';
import { type DeliverPorts, deliver, type Recipient } from './deliver.ts';
import { claimPart, fixEnd, sendPart } from './fan-out-parts.ts';
import { type Entries, gather, isClose, MOST_GATHERED } from './gather.ts';
import type { MarkPendingPorts } from './mark-pending.ts';
import { POST_AND_CLOSE } from './patient-post.ts';

/** The ports of `fanOut`. */
export interface FanOutPorts extends DeliverPorts, MarkPendingPorts {
  members: Members;
  /** The texts of edits, and the message before. */
  history: Pick<History, 'newest' | 'getMany'>;
  fanOutQueue: FanOutQueue;
  copies: Copies;
  /** Members that one invocation delivers to. */
  fanOutPageSize: number;
  /** How long messages in quick succession to a group of more than a page wait for one another; 0 for not at all. */
  batchWindow: Millis;
}

// Members in one batch: what one BatchGetItem reads, and as many concurrent posts.
const BATCH = 100;
// After this many retries, throttled connections are closed with the message pending, and errors are thrown.
const MAX_TRIES = 10;

/**
 * Delivers a group's message to the first page of its members, and queues the next page and what there is no time for. A
 * member with an away note costs only the read of their row. Of messages in quick succession to more than a page, each but
 * the first goes through the queue, where they gather (gather.ts).
 * @param source the connection that sent the message; absent if none did
 * @param isFree whether later pages count on nobody's rate
 */
export async function fanOut(
  ports: FanOutPorts,
  entry: LogEntry,
  { source, isFree = false }: { source?: string | undefined; isFree?: boolean },
): Promise<void> {
  const { chat, seq } = entry;
  const part: Part = { chat, seq, ...(isFree && { free: true }) };
  const rows = await readPart(ports, part);
  if (endOf(ports, rows) !== undefined && (await waits(ports, entry))) {
    await sendPart(ports, part, { in: ports.batchWindow });
    // To the sender's other devices.
    if (source !== undefined) await deliver(ports, [entry], [], { source });
  } else await deliverPage(ports, [entry], await takePart(ports, part, rows), part, source);
}

/** Whether a message waits for others. */
async function waits({ history, batchWindow }: FanOutPorts, entry: LogEntry): Promise<boolean> {
  if (batchWindow === 0) return false;
  const [before] = await history.newest(entry.chat, 1, entry.seq - 1);
  return isClose(entry, before, batchWindow);
}

/**
 * Resumes a queued fan-out, unless another copy does. A failure before anybody is posted to requeues this part as it is; a
 * later one requeues only the members that failed, by name.
 * @param found called with the message before it is delivered. It pays for all that go with it: which one that is, is left
 *   to chance, and none pays more than if it went alone
 * @throws the error, after `MAX_TRIES`
 */
export async function resume(
  ports: FanOutPorts & { history: History },
  rest: FanOut,
  found: (entry: LogEntry) => void = () => {},
): Promise<void> {
  const { chat, seq, tries = 0 } = rest;
  const page = await (async () => {
    const claim = claimPart(ports, rest);
    // Another may have taken it along.
    if (isWaiting(rest) && !(await claim)) return undefined;
    const [isMine, stored] = await Promise.all([claim, entriesOf(ports, rest)]);
    if (!isMine) return undefined;
    const [first, ...others] = stored;
    if (first === undefined) throw new Error(`The queued message ${chat} ${seq} does not exist`);
    found(first);
    // Read after the log, so that everybody who joined before one of the messages gets it.
    const rows = await readPart(ports, rest);
    const entries: Entries = isWaiting(rest)
      ? await gather(ports, [first, ...others], endOf(ports, rows) === undefined ? 0 : ports.batchWindow)
      : [first, ...others];
    const also = entries.slice(1).map((entry) => entry.seq);
    const part = { ...rest, ...(also.length > 0 && { also }) };
    return { entries, part, rows: await takePart(ports, part, rows) };
  })().catch(async (error: unknown) => {
    if (tries >= MAX_TRIES) throw error;
    await sendPart(ports, { ...rest, tries: tries + 1 }, { after: error });
    return undefined;
  });
  if (page) await deliverPage(ports, page.entries, page.rows, page.part);
}

/** Whether the part is a message that has waited for others: to all members, from the first one on. */
const isWaiting = ({ after, names }: Part): boolean => after === undefined && names === undefined;

/** The messages of a part; of one that has waited, the log from it on. */
async function entriesOf(
  { history }: { history: History },
  { chat, seq, also, ...rest }: FanOut,
): Promise<readonly LogEntry[]> {
  if (also === undefined && !isWaiting({ chat, seq, ...rest })) {
    const entry = await history.get(chat, seq);
    return entry ? [entry] : [];
  }
  const length = also === undefined ? MOST_GATHERED : (also.at(-1) ?? seq) - seq + 1;
  const { entries } = await history.from(chat, seq, length);
  return entries.filter((entry) => also === undefined || entry.seq === seq || also.includes(entry.seq));
}

/** Delivers to a page, and queues the members that it could not reach. */
async function deliverPage(
  ports: FanOutPorts,
  entries: Entries,
  rows: readonly Member[],
  part: Part,
  source?: string,
): Promise<void> {
  const { names, tries = 0 } = part;
  // Only a list of names counts throttling: the retries of a page were for reading its members.
  const waited = names ? tries : 0;
  const recipients = rows.filter((row) => entries.some((entry) => needsDelivery(row, entry)));
  const left = await reach(ports, entries, recipients, { source, patient: waited < MAX_TRIES });
  await requeue(ports, messagesOf(part), waited, left);
}

type Part = Omit<FanOut, 'copy'>;

/** A part without whom it is for. */
const messagesOf = ({ chat, seq, also, free }: Part): Part => ({
  chat,
  seq,
  ...(also && { also }),
  ...(free && { free }),
});

/** Queues the page behind a part. @param rows the members of the part, read again if an earlier attempt found others */
async function takePart(ports: FanOutPorts, rest: Part, rows: Member[]): Promise<Member[]> {
  if (rest.names) return rows;
  const read = endOf(ports, rows);
  // A group of one page has no chain of pages that a sender's repeat could start again, so it needs no write.
  if (rest.after === undefined && read === undefined) return rows;
  const end = await fixEnd(ports, rest, read);
  await sendNext(ports, rest, end);
  return read === end ? rows : readUpTo(ports, rest, end);
}

const readPart = (
  { members, fanOutPageSize }: FanOutPorts,
  { chat, after = '', names }: Part,
): Promise<Member[]> =>
  names
    ? members.getMany(names.map((username) => ({ chat, username })))
    : members.page(chat, after, fanOutPageSize);

/** The last member of a page, if it is full: then another page follows. */
const endOf = ({ fanOutPageSize }: FanOutPorts, rows: readonly Member[]): string | undefined =>
  rows.length < fanOutPageSize ? undefined : rows.at(-1)?.username;

/** Queues the page behind a member, before this one is posted to anybody, so that both run in parallel. */
async function sendNext(ports: FanOutPorts, part: Part, after: string | undefined): Promise<void> {
  if (after !== undefined) await sendPart(ports, { ...messagesOf(part), after });
}

/** Reads a page whose end an earlier attempt has fixed, whoever has joined or left since. */
async function readUpTo(
  { members, fanOutPageSize }: FanOutPorts,
  { chat, after = '' }: Part,
  end: string | undefined,
): Promise<Member[]> {
  const rows: Member[] = [];
  for (let from: string | undefined = after; from !== undefined && (end === undefined || from < end); ) {
    const next: Member[] = await members.page(chat, from, fanOutPageSize);
    rows.push(...next);
    from = next.length < fanOutPageSize ? undefined : next.at(-1)?.username;
  }
  return rows.filter(({ username }) => end === undefined || username <= end);
}

async function requeue(
  ports: FanOutPorts,
  whole: Part,
  waits: number,
  { missed, untried, why }: Unreached,
): Promise<void> {
  const send = async (recipients: readonly Recipient[], tries: number) => {
    const names = recipients.map(({ username }) => username);
    if (names.length === 0) return;
    await sendPart(ports, { ...whole, names, list: ports.runtime.newId(), tries }, { after: why });
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
  entries: Entries,
  recipients: readonly Member[],
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
    const missed = await deliver(ports, entries, batch, {
      source: at === 0 ? source : undefined,
      patient,
      isFor: needsDelivery,
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
