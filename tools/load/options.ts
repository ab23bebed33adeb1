import { number, seed, text, toggle, UsageError, type Values } from '../../cli/command.ts';

const flags = {
  url: text('URL', 'the service, like ws://localhost:3001'),
  yes: toggle('also if it is not on this machine, where it costs money'),
  users: number('users, each on one connection', { standard: 100, least: 2, most: 5_000, whole: true }),
  rate: number('messages a second, of all users together', { standard: 50, least: 0.1, most: 5_000 }),
  seconds: number('for how long', { standard: 30, least: 1, most: 3_600 }),
  groupSize: number('members of each group; every user is in one', {
    ...{ standard: 10, least: 2, most: 1_000, whole: true },
  }),
  direct: number('share of messages to one user instead of the group: 0 to 1', {
    ...{ standard: 0.2, least: 0, most: 1 },
  }),
  // The mark that tells messages apart takes some.
  bytes: number("of a message's content", { standard: 100, least: 40, most: 16_384, whole: true }),
  seed: seed('what is sent when by whom'),
  outstanding: number('the most messages without a reply; what is due beyond waits, and its time runs', {
    ...{ standard: 1_000, least: 1, most: 10_000, whole: true },
  }),
  prefix: text('NAME', "what the users' and groups' names begin with", 'load'),
  password: text(
    'TEXT',
    'of all of them, where the service wants one; better as LOAD_PASSWORD in the environment',
  ),
  json: text('FILE', 'write the figures'),
  report: text('FILE', 'write a page with plots'),
};

export const command = {
  name: 'npm run load',
  about: `Puts a load of chat messages on a service, over real sockets; says how long they took, and whether any was lost,
doubled or misordered. Messages come by chance, whether the service keeps up or not, and each one's time counts from
when it was due. Without --url, it starts a local cloud in memory, and loads that.`,
  flags,
  notes: `Users that exist are used again. Ctrl-C ends it early, with the report of what was so far. Exit code: 0 if every
acknowledged message came to everybody once and with one seq for all; 1 if not, or if it could not run.`,
};

/** What was asked for. */
export type Asked = Values<typeof flags>;

/** What is put on a service. */
export type Load = Pick<
  Asked,
  'users' | 'rate' | 'seconds' | 'groupSize' | 'direct' | 'bytes' | 'seed' | 'outstanding' | 'prefix'
>;

// Each is remembered until the end, to be told from the lost and the doubled.
const MOST_DELIVERIES = 5_000_000;

/** @throws UsageError for what makes no sense together */
export function loadOf({ url, yes, users, rate, seconds, groupSize, prefix, ...others }: Asked): Load {
  if (groupSize > users) throw new UsageError(`--group-size ${groupSize}: there are only ${users} users`);
  if (!/^[a-z0-9][a-z0-9._-]{0,15}$/.test(prefix))
    throw new UsageError(`--prefix ${prefix}: 1 to 16 of a-z 0-9 . _ -, beginning with a letter or digit`);
  // Users who are left over are in groups that are larger.
  const deliveries = rate * seconds * Math.ceil(users / Math.floor(users / groupSize));
  if (deliveries > MOST_DELIVERIES)
    throw new UsageError(
      `${Math.round(deliveries).toLocaleString('en-US')} deliveries: at most ${MOST_DELIVERIES.toLocaleString('en-US')} in one run`,
    );
  if (url !== undefined) checkUrl(url, yes, rate * seconds);
  const { direct, bytes, seed, outstanding } = others;
  return { users, rate, seconds, groupSize, direct, bytes, seed, outstanding, prefix };
}

function checkUrl(text: string, yes: boolean, messages: number): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'ws:' && url?.protocol !== 'wss:')
    throw new UsageError(`--url ${text}: must be like ws://localhost:3001`);
  if (yes || isLoopback(url.hostname)) return;
  const many = Math.round(messages).toLocaleString('en-US');
  throw new UsageError(`${url.host} is not this machine: ${many} messages cost money there. --yes goes on.`);
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
