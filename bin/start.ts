import { parseArgs } from 'node:util';
import type { Cloud } from '../local/cloud.ts';
import { explainFaults, readPlan } from '../local/faults/plan.ts';
import { Metrics } from '../local/metrics.ts';
import { printer } from '../local/pretty.ts';
import { statsOf } from '../local/stats.ts';
import { ensureAssembly } from '../local/synth.ts';
import { pair } from './flags.ts';
import { ensurePage } from './page.ts';

const HELP = `Runs the whole service on this machine, from the same template that deploys.

  npm start -- [options]

  --port N        where to listen (3001)
  --host ADDRESS  on which address (127.0.0.1)
  --data DIR      where the data is kept (.chat)
  --memory        keep the data in memory instead
  -c KEY=VALUE    context for the CDK app, as in cdk deploy -c; may be repeated
  --faults LIST   what goes wrong, as throttle=0.05,kill=0.01; --faults help lists the kinds
  --seed N        of the faults: the same seed, the same choices (1)
  --stats         say every few seconds what happened, as the functions measured it
  --json          print the functions' logs as they are
  --help          print this`;

const options = {
  port: { type: 'string', default: '3001' },
  host: { type: 'string', default: '127.0.0.1' },
  data: { type: 'string', default: '.chat' },
  memory: { type: 'boolean', default: false },
  context: { type: 'string', short: 'c', multiple: true, default: [] as string[] },
  faults: { type: 'string' },
  seed: { type: 'string', default: '1' },
  stats: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** Ends with one line that says what is wrong. */
function fail(error: unknown, code: number): never {
  console.error((error as Error).message);
  process.exit(code);
}

function readFlags() {
  try {
    const { values } = parseArgs({ options });
    const port = Number(values.port);
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      throw new Error(`--port ${values.port}: not a port`);
    const context = Object.fromEntries(values.context.map(pair));
    const explain = values.faults === 'help';
    const seed = Number(values.seed || Number.NaN);
    const faults = values.faults === undefined || explain ? undefined : readPlan(values.faults, seed);
    return { ...values, port, context, faults, explain };
  } catch (error) {
    return fail(new Error(`${(error as Error).message}\nTry: npm start -- --help`), 2);
  }
}

async function start(): Promise<Cloud> {
  const { port, host, data, memory, context, json, faults } = flags;
  const onStart = () => console.log('Something changed since the last start: synthesizing the template …');
  const [assembly, pages] = await Promise.all([ensureAssembly({ context, onStart }), ensurePage()]);
  const { startCloud } = await import('../local/cloud.ts');
  const print = printer(json);
  const log: typeof print = (line) => {
    // What is measured is at /metrics; a person reads the rest.
    if (!metrics.add(line) || json) print(line);
  };
  const live = { '/metrics': () => ({ type: EXPOSITION, body: metrics.text() }) };
  return startCloud({
    assembly,
    port,
    host,
    log,
    faults,
    pages: { ...pages, live },
    ...(memory ? {} : { data }),
  });
}

/** Says what happened in the last seconds, if anything did. */
function tellStats(): void {
  const text = statsOf(metrics.changes(), STATS_SECONDS);
  if (text !== '') console.log(`${new Date().toISOString().slice(11, 23)} ${text}`);
}

/** Says what has gone wrong so far, whenever there is more. */
function countFaults(cloud: Cloud, log: ReturnType<typeof printer>): void {
  let last = JSON.stringify({ level: 'info', message: 'so far' });
  const tell = async () => {
    const line = JSON.stringify({ level: 'info', message: 'so far', ...(await cloud.faultCounts()) });
    if (line !== last) log({ function: 'faults', line });
    last = line;
  };
  setInterval(tell, 1_000).unref();
}

const STATS_SECONDS = 5;
// Prometheus' text form.
const EXPOSITION = 'text/plain; version=0.0.4; charset=utf-8';

const metrics = new Metrics();
const flags = readFlags();
if (flags.help || flags.explain) {
  console.log(flags.help ? HELP : explainFaults());
  process.exit(0);
}

// At once, whatever is going on: nothing that was acknowledged is only in memory, unless that was asked for.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(0));

const cloud = await start().catch((error: NodeJS.ErrnoException) => {
  const inUse = error.code === 'EADDRINUSE';
  return fail(
    inUse ? new Error(`Port ${flags.port} is in use. Try another: npm start -- --port N`) : error,
    1,
  );
});
if (flags.stats) setInterval(tellStats, STATS_SECONDS * 1_000).unref();
if (flags.faults) countFaults(cloud, printer(flags.json));
for (const type of cloud.ignored) console.warn(`The local cloud does not know ${type}, and leaves it out.`);
console.log(`
Parley is up: ${cloud.url}

In a browser:        ${cloud.url.replace('ws', 'http')}
In another terminal: npx wscat -c ${cloud.url}
and then type:       register alice
                     login alice
                     send bob hello
                     help
What it measures:    ${cloud.url.replace('ws', 'http')}/metrics
Ctrl-C ends it. ${flags.memory ? 'The data is in memory.' : `The data is in ${flags.data}.`}
`);
