import { asked, fail } from '../cli/command.ts';
import type { Cloud } from '../local/cloud.ts';
import { readEmf } from '../local/emf.ts';
import { explainFaults } from '../local/faults/plan.ts';
import type { Metrics } from '../local/metrics.ts';
import { printer } from '../local/pretty.ts';
import { makePrivate } from '../local/private.ts';
import { statsOf } from '../local/stats.ts';
import { ensureAssembly } from '../local/synth.ts';
import { ensurePage } from './page.ts';
import { command, visitorsOf } from './start-flags.ts';

async function start(): Promise<Cloud> {
  const { port, host, data, memory, json } = flags;
  const context = Object.fromEntries(flags.context);
  if (!memory && makePrivate(data)) console.log(`Others on this machine could read ${data}: no longer.`);
  const onStart = () => console.log('Something changed since the last start: synthesizing the template …');
  const [assembly, pages] = await Promise.all([ensureAssembly({ context, onStart }), ensurePage()]);
  const { startCloud } = await import('../local/cloud.ts');
  const print = printer(json);
  const log: typeof print = (line) => {
    const samples = readEmf(line.line);
    if (samples) void metrics().then((all) => all.add(line.function, samples));
    // What is measured is at /metrics; a person reads the rest.
    if (!samples || json) print(line);
  };
  const exposed = async () => {
    const all = await metrics();
    return { type: all.contentType, body: await all.text() };
  };
  return startCloud({
    assembly,
    port,
    host,
    visitors: { ...visitorsOf(flags), refused: sayOnce },
    log,
    faults,
    throttling: flags.throttle,
    pages: { ...pages, live: { '/metrics': exposed } },
    ...(memory ? {} : { data, acceptDamage: flags.acceptDamage, warn: console.warn }),
  });
}

/** All that was measured; what counts it is loaded with the first line that measures something, since a start is to be quick. */
function metrics(): Promise<Metrics> {
  measured ??= import('../local/metrics.ts').then(({ Metrics }) => new Metrics());
  return measured;
}

/** Says why somebody was refused; not again and again. */
function sayOnce(why: string): void {
  if (said.has(why) || said.size === MOST_SAID) return;
  said.add(why);
  console.warn(`Refused: ${why}`);
}

/** Says what happened in the last seconds, if anything did. */
async function tellStats(): Promise<void> {
  const text = statsOf(await (await metrics()).changes(), STATS_SECONDS);
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

const said = new Set<string>();
const MOST_SAID = 100;

const STATS_SECONDS = 5;

// Data, logs and caches are its owner's alone.
process.umask(0o077);
let measured: Promise<Metrics> | undefined;
const { values: flags } = asked(command);
if (flags.faults === 'help') {
  console.log(explainFaults());
  process.exit(0);
}
const faults = flags.faults && { ...flags.faults, seed: flags.seed };

// At once, whatever is going on: nothing that was acknowledged is only in memory, unless that was asked for.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(0));

const cloud = await start().catch((error: NodeJS.ErrnoException) => {
  const inUse = error.code === 'EADDRINUSE';
  return fail(
    command,
    inUse ? new Error(`Port ${flags.port} is in use. Try another: npm start -- --port N`) : error,
  );
});
if (flags.stats) setInterval(tellStats, STATS_SECONDS * 1_000).unref();
if (faults) countFaults(cloud, printer(flags.json));
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
