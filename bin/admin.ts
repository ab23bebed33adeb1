import { existsSync, readFileSync } from 'node:fs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { eraseUser, exportUser, type RecordPorts } from '../chat/accounts/erasure.ts';
import { resetPassword } from '../chat/accounts/reset-password.ts';
import { appointOwner } from '../chat/groups/succession.ts';
import type { Directory, Gateway } from '../chat/ports.ts';
import { called } from '../cli/called.ts';
import { run, text, toggle, UsageError, type Values } from '../cli/command.ts';
import { escapedJson } from '../clients/terminal/text.ts';
import { gatewayOf } from '../lambdas/aws/gateway.ts';
import { managementApi } from '../lambdas/aws/management-api.ts';
import { lambdaRuntime } from '../lambdas/runtime/lambda-runtime.ts';
import { passwordsAndTokens } from '../lambdas/runtime/passwords.ts';
import { type Access, openData } from '../local/access.ts';
import { ensureAssembly } from '../local/synth.ts';
import { password as passwordField } from '../protocol/fields.ts';
import { portsIn, tablesOf } from '../store/tables.ts';
import { type Outputs, outputsIn } from './outputs.ts';
import { connectionsOf, entriesBy, removalsOf, sessionsOf } from './scans.ts';

const command = {
  name: called('admin'),
  about: `Administers users and groups:
  export USER            prints everything that is stored about a user, as JSON
  erase USER --yes       ends their sessions, and deletes their profile, messages and memberships; the name stays taken
  reset-password USER    sets a new password and prints it; all their sessions end, and their connections are told
  set-owner GROUP USER   makes a member the owner of a group`,
  takes: 'ACTION NAME [USER]',
  flags: {
    data: text('DIR', 'data of the local service, which must not be running', '.chat'),
    outputs: text(
      'FILE',
      'use a deployed service: the file that npx cdk deploy --outputs-file FILE wrote, or\naws cloudformation describe-stacks --stack-name NAME > FILE',
    ),
    stack: text('NAME', 'stack to use, if that file has several'),
    yes: toggle('confirm the erasure'),
    stdin: toggle(
      'reset-password: read the new password, of any length, from standard input, one line, and print none',
    ),
  },
  notes: `A deployed service is reached with your AWS credentials and region. export and erase read the tables History, Directory and
Sessions from end to end, which costs $0.125 for each 4 GB. What was erased is in a table's backups for up to 35 days more.`,
};

type Flags = Values<typeof command.flags>;

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

function deployed(file: string, stack: string | undefined): Access & { gateway?: Gateway } {
  if (!existsSync(file)) refuse(`There is no ${file}`);
  const stacks = stacksIn(file);
  const name = stack ?? (Object.keys(stacks).length === 1 ? Object.keys(stacks)[0] : undefined);
  const { Tables: tables, Url: url } = stacks[name ?? ''] ?? {};
  if (Object.keys(stacks).length === 0) refuse(`${file} lists no stack: write it as --help says`);
  if (tables === undefined) refuse(`--stack must be one of ${Object.keys(stacks).join(', ')} in ${file}`);
  const names = new Map(tables.split(',').map((each) => each.split('=') as [string, string]));
  const client = new DynamoDBClient({});
  return {
    client,
    tableOf: (table) => names.get(table) ?? '',
    gateway: gatewayAt(url, client),
    close: async () => client.destroy(),
  };
}

/** Opens the management API, which has the same address as the socket. Undefined if the stack has no URL. */
function gatewayAt(url: string | undefined, { config }: DynamoDBClient): Gateway | undefined {
  if (url === undefined) return undefined;
  return gatewayOf(
    managementApi({
      endpoint: url.replace(/^ws/, 'http'),
      region: config.region,
      credentials: config.credentials,
    }),
  );
}

async function local(path: string): Promise<Access> {
  if (!existsSync(path)) refuse(`There is no data in ${path}`);
  const assembly = await ensureAssembly();
  return openData(path, assembly).catch((error: Error) => {
    throw error.message.includes('in use')
      ? new Error(`${error.message}: stop ${called('start')} first`)
      : error;
  });
}

/** For a service that doesn't run, to which no connection can be open. */
const nobodyThere: Gateway = {
  post: async () => 'gone',
  close: async () => {},
  isOpen: async () => false,
};

function portsOf({ client, tableOf, gateway = nobodyThere }: Access & { gateway?: Gateway }): RecordPorts {
  const table = tablesOf(client, tableOf);
  return {
    // Finds users of an identity provider, and registered ones too.
    ...portsIn(table, true),
    entriesBy: (username) => entriesBy(table('History'), username),
    removalsOf: (username) => removalsOf(table('Directory'), username),
    sessionsOf: (username) => sessionsOf(table('Sessions'), username),
    connectionsOf: (username) => connectionsOf(table('Connections'), username),
    secrets: passwordsAndTokens,
    gateway,
    runtime: lambdaRuntime,
  };
}

