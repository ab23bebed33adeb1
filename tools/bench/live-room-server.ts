// The server process of `npm run bench:live-room`: a cloud with the data and the context that it is given, whose CPU can be
// told from that of the clients.
import { startCloud } from '../../local/cloud.ts';
import { ensureAssembly } from '../../local/synth.ts';
import { readTemplate } from '../../local/template/read.ts';
import { Logs } from '../cost/logs.ts';

/** What the server did since its counts were reset. */
export interface Work {
  reads: number;
  writes: number;
  posts: number;
  /** Messages in its queues. */
  queued: number;
  /** Of the process, in milliseconds. */
  cpu: number;
  /** Invocations of the function that the queue feeds, and the milliseconds that they took together. */
  fanOuts: number;
  fanOutMs: number;
  /** Log lines about errors. */
  errors: string[];
}

const [data = '', context = '{}'] = process.argv.slice(2);
process.once('disconnect', () => process.exit(0));
const assembly = await ensureAssembly({ context: JSON.parse(context) });
const { functions, feeds } = readTemplate(assembly, 'http://localhost');
const fanOut = functions.find(({ id }) => id === feeds[0]?.functionId)?.name ?? '';
const logs = new Logs();
const errors: string[] = [];
const cloud = await startCloud({
  assembly,
  port: 0,
  data,
  log(line) {
    logs.take(line);
    if (/"level":"(error|ERROR)"/.test(line.line)) errors.push(line.line);
  },
});
let cpu = process.cpuUsage();
process.on('message', async (what: 'reset' | 'work') => {
  if (what === 'reset') {
    await cloud.resetCounts();
    logs.reset();
    errors.length = 0;
    cpu = process.cpuUsage();
    process.send?.({});
    return;
  }
  const { calls, posts } = await cloud.counts();
  const { user, system } = process.cpuUsage(cpu);
  const took = [...(logs.requests.get(fanOut)?.values() ?? [])];
  const work: Work = {
    reads: calls.reduce((sum, { read }) => sum + read, 0),
    writes: calls.reduce((sum, { write }) => sum + write, 0),
    posts: Object.values(posts).reduce((sum, count) => sum + count, 0),
    queued: Object.values(cloud.queues()).reduce((sum, count) => sum + count, 0),
    cpu: (user + system) / 1_000,
    fanOuts: took.length,
    fanOutMs: took.reduce((sum, ms) => sum + ms, 0),
    errors: [...errors],
  };
  process.send?.(work);
});
process.send?.({ url: cloud.url });
