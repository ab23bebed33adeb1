import type { FanOut, LogEntry, Member } from '../model.ts';
import type { Copies, FanOutQueue, History, Members } from '../ports.ts';
import { type DeliverPorts, deliver, type Recipient } from './deliver.ts';
import { claimPart, fixEnd, sendPart } from './fan-out-parts.ts';
import type { MarkPendingPorts } from './mark-pending.ts';
import { POST_AND_CLOSE } from './patient-post.ts';

/** The ports of `fanOut`. */
export interface FanOutPorts extends DeliverPorts, MarkPendingPorts {
  members: Members;
  /** The texts of edits. */
  history: Pick<History, 'getMany'>;
  fanOutQueue: FanOutQueue;
  copies: Copies;
  /** Members that one invocation delivers to. */
  fanOutPageSize: number;
}

// Members in one batch: what one BatchGetItem reads, and as many concurrent posts.
const BATCH = 100;
// After this many retries, throttled connections are closed with the message pending, and errors are thrown.
const MAX_TRIES = 10;

/**
 * Delivers a group's message to the first page of its members, and queues the next page and what there is no time for. A
 * member with an away note costs only the read of their row.
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
  await deliverPage(ports, entry, await takePart(ports, part), part, source);
}

/**
 * Resumes a queued fan-out, unless another copy does. A failure before anybody is posted to requeues this part as it is; a
 * later one requeues only the members that failed, by name.
 * @param found called with the message before it is delivered
 * @throws the error, after `MAX_TRIES`
 */
export async function resume(
  ports: FanOutPorts & { history: History },
  rest: FanOut,
  found: (entry: LogEntry) => void = () => {},
): Promise<void> {
  const { chat, seq, tries = 0 } = rest;
  const page = await (async () => {
    const [isMine, stored] = await Promise.all([claimPart(ports, rest), ports.history.get(chat, seq)]);
    if (!isMine) return undefined;
    if (stored === undefined) throw new Error(`The queued message ${chat} ${seq} does not exist`);
    found(stored);
    return { entry: stored, rows: await takePart(ports, rest) };
  })().catch(async (error: unknown) => {
    if (tries >= MAX_TRIES) throw error;
    await sendPart(ports, { ...rest, tries: tries + 1 }, error);
    return undefined;
  });
  if (page) await deliverPage(ports, page.entry, page.rows, rest);
}

/** Delivers to a page, and queues the members that it could not reach. */
async function deliverPage(
  ports: FanOutPorts,
  entry: LogEntry,
  rows: readonly Member[],
  { names, tries = 0, free }: Part,
  source?: string,
): Promise<void> {
  // Only a list of names counts throttling: the retries of a page were for reading its members.
  const waits = names ? tries : 0;
  const recipients = rows.filter((row) => needsDelivery(row, entry));
  const left = await reach(ports, entry, recipients, { source, patient: waits < MAX_TRIES });
  await requeue(ports, { chat: entry.chat, seq: entry.seq, ...(free && { free }) }, waits, left);
}

type Part = Omit<FanOut, 'copy'>;

/** Reads the members of a part, and queues the page behind it. */
async function takePart(ports: FanOutPorts, rest: Part): Promise<Member[]> {
  const rows = await readPart(ports, rest);
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
async function sendNext(
  ports: FanOutPorts,
  { chat, seq, free }: Part,
  after: string | undefined,
): Promise<void> {
  if (after !== undefined) await sendPart(ports, { chat, seq, after, ...(free && { free }) });
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
    if (names.length > 0) await sendPart(ports, { ...whole, names, list: ports.runtime.newId(), tries }, why);
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
