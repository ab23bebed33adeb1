import { called } from '../cli/called.ts';
import { fail, parseOrExit } from '../cli/command.ts';
import { PORT } from '../clients/server/running.ts';
import { pageConfigIn } from '../lib/page-config.ts';
import type { Cloud } from '../local/cloud.ts';
import { readEmf } from '../local/emf.ts';
import { explainFaults } from '../local/faults/plan.ts';
import type { Metrics } from '../local/metrics.ts';
import { printer } from '../local/pretty.ts';
import { makePrivate } from '../local/private.ts';
import { statsOf } from '../local/stats.ts';
import { ensureAssembly } from '../local/synth.ts';
import { firstSteps } from './first-steps.ts';
import { ensurePage } from './page.ts';
import { announce } from './running.ts';
import { command, visitorsOf } from './start-flags.ts';

async function start(): Promise<Cloud> {
  const { port, host, data, memory, json } = flags;
  const given = Object.fromEntries(flags.context);
  const context = flags.events === undefined ? given : { ...given, events: 'true' };
  if (!memory && makePrivate(data))
    console.log(`Other users of this machine could read ${data}. It is private now.`);
  const onStart = () => console.log('Sources changed since the last start: synthesizing the template …');
  const config = pageConfigIn(context);
  const [assembly, pages] = await Promise.all([ensureAssembly({ context, onStart }), ensurePage(config)]);
  const { startCloud } = await import('../local/cloud.ts');
  const print = printer(json);
  const log: typeof print = (line) => {
    const samples = readEmf(line.line);
    if (samples) void metrics().then((all) => all.add(line.function, samples));
    // Metrics are served at /metrics; don't show them to people.
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
    eventsTo: flags.events,
    throttling: flags.throttle,
    pages: { ...pages, live: { '/metrics': exposed } },
    ...(memory ? {} : { data, acceptDamage: flags.acceptDamage, warn: console.warn }),
  });
}

/** All metrics so far. The module is loaded with the first metric, so that the start stays quick. */
function metrics(): Promise<Metrics> {
  measured ??= import('../local/metrics.ts').then(({ Metrics }) => new Metrics());
  return measured;
}

/** Logs why a request was refused, once per reason. */
function sayOnce(why: string): void {
  if (said.has(why) || said.size === MOST_SAID) return;
  said.add(why);
  console.warn(`Refused: ${why}`);
}

/** Prints the metrics of the last seconds, if there are any. */
async function tellStats(): Promise<void> {
  const text = statsOf(await (await metrics()).changes(), STATS_SECONDS);
  if (text !== '') console.log(`${new Date().toISOString().slice(11, 23)} ${text}`);
}

/** Logs the counts of injected faults whenever they change. */
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

// Data, logs and caches are private to their owner.
process.umask(0o077);
let measured: Promise<Metrics> | undefined;
const { values: flags } = parseOrExit(command);
if (flags.faults === 'help') {
  console.log(explainFaults());
  process.exit(0);
}
const faults = flags.faults && { ...flags.faults, seed: flags.seed };

// Exits at once: everything acknowledged is on disk, unless --memory was given.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(0));

const cloud = await start().catch((error: NodeJS.ErrnoException) => {
  const inUse = error.code === 'EADDRINUSE';
  return fail(
    command,
    inUse ? new Error(`Port ${flags.port} is in use. Try another: ${called('start', '--port N')}`) : error,
  );
});
const port = Number(new URL(cloud.url).port);
const atPort = port === PORT ? '' : `--port ${port} `;
try {
  announce(port, cloud.invoker('ApiFunction'));
} catch (error) {
  console.warn(`${called('admin')} will not find this service: ${(error as Error).message}`);
}
if (flags.stats) setInterval(tellStats, STATS_SECONDS * 1_000).unref();
if (faults) countFaults(cloud, printer(flags.json));
for (const type of cloud.ignored) console.warn(`The local cloud does not support ${type} and ignores it.`);
const admin = (args: string) => called('admin', `${atPort}${args}`);
console.log(`
Parley is up: ${cloud.url}

In a browser:        ${cloud.url.replace('ws', 'http')}
${firstSteps(Object.fromEntries(flags.context), cloud.url, admin)}
                     send bob hello
                     help
Metrics:             ${cloud.url.replace('ws', 'http')}/metrics
${flags.events === undefined ? '' : `Events go to:        ${flags.events}\n`}Press Ctrl-C to stop. ${flags.memory ? 'The data is in memory.' : `The data is in ${flags.data}.`}
`);
