import './env.ts';
import 'aws-sdk-client-mock-vitest/extend';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, vi } from 'vitest';
import type { Handler } from '../../lambdas/runtime/route.ts';
import { BatchGetCommand, GetCommand, QueryCommand } from '../../store/documents.ts';
import { contextOf, eventOf } from '../support/event.ts';
import { http } from './http.ts';

/** DynamoDB, as the handlers reach it; each test begins with an empty one that takes everything. */
export const dynamo = mockClient(DynamoDBClient as unknown as typeof DynamoDBDocumentClient);

/** What was logged, line by line, and what was measured, as EMF. */
export const logged: Record<string, unknown>[] = [];
export const measured: Record<string, unknown>[] = [];

beforeEach(() => {
  dynamo.reset();
  dynamo.onAnyCommand().resolves({});
  http.reset();
  logged.length = 0;
  measured.length = 0;
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((line) => {
      const entry = JSON.parse(String(line));
      (entry._aws ? measured : logged).push(entry);
      return true;
    });
  }
  return () => vi.restoreAllMocks();
});

const created = 1;

/** Makes names known, and logs a user in on a connection, as far as reading goes. */
export function given(facts: {
  loggedIn?: Record<string, string>;
  users?: string[];
  /** Of each user: its hash. */
  password?: string;
  groups?: string[];
  /** Chat → members. */
  members?: Record<string, string[]>;
  /** Chat → the items of its log. */
  history?: Record<string, { seq: number }[]>;
  /** User → item. */
  inboxes?: Record<string, { connections: object; pending: object }>;
}): void {
  for (const [connection_id, username] of Object.entries(facts.loggedIn ?? {})) {
    const Item = { connection_id, username };
    dynamo.on(GetCommand, { TableName: 'connections', Key: { connection_id } }).resolves({ Item });
  }
  const name = (kind: 'user' | 'group') => (each: string) =>
    dynamo
      .on(GetCommand, { TableName: 'names', Key: { name: each } })
      .resolves({ Item: { name: each, kind, created, owner: 'user1', attemptId: each } });
  facts.users?.forEach(name('user'));
  for (const username of facts.users ?? []) {
    dynamo
      .on(GetCommand, { TableName: 'credentials', Key: { username } })
      .resolves({ Item: { username, attemptId: username, password: facts.password } });
  }
  facts.groups?.forEach(name('group'));
  for (const [chat_id, usernames] of Object.entries(facts.members ?? {})) {
    const rows = usernames.map((username) => memberOf(chat_id, username));
    for (const Item of rows) {
      const Key = { chat_id, username: Item.username };
      dynamo.on(GetCommand, { TableName: 'members', Key }).resolves({ Item });
    }
    dynamo
      .on(QueryCommand, { TableName: 'members', ExpressionAttributeValues: { ':chat': chat_id } })
      .resolves({ Items: rows });
  }
  for (const [chat, items] of Object.entries(facts.history ?? {})) {
    const log = { TableName: 'history', ExpressionAttributeValues: { ':chat': chat } };
    dynamo.on(QueryCommand, log).resolves({ Items: items.map((item) => ({ chat_id: chat, ...item })) });
  }
  const inboxes = Object.entries(facts.inboxes ?? {}).map(([username, item]) => ({ username, ...item }));
  const rows = Object.entries(facts.members ?? {}).flatMap(([chat, users]) =>
    users.map((user) => memberOf(chat, user)),
  );
  const history = Object.entries(facts.history ?? {}).flatMap(([chat, items]) =>
    items.map((item) => ({ chat_id: chat, ...item })),
  );
  // Which items a batch asks for is of no interest here: all that there are come back.
  const all: Record<string, object[]> = { inboxes, history, members: rows };
  dynamo.on(BatchGetCommand).callsFake(({ RequestItems }) => {
    const [table = ''] = Object.keys(RequestItems);
    return { Responses: { [table]: all[table] ?? [] } };
  });
}

const memberOf = (chat_id: string, username: string) => ({
  chat_id,
  username,
  role: 'member',
  since: 1,
  joined: 1,
});

/** Hands a frame to a function as connection `c1` sends it, and waits for its reply: in band, or posted. */
export async function reply(handler: Handler, frame: object | string): Promise<string | undefined> {
  const body = typeof frame === 'string' ? frame : JSON.stringify(frame);
  const result = (await handler(eventOf('c1', body), contextOf())) as { statusCode: number; body?: string };
  if (result.statusCode !== 200) throw new Error(`The handler answered ${result.statusCode}`);
  return result.body ?? http.postedTo('c1').at(0);
}
