import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

export const HELP = `Talks to others, from a terminal or from a script.

  npm run chat -- NAME [URL] [options]

  URL              of the service (ws://localhost:3001)
  --password WORD  or CHAT_PASSWORD, which other users of this machine cannot see; asked for if need be
  --register       register NAME first, unless that was done before
  --store DIR      where the session, and what has not been sent yet, is kept (~/.parley)
  --memory         keep nothing
  --json           one JSON object a line, for programs
  --follow         go on listening when the input has ended
  --help           print this

On a terminal, /help lists what can be typed. From a pipe, or where TERM is dumb, each line is sent: TO MESSAGE, where TO is a user or
a group; a line like /join GROUP is a command. It prints what arrives, and ends when all is sent: with 0, or
with 1 if something was not.`;

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
  help: boolean;
}

const options = {
  password: { type: 'string' },
  register: { type: 'boolean', default: false },
  store: { type: 'string' },
  memory: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  follow: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** @throws Error that says in one line what is wrong */
export function readArguments(args: readonly string[], env: NodeJS.ProcessEnv): Arguments {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const [name = '', url = 'ws://localhost:3001', ...surplus] = positionals;
  const { register, json, follow, help, memory } = values;
  if (!help && name === '') throw new Error('Who are you? Give a NAME.');
  if (surplus.length > 0) throw new Error(`What is ${surplus[0]}? After NAME and URL come only options.`);
  if (!/^wss?:\/\/./.test(url) || !URL.canParse(url)) throw new Error(`${url}: not a ws:// or wss:// URL`);
  if (memory && values.store !== undefined) throw new Error('--memory and --store: which of the two?');
  const store = memory ? undefined : (values.store ?? join(homedir(), '.parley'));
  const password = values.password ?? (env.CHAT_PASSWORD || undefined);
  return { name: name.toLowerCase(), url, password, register, store, json, follow, help };
}
