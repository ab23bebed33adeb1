import { randomBytes } from 'node:crypto';
import { cpus } from 'node:os';
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import { arrivals } from './arrivals.ts';
import { Crowd, type Say } from './crowd.ts';
import { DeliveryCheck } from './delivery-check.ts';
import { compareHistories } from './histories.ts';
import { Mark } from './mark.ts';
import type { Load } from './options.ts';
import type { Ending, Result } from './result.ts';
import { Seconds } from './seconds.ts';
import { Sender } from './sender.ts';
import { Timings } from './timings.ts';

/** The load and the service. */
export interface RunOptions {
  url: string;
  load: Load;
  password?: string;
  /** Ends the run early, with the result so far. */
  signal: AbortSignal;
  say: Say;
}

// Timeouts for the last copies: without any progress, and in total.
const QUIET_MS = 10_000;
const DRAIN_MS = 60_000;
/** Timeout for reading the histories. The rest is not checked. */
const CHECK_MS = 180_000;
/** Timeout for lost users to reconnect, and for all users to leave. */
const [BACK_MS, LEAVE_MS] = [60_000, 30_000];

/**
 * Sends a load to a service, waits until everything has arrived, and checks it.
 * @throws Error if users can't log in, or the service is unreachable
 */
export async function run({ url, load, password, signal, say }: RunOptions): Promise<Result> {
  const deliveries = new DeliveryCheck();
  const mark = new Mark(randomBytes(6).toString('base64url'), load.bytes);
  const [sent, received] = [new Timings(), new Timings()];
  let sender: Sender | undefined;
  let last = 0;
  const crowd = new Crowd({
    url,
    load,
    password,
    signal,
    say,
    onMessage(user, message, at) {
      const index = mark.indexOf(message.content);
      if (index === undefined) return;
      const place = {
        chat: String(message.chat_id),
        seq: Number(message.seq),
        id: String(message.message_id),
      };
      const first = deliveries.receive(user, index, place, crowd.cut.has(user));
      last = performance.now();
      if (first && at !== undefined && sender) received.add(at - sender.dueAt(index));
    },
  });
  try {
    await crowd.gather();
  } catch (error) {
    await crowd.leave(LEAVE_MS);
    throw error;
  }
  const started = new Date().toISOString();
  sender = new Sender({ crowd, deliveries, mark, load, onReply: (ms) => sent.add(ms) });
  const seconds = new Seconds({ sent, received, outstanding: () => sender?.outstanding ?? 0, say });
  const begun = performance.now();
  last = begun;
  const due = await sendAll(sender, load, signal);
  await sender.settled();
  const { sent: handed } = sender.counts();
  const ending: Ending = signal.aborted ? 'interrupted' : handed < due ? 'out of time' : 'done';
  await quiet(deliveries, () => last);
  const duration = (Math.max(last, sender.lastReply) - begun) / 1000;
  seconds.end();
  const cut = crowd.cut.size;
  const away = await crowd.comeBack(BACK_MS);
  const late = AbortSignal.timeout(CHECK_MS);
  const checked = await compareHistories({ deliveries, crowd, mark }, late, say);
  say('Everybody leaves …');
  await crowd.leave(LEAVE_MS);
  say('');
  return {
    load,
    url,
    machine: { cpu: cpus()[0]?.model ?? '', cores: cpus().length, node: process.version },
    started,
    duration,
    ending,
    messages: { due, ...sender.counts() },
    deliveries: {
      expected: deliveries.expected,
      received: deliveries.received,
      overtaken: deliveries.overtaken,
    },
    sent: sent.summary,
    received: received.summary,
    seconds: seconds.all,
    cut,
    away: away.size,
    checked,
    verdict: deliveries.verdict(away),
  };
}

/** Sends each message when it is due. @returns the number of messages due by the end, sent or not */
async function sendAll(sender: Sender, load: Load, signal: AbortSignal): Promise<number> {
  const end = sender.begun + load.seconds * 1000;
  let due = 0;
  let isOver = false;
  for (const arrival of arrivals(load)) {
    const at = sender.begun + arrival.due;
    if (!isOver) await until(at, signal);
    // Too many unanswered messages: this one waits, and its latency counts from the due time.
    while (!isOver && sender.isFull && performance.now() < end && !signal.aborted) await sender.room();
    isOver ||= signal.aborted || performance.now() > end + 1_000;
    if (signal.aborted && at > performance.now()) break;
    due++;
    if (!isOver && !sender.isFull) sender.send(arrival);
  }
  return due;
}

/** Waits until a time precisely, although timers are late. Incoming frames are processed first. */
async function until(at: number, signal: AbortSignal): Promise<void> {
  const left = Math.floor(at - performance.now()) - 1;
  if (left > 0) await pause(left, undefined, { signal }).catch(() => {});
  do await turn();
  while (performance.now() < at && !signal.aborted);
}

/** Waits until every copy has arrived, or none has for a while. */
async function quiet(deliveries: DeliveryCheck, last: () => number): Promise<void> {
  const begun = performance.now();
  while (deliveries.received < deliveries.expected) {
    const now = performance.now();
    if (now - Math.max(last(), begun) > QUIET_MS || now - begun > DRAIN_MS) return;
    await pause(20);
  }
}
