// `npm run test:deployed`: the e2e suites and the facts that the local gateway assumes, against a stage.
import { writeFileSync } from 'node:fs';
import { context, run, text, toggle, UsageError, type Values } from '../../cli/command.ts';
import { Children } from './children.ts';
import { differencesOf, told } from './compare.ts';
import { type Facts, recordFacts } from './facts.ts';
import { Interruption } from './interruption.ts';
import { reach, untilReady } from './ready.ts';
import { type Context, deploy, type Lent, lendGiven, lendLocal, prodLike } from './stage.ts';
import { runSuites, toldRan } from './suites.ts';

const command = {
  name: 'npm run test:deployed',
  about: `Tries a stage: waits until every route answers, records what its gateway does, compares that with the local gateway, and
runs the end-to-end suites. It makes users and messages: never on a stage that people use. Without --url and --local it deploys
with prod's settings under a random name (AWS credentials, a bootstrapped account), and takes that away at the end.`,
  flags: {
    url: text('URL', 'a stage that is there; needs --throw-away'),
    throwAway: toggle('says that nobody needs what is on that stage'),
    management: text(
      'URL',
      'of that stage, as https://….execute-api.….amazonaws.com/dev: then its management API is looked at',
    ),
    local: toggle("the local cloud, with prod's settings and throttles"),
    context: context("context beside prod's settings"),
    only: text('NAME', 'of the suites, those alone whose file has this in its name; none: no suite'),
    facts: text('FILE', 'where to write what was recorded', 'deployed-facts.json'),
    keep: toggle('do not take away what was deployed'),
  },
  notes: `At the end it says what ran, what was left out and why, and what is left. Ends with 1 if a test fails or it could not run, with 3 if
the gateways differ, with 130 after Ctrl-C, which takes away what was made first.`,
};

const PATIENCE_MS = 10 * 60_000;
const say = (line: string) => console.log(line);
const children = new Children();
const interruption = new Interruption(() => children.end());

type Flags = ReturnType<typeof settingsOf>;

/** @throws UsageError for flags that contradict each other */
function settingsOf({ context, ...values }: Values<typeof command.flags>) {
  const { url, local, throwAway } = values;
  if (url !== undefined && local) throw new UsageError('--local: has no --url');
  if (url !== undefined && !/^wss?:\/\//.test(url))
    throw new UsageError(`--url ${url}: must begin with wss://`);
  if (url !== undefined && !throwAway)
    throw new UsageError(
      `--url ${url}: its users and messages may be somebody's. Say --throw-away if they are not.`,
    );
  return { ...values, context: { ...prodLike, ...Object.fromEntries(context) } };
}

/** The same facts of the local gateway, as far as the stage's could be observed. */
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

await run(command, async (values) => {
  try {
    process.exit(await main(settingsOf(values)));
  } catch (error) {
    if (!interruption.came) throw error;
    console.error((error as Error).message);
    process.exit(130);
  }
});
