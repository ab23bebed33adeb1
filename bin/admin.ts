import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { text as textOf } from 'node:stream/consumers';
import { called } from '../cli/called.ts';
import { number, parseCommand, run, text, toggle, UsageError, type Values } from '../cli/command.ts';
import { ServerApiError } from '../clients/server/errors.ts';
import { type Invoker, invoker } from '../clients/server/invoke.ts';
import { optionsOf } from '../clients/server/local.ts';
import { PORT, runningAt } from '../clients/server/running.ts';
import { patient, type ServerApi, serverApiOf } from '../clients/server/server-api.ts';
import { escapedJson } from '../clients/terminal/text.ts';
import { password as passwordField } from '../protocol/fields.ts';
import { limits } from '../protocol/limits.ts';
import { type Outputs, outputsIn } from './outputs.ts';

// This machine's Node may be older than Lambda's; hide the SDK's warning about that from administrators.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const name = called('admin');
/** An example of a call, as a shell takes it. */
const example = (given: string) => `  ${called('admin', given)}`;

/** Of all actions: where the service is. */
const where = {
  port: number('port of the service on this machine, which must be running', {
    min: 1,
    max: 65_535,
    whole: true,
    default: PORT,
  }),
  outputs: text(
    'FILE',
    'use a deployed service: the file that npx cdk deploy --outputs-file FILE wrote, or\naws cloudformation describe-stacks --stack-name NAME > FILE',
  ),
  stack: text('NAME', 'stack to use, if that file has several'),
};

const flags = {
  ...where,
  chat: text('ID', 'replay: of this chat, like #team or ann:bob; absent, of all chats'),
  from: number('replay: from this seq of the chat on', {
    ...{ min: 0, max: Number.MAX_SAFE_INTEGER, whole: true },
  }),
  since: text('TIME', 'replay: what was written, edited or deleted since then, like 2026-01-02T03:04:05Z'),
  yes: toggle('erase: confirm it'),
  stdin: toggle(
    'reset-password: read the new password, of any length, from standard input, one line, and print none',
  ),
};

type Flags = Values<typeof flags>;

const REACHED = `A deployed service is reached with your AWS credentials and region, which need the right to invoke the function that the
stack's output ApiFunction names.`;
const READS = `It reads the tables History, Directory, Sessions and Connections from end to end, which costs $0.125 for each
4 GB`;

/** @throws UsageError */
function refuse(message: string): never {
  throw new UsageError(message);
}

function stacksIn(file: string): Outputs {
  try {
    return outputsIn(readFileSync(file, 'utf8'));
  } catch (error) {
    return refuse(`${file} has no outputs of stacks: ${(error as Error).message}`);
  }
}

function deployed(file: string, stack: string | undefined): Invoker {
  if (!existsSync(file)) refuse(`There is no ${file}`);
  const stacks = stacksIn(file);
  const names = Object.keys(stacks);
  const name = stack ?? (names.length === 1 ? names[0] : undefined);
  const { ApiFunction } = stacks[name ?? ''] ?? {};
  if (names.length === 0) refuse(`${file} lists no stack: write it as --help says`);
  if (stacks[name ?? ''] === undefined) refuse(`--stack must be one of ${names.join(', ')} in ${file}`);
  if (ApiFunction === undefined)
    refuse(`The stack ${name} has no output ApiFunction: deploy it with this version first`);
  return invoker(ApiFunction);
}

function local(port: number): Invoker {
  const service = runningAt(port);
  const none = () =>
    new Error(`No service of yours runs on port ${port}: ${called('start')} first, or give its --port`);
  if (service === undefined) throw none();
  const { functionName, lambda } = optionsOf(service);
  const found = invoker(functionName, lambda);
  return {
    ...found,
    invoke: (call) =>
      found.invoke(call).catch((error: ServerApiError) => {
        // The port may be another program's by now.
        const { name } = (error.cause ?? {}) as Error;
        throw error.code === 'unreachable' || name === 'UnrecognizedClientException' ? none() : error;
      }),
  };
}

const serviceBy = ({ outputs, stack, port }: Flags): Invoker =>
  outputs === undefined ? local(port) : deployed(outputs, stack);

const show = (value: object) => escapedJson(JSON.stringify(value, null, 2));

