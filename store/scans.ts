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

/** Their keys: the names of the attributes and their types. */
const KEYS = {
  History: { chat_id: 'string', seq: 'number' },
  Directory: { name: 'string' },
  Sessions: { digest: 'string' },
  Connections: { connection_id: 'string' },
} as const satisfies Record<keyof Scanned, Readonly<Record<string, 'string' | 'number'>>>;

/** `Scans` of DynamoDB tables. @param retention absent, messages are kept forever */
export const scansIn = (
  { History, Directory, Sessions, Connections }: Scanned,
  retention?: Retention,
): Scans => ({
  isPlace: (table, after) => keyIn(after, KEYS[table]) !== undefined,
  entriesBy: (username, after) => scan(History, KEYS.History, 'sender', username, after, entryOf),
  entriesSince: (at, after) =>
    scanFor(
      History,
      KEYS.History,
      {
        FilterExpression: '#at >= :at OR #changed.#at >= :at',
        ExpressionAttributeNames: { '#at': 'at', '#changed': 'changed' },
        ExpressionAttributeValues: { ':at': at },
      },
      after,
      (item) => markExpired(entryOf(item), retention),
    ),
  removalsOf: (username, after) =>
    scan(Directory, KEYS.Directory, 'removed', username, after, ({ group }) => String(group)),
  sessionsOf: (username, after) =>
    scan(Sessions, KEYS.Sessions, 'username', username, after, ({ digest }) => String(digest)),
  connectionsOf: (username, after) =>
    scan(Connections, KEYS.Connections, 'username', username, after, ({ connection_id: id, form }) => [
      String(id),
      { form: form as Bound['form'] },
    ]),
});

const entryOf = ({ chat_id, expires: _, ...rest }: Item): LogEntry => ({
  ...(rest as unknown as LogEntry),
  chat: String(chat_id),
});

type Keys = Readonly<Record<string, 'string' | 'number'>>;

/** The key in a place; undefined if it is none of this table: DynamoDB would refuse it. */
function keyIn(after: string, keys: Keys): Item | undefined {
  try {
    const key: unknown = JSON.parse(after);
    const isKey =
      typeof key === 'object' &&
      key !== null &&
      Object.keys(key).length === Object.keys(keys).length &&
      Object.entries(keys).every(([name, type]) => {
        const value = (key as Item)[name];
        return typeof value === type && value !== '';
      });
    return isKey ? (key as Item) : undefined;
  } catch {
    return undefined;
  }
}

/** Finds the items in which an attribute has a value. */
const scan = <T>(
  table: Table,
  keys: Keys,
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
 * @param keys those of the table
 */
async function* scanFor<T>(
  { client, name }: Table,
  keys: Keys,
  filter: Pick<
    ScanCommandInput,
    'FilterExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
  >,
  after: string | undefined,
  read: (item: Item) => T,
): AsyncGenerator<Found<T>> {
  let start = after === undefined ? undefined : keyIn(after, keys);
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
        after: JSON.stringify(Object.fromEntries(Object.keys(keys).map((key) => [key, item[key]]))),
      };
    start = LastEvaluatedKey;
    if (start) yield { after: JSON.stringify(start) };
  } while (start);
}
