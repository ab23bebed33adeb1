import { parseArgs } from 'node:util';
import { type Load, standardLoad } from './load.ts';

/** What `npm run cost -- --help` prints. */
export const HELP = `Computes the price of a month: counts what each operation does on a local cloud in memory, and multiplies by AWS's list
prices. Two other designs of a chat are computed for the same load.

  npm run cost -- [options]

  --users N      users (${standardLoad.users})
  --messages N   messages that each user sends a day (${standardLoad.messages})
  --members N    members of each group; every user is in one (${standardLoad.members})
  --online N     share of users who are connected, on average: 0 to 1 (${standardLoad.online})
  --direct N     share of messages to one user instead of the group (${standardLoad.direct})
  --bytes N      of a message's content (${standardLoad.bytes})
  --visits N     visits of each user a day (${standardLoad.visits})
  --kept N       months that messages are kept; the bill is that of the last month (${standardLoad.kept})
  --ping N       seconds of silence after which a client pings (${standardLoad.ping})
  --ms N         milliseconds of an invocation (as measured on this machine)
  -c KEY=VALUE   context for the CDK app, as in cdk deploy -c, like alarms=true; may be repeated
  --free-tier    subtract AWS's free tier
  --svg FILE     also draw dollars against users
  --json         print JSON
  --help         print this`;

const options = {
  users: { type: 'string' },
  messages: { type: 'string' },
  members: { type: 'string' },
  online: { type: 'string' },
  direct: { type: 'string' },
  bytes: { type: 'string' },
  visits: { type: 'string' },
  kept: { type: 'string' },
  ping: { type: 'string' },
  ms: { type: 'string' },
  svg: { type: 'string' },
  context: { type: 'string', short: 'c', multiple: true, default: [] as string[] },
  'free-tier': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** What was asked for. */
export interface Asked {
  load: Load;
  ms?: number;
  svg?: string;
  /** Each as `key=value`. */
  context: string[];
  freeTier: boolean;
  json: boolean;
  help: boolean;
}

// A larger group takes its members minutes to register here, and its cost is a straight line by then.
const MOST_MEMBERS = 10_000;

interface Range {
  least: number;
  most: number;
  whole?: boolean;
}

const ranges: Record<keyof Load | 'ms', Range> = {
  users: { least: 1, most: 1e9, whole: true },
  messages: { least: 0, most: 1e6 },
  members: { least: 2, most: MOST_MEMBERS, whole: true },
  online: { least: 0, most: 1 },
  direct: { least: 0, most: 1 },
  bytes: { least: 1, most: 16_384, whole: true },
  visits: { least: 0, most: 1_000 },
  kept: { least: 0, most: 1_200 },
  ping: { least: 1, most: 600 },
  ms: { least: 1, most: 29_000 },
};

/**
 * Reads the command line.
 * @throws Error that says what is wrong with it
 */
export function readOptions(args: readonly string[]): Asked {
  const { values } = parseArgs({ options, args: [...args] });
  const number = (name: keyof typeof ranges) => readNumber(name, values[name]);
  const given = (Object.keys(standardLoad) as (keyof Load)[]).map(
    (name) => [name, number(name) ?? standardLoad[name]] as const,
  );
  const load = Object.fromEntries(given) as Record<keyof Load, number>;
  if (load.members > load.users)
    throw new Error(`--members ${load.members}: there are only ${load.users} users`);
  return {
    load,
    ms: number('ms'),
    svg: values.svg,
    context: values.context,
    freeTier: values['free-tier'],
    json: values.json,
    help: values.help,
  };
}

function readNumber(name: keyof typeof ranges, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const { least, most, whole = false } = ranges[name];
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (value >= least && value <= most && (!whole || Number.isInteger(value))) return value;
  const what = whole ? 'a whole number' : 'a number';
  throw new Error(`--${name} ${text}: must be ${what} from ${least} to ${most.toLocaleString('en-US')}`);
}