/** The id of the user who is meant: as it was given or, if there is none, the registered name that it is in another case. */
async function userNamed({ directory }: RecordPorts, name: string): Promise<string> {
  if (await directory.get(name, 'user')) return name;
  const folded = name.toLowerCase();
  return (await isRegistered(directory, folded)) ? folded : name;
}

/** Whether a user registered here, rather than came from an identity provider: these users are where groups are. */
const isRegistered = async (directory: Directory, name: string): Promise<boolean> =>
  (await directory.get(name, 'group'))?.kind === 'user';

/** Runs with the ports and the id of the user who is meant, and closes what was opened. */
async function withUser<T>(
  { outputs, stack, data }: Flags,
  name: string,
  work: (ports: RecordPorts, username: string) => Promise<T>,
) {
  const access = outputs === undefined ? await local(data) : deployed(outputs, stack);
  try {
    const ports = portsOf(access);
    return await work(ports, await userNamed(ports, name));
  } finally {
    await access.close();
  }
}

const noUser = (name: string) => new Error(`There is no user ${name}`);

const printRecord = (flags: Flags, name: string): Promise<string> =>
  withUser(flags, name, async (ports, username) => {
    const record = await exportUser(ports, username);
    if (record === undefined) throw noUser(name);
    return escapedJson(JSON.stringify(record, null, 2));
  });

async function erase(flags: Flags, name: string): Promise<string> {
  if (!flags.yes) refuse(`This cannot be undone: add --yes to erase ${name}`);
  const show = process.stderr.isTTY;
  return withUser(flags, name, async (ports, username) => {
    // With an identity provider, a name in another case may be meant for somebody else.
    if (username !== name) throw new Error(`There is no user ${name}. Did you mean ${username}?`);
    const erased = await eraseUser(ports, username, ({ messages, chats }) => {
      if (show) process.stderr.write(`\r${messages} messages, ${chats} chats`);
    });
    if (show) process.stderr.write('\n');
    if (erased === undefined) throw noUser(name);
    return `Erased ${username}: ${erased.messages} messages, ${erased.chats} chats.`;
  });
}

async function reset(flags: Flags, name: string): Promise<string> {
  // 128 bits.
  const password = flags.stdin ? await firstLine() : passwordsAndTokens.newToken().slice(0, 22);
  return withUser(flags, name, async (ports, username) => {
    if (!(await isRegistered(ports.directory, username)) && (await ports.directory.get(username, 'user')))
      throw new Error(`${username} comes from the identity provider, and has no password here`);
    const ended = await resetPassword(ports, username, password);
    const told = `${ended} ${ended === 1 ? 'connection was' : 'connections were'} ended.`;
    return `The password of ${username} is ${flags.stdin ? 'set' : password}\n${told}`;
  });
}

/** @throws UsageError if it is no password */
async function firstLine(): Promise<string> {
  process.stdin.setEncoding('utf8');
  let input = '';
  for await (const chunk of process.stdin) input += chunk;
  const [line = ''] = input.split(/\r?\n/);
  const { success, error } = passwordField.safeParse(line);
  return success ? line : refuse(`The new password ${error.issues[0]?.message}`);
}

const handOver = (flags: Flags, name: string, user: string): Promise<string> =>
  withUser(flags, user, async (ports, username) => {
    const group = name.toLowerCase();
    await appointOwner(ports, group, username);
    return `${username} owns the group ${group}.`;
  });

type Action = (flags: Flags, ...names: [string, string]) => Promise<string>;

/** Each with what it is about. */
const actions: Record<string, { takes: readonly string[]; act: Action }> = {
  export: { takes: ['USER'], act: printRecord },
  erase: { takes: ['USER'], act: erase },
  'reset-password': { takes: ['USER'], act: reset },
  'set-owner': { takes: ['GROUP', 'USER'], act: handOver },
};

process.umask(0o077);
await run(command, async (flags, [action = '', ...names]) => {
  const asked = Object.hasOwn(actions, action) ? actions[action] : undefined;
  if (asked === undefined) refuse(`ACTION must be one of ${Object.keys(actions).join(', ')}`);
  const { takes, act } = asked;
  if (names.length !== takes.length || names.includes('')) refuse(`Expected ${action} ${takes.join(' ')}`);
  const [first = '', second = ''] = names;
  console.log(await act(flags, first, second));
});