async function call({ invoke }: Service, _: Flags, given: string): Promise<string> {
  const json = given === '-' ? await textOf(process.stdin) : given;
  try {
    JSON.parse(json);
  } catch (error) {
    refuse(`The call is no JSON: ${(error as Error).message}`);
  }
  const reply = await invoke(json);
  if (reply.code !== undefined) process.exitCode = 1;
  return show(reply);
}

async function printRecord({ api }: Service, _: Flags, username: string): Promise<string> {
  const record: Record<string, unknown> = {};
  for await (const page of api.pages({ type: 'export_user', username })) {
    const { user, next: __, ...lists } = page;
    for (const [name, value] of Object.entries({ ...user, ...lists })) {
      if (name === 'type' || name === 'status') continue;
      const before = record[name];
      if (Array.isArray(value)) record[name] = [...((before as unknown[] | undefined) ?? []), ...value];
      else record[name] = name === 'sessions' ? Number(before ?? 0) + Number(value) : value;
    }
  }
  const messages = record.messages as { at: string }[];
  return show({ ...record, messages: messages.sort((one, other) => (one.at < other.at ? -1 : 1)) });
}

async function erase({ api }: Service, { yes }: Flags, username: string): Promise<string> {
  if (!yes) refuse(`This cannot be undone: add --yes to erase ${username}`);
  const all = { username, messages: 0, chats: 0 };
  for await (const page of api.pages({ type: 'delete_user', username })) {
    all.username = page.username;
    all.messages += page.messages;
    all.chats += page.chats;
    if (process.stderr.isTTY) process.stderr.write(`\r${all.messages} messages, ${all.chats} chats so far`);
  }
  if (process.stderr.isTTY) process.stderr.write('\n');
  return `Erased ${all.username}: ${all.messages} messages, ${all.chats} chats.`;
}

async function reset({ api }: Service, { stdin }: Flags, username: string): Promise<string> {
  // 128 bits.
  const password = stdin ? await firstLine() : randomBytes(16).toString('base64url');
  const { username: whose, connections } = await api.request({ type: 'reset_password', username, password });
  const told = `${connections} ${connections === 1 ? 'connection was' : 'connections were'} ended.`;
  return `The password of ${whose} is ${stdin ? 'set' : password}\n${told}`;
}

/** @throws UsageError if it is no password */
async function firstLine(): Promise<string> {
  const [line = ''] = (await textOf(process.stdin)).split(/\r?\n/);
  const { success, error } = passwordField.safeParse(line);
  return success ? line : refuse(`The new password ${error.issues[0]?.message}`);
}

async function handOver({ api }: Service, _: Flags, group: string, user: string): Promise<string> {
  const { group_id, username } = await api.request({ type: 'set_owner', group_id: group, username: user });
  return `${username} owns the group ${group_id}.`;
}

async function replay({ api }: Service, { chat, from, since }: Flags): Promise<string> {
  const at = since === undefined ? undefined : new Date(since);
  if (Number.isNaN(at?.getTime())) refuse(`--since ${since}: must be a time, like 2026-01-02T03:04:05Z`);
  if (chat === undefined && from !== undefined) refuse('--from needs --chat: each chat has a seq of its own');
  if (chat === undefined && at === undefined)
    refuse('Say which events: --chat ID, and perhaps --from SEQ, or --since TIME for all chats');
  let events = 0;
  for await (const page of api.pages({
    type: 'replay_events',
    chat,
    from_seq: from,
    since: at?.toISOString(),
  })) {
    events += page.events;
    if (process.stderr.isTTY) process.stderr.write(`\r${events} events`);
  }
  if (process.stderr.isTTY) process.stderr.write('\n');
  return `Put ${events} ${events === 1 ? 'event' : 'events'} on the bus.`;
}

/** The server API, with repeats and types, and as it is. */
interface Service extends Invoker {
  api: ServerApi;
}

type Act = (service: Service, flags: Flags, ...names: [string, string]) => Promise<string>;

interface Action {
  /** What it is about. */
  takes: readonly string[];
  /** Its flags, beside those of all. */
  flags?: readonly (keyof typeof flags)[];
  about: string;
  /** More of it, with examples. */
  notes: string;
  act: Act;
}

