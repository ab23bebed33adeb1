import { context, number, text, toggle, UsageError, type Values, value } from '../../cli/command.ts';
import { defaultLoad, type Load } from './load.ts';

// Registering more takes minutes, and the cost grows linearly from here on.
const MOST_MEMBERS = 10_000;

/** A flag for a parameter of the load, with its default. */
const figure = (name: keyof Load, description: string, range: Parameters<typeof number>[1]) =>
  number(description, { ...range, default: defaultLoad[name] });

const flags = {
  preset: value(
    'NAME',
    `another load, instead of the options up to --ping:
livestream: an hour of a room of 5,000 who all write, with and without batchWindow`,
    presetNamed,
  ),
  users: figure('users', 'users', { min: 1, max: 1e9, whole: true }),
  messages: figure('messages', 'messages that each user sends a day', { min: 0, max: 1e6 }),
  members: figure('members', 'members of each group; every user is in one', {
    ...{ min: 2, max: MOST_MEMBERS, whole: true },
  }),
  online: figure('online', 'share of users who are connected, on average: 0 to 1', { min: 0, max: 1 }),
  direct: figure('direct', 'share of messages to one user instead of the group', { min: 0, max: 1 }),
  bytes: figure('bytes', "size of a message's content", { min: 1, max: 16_384, whole: true }),
  visits: figure('visits', 'visits of each user a day', { min: 0, max: 1_000 }),
  kept: figure('kept', 'months that messages are kept; the bill is that of the last month', {
    ...{ min: 0, max: 1_200 },
  }),
  ping: figure('ping', 'seconds of silence before a client pings', { min: 1, max: 600 }),
  ms: number('milliseconds of an invocation (measured on this machine)', {
    ...{ min: 1, max: 29_000 },
  }),
  context: context('context of the CDK app, as in cdk deploy -c, like alarms=true'),
  freeTier: toggle("subtract AWS's free tier"),
  svg: text('FILE', 'also draw dollars against users'),
  json: toggle('print JSON'),
};

export const command = {
  name: 'npm run cost',
  about: `Computes the price of a month: counts what each operation does on a local cloud in memory, and multiplies by AWS's list
prices. Two other designs of a chat are computed for the same load.`,
  flags,
};

function presetNamed(name: string): 'livestream' {
  if (name !== 'livestream') throw new Error('must be livestream');
  return name;
}

/**
 * The window of `--preset livestream`, and the other context.
 * @throws UsageError if an option has no meaning for it
 */
export function livestreamOf(values: Values<typeof flags>): {
  window: number;
  context: Record<string, string>;
} {
  const without = (name: string) => new UsageError(`--preset livestream: without ${name}`);
  const changed = Object.entries(defaultLoad).find(([name, given]) => values[name as keyof Load] !== given);
  if (changed) throw without(`--${changed[0]}`);
  if (values.svg !== undefined) throw without('--svg');
  const { batchWindow = '1', ...context } = Object.fromEntries(values.context);
  if (batchWindow !== '1' && batchWindow !== '2')
    throw new UsageError(`--preset livestream: -c batchWindow=${batchWindow} must be 1 or 2`);
  // The rooms that are counted have as many pages of members as one of thousands with the default.
  if ('fanOutPageSize' in context) throw without('-c fanOutPageSize');
  return { window: Number(batchWindow), context };
}

/** @throws UsageError if flags contradict each other */
export function loadOf(values: Values<typeof flags>): Load {
  const { users, messages, members, online, direct, bytes, visits, kept, ping } = values;
  if (members > users) throw new UsageError(`--members ${members}: there are only ${users} users`);
  return { users, messages, members, online, direct, bytes, visits, kept, ping };
}
