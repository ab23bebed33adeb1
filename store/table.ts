import type { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import type { QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { type Consistency, Unavailable } from '../chat/ports.ts';
import { isConditionFailed, isServerError, isThrottled, isUnanswered } from './aws-error.ts';
import { BatchGetCommand, type DocumentClient, GetCommand, PutCommand, paginateQuery } from './documents.ts';

/** A table as every file here takes it: the client, and the table's physical name. */
export interface Table {
  client: DocumentClient;
  name: string;
}

/** An item, or the key of one. */
export type Item = Record<string, unknown>;

// BatchGetItem's own bound.
const BATCH = 100;
const BATCH_ATTEMPTS = 6;

/**
 * Makes a call; the SDK has repeated it by its own rules when this fails.
 * @throws Unavailable for throttling, for 5xx and for no answer; a write may have taken effect before the last two
 */
export async function calling<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    const { name, message } = error as Error;
    if (isThrottled(error) || isServerError(error) || isUnanswered(error)) {
      throw new Unavailable(`DynamoDB: ${name}: ${message}`, { cause: error });
    }
    throw error;
  }
}

/** As `calling`, for a conditional write: a failed condition answers with the item that stood against it. */
export async function conditionally<T>(
  call: Promise<T>,
): Promise<{ done: T } | { refusedBy: Item | undefined }> {
  try {
    return { done: await calling(call) };
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
    const { Item } = error as ConditionalCheckFailedException;
    return { refusedBy: Item && unmarshall(Item) };
  }
}

/** One item, strongly consistent. */
export async function getItem({ client, name }: Table, key: Item): Promise<Item | undefined> {
  const { Item } = await calling(
    client.send(new GetCommand({ TableName: name, Key: key, ConsistentRead: true })),
  );
  return Item;
}

/**
 * Puts an item where there is none.
 * @param keyOf the attributes that are its key
 * @returns the item that is there now: this one, or the one that was first
 * @throws Unavailable if nothing was written
 */
export async function putFirst(table: Table, keyOf: readonly string[], item: Item): Promise<Item> {
  const key = Object.fromEntries(keyOf.map((attribute) => [attribute, item[attribute]]));
  const put = new PutCommand({
    TableName: table.name,
    Item: item,
    ConditionExpression: 'attribute_not_exists(#key)',
    ExpressionAttributeNames: { '#key': keyOf[0] as string },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  try {
    const result = await conditionally(table.client.send(put));
    if ('done' in result) return item;
    if (result.refusedBy !== undefined) return result.refusedBy;
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    // It may have taken effect all the same: only a look tells.
    const there = await getItem(table, key).catch((cause: unknown) => {
      if (isThrottled(error.cause)) throw error;
      throw new Error(`${table.name}: whether the item was written is not known`, { cause });
    });
    if (there === undefined) throw error;
    return there;
  }
  throw new Error(`${table.name}: a failed condition came without its item`);
}

/** Many items by key, in no order; only those that exist. */
export async function getItems(
  table: Table,
  keys: readonly Item[],
  consistency: Consistency = 'strong',
): Promise<Item[]> {
  const batches = Array.from({ length: Math.ceil(keys.length / BATCH) }, (_, index) =>
    keys.slice(index * BATCH, (index + 1) * BATCH),
  );
  return (await Promise.all(batches.map((batch) => getBatch(table, batch, consistency)))).flat();
}

// A throttled partition shows as unprocessed keys, which the SDK does not repeat.
async function getBatch(
  { client, name }: Table,
  batch: readonly Item[],
  consistency: Consistency,
): Promise<Item[]> {
  const items: Item[] = [];
  let keys: Item[] = [...batch];
  for (let attempt = 0; attempt < BATCH_ATTEMPTS; attempt++) {
    if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, Math.random() * 25 * 2 ** attempt));
    const request = { RequestItems: { [name]: { Keys: keys, ConsistentRead: consistency === 'strong' } } };
    const { Responses, UnprocessedKeys } = await calling(client.send(new BatchGetCommand(request)));
    items.push(...(Responses?.[name] ?? []));
    keys = UnprocessedKeys?.[name]?.Keys ?? [];
    if (keys.length === 0) return items;
  }
  throw new Unavailable(`DynamoDB: ${keys.length} keys of ${name} stayed unprocessed`);
}

/** One attribute of all that a query finds, over all its pages. */
export async function attributesOf<T>(
  { client, name }: Table,
  attribute: string,
  input: Omit<QueryCommandInput, 'TableName'>,
): Promise<T[]> {
  const found: T[] = [];
  const pages = paginateQuery({ client }, { TableName: name, ...input });
  const next = () => calling(pages.next());
  for (let page = await next(); !page.done; page = await next()) {
    found.push(...(page.value.Items ?? []).map((item) => item[attribute] as T));
  }
  return found;
}
