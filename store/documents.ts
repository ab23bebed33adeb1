import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateQuery as paginate,
  QueryCommand as Query,
  ScanCommand as Scan,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type * as lib from '@aws-sdk/lib-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { watchAttempts } from './attempts.ts';

// A DynamoDB client with plain values in and out, with lib-dynamodb's types. lib-dynamodb itself rebuilds its middleware
// stack on each call, which takes as long as the rest of the call; this is one middleware in a stack that is built once.

/** A client whose commands take and return plain values. */
export type DocumentClient = lib.DynamoDBDocumentClient;

export const GetCommand = GetItemCommand as unknown as typeof lib.GetCommand;
export const PutCommand = PutItemCommand as unknown as typeof lib.PutCommand;
export const UpdateCommand = UpdateItemCommand as unknown as typeof lib.UpdateCommand;
export const DeleteCommand = DeleteItemCommand as unknown as typeof lib.DeleteCommand;
export const QueryCommand = Query as unknown as typeof lib.QueryCommand;
export const ScanCommand = Scan as unknown as typeof lib.ScanCommand;
export const BatchGetCommand = BatchGetItemCommand as unknown as typeof lib.BatchGetCommand;
export const paginateQuery = paginate as unknown as typeof lib.paginateQuery;

type Values = Record<string, unknown>;
type Convert = (values: Values) => Values;

const toDynamo: Convert = (values) => marshall(values, { removeUndefinedValues: true });
const fromDynamo = unmarshall as Convert;

/** Fields to convert: `one` holds an item or a part of one, `many` holds several. */
const inputs = { Key: one, Item: one, ExpressionAttributeValues: one, ExclusiveStartKey: one, Keys: many };
const outputs = { Item: one, Attributes: one, Items: many, LastEvaluatedKey: one, Keys: many };

function one(field: unknown, convert: Convert): unknown {
  return convert(field as Values);
}

function many(field: unknown, convert: Convert): unknown {
  return (field as Values[]).map(convert);
}

/** A copy with the given fields converted; absent fields stay absent. */
function converted(fields: Values, kinds: Record<string, typeof one>, convert: Convert): Values {
  const copy = { ...fields };
  for (const [name, kind] of Object.entries(kinds))
    if (copy[name] !== undefined) copy[name] = kind(copy[name], convert);
  return copy;
}

const byTable = (tables: unknown, convert: (of: Values) => unknown): Values =>
  Object.fromEntries(Object.entries(tables as Values).map(([table, of]) => [table, convert(of as Values)]));

function toRequest(input: Values): Values {
  const request = converted(input, inputs, toDynamo);
  if (request.RequestItems)
    request.RequestItems = byTable(request.RequestItems, (of) => converted(of, inputs, toDynamo));
  return request;
}

function fromResponse(output: Values): Values {
  const result = converted(output, outputs, fromDynamo);
  if (result.Responses) result.Responses = byTable(result.Responses, (items) => many(items, fromDynamo));
  if (result.UnprocessedKeys)
    result.UnprocessedKeys = byTable(result.UnprocessedKeys, (of) => converted(of, outputs, fromDynamo));
  return result;
}

/** The capacity units that a call consumed. */
export interface Capacity {
  read: number;
  write: number;
}

const WRITE = /^(Put|Update|Delete)/;

/** The sum over all tables of a batch. */
function unitsOf({ ConsumedCapacity }: Values): number {
  const each = [ConsumedCapacity ?? []].flat() as { CapacityUnits?: number }[];
  return each.reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
}

/**
 * Changes a client, in place, to take and return plain values only.
 * @param consumed called with the capacity of each call. DynamoDB reports none for a failed condition, which counts as 1
 */
export function documents(client: DynamoDBClient, consumed?: (capacity: Capacity) => void): DocumentClient {
  const asked = consumed && { ReturnConsumedCapacity: 'TOTAL' };
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        const isWrite = WRITE.test(commandName);
        const note = (units: number) =>
          consumed?.(isWrite ? { read: 0, write: units } : { read: units, write: 0 });
        const input = { ...toRequest(args.input as Values), ...asked } as never;
        const { response, output } = await next({ ...args, input }).catch((error: unknown) => {
          if (error instanceof ConditionalCheckFailedException) note(1);
          throw error;
        });
        note(unitsOf(output as unknown as Values));
        return { response, output: fromResponse(output as unknown as Values) as never };
      },
    { step: 'initialize', name: 'documentsMiddleware' },
  );
  watchAttempts(client);
  return client as unknown as DocumentClient;
}
