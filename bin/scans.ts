// Scans of whole tables, for administrators, where no key leads to the items. Results come in no order.
import { paginateScan as paginate } from '@aws-sdk/client-dynamodb';
import type * as lib from '@aws-sdk/lib-dynamodb';
import type { Bound, LogEntry } from '../chat/model.ts';
import type { Item, Table } from '../store/table.ts';

// The client is configured for plain values (store/documents.ts).
const paginateScan = paginate as unknown as typeof lib.paginateScan;

async function* scan({ client, name }: Table, filter: string, user: string): AsyncGenerator<Item> {
  const pages = paginateScan(
    { client },
    {
      TableName: name,
      ConsistentRead: true,
      FilterExpression: filter,
      ExpressionAttributeValues: { ':user': user },
    },
  );
  for await (const { Items = [] } of pages) yield* Items;
}

/** Yields every entry that a user wrote. @param history the History table */
export async function* entriesBy(history: Table, sender: string): AsyncGenerator<LogEntry> {
  for await (const { chat_id, expires: _, ...rest } of scan(history, 'sender = :user', sender))
    yield { chat: chat_id, ...rest } as unknown as LogEntry;
}

/** The groups that somebody was removed from, in the Directory table. */
export async function* removalsOf(names: Table, username: string): AsyncGenerator<string> {
  for await (const { group } of scan(names, 'removed = :user', username)) yield String(group);
}

/** Yields the digests of a user's sessions, expired ones included. @param sessions the Sessions table */
export async function* sessionsOf(sessions: Table, username: string): AsyncGenerator<string> {
  for await (const { digest } of scan(sessions, 'username = :user', username)) yield String(digest);
}

/** Yields a user's connections. @param connections the Connections table */
export async function* connectionsOf(
  connections: Table,
  username: string,
): AsyncGenerator<[string, Pick<Bound, 'form'>]> {
  for await (const { connection_id: id, form } of scan(connections, 'username = :user', username))
    yield [String(id), { form: form as Bound['form'] }];
}
