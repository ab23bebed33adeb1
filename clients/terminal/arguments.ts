import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Asked, text, toggle, UsageError } from '../../cli/command.ts';

export const command = {
  name: 'npm run chat',
  about:
    'Talks to others, from a terminal or from a script, as NAME; URL is that of the service (ws://localhost:3001).',
  takes: 'NAME [URL]',
  flags: {
    password: text(
      'WORD',
      'or CHAT_PASSWORD, which other users of this machine cannot see; asked for if need be',
    ),
    register: toggle('register NAME first, unless that was done before'),
    store: text('DIR', 'where the session, and what has not been sent yet, is kept; absent, ~/.parley'),
    memory: toggle('keep nothing'),
    json: toggle('one JSON object a line, for programs'),
    follow: toggle('go on listening when the input has ended'),
  },
  notes: `On a terminal, /help lists what can be typed. From a pipe, or where TERM is dumb, each line is sent: TO MESSAGE, where TO is a user or
a group; a line like /join GROUP is a command. It prints what arrives, and ends when all is sent: with 0, or
with 1 if something was not.`,
};

/** What was asked for on the command line. */
export interface Arguments {
  name: string;
  url: string;
  password?: string;
  register: boolean;
  /** Absent: nothing is kept. */
  store?: string;
  json: boolean;
  follow: boolean;
}

/** @throws UsageError that says in one line what is wrong */
export function argumentsOf(
  { values, rest }: Pick<Asked<typeof command.flags>, 'values' | 'rest'>,
  env: NodeJS.ProcessEnv,
): Arguments {
  const [name = '', url = 'ws://localhost:3001', ...surplus] = rest;
  const { register, json, follow, memory } = values;
  if (name === '') throw new UsageError('Who are you? Give a NAME.');
  if (surplus.length > 0)
    throw new UsageError(`What is ${surplus[0]}? After NAME and URL come only options.`);
  if (!/^wss?:\/\/./.test(url) || !URL.canParse(url))
    throw new UsageError(`${url}: not a ws:// or wss:// URL`);
  if (memory && values.store !== undefined) throw new UsageError('--memory and --store: which of the two?');
  const store = memory ? undefined : (values.store ?? join(homedir(), '.parley'));
  const password = values.password ?? (env.CHAT_PASSWORD || undefined);
  return { name: name.toLowerCase(), url, password, register, store, json, follow };
}
