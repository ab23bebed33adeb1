import { paginateScan as paginate } from '@aws-sdk/client-dynamodb';
import type * as lib from '@aws-sdk/lib-dynamodb';
import type { LogEntry } from '../chat/ports.ts';
import type { Table } from '../store/table.ts';

// With plain values (store/documents.ts).
const paginateScan = paginate as unknown as typeof lib.paginateScan;

/** Every entry that somebody wrote, in no order: a look at the whole table, for administrators. */
export async function* entriesBy({ client, name }: Table, sender: string): AsyncGenerator<LogEntry> {
  const pages = paginateScan(
    { client },
    {
      TableName: name,
      ConsistentRead: true,
      FilterExpression: 'sender = :sender',
      ExpressionAttributeValues: { ':sender': sender },
    },
  );
  for await (const { Items = [] } of pages) {
    for (const { chat_id, expires: _, ...rest } of Items)
      yield { chat: chat_id, ...rest } as unknown as LogEntry;
  }
}
