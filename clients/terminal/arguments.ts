import { homedir } from 'node:os';
import { join } from 'node:path';
import { called } from '../../cli/called.ts';
import { type Parsed, text, toggle, UsageError } from '../../cli/command.ts';
import type { Options } from '../sdk/chat.ts';
import { tokensOf } from './token-command.ts';

export const command = {
  name: called('chat'),
  about:
    'Chat as NAME, from a terminal or a script. URL is the address of the service (ws://localhost:3001).',
  takes: 'NAME [URL]',
  flags: {
    password: text(
      'WORD',
      'the password; CHAT_PASSWORD in the environment is safer. On a terminal you are asked if it is needed',
    ),
    tokenCommand: text(
      'CMD',
      'with an identity provider: a command that prints a token, run before each login; or CHAT_TOKEN_COMMAND.\nCHAT_TOKEN is a single token. NAME may be left out: the token says it',
    ),
    register: toggle('register NAME first, if it is new'),
    store: text('DIR', 'directory of the session and of unsent messages; ~/.parley if absent'),
    memory: toggle('save nothing on disk'),
    json: toggle('print one JSON object per line, for programs'),
    follow: toggle('keep listening after the end of the input'),
    strict: toggle('stop at the first line that fails'),
    numbers: toggle('print the numbers of messages, for /edit and /delete'),
    plain: toggle('talk in lines, also where the screen could be used: for screen readers'),
    noBell: toggle('do not ring the bell for news'),
  },
  notes: `On a terminal, /help lists the commands. With --plain, with TERM=dumb and from a pipe there is no screen: each input
line is TO MESSAGE, where TO is a user or a group, or a command like /join GROUP; /switch CHAT opens a chat, to which
further lines go whole. Screen readers want --plain.

From a pipe, the program prints what arrives and exits when everything is sent: with 0, or with 1 if a line failed.
Standard error says which, and why; the others are sent. /edit TO TEXT and /delete TO change the last message that this
run has sent to somebody; /edit TO :12 TEXT and /delete TO :12 that of a number.`,
};

/** The parsed command line. */
export interface Arguments {
  /** Absent if the token says it. */
  name?: string;
  url: string;
  password?: string;
  /** Returns a token of the identity provider; absent without one. */
  getToken?: Options['getToken'];
  register: boolean;
  /** The directory of saved state; absent to save nothing. */
  store?: string;
  json: boolean;
  follow: boolean;
  strict: boolean;
  numbers: boolean;
  /** Lines instead of the screen. */
  plain: boolean;
  bell: boolean;
}

/** @throws UsageError with a one-line message */
export function argumentsOf(
  { values, rest }: Pick<Parsed<typeof command.flags>, 'values' | 'rest'>,
  env: NodeJS.ProcessEnv,
): Arguments {
  const { register, memory, noBell, json, follow, strict, numbers, plain } = values;
  const getToken = tokensIn(values.tokenCommand, env);
  const hasName = !getToken || (rest.length > 0 && !isSocket(rest[0]));
  const [name = '', url = 'ws://localhost:3001', ...surplus] = hasName ? rest : ['', ...rest];
  if (hasName && name === '') throw new UsageError('NAME is missing: who are you?');
  if (surplus.length > 0)
    throw new UsageError(`Unexpected argument ${surplus[0]}: only options may follow NAME and URL.`);
  if (!isSocket(url) || !URL.canParse(url)) throw new UsageError(`${url}: not a ws:// or wss:// URL`);
  if (memory && values.store !== undefined) throw new UsageError('--memory and --store exclude each other');
  const store = memory ? undefined : (values.store ?? join(homedir(), '.parley'));
  if (values.tokenCommand && (values.password || register))
    throw new UsageError('--token-command and --password or --register exclude each other');
  const password = getToken ? undefined : (values.password ?? (env.CHAT_PASSWORD || undefined));
  // With a token, the name is as the provider writes it.
  const username = hasName ? (getToken ? name : name.toLowerCase()) : undefined;
  const how = { json, follow, strict, numbers, plain, bell: !noBell };
  return { name: username, url, password, getToken, register, store, ...how };
}

const isSocket = (word = ''): boolean => /^wss?:\/\/./.test(word);

/** Where tokens come from: the flag, or else the environment. */
function tokensIn(flag: string | undefined, env: NodeJS.ProcessEnv): Arguments['getToken'] {
  const { CHAT_TOKEN_COMMAND, CHAT_TOKEN } = env;
  const command = flag ?? CHAT_TOKEN_COMMAND;
  if (command) return tokensOf(command);
  return CHAT_TOKEN ? () => CHAT_TOKEN : undefined;
}
