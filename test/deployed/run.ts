// `npm run test:deployed`: the e2e suites and the facts that the local gateway assumes, against a stage.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { pair } from '../../bin/flags.ts';
import { differencesOf, told } from './compare.ts';
import { type Facts, recordFacts } from './facts.ts';
import { untilReady } from './ready.ts';
import { type Context, deploy, lendGiven, lendLocal, prodLike } from './stage.ts';

const HELP = `Tries a stage: waits until every route answers, records what its gateway does, compares that with the local gateway, and
runs the end-to-end suites. It makes users and messages: never on a stage that people use.

  npm run test:deployed -- [options]

  (none)            deploys with prod's settings under a random name (AWS credentials, a bootstrapped account), and takes
                    it away at the end
  --url URL         a stage that is there; needs --throw-away
  --throw-away      says that nobody needs what is on that stage
  --management URL  of that stage, as https://….execute-api.….amazonaws.com/dev: then its management API is looked at
  --local           the local cloud, with prod's settings and throttles
  -c KEY=VALUE      context beside prod's settings, or what the stage at --url was deployed with; may be repeated
  --only NAME       of the suites, those alone whose file has this in its name; none: no suite
  --facts FILE      where to write what was recorded (deployed-facts.json)
  --keep            do not take away what was deployed
  --help            print this

Ends with 1 if a suite fails, with 3 if the gateways differ.`;

const PATIENCE_MS = 10 * 60_000;
const say = (line: string) => console.log(line);

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

/** Runs the end-to-end suites. @returns whether they pass */
function suites(url: string, context: Context, only: string | undefined): Promise<boolean> {
  const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
  const args = ['run', '--project', 'e2e', ...(only === undefined ? [] : [only])];
  const profile = { passwords: context.passwords === 'required' };
  const env = { ...process.env, CHAT_URL: url, CHAT_PROFILE: JSON.stringify(profile) };
  const child = spawn(process.execPath, [vitest, ...args], { stdio: 'inherit', env });
  return new Promise((done) => child.on('exit', (code) => done(code === 0)));
}

/** The same of the local gateway. */
async function ofLocal(context: Context): Promise<Facts> {
  say('The same of the local gateway:');
  const own = await lendLocal(context);
  return recordFacts(own, say).finally(() => own.remove());
}

/** @returns the exit code */
async function main(flags: ReturnType<typeof readFlags>): Promise<number> {
  const { url, management, local, context, only, facts: file, keep } = flags;
  const stage = local
    ? await lendLocal(context)
    : url === undefined
      ? await deploy(context, say)
      : lendGiven(url, management);
  try {
    say(`Waiting until every route of ${stage.url} answers …`);
    await untilReady(stage.url, PATIENCE_MS);
    say('Recording what its gateway does:');
    const there = await recordFacts(stage, say);
    const here = local ? there : await ofLocal(context);
    const differences = differencesOf(there, here);
    writeFileSync(file, `${JSON.stringify({ stage: stage.url, there, here, differences }, null, 2)}\n`);
    say(`${told(differences)}\nWritten to ${file}.`);
    const passed = only === 'none' || (await suites(stage.url, context, only));
    return passed ? (differences.length > 0 ? 3 : 0) : 1;
  } finally {
    say(keep ? `Kept: ${stage.url}` : await stage.remove());
  }
}

try {
  const flags = readFlags();
  if (flags.help) say(HELP);
  process.exit(flags.help ? 0 : await main(flags));
} catch (error) {
  console.error(`${(error as Error).message}\nTry: npm run test:deployed -- --help`);
  process.exit(2);
}