const actions: Readonly<Record<string, Action>> = {
  call: {
    takes: ['JSON'],
    about: `prints the reply to {"as":"ann","request":{"type":…}}, without "as" the operator's; - reads it from standard input`,
    notes: `Ends with 1 if the call is refused. docs/server-api.md has all commands.

${example(`call '{"request":{"type":"create_user","username":"ann"}}'`)}
${example(`call '{"request":{"type":"send_system_message","chat":"#team","content":"Hello"}}'`)}
${example(`call '{"as":"ann","request":{"type":"list_chats"}}'`)}
${example('call - < call.json')}`,
    act: call,
  },
  export: {
    takes: ['USER'],
    about: 'prints everything that is stored about a user, as JSON',
    notes: `Without password hash and tokens. ${READS}.

${example('export ann > ann.json')}`,
    act: printRecord,
  },
  erase: {
    takes: ['USER'],
    flags: ['yes'],
    about:
      'ends their sessions, and deletes their profile, messages and memberships, with --yes; the name stays taken',
    notes: `It takes ${limits.callLife / 1_000} seconds at least, until nothing that began as the user can run any more. ${READS}, and
History twice. What was erased is in a table's backups for up to 35 days more.

${example('erase ann --yes')}`,
    act: erase,
  },
  'reset-password': {
    takes: ['USER'],
    flags: ['stdin'],
    about: 'sets a new password and prints it; all their sessions end, and their connections are told',
    notes: `${example('reset-password ann')}
${example('reset-password ann --stdin < password.txt')}`,
    act: reset,
  },
  'set-owner': {
    takes: ['GROUP', 'USER'],
    about: 'makes a member the owner of a group',
    notes: example('set-owner team ann'),
    act: handOver,
  },
  replay: {
    takes: [],
    flags: ['chat', 'from', 'since'],
    about: 'puts the events of messages on the bus once more: --chat, --from, --since',
    notes: `They have the id of before, and "replayed". Without --chat it reads the whole table History.

${example(`replay --chat '#team' --from 100`)}
${example('replay --since 2026-01-02T03:04:05Z')}`,
    act: replay,
  },
};

const entries = Object.entries(actions);
const widest = Math.max(...entries.map(([action, { takes }]) => [action, ...takes].join(' ').length));
const all = {
  name,
  about: `Administers users and groups, and makes any call of the server API:
${entries.map(([action, { takes, about }]) => `  ${[action, ...takes].join(' ').padEnd(widest)}  ${about}`).join('\n')}`,
  takes: 'ACTION …',
  flags,
  notes: `After an action, --help says more of it.

${REACHED}`,
};

/** The command line of one action: another's flags are none of its. */
const commandOf = (action: string, { takes, flags: own = [], about, notes }: Action) => ({
  name,
  about: `${about[0]?.toUpperCase()}${about.slice(1)}.`,
  takes: [action, ...takes].join(' '),
  flags: { ...where, ...Object.fromEntries(own.map((flag) => [flag, flags[flag]])) } as typeof flags,
  notes: `${notes}

${REACHED}`,
});

/** The action that a command line names; empty if it has none, or a mistake that the help of all tells of. */
function actionIn(args: readonly string[]): string {
  try {
    const [action = ''] = parseCommand(all, args).rest;
    return Object.hasOwn(actions, action) ? action : '';
  } catch {
    return '';
  }
}

const wanted = actionIn(process.argv.slice(2));
const found = actions[wanted];

await run(found ? commandOf(wanted, found) : all, async (given, [action = '', ...names]) => {
  const asked = Object.hasOwn(actions, action) ? actions[action] : undefined;
  if (asked === undefined) refuse(`ACTION must be one of ${Object.keys(actions).join(', ')}`);
  const { takes, act } = asked;
  if (names.length !== takes.length || names.includes(''))
    refuse(
      takes.length > 0
        ? `Expected ${action} ${takes.join(' ')}`
        : `${action} takes flags alone, and no ${JSON.stringify(names[0])}`,
    );
  const [first = '', second = ''] = names;
  const service = serviceBy(given);
  try {
    console.log(await act({ ...service, api: serverApiOf(service, patient) }, given, first, second));
  } catch (error) {
    // People read the reason alone.
    throw error instanceof ServerApiError ? new Error(error.reason, { cause: error }) : error;
  } finally {
    service.close();
  }
});
