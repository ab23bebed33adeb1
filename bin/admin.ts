import { existsSync, readFileSync } from 'node:fs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { eraseUser, exportUser, type RecordPorts } from '../chat/accounts/erasure.ts';
import type { Gateway } from '../chat/ports.ts';
import { run, text, toggle, UsageError, type Values } from '../cli/command.ts';
import { escapedJson } from '../clients/terminal/text.ts';
import { gatewayOf } from '../lambdas/aws/gateway.ts';
import { managementApi } from '../lambdas/aws/management-api.ts';
import { lambdaRuntime } from '../lambdas/runtime/lambda-runtime.ts';
import { passwordsAndTokens } from '../lambdas/runtime/passwords.ts';
import { type Access, openData } from '../local/access.ts';
import { ensureAssembly } from '../local/synth.ts';
import { portsIn, tablesOf } from '../store/tables.ts';
import { connectionsOf, entriesBy, invitationsOf, removalsOf, sessionsOf } from './scans.ts';

const command = {
  name: 'npm run admin',
  about: `Exports or erases the data of one user. \`export USER\` prints it as JSON. \`erase USER --yes\` ends their sessions and
deletes their messages and memberships; the name stays taken.`,
  takes: 'export|erase USER',
  flags: {
    data: text('DIR', 'data of the local service, which must not be running', '.chat'),
    outputs: text('FILE', 'use a deployed service: the file written by npx cdk deploy --outputs-file FILE'),
    stack: text('NAME', 'stack to use, if that file has several'),
    yes: toggle('confirm the erasure'),
  },
  notes: `A deployed service is reached with your AWS credentials and region. It reads the tables History, Directory and Sessions
from end to end, which costs $0.125 for each 4 GB. What was erased is in a table's backups for up to 35 days more.`,
};

type Flags = Values<typeof command.flags>;

/** @throws UsageError */
function refuse(message: string): never {
  throw new UsageError(message);
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    return refuse(`${file} is not an outputs file of cdk deploy: ${(error as Error).message}`);
  }
}

function deployed(file: string, stack: string | undefined): Access & { gateway?: Gateway } {
  if (!existsSync(file)) refuse(`There is no ${file}`);
  const stacks = parsed(file) as Record<string, { Tables?: string; Url?: string }>;
  const name = stack ?? (Object.keys(stacks).length === 1 ? Object.keys(stacks)[0] : undefined);
  const { Tables: tables, Url: url } = stacks[name ?? ''] ?? {};
  if (Object.keys(stacks).length === 0)
    refuse(`${file} lists no stack: write it with cdk deploy --outputs-file`);
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
    throw error.message.includes('in use') ? new Error(`${error.message}: stop npm start first`) : error;
  });
}

function portsOf({ client, tableOf, gateway }: Access & { gateway?: Gateway }): RecordPorts {
  const table = tablesOf(client, tableOf);
  return {
    ...portsIn(table),
    entriesBy: (username) => entriesBy(table('History'), username),
    invitationsOf: (username) => invitationsOf(table('Directory'), username),
    removalsOf: (username) => removalsOf(table('Directory'), username),
    sessionsOf: (username) => sessionsOf(table('Sessions'), username),
    connectionsOf: (username) => connectionsOf(table('Connections'), username),
    secrets: passwordsAndTokens,
    gateway,
    runtime: lambdaRuntime,
  };
}

async function perform(action: string, username: string, flags: Flags): Promise<string | undefined> {
  const { outputs, stack, data } = flags;
  const access = outputs === undefined ? await local(data) : deployed(outputs, stack);
  try {
    const ports = portsOf(access);
    if (action === 'export') {
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

process.umask(0o077);
await run(command, async (flags, [action = '', name = '', ...surplus]) => {
  if (!['export', 'erase'].includes(action) || name === '' || surplus.length > 0)
    refuse('Expected export USER or erase USER');
  if (action === 'erase' && !flags.yes) refuse(`This cannot be undone: add --yes to erase ${name}`);
  const said = await perform(action, name.toLowerCase(), flags);
  if (said === undefined) throw new Error(`There is no user ${name}`);
  console.log(said);
});
