import { type Entries, isSome } from '../entries.ts';
import type { FanOut, LogEntry, Member, Millis } from '../model.ts';
import type { Copies, FanOutQueue, History, Members } from '../ports.ts';
import { type DeliverPorts, deliver } from './deliver.ts';
import { claimPart, fixEnd, type Part, sendPart, seqsOf, withSeqs } from './fan-out-parts.ts';
import { gather, isClose, windowOf } from './gather.ts';
import type { MarkPendingPorts } from './mark-pending.ts';
import { POST_AND_CLOSE } from './patient-post.ts';

/** The ports of `fanOut`. */
export interface FanOutPorts extends DeliverPorts, MarkPendingPorts {
  members: Members;
  /** The texts of edits, and the message before. */
  history: Pick<History, 'newest' | 'from' | 'getMany'>;
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
  const { batchWindow } = ports;
  const part: Part = { chat, seq, ...(isFree && { free: true }) };
  const rows = await readPart(ports, part);
  if (endOf(ports, rows) === undefined || !(await waits(ports, entry)))
    return deliverPage(ports, [entry], await takePart(ports, part, rows), part, source);
  const waiting = { ...messagesOf(part), seq: undefined, seqs: [seq], window: windowOf(entry, batchWindow) };
  await sendPart(ports, waiting, { in: batchWindow });
  // To the sender's other devices.
  if (source !== undefined) await deliver(ports, [entry], [], { source });
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
 * @param found called with the message that pays, before it is delivered: the first that the part names, or of those that still
 *   exist
 * @throws the error, after `MAX_TRIES`
 */
export async function resume(
  ports: FanOutPorts,
  rest: FanOut,
  found: (entry: LogEntry) => void = () => {},
): Promise<void> {
  const { tries = 0 } = rest;
  const page = await (async () => {
    const part = rest.window === undefined ? rest : await gathered(ports, rest);
    if (part === undefined) return undefined;
    const [isMine, entries] = await Promise.all([claimPart(ports, part), entriesOf(ports, part)]);
    if (!isMine) return undefined;
    if (!isSome(entries)) throw new Error(`The queued message ${part.chat} ${seqsOf(part)} does not exist`);
    found(entries.find(({ seq }) => seq === seqsOf(part)[0]) ?? entries[0]);
    // Read after the log, so that everybody who joined before one of the messages gets it.
    return { entries, part, rows: await takePart(ports, part, await readPart(ports, part)) };
  })().catch(async (error: unknown) => {
    if (tries >= MAX_TRIES) throw error;
    await sendPart(ports, { ...rest, tries: tries + 1 }, { after: error });
    return undefined;
  });
  if (page) await deliverPage(ports, page.entries, page.rows, page.part);
}

/** A part that has waited, with the messages that go with its own; undefined if another part has those. */
async function gathered(ports: FanOutPorts, waiting: FanOut): Promise<FanOut | undefined> {
  const seqs = await gather(ports, waiting);
  const { seq: _, seqs: __, window: ___, ...part } = waiting;
  return seqs && { ...part, ...withSeqs(seqs) };
}

/** The messages of a part that still exist, in order. */
async function entriesOf({ history }: FanOutPorts, part: Part): Promise<LogEntry[]> {
  const entries = await history.getMany(seqsOf(part).map((seq) => ({ chat: part.chat, seq })));
  return entries.toSorted((one, other) => one.seq - other.seq);
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
  const waits = names ? tries : 0;
  const recipients = rows.filter((row) => entries.some((entry) => needsDelivery(row, entry)));
  const { left, why } = await reach(ports, entries, recipients, { source, patient: waits < MAX_TRIES });
  const requeue = ({ names, from, again, late }: ReturnType<typeof listsOf>[number]) => {
    const seqs = seqsOf(part).filter((seq) => seq >= from);
    const list = { ...messagesOf(part, seqs), names, list: ports.runtime.newId(), tries: waits + again };
    return sendPart(ports, list, late ? undefined : { after: why });
  };
  await Promise.all(listsOf(left).map(requeue));
}

/** A part without whom it is for. */
const messagesOf = ({ chat, free, ...part }: Part, seqs = seqsOf(part as Part)): Part => ({
  chat,
  ...withSeqs(seqs),
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

/** A member whom messages have not reached. */
interface Unreached {
  username: string;
  /** The first of the messages that are left. */
  from: number;
  /** 1 if none has reached them although it was tried; it is retried `MAX_TRIES` times. */
  again: 0 | 1;
  /** Whether only time is lacking, so that they go on at once. */
  late: boolean;
}

/** The members who lack the same messages, after as many tries. */
function listsOf(left: readonly Unreached[]): (Omit<Unreached, 'username'> & { names: string[] })[] {
  const lists = new Map<string, Omit<Unreached, 'username'> & { names: string[] }>();
  for (const { username, from, again, late } of left) {
    const key = `${from} ${again} ${late}`;
    const list = lists.get(key) ?? { from, again, late, names: [] };
    lists.set(key, list);
    list.names.push(username);
  }
  return [...lists.values()];
}

async function reach(
  ports: FanOutPorts,
  entries: Entries,
  recipients: readonly Member[],
  { source, patient }: { source?: string | undefined; patient: boolean },
): Promise<{ left: readonly Unreached[]; why?: unknown }> {
  const [{ seq: from }] = entries;
  const untried = (rows: readonly Member[], again: 0 | 1 = 0): Unreached[] =>
    rows.map(({ username }) => ({ username, from, again, late: false }));
  const slow: Unreached[] = [];
  // The first batch includes the sender's other devices, even if there are no other recipients.
  for (let at = 0; at === 0 || at < recipients.length; at += BATCH) {
    if (ports.runtime.timeLeft() < POST_AND_CLOSE)
      return { left: [...slow, ...untried(recipients.slice(at))], why: 'no time left' };
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
    }).then(
      (left): Unreached[] =>
        left.map(({ recipient, from, progress, late }) => ({
          username: recipient.username,
          from,
          again: progress ? 0 : 1,
          late,
        })),
      (error: unknown) => {
        if (!canRetry) throw error;
        // With `failed`, `deliver` throws only before it has posted to anybody.
        failed(error);
        return untried(batch, 1);
      },
    );
    if (missed.some(({ late }) => !late))
      return { left: [...slow, ...missed, ...untried(recipients.slice(at + BATCH))], why };
    slow.push(...missed);
  }
  return { left: slow };
}

/** Excludes the sender, members who joined after the message, and those whose away note covers it. */
const needsDelivery = ({ username, since, away, generation }: Member, entry: LogEntry): boolean =>
  username !== entry.sender &&
  generation === entry.generation &&
  since <= entry.seq &&
  (away === undefined || away > entry.seq);
