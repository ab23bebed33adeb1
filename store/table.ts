import type { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import type { QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { OutcomeUnknown, Unavailable } from '../chat/errors.ts';
import type { Consistency } from '../chat/model.ts';
import { hadAttemptInDoubt } from './attempts.ts';
import { didNothing, isConditionFailed, isServerError, isThrottled, isUnanswered } from './aws-error.ts';
import { backOff } from './back-off.ts';
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
const BATCH_WAITS = [50, 800] as const;

// With the SDK's own attempts, six in all; more may not be over before a function's time is.
const ROUNDS = 2;

const saying = (error: unknown): [string, ErrorOptions] => {
  const { name, message } = error as Error;
  return [`DynamoDB: ${name}: ${message}`, { cause: error }];
};

const mayPass = (error: unknown): boolean =>
  isThrottled(error) || isServerError(error) || isUnanswered(error);

/**
 * Reads; the SDK has repeated it by its own rules when this fails.
 * @throws Unavailable for throttling, for 5xx and for no answer
 */
export async function calling<T>(read: Promise<T>): Promise<T> {
  try {
    return await read;
  } catch (error) {
    throw mayPass(error) ? new Unavailable(...saying(error)) : error;
  }
}

/**
 * Writes, likewise.
 * @throws Unavailable if every attempt was refused: then nothing was written. OutcomeUnknown if one of them got a 5xx or
 *   no answer: it may have taken effect, and may still
 */
export async function writing<T>(write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    if (!mayPass(error)) throw error;
    const isKnown = didNothing(error) && !hadAttemptInDoubt(error);
    throw isKnown ? new Unavailable(...saying(error)) : new OutcomeUnknown(...saying(error));
  }
}

/** As `writing`, under a condition: where it failed, the answer is the item that stood against it. */
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
 * Makes a write again while nobody knows whether it took effect. Whichever of them is first, the others meet it; so does
 * one that comes late, which can change nothing any more.
 * @param write may be made twice
 * @throws Unavailable if nothing was written, OutcomeUnknown if that is still not known
 */
export async function untilKnown<T>(write: () => Promise<T>): Promise<T> {
  let doubt: unknown;
  for (let round = 0; round < ROUNDS; round++) {
    try {
      return await write();
    } catch (error) {
      if (error instanceof OutcomeUnknown) doubt = error;
      // A refusal says nothing of what was written before it.
      else if (doubt === undefined || !(error instanceof Unavailable)) throw error;
    }
  }
  throw doubt;
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
 * @param keyOf the first attribute of its key
 * @returns the item that is there now: this one, or the one that was first
 * @throws Unavailable if nothing was written, OutcomeUnknown if that is not known
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
  if (result.refusedBy === undefined)
    throw new Error(`${table.name}: a failed condition came without its item`);
  return result.refusedBy;
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
    if (attempt > 0) await backOff(attempt - 1, BATCH_WAITS);
    const request = { RequestItems: { [name]: { Keys: keys, ConsistentRead: consistency === 'strong' } } };
    const { Responses, UnprocessedKeys } = await calling(client.send(new BatchGetCommand(request)));
    items.push(...(Responses?.[name] ?? []));
    keys = UnprocessedKeys?.[name]?.Keys ?? [];
    if (keys.length === 0) return items;
  }
  throw new Unavailable(`DynamoDB: ${keys.length} keys of ${name} stayed unprocessed`);
}

/** One attribute of all that a query finds, over all its pages. @param most at least so many end it; absent, none do */
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
