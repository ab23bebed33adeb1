import type { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import type { QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { OutcomeUnknown, Unavailable } from '../chat/errors.ts';
import type { Consistency } from '../chat/model.ts';
import { hadAttemptInDoubt } from './attempts.ts';
import { didNothing, isConditionFailed, isServerError, isThrottled, isUnanswered } from './aws-error.ts';
import { backOff } from './back-off.ts';
import { BatchGetCommand, type DocumentClient, GetCommand, PutCommand, paginateQuery } from './documents.ts';

/** A table: the client and the physical name. */
export interface Table {
  client: DocumentClient;
  name: string;
}

/** An item or its key. */
export type Item = Record<string, unknown>;

// BatchGetItem's limit.
const BATCH = 100;
const BATCH_ATTEMPTS = 6;
const BATCH_WAITS = [50, 800] as const;

// Six attempts in all with the SDK's own retries. More might not finish within a function's timeout.
const ROUNDS = 2;

const describe = (error: unknown): [string, ErrorOptions] => {
  const { name, message } = error as Error;
  return [`DynamoDB: ${name}: ${message}`, { cause: error }];
};

const isTransient = (error: unknown): boolean =>
  isThrottled(error) || isServerError(error) || isUnanswered(error);

/**
 * Awaits a read, which the SDK has retried.
 * @throws Unavailable for throttling, 5xx and no response
 */
export async function calling<T>(read: Promise<T>): Promise<T> {
  try {
    return await read;
  } catch (error) {
    throw isTransient(error) ? new Unavailable(...describe(error)) : error;
  }
}

/**
 * Awaits a write, which the SDK has retried.
 * @throws Unavailable if every attempt was refused, so nothing was written; OutcomeUnknown if one got a 5xx or no
 *   response, so it may have taken effect, or may do so later
 */
export async function writing<T>(write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    if (!isTransient(error)) throw error;
    const isKnown = didNothing(error) && !hadAttemptInDoubt(error);
    throw isKnown ? new Unavailable(...describe(error)) : new OutcomeUnknown(...describe(error));
  }
}

/** As `writing`, for a conditional write. @returns `refusedBy`, the existing item, if the condition failed */
export async function conditionally<T>(
  write: Promise<T>,
): Promise<{ done: T } | { refusedBy: Item | undefined }> {
  try {
    return { done: await writing(write) };
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
    const { Item } = error as ConditionalCheckFailedException;
    return { refusedBy: Item && unmarshall(Item) };
  }
}

/**
 * Repeats a conditional write while its outcome is unknown. The condition of the repeat shows whether the first one took
 * effect, and a write that arrives late fails on the condition.
 * @param write must be idempotent
 * @throws Unavailable if nothing was written, OutcomeUnknown if the outcome is still unknown
 */
export async function untilKnown<T>(write: () => Promise<T>): Promise<T> {
  let doubt: unknown;
  for (let round = 0; round < ROUNDS; round++) {
    try {
      return await write();
    } catch (error) {
      if (error instanceof OutcomeUnknown) doubt = error;
      // A throttled repeat doesn't tell whether the first write took effect.
      else if (doubt === undefined || !(error instanceof Unavailable)) throw error;
    }
  }
  throw doubt;
}

/** Reads one item, strongly consistent. */
export async function getItem({ client, name }: Table, key: Item): Promise<Item | undefined> {
  const { Item } = await calling(
    client.send(new GetCommand({ TableName: name, Key: key, ConsistentRead: true })),
  );
  return Item;
}

/**
 * Puts an item if its key is free.
 * @param keyOf the name of the partition key
 * @returns the item that is stored now: this one or an earlier one
 * @throws Unavailable if nothing was written, OutcomeUnknown if the outcome is unknown
 */
export async function putFirst(table: Table, keyOf: string, item: Item): Promise<Item> {
  const put = new PutCommand({
    TableName: table.name,
    Item: item,
    ConditionExpression: 'attribute_not_exists(#key)',
    ExpressionAttributeNames: { '#key': keyOf },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  const result = await untilKnown(() => conditionally(table.client.send(put)));
  if ('done' in result) return item;
  if (result.refusedBy === undefined) throw new Error(`${table.name}: a failed condition returned no item`);
  return result.refusedBy;
}

/** Reads items by key, unordered; missing ones are left out. */
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

// BatchGetItem returns keys of a throttled partition as unprocessed, and the SDK doesn't retry those.
async function getBatch(
  { client, name }: Table,
  batch: readonly Item[],
  consistency: Consistency,
): Promise<Item[]> {
  const items: Item[] = [];
  let keys: Item[] = [...batch];
  for (let attempt = 0; attempt < BATCH_ATTEMPTS; attempt++) {
    if (attempt > 0) await backOff(attempt - 1, BATCH_WAITS);
    const request = { RequestItems: { [name]: { Keys: keys, ConsistentRead: consistency === 'strong' } } };
    const { Responses, UnprocessedKeys } = await calling(client.send(new BatchGetCommand(request)));
    items.push(...(Responses?.[name] ?? []));
    keys = UnprocessedKeys?.[name]?.Keys ?? [];
    if (keys.length === 0) return items;
  }
  throw new Unavailable(`DynamoDB: ${keys.length} keys of ${name} remained unprocessed`);
}

/** Reads one attribute of all items of a query, page by page. @param most stops after the page that reaches it */
export async function attributesOf<T>(
  { client, name }: Table,
  attribute: string,
  input: Omit<QueryCommandInput, 'TableName'>,
  most = Number.POSITIVE_INFINITY,
): Promise<T[]> {
  const found: T[] = [];
  const pages = paginateQuery({ client }, { TableName: name, ...input });
  const next = () => calling(pages.next());
  for (let page = await next(); !page.done; page = await next()) {
    found.push(...(page.value.Items ?? []).map((item) => item[attribute] as T));
    if (found.length >= most) break;
  }
  return found;
}
