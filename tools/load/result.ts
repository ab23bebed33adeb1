import type { Verdict } from './delivery-check.ts';
import type { Checked } from './histories.ts';
import type { Load } from './options.ts';
import { at, type Second, type Summary } from './timings.ts';

/** How a run ended: everything was sent, it was interrupted, or time ran out before everything was sent. */
export type Ending = 'done' | 'interrupted' | 'out of time';

/** The result of `npm run load`. Latencies count from the due time. */
export interface Result {
  load: Load;
  url: string;
  /** The machine that ran the load and, with a local cloud, the service. */
  machine: { cpu: string; cores: number; node: string };
  /** RFC 3339. */
  started: string;
  /** From the first message due to the last reply or copy. */
  duration: number;
  ending: Ending;
  messages: {
    /** Messages scheduled up to the end of the run. */
    due: number;
    sent: number;
    acknowledged: number;
    /** Refusals, by code. */
    refused: Record<string, number>;
    unanswered: number;
  };
  deliveries: {
    /** Expected copies of everything sent. */
    expected: number;
    received: number;
    /** Copies that arrived after a later message of their chat. That is allowed: clients sort by `seq`. */
    overtaken: number;
  };
  /** Send → MESSAGE_SENT. */
  sent: Summary;
  /** Send → RECEIVE, at each recipient. */
  received: Summary;
  seconds: Second[];
  /** Lost connections. */
  cut: number;
  /** Users who did not reconnect after a lost connection; what they received is unknown. */
  away: number;
  checked: Checked;
  verdict: Verdict;
}

/** Whether every acknowledged message reached everybody once and with the same seq, as far as it could be checked. */
export const isGood = ({ verdict: { lost, duplicated, misordered, unexpected } }: Result): boolean =>
  lost + duplicated + misordered + unexpected === 0;

/** Whether there are no faults and everything was checked. */
export const isWhole = (result: Result): boolean =>
  isGood(result) && result.checked.unchecked === 0 && result.away === 0 && result.messages.acknowledged > 0;

/** Acknowledged messages and received copies per second. */
const ratesOf = ({ messages, deliveries, duration }: Result) => ({
  acknowledged: duration > 0 ? messages.acknowledged / duration : 0,
  received: duration > 0 ? deliveries.received / duration : 0,
});

/** A line of the summary. */
export type Line = [what: string, value: string];

/** The summary, line by line. */
export function linesOf(result: Result): Line[] {
  const { load, messages, deliveries, sent, received, checked, verdict, cut, away, ending, duration } =
    result;
  const refused = Object.entries(messages.refused).map(([code, times]) => `${count(times)} ${code}`);
  const rates = ratesOf(result);
  return [
    [
      'load',
      `${count(load.users)} users in groups of ${count(load.groupSize)} or a few more, ${short(load.rate)} messages per second for ${short(load.seconds)} s, ${short(load.direct * 100)} % of them to one user`,
    ],
    ['ended', ending === 'done' ? `after ${short(duration)} s` : `${ending}, after ${short(duration)} s`],
    [
      'messages',
      [
        `${count(messages.due)} due, ${count(messages.sent)} sent, ${count(messages.acknowledged)} acknowledged (${short(rates.acknowledged)} per second)`,
        ...refused,
        ...(messages.due > messages.sent
          ? [`${count(messages.due - messages.sent)} never sent (not in the percentiles)`]
          : []),
        ...(messages.unanswered ? [`${count(messages.unanswered)} unanswered`] : []),
      ].join(', '),
    ],
    [
      'copies',
      `${count(deliveries.received)} received (${short(rates.received)} per second), ${count(deliveries.overtaken)} of them after a later message of their chat`,
    ],
    ['send → MESSAGE_SENT', timesOf(sent)],
    ['send → RECEIVE', timesOf(received)],
    [
      'lost connections',
      away
        ? `${count(cut)}; ${count(away)} users did not reconnect; what they received is NOT checked`
        : count(cut),
    ],
    [
      'compared with the history',
      `${count(checked.messages)} messages in ${count(checked.chats)} chats${checked.unchecked ? `; ${count(checked.unchecked)} chats NOT checked` : ''}`,
    ],
    [
      'lost, duplicated, misordered, unexpected',
      `${verdict.lost}, ${verdict.duplicated}, ${verdict.misordered}, ${verdict.unexpected}`,
    ],
  ];
}

/** The result as text. */
export function textOf(result: Result): string {
  const lines = linesOf(result);
  const width = Math.max(...lines.map(([what]) => what.length));
  const wrong = result.verdict.examples.map((text) => `WRONG  ${text}`);
  return [...lines.map(([what, value]) => `${what.padEnd(width)}  ${value}`), ...wrong].join('\n');
}

function timesOf(summary: Summary): string {
  if (summary.count === 0) return 'none';
  const percentiles = [50, 90, 99, 99.9].map((of) => `p${of} ${short(at(summary, of))}`);
  return `${percentiles.join(', ')}, max ${short(summary.max)} ms`;
}

const count = (value: number): string => value.toLocaleString('en-US');

/** Formats a number with three significant digits, and all digits before the point. */
export const short = (value: number): string =>
  value >= 100 ? count(Math.round(value)) : String(Number(value.toPrecision(3)));
