import { type Bill, billFor } from './bill.ts';
import {
  ably,
  type Hour,
  hourAlone,
  hourTogether,
  livestream,
  type RoomMeasures,
  sentIn,
} from './livestream.ts';
import { priceList } from './prices.ts';
import { columns, count, dollars, short } from './table.ts';

/** Default quotas of an account, a second or at once. */
const quotas = {
  /** API Gateway, "Quotas": requests of all APIs of a region, in both directions. */
  calls: 10_000,
  /** Lambda, "Quotas": concurrent executions of all functions of a region. */
  functions: 1_000,
  /** lib/fan-out-queue.ts: concurrent executions that the queue may cause. */
  fanOut: 4,
  /** SQS, "Quotas": messages of a standard queue in flight. Its rate has none. */
  inFlight: 120_000,
} as const;

/** An hour with what it costs, and what read marks would cost. */
type Priced = Hour & { bill: Bill; marked: Bill };

/** The result of `npm run cost -- --preset livestream`. */
export interface LivestreamResult {
  prices: typeof priceList;
  freeTier: boolean;
  /** The assumed milliseconds of each invocation; if absent, they were measured on this machine. */
  ms?: number;
  load: typeof livestream;
  /** Without `batchWindow`, and with it. */
  hours: readonly [Priced, Priced];
  ably: typeof ably;
  quotas: typeof quotas;
}

/** Prices the hour. @param window seconds of `batchWindow` */
export function livestreamResult(
  measures: RoomMeasures,
  { freeTier, ms, window }: Pick<LivestreamResult, 'freeTier' | 'ms'> & { window: number },
): LivestreamResult {
  const priced = (hour: Hour): Priced => ({
    ...hour,
    bill: billFor(hour.usage, freeTier),
    marked: billFor(hour.marks.usage, freeTier),
  });
  return {
    prices: priceList,
    freeTier,
    ms,
    load: livestream,
    hours: [priced(hourAlone(measures)), priced(hourTogether(measures, window))],
    ably,
    quotas,
  };
}

/** The result as text. */
export const livestreamText = (result: LivestreamResult): string =>
  [header(result), bills(result), load(result), marks(result), notes(result)].join('\n\n');

const nameOf = ({ window }: Pick<Hour, 'window'>): string => `batchWindow=${window ?? 'off'}`;

function header({ load, prices, freeTier }: LivestreamResult): string {
  const { people, messages, reactions, bytes } = load;
  const sent = sentIn(load);
  return `An hour of a livestream: ${count(people)} people in one room, each sends ${messages} messages and ${reactions} reactions of ${bytes} bytes.
Parley has no reactions: here they are messages. That makes ${count(sent)} messages, and ${short(sent * people)} deliveries.
AWS's list prices of ${prices.date}, ${prices.region}, ${freeTier ? 'with' : 'without'} the free tier.`;
}

function bills({ hours }: LivestreamResult): string {
  const names = [...new Set(hours.flatMap(({ bill }) => bill.lines.map(({ line }) => line)))];
  const cells = ({ bill }: { bill: Bill }, name: string) => {
    const found = bill.lines.find(({ line }) => line === name);
    return found ? [`${short(found.amount)} ${found.unit}`, dollars(found.dollars)] : ['', dollars(0)];
  };
  return columns([
    ['', ...hours.flatMap((hour) => [nameOf(hour), ''])],
    ...names.map((name) => [name, ...hours.flatMap((hour) => cells(hour, name))]),
    ['Parley, dollars', ...hours.flatMap(({ bill }) => ['', dollars(bill.dollars)])],
    ['Ably, dollars', '', dollars(ably.alone), 'windows of 500 ms', dollars(ably.together)],
  ]);
}

function load({ hours, quotas: { calls, fanOut, functions, inFlight } }: LivestreamResult): string {
  const row = (name: string, of: (hour: Hour) => number, quota: number) => [
    name,
    count(quota),
    ...hours.map((hour) => `${short(of(hour))}${of(hour) > quota ? ' (too many)' : ''}`),
  ];
  return columns([
    ['on average', 'quota', ...hours.map(nameOf)],
    row('posts and requests a second, API Gateway', (hour) => hour.calls, calls),
    row('functions that deliver, at once', (hour) => hour.fanOut, fanOut),
    row('functions at once, all', (hour) => hour.functions, functions),
    row('messages in the queue, SQS', inQueue, inFlight),
  ]);
}

function marks({ hours, load: { people } }: LivestreamResult): string {
  const { marks, marked } = hours[1];
  return `Not included: if all ${count(people)} clients show the room and mark what comes as read, window by window,
${dollars(marked.dollars)} and ${count(marks.calls)} requests a second more.`;
}

/** Jobs that wait for their window, or are processed. */
const inQueue = ({ queued, window = 0, fanOut }: Hour): number => queued * window + fanOut;

const notes = ({ ms, ably: { source, date } }: LivestreamResult): string =>
  `Ably's figures: ${source} (${date}).
Calls, units, posts and frames are counted in rooms of 100 and 300 people; docs/cost.md says how they are scaled.
${
  ms === undefined
    ? 'Milliseconds were measured on this machine and are an estimate; --ms sets them.'
    : `Invocations are assumed to take ${short(ms)} ms (--ms), and half a millisecond more for each post.`
}`;
