// `npm run bench:contention`: many concurrent writers in one chat. Runs the `append` rule on a store in memory that behaves
// like one partition of DynamoDB: every call takes 5 ms, and it throttles above 1,000 write or 3,000 read units per second.
// (The local engine is slower than that, so it would limit the result.) Messages arrive at random times (open loop). Prints
// for each rate: writes to the log per stored message (1 without contention), the latency of an append, and the share that
// was answered `busy`. Ratios are to the lowest rate of the same run. Exits with 1 if goodput collapses, or if a message that
// was answered `busy` is stored.

import { Unavailable } from '../../chat/errors.ts';
import { append, type Draft, readTail } from '../../chat/history/append.ts';
import { number, parseOrExit, value } from '../../cli/command.ts';
import { lambdaRuntime } from '../../lambdas/runtime/lambda-runtime.ts';
import { ChatError } from '../../protocol/index.ts';
import { emptyState, type Gate, memoryPorts } from '../../test/support/memory.ts';
import { percentile } from '../harness/numbers.ts';

const { seconds, rates } = parseOrExit({
  name: 'npm run bench:contention',
  about: 'Measures the throughput of many concurrent writers in one chat.',
  flags: {
    seconds: number('duration of the load at each rate', { min: 1, max: 600, default: 10 }),
    rates: value('N,N', 'rates to measure, in messages per second', numbers, [10, 25, 50, 100, 200]),
  },
}).values;

function numbers(given: string): number[] {
  const all = given.split(',').map(Number);
  if (!all.every((each) => each > 0 && each <= 10_000))
    throw new Error('must be numbers above 0, like 10,25');
  return all;
}

const LATENCY = 5;
const UNITS = { put: 1_000, read: 3_000 };

/** A simulated partition: adds latency, and throttles by the units of the last second. */
function partition(): { gate: Gate; puts: () => number } {
  const recent = { put: [] as number[], read: [] as number[] };
  let puts = 0;
  const pause = () => new Promise((done) => setTimeout(done, LATENCY / 2));
  const gate: Gate = async ({ method }, perform) => {
    await pause();
    const kind = method === 'put' ? 'put' : 'read';
    const now = performance.now();
    while ((recent[kind][0] ?? now) < now - 1000) recent[kind].shift();
    if (recent[kind].length >= UNITS[kind]) throw new Unavailable('throttled');
    recent[kind].push(now);
    if (kind === 'put') puts++;
    const answer = perform();
    await pause();
    return answer;
  };
  return { gate, puts: () => puts };
}

interface Round {
  perSecond: number;
  putsPerMessage: number;
  p50: number;
  p99: number;
  busy: number;
}

async function round(rate: number): Promise<Round> {
  const chat = `#rate-${rate}`;
  const count = rate * seconds;
  const times: number[] = [];
  let [busy, seen] = [0, 0];
  const store = partition();
  const { history } = memoryPorts(emptyState(), lambdaRuntime, store.gate);
  const started = performance.now();
  const write = async (index: number) => {
    await new Promise((done) => setTimeout(done, Math.random() * seconds * 1000));
    const draft: Draft = {
      chat,
      sender: `writer-${index % rate}`,
      content: 'x',
      key: `${index}`,
      after: seen,
    };
    const at = performance.now();
    try {
      const entry = await append(history, lambdaRuntime, draft, await readTail(history, draft));
      // Connected clients have received it by now.
      seen = Math.max(seen, entry.seq);
      times.push(performance.now() - at);
    } catch (error) {
      if (!(error instanceof Unavailable || (error instanceof ChatError && error.code === 'busy')))
        throw error;
      busy++;
    }
  };
  await Promise.all(Array.from({ length: count }, (_, index) => write(index)));
  const elapsed = (performance.now() - started) / 1000;
  const stored = (await history.newest(chat, 1))[0]?.seq ?? 0;
  if (stored !== times.length)
    throw new Error(`${stored} messages are stored, ${times.length} were acknowledged`);
  return {
    perSecond: stored / elapsed,
    putsPerMessage: store.puts() / stored,
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99),
    busy: busy / count,
  };
}

console.log('per second  goodput  puts/message   p50 ms   p99 ms  ratio of p50    busy');
const rounds: Round[] = [];
for (const rate of rates) {
  const result = await round(rate);
  rounds.push(result);
  const { perSecond, putsPerMessage, p50, p99, busy } = result;
  const cells = [
    `${rate}`,
    perSecond.toFixed(1),
    putsPerMessage.toFixed(2),
    p50.toFixed(0),
    p99.toFixed(0),
    (p50 / (rounds[0]?.p50 ?? p50)).toFixed(2),
    `${(busy * 100).toFixed(1)} %`,
  ];
  const widths = [8, 9, 14, 9, 9, 14, 8];
  console.log(cells.map((cell, index) => cell.padStart(widths[index] ?? 0)).join(''));
}
// More load must never get less done.
const collapsed = rounds.some((one, index) => one.perSecond < (rounds[index - 1]?.perSecond ?? 0));
if (collapsed) console.log('Goodput collapses.');
process.exitCode = collapsed ? 1 : 0;
