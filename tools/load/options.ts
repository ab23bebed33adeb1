import { called } from '../../cli/called.ts';
import { number, seed, text, toggle, UsageError, type Values } from '../../cli/command.ts';

const flags = {
  url: text('URL', 'the service, like ws://localhost:3001'),
  yes: toggle('confirm a URL that is not on this machine, where messages cost money'),
  users: number('users, each on one connection', { default: 100, min: 2, max: 5_000, whole: true }),
  rate: number('messages per second, of all users together', { default: 50, min: 0.1, max: 5_000 }),
  seconds: number('duration of the load', { default: 30, min: 1, max: 3_600 }),
  groupSize: number('members of each group; every user is in one', {
    ...{ default: 10, min: 2, max: 1_000, whole: true },
  }),
  direct: number('share of messages to one user instead of the group: 0 to 1', {
    ...{ default: 0.2, min: 0, max: 1 },
  }),
  // The mark that identifies a message takes up to 40 bytes.
  bytes: number("size of a message's content", { default: 100, min: 40, max: 16_384, whole: true }),
  seed: seed('the message schedule'),
  outstanding: number('limit of unanswered messages; those due beyond it wait, which counts as latency', {
    ...{ default: 1_000, min: 1, max: 10_000, whole: true },
  }),
  prefix: text('NAME', "prefix of the users' and groups' names", 'load'),
  password: text(
    'TEXT',
    'password of all users, if the service requires one; LOAD_PASSWORD in the environment is safer',
  ),
  json: text('FILE', 'write the result as JSON'),
  report: text('FILE', 'write the result as an HTML page with plots'),
};

export const command = {
  name: called('load'),
  about: `Sends a load of chat messages to a service over real sockets. Reports latencies, and whether any message was lost,
duplicated or misordered. Messages are due at random times, whether the service keeps up or not; latency counts from
the due time. Without --url it starts a local cloud in memory.`,
  flags,
  notes: `Existing users are reused. Ctrl-C ends the run early and reports the result so far. The exit code is 0 if every
acknowledged message reached everybody exactly once with the same seq, otherwise 1.`,
};

/** The values of the flags. */
export type Options = Values<typeof flags>;

/** The parameters of a load. */
export type Load = Pick<
  Options,
  'users' | 'rate' | 'seconds' | 'groupSize' | 'direct' | 'bytes' | 'seed' | 'outstanding' | 'prefix'
>;

// Every delivery is kept in memory until the end, to find lost and duplicated messages.
const MOST_DELIVERIES = 5_000_000;

/** @throws UsageError if flags contradict each other */
export function loadOf({ url, yes, users, rate, seconds, groupSize, prefix, ...others }: Options): Load {
  if (groupSize > users) throw new UsageError(`--group-size ${groupSize}: there are only ${users} users`);
  if (!/^[a-z0-9][a-z0-9._-]{0,15}$/.test(prefix))
    throw new UsageError(`--prefix ${prefix}: 1 to 16 of a-z 0-9 . _ -, beginning with a letter or digit`);
  // Left-over users make some groups larger.
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
  throw new UsageError(
    `${url.host} is not this machine: ${many} messages cost money there. Add --yes to confirm.`,
  );
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
