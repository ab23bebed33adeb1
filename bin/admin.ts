import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { eraseUser, exportUser, type RecordPorts } from '../chat/erasure.ts';
import type { Gateway } from '../chat/ports.ts';
import { gatewayOf } from '../lambdas/aws/gateway.ts';
import { managementApi } from '../lambdas/aws/management-api.ts';
import { clockAndIds } from '../lambdas/runtime/clock-and-ids.ts';
import { passwordsAndTokens } from '../lambdas/runtime/passwords.ts';
import { type Access, openData } from '../local/access.ts';
import { ensureAssembly } from '../local/synth.ts';
import { portsIn, tablesOf } from '../store/ports.ts';
import { escapedJson } from '../terminal/text.ts';
import { connectionsOf, entriesBy, invitationsOf, removalsOf, sessionsOf } from './scans.ts';

const HELP = `What is kept of one user: shows it, or takes it out.

  npm run admin -- export USER [options]   prints all that is kept of a user, as JSON
  npm run admin -- erase USER --yes        ends their sessions and takes out their messages and memberships;
                                           their name stays taken

  --data DIR      of the service on this machine, which must not be running (.chat)
  --outputs FILE  of a deployed one: what npx cdk deploy --outputs-file FILE wrote
  --stack NAME    which of that file's stacks, if it has several
  --yes           do erase
  --help          print this

A deployed service is reached with your AWS credentials and region. It reads the tables History, Names and Sessions
from end to end, which costs $0.125 for each 4 GB. What was erased is in a table's backups for up to 35 days more.`;

/** Ends with one line that says what is wrong. */
function fail(message: string, code = 2): never {
  console.error(`${message}${code === 2 ? '\nTry: npm run admin -- --help' : ''}`);
  process.exit(code);
}

function readFlags() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        data: { type: 'string', default: '.chat' },
        outputs: { type: 'string' },
        stack: { type: 'string' },
        yes: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    return fail((error as Error).message);
  }
}

process.umask(0o077);
const { values: flags, positionals } = readFlags();

function parsed(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    return fail(`${file} is not what --outputs-file writes: ${(error as Error).message}`);
  }
}

function deployed(file: string): Access & { gateway?: Gateway } {
  if (!existsSync(file)) fail(`There is no ${file}`);
  const stacks = parsed(file) as Record<string, { Tables?: string; Url?: string }>;
  const name = flags.stack ?? (Object.keys(stacks).length === 1 ? Object.keys(stacks)[0] : undefined);
  const { Tables: tables, Url: url } = stacks[name ?? ''] ?? {};
  if (Object.keys(stacks).length === 0) fail(`${file} has no stack: cdk deploy --outputs-file writes it`);
  if (tables === undefined) fail(`--stack must be one of ${Object.keys(stacks).join(', ')} in ${file}`);
  const names = new Map(tables.split(',').map((each) => each.split('=') as [string, string]));
  const client = new DynamoDBClient({});
  return {
    client,
    tableOf: (table) => names.get(table) ?? '',
    gateway: gatewayAt(url, client),
    close: async () => client.destroy(),
  };
}

/** The way to the connections that are open; the management API is where the socket's is. */
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
  if (!existsSync(path)) fail(`There is no data in ${path}`);
  const assembly = await ensureAssembly();
  return openData(path, assembly).catch((error: Error) =>
    fail(error.message.includes('in use') ? `${error.message}: end npm start first` : error.message, 1),
  );
}

function portsOf({ client, tableOf, gateway }: Access & { gateway?: Gateway }): RecordPorts {
  const table = tablesOf(client, tableOf);
  return {
    ...portsIn(table),
    entriesBy: (username) => entriesBy(table('History'), username),
    invitationsOf: (username) => invitationsOf(table('Names'), username),
    removalsOf: (username) => removalsOf(table('Names'), username),
    sessionsOf: (username) => sessionsOf(table('Sessions'), username),
    connectionsOf: (username) => connectionsOf(table('Connections'), username),
    secrets: passwordsAndTokens,
    gateway,
    world: clockAndIds,
  };
}

async function run(command: string, username: string): Promise<string | undefined> {
  const access = flags.outputs === undefined ? await local(flags.data) : deployed(flags.outputs);
  try {
    const ports = portsOf(access);
    if (command === 'export') {
      const record = await exportUser(ports, username);
      return record && escapedJson(JSON.stringify(record, null, 2));
    }
    const show = process.stderr.isTTY;
    const erased = await eraseUser(ports, username, ({ messages, chats }) => {
      if (show) process.stderr.write(`\r${messages} messages, ${chats} chats`);
    });
    if (show) process.stderr.write('\n');
    return erased && `Erased ${username}: ${erased.messages} messages, ${erased.chats} chats.`;
  } finally {
    await access.close();
  }
}

const [command = '', name = '', ...rest] = positionals;
if (flags.help) {
  console.log(HELP);
} else {
  if (!['export', 'erase'].includes(command) || name === '' || rest.length > 0)
    fail('What is to be done, and with whom?');
  if (command === 'erase' && !flags.yes) fail(`This cannot be undone: add --yes to erase ${name}`);
  const said = await run(command, name.toLowerCase()).catch((error: Error) => fail(error.message, 1));
  if (said === undefined) fail(`There is no user ${name}`, 1);
  console.log(said);
}
