// Readings of whole tables from end to end, for the operator, where no key leads to the items.
//   entriesBy      Scan of History        delete_user, export_user
//   entriesSince   Scan of History        replay_events
//   removalsOf     Scan of Directory      delete_user, export_user
//   sessionsOf     Scan of Sessions       delete_user, export_user
//   connectionsOf  Scan of Connections    delete_user
import type { ScanCommandInput } from '@aws-sdk/lib-dynamodb';
import type { Bound, LogEntry } from '../chat/model.ts';
import type { Found, Scans } from '../chat/ports.ts';
import { ScanCommand } from './documents.ts';
import { markExpired, type Retention } from './history.ts';
import { calling, type Item, type Table } from './table.ts';

/** The tables that are read. */
export type Scanned = Readonly<Record<'History' | 'Directory' | 'Sessions' | 'Connections', Table>>;

/** `Scans` of DynamoDB tables. @param retention absent, messages are kept forever */
export const scansIn = (
  { History, Directory, Sessions, Connections }: Scanned,
  retention?: Retention,
): Scans => ({
  entriesBy: (username, after) => scan(History, ['chat_id', 'seq'], 'sender', username, after, entryOf),
  entriesSince: (at, after) =>
    scanFor(
      History,
      ['chat_id', 'seq'],
      {
        FilterExpression: '#at >= :at OR #changed.#at >= :at',
        ExpressionAttributeNames: { '#at': 'at', '#changed': 'changed' },
        ExpressionAttributeValues: { ':at': at },
      },
      after,
      (item) => markExpired(entryOf(item), retention),
    ),
  removalsOf: (username, after) =>
    scan(Directory, ['name'], 'removed', username, after, ({ group }) => String(group)),
  sessionsOf: (username, after) =>
    scan(Sessions, ['digest'], 'username', username, after, ({ digest }) => String(digest)),
  connectionsOf: (username, after) =>
    scan(Connections, ['connection_id'], 'username', username, after, ({ connection_id: id, form }) => [
      String(id),
      { form: form as Bound['form'] },
    ]),
});

const entryOf = ({ chat_id, expires: _, ...rest }: Item): LogEntry => ({
  ...(rest as unknown as LogEntry),
  chat: String(chat_id),
});

/** Finds the items in which an attribute has a value. */
const scan = <T>(
  table: Table,
  keys: readonly string[],
  attribute: string,
  value: string,
  after: string | undefined,
  read: (item: Item) => T,
): AsyncGenerator<Found<T>> =>
  scanFor(
    table,
    keys,
    {
      FilterExpression: '#attribute = :value',
      ExpressionAttributeNames: { '#attribute': attribute },
      ExpressionAttributeValues: { ':value': value },
    },
    after,
    read,
  );

/**
 * Reads a table, and finds the items that a filter lets through. A place is a key, which need not be that of an item.
 * @param keys the names of the attributes that are the table's key
 */
async function* scanFor<T>(
  { client, name }: Table,
  keys: readonly string[],
  filter: Pick<
    ScanCommandInput,
    'FilterExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
  >,
  after: string | undefined,
  read: (item: Item) => T,
): AsyncGenerator<Found<T>> {
  let start: Item | undefined = after === undefined ? undefined : JSON.parse(after);
  do {
    const page = new ScanCommand({
      TableName: name,
      ConsistentRead: true,
      ...filter,
      ...(start && { ExclusiveStartKey: start }),
    });
    const { Items = [], LastEvaluatedKey } = await calling(client.send(page));
    for (const item of Items)
      yield {
        item: read(item),
        after: JSON.stringify(Object.fromEntries(keys.map((key) => [key, item[key]]))),
      };
    start = LastEvaluatedKey;
    if (start) yield { after: JSON.stringify(start) };
  } while (start);
}
