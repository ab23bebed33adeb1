import { parseArgs } from 'node:util';

/** What a run without options does. */
export const standard = {
  users: 100,
  rate: 50,
  seconds: 30,
  'group-size': 10,
  direct: 0.2,
  bytes: 100,
  seed: 1,
  outstanding: 1_000,
};

type Setting = keyof typeof standard;

/** What `npm run load -- --help` prints. */
export const HELP = `Puts a load of chat messages on a service, over real sockets; says how long they took, and whether any was lost,
doubled or misordered. Messages come by chance, whether the service keeps up or not, and each one's time counts from
when it was due. Without --url, it starts a local cloud in memory, and loads that.

  npm run load -- [options]

  --url URL         the service, like ws://localhost:3001
  --yes             also if it is not on this machine, where it costs money
  --users N         users, each on one connection (${standard.users})
  --rate N          messages a second, of all users together (${standard.rate})
  --seconds N       for how long (${standard.seconds})
  --group-size N    members of each group; every user is in one (${standard['group-size']})
  --direct N        share of messages to one user instead of the group: 0 to 1 (${standard.direct})
  --bytes N         of a message's content (${standard.bytes})
  --seed N          of what is sent when by whom: the same seed, the same load (${standard.seed})
  --outstanding N   the most messages without a reply; what is due beyond waits, and its time runs (${standard.outstanding})
  --prefix NAME     what the users' and groups' names begin with (load)
  --password TEXT   of all of them, where the service wants one; better as LOAD_PASSWORD in the environment
  --json FILE       write the figures
  --report FILE     write a page with plots
  --help            print this

Users that exist are used again. Ctrl-C ends it early, with the report of what was so far. Exit code: 0 if every
acknowledged message came to everybody once and with one seq for all, 1 if not, 2 if it could not run.`;

const options = {
  url: { type: 'string' },
  yes: { type: 'boolean', default: false },
  users: { type: 'string' },
  rate: { type: 'string' },
  seconds: { type: 'string' },
  'group-size': { type: 'string' },
  direct: { type: 'string' },
  bytes: { type: 'string' },
  seed: { type: 'string' },
  outstanding: { type: 'string' },
  prefix: { type: 'string', default: 'load' },
  password: { type: 'string' },
  json: { type: 'string' },
  report: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

interface Range {
  least: number;
  most: number;
  whole?: boolean;
}

const ranges: Record<Setting, Range> = {
  users: { least: 2, most: 5_000, whole: true },
  rate: { least: 0.1, most: 5_000 },
  seconds: { least: 1, most: 3_600 },
  'group-size': { least: 2, most: 1_000, whole: true },
  direct: { least: 0, most: 1 },
  // The mark that tells messages apart takes some.
  bytes: { least: 40, most: 16_384, whole: true },
  seed: { least: 0, most: 2 ** 32 - 1, whole: true },
  outstanding: { least: 1, most: 10_000, whole: true },
};

// Each is remembered until the end, to be told from the lost and the doubled.
const MOST_DELIVERIES = 5_000_000;

/** What is put on a service. */
export interface Load {
  users: number;
  rate: number;
  seconds: number;
  groupSize: number;
  direct: number;
  bytes: number;
  seed: number;
  outstanding: number;
  prefix: string;
}

/** What was asked for. */
export interface Asked {
  load: Load;
  url?: string;
  password?: string;
  json?: string;
  report?: string;
  help: boolean;
}

/**
 * Reads the command line.
 * @throws Error that says what is wrong with it
 */
export function readOptions(args: readonly string[]): Asked {
  const { values } = parseArgs({ options, args: [...args] });
  const number = (name: Setting) => readNumber(name, values[name]);
  const load: Load = {
    users: number('users'),
    rate: number('rate'),
    seconds: number('seconds'),
    groupSize: number('group-size'),
    direct: number('direct'),
    bytes: number('bytes'),
    seed: number('seed'),
    outstanding: number('outstanding'),
    prefix: values.prefix,
  };
  const { url, password, json, report, help } = values;
  check(load);
  if (url !== undefined) checkUrl(url, values.yes, load);
  return { load, url, password, json, report, help };
}

function readNumber(name: Setting, text: string | undefined): number {
  if (text === undefined) return standard[name];
  const { least, most, whole = false } = ranges[name];
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (value >= least && value <= most && (!whole || Number.isInteger(value))) return value;
  const what = whole ? 'a whole number' : 'a number';
  throw new Error(`--${name} ${text}: must be ${what} from ${least} to ${most.toLocaleString('en-US')}`);
}

function check({ users, rate, seconds, groupSize, prefix }: Load): void {
  if (groupSize > users) throw new Error(`--group-size ${groupSize}: there are only ${users} users`);
  if (!/^[a-z0-9][a-z0-9._-]{0,15}$/.test(prefix))
    throw new Error(`--prefix ${prefix}: 1 to 16 of a-z 0-9 . _ -, beginning with a letter or digit`);
  // Users who are left over are in groups that are larger.
  const deliveries = rate * seconds * Math.ceil(users / Math.floor(users / groupSize));
  if (deliveries > MOST_DELIVERIES)
    throw new Error(
      `${Math.round(deliveries).toLocaleString('en-US')} deliveries: at most ${MOST_DELIVERIES.toLocaleString('en-US')} in one run`,
    );
}

function checkUrl(text: string, yes: boolean, { rate, seconds }: Load): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'ws:' && url?.protocol !== 'wss:')
    throw new Error(`--url ${text}: must be like ws://localhost:3001`);
  if (yes || isLoopback(url.hostname)) return;
  const messages = Math.round(rate * seconds).toLocaleString('en-US');
  throw new Error(`${url.host} is not this machine: ${messages} messages cost money there. --yes goes on.`);
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
