// `npm run test:deployed`: the e2e suites and the facts that the local gateway assumes, against a stage.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { pair } from '../../bin/flags.ts';
import { Children } from './children.ts';
import { differencesOf, told } from './compare.ts';
import { type Facts, recordFacts } from './facts.ts';
import { Interruption } from './interruption.ts';
import { reach, untilReady } from './ready.ts';
import { type Context, deploy, type Lent, lendGiven, lendLocal, prodLike } from './stage.ts';
import { runSuites, toldRan } from './suites.ts';

const HELP = `Tries a stage: waits until every route answers, records what its gateway does, compares that with the local gateway, and
runs the end-to-end suites. It makes users and messages: never on a stage that people use.

  npm run test:deployed -- [options]

  (none)            deploys with prod's settings under a random name (AWS credentials, a bootstrapped account), and takes
                    it away at the end
  --url URL         a stage that is there; needs --throw-away
  --throw-away      says that nobody needs what is on that stage
  --management URL  of that stage, as https://….execute-api.….amazonaws.com/dev: then its management API is looked at
  --local           the local cloud, with prod's settings and throttles
  -c KEY=VALUE      context beside prod's settings; may be repeated
  --only NAME       of the suites, those alone whose file has this in its name; none: no suite
  --facts FILE      where to write what was recorded (deployed-facts.json)
  --keep            do not take away what was deployed
  --help            print this

At the end it says what ran, what was left out and why, and what is left. Ends with 1 if a test fails, with 3 if the gateways
differ, with 130 after Ctrl-C, which takes away what was made first.`;

const PATIENCE_MS = 10 * 60_000;
const say = (line: string) => console.log(line);
const children = new Children();
const interruption = new Interruption(() => children.end());

type Flags = ReturnType<typeof readFlags>;

function readFlags() {
  const { values } = parseArgs({
    options: {
      url: { type: 'string' },
      'throw-away': { type: 'boolean', default: false },
      management: { type: 'string' },
      local: { type: 'boolean', default: false },
      context: { type: 'string', short: 'c', multiple: true, default: [] as string[] },
      only: { type: 'string' },
      facts: { type: 'string', default: 'deployed-facts.json' },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.url !== undefined && values.local) throw new Error('--local: has no --url');
  if (values.url !== undefined && !/^wss?:\/\//.test(values.url))
    throw new Error(`--url ${values.url}: must begin with wss://`);
  if (values.url !== undefined && !values['throw-away'])
    throw new Error(
      `--url ${values.url}: its users and messages may be somebody's. Say --throw-away if they are not.`,
    );
  return { ...values, context: { ...prodLike, ...Object.fromEntries(values.context.map(pair)) } };
}

/** The same of the local gateway, as far as the stage's could be looked at. */
async function ofLocal(context: Context, managed: boolean): Promise<Facts> {
  say('The same of the local gateway:');
  const own = await lendLocal(context);
  return recordFacts(managed ? own : { url: own.url }, say).finally(() => own.remove());
}

function lend({ url, management, local, context }: Flags): Promise<Lent> | Lent {
  if (local) return lendLocal(context);
  return url === undefined ? deploy(context, children, say) : lendGiven(url, management);
}

/** @returns the exit code */
async function tryOut(stage: Lent, { url, local, context, only, facts: file }: Flags): Promise<number> {
  if (url !== undefined) await reach(url);
  say(`Waiting until every route of ${stage.url} answers …`);
  await untilReady(stage.url, PATIENCE_MS);
  say('Recording what its gateway does:');
  const there = await recordFacts(stage, say);
  const here = local ? undefined : await ofLocal(context, stage.management !== undefined);
  const differences = here ? differencesOf(there, here) : [];
  writeFileSync(file, `${JSON.stringify({ stage: stage.url, there, here, differences }, null, 2)}\n`);
  const ran = only === 'none' ? undefined : await runSuites(stage.url, only, children);
  say(`${told(there, here)}\nWritten to ${file}.`);
  say(ran ? toldRan(ran) : 'No end-to-end test ran: --only none.');
  if (ran && (ran.failed.length > 0 || ran.passed === 0)) return 1;
  return differences.length > 0 ? 3 : 0;
}

/** @returns the exit code */
async function main(flags: Flags): Promise<number> {
  const stage = await lend(flags);
  interruption.leftover = stage.leftover;
  try {
    return await interruption.orDone(tryOut(stage, flags));
  } finally {
    say(flags.keep ? `Kept: ${stage.url}` : await stage.remove());
  }
}

try {
  const flags = readFlags();
  if (flags.help) say(HELP);
  process.exit(flags.help ? 0 : await main(flags));
} catch (error) {
  console.error((error as Error).message);
  if (interruption.came) process.exit(130);
  console.error('Try: npm run test:deployed -- --help');
  process.exit(2);
}
