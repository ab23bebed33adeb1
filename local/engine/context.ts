import type { Context } from '../conditions.ts';
import type { DynamoCall } from './calls.ts';

type Json = Record<string, unknown>;

/** Returns the partition key's name for a table or its index. */
export type HashKeyOf = (table: string, index?: string) => string | undefined;

const EXPRESSIONS = [
  'ConditionExpression',
  'FilterExpression',
  'KeyConditionExpression',
  'ProjectionExpression',
  'UpdateExpression',
];
// Legacy parameters from before expressions: objects by attribute. Requests may still use them.
const BY_ATTRIBUTE = ['AttributeUpdates', 'Expected', 'KeyConditions', 'QueryFilter', 'ScanFilter'];

// Words in expressions that are no attributes. Functions are recognised by their parenthesis.
const KEYWORDS = new Set(['set', 'remove', 'add', 'delete', 'and', 'or', 'not', 'between', 'in']);

/** The condition keys of a request, for evaluating policies. */
export function contextOf({ operation, input }: DynamoCall, hashKeyOf: HashKeyOf): Context {
  const parts = partsOf(input);
  const keys = parts.flatMap(([table, request]) => leadingKeysOf(operation, table, request, hashKeyOf));
  return {
    'dynamodb:Attributes': [...new Set(parts.flatMap(([, request]) => attributesOf(request)))],
    'dynamodb:LeadingKeys': [...new Set(keys)],
    'dynamodb:ReturnValues': input.ReturnValues === undefined ? [] : [String(input.ReturnValues)],
    'dynamodb:Select': input.Select === undefined ? [] : [String(input.Select)],
  };
}

/** The requests of a batch, each with its table; any other call is a single request. */
function partsOf(input: Json): [table: string, request: Json][] {
  if (input.RequestItems === undefined) return [[String(input.TableName), input]];
  return Object.entries(input.RequestItems as Json).flatMap(([table, of]) =>
    [of].flat().flatMap((each) => {
      const { PutRequest, DeleteRequest } = each as Record<string, Json | undefined>;
      return [[table, PutRequest ?? DeleteRequest ?? (each as Json)] as [string, Json]];
    }),
  );
}

const itemsOf = (request: Json): Json[] =>
  [request.Item, request.Key, ...((request.Keys ?? []) as unknown[])].filter(
    (item) => item !== undefined,
  ) as Json[];

/** The top-level attributes that a request names. */
function attributesOf(request: Json): string[] {
  const written = EXPRESSIONS.flatMap((each) => namesIn(String(request[each] ?? ''), namesOf(request)));
  const listed = ((request.AttributesToGet ?? []) as string[]).map(String);
  const objects = [...itemsOf(request), ...BY_ATTRIBUTE.map((each) => (request[each] ?? {}) as Json)];
  return [...written, ...listed, ...objects.flatMap((each) => Object.keys(each))];
}

const namesOf = (request: Json) => (request.ExpressionAttributeNames ?? {}) as Record<string, string>;

/** Attributes in an expression: `SET connections.#c = :d` names `connections`. Names after a dot are nested, so not top-level. */
function namesIn(expression: string, names: Record<string, string>): string[] {
  const found = expression.matchAll(/(?<![\w.:#-])(#?[A-Za-z_][\w-]*)(?![\w-]|\s*\()/g);
  return [...found]
    .map(([, token = '']) => token)
    .filter((token) => !KEYWORDS.has(token.toLowerCase()))
    .map((token) => names[token] ?? token);
}

/** The partition keys that a request accesses; none for a scan. */
function leadingKeysOf(operation: string, table: string, request: Json, hashKeyOf: HashKeyOf): string[] {
  const index = request.IndexName === undefined ? undefined : String(request.IndexName);
  const hash = hashKeyOf(table, index) ?? '';
  const values =
    operation === 'Query' ? [queried(request, hash)] : itemsOf(request).map((item) => item[hash]);
  // An unreadable key must not count as absent: with no values at all, every `ForAllValues` condition would hold.
  return values.map((value) => String(Object.values((value ?? {}) as Json)[0] ?? ''));
}

/** The partition key's value in a query. */
function queried(request: Json, hash: string): unknown {
  const expression = String(request.KeyConditionExpression ?? '');
  const names = namesOf(request);
  const pairs = [...expression.matchAll(/(#?[A-Za-z_][\w-]*)\s*=\s*(:[\w-]+)/g)];
  const found = pairs.find(([, name = '']) => (names[name] ?? name) === hash)?.[2];
  if (found !== undefined) return ((request.ExpressionAttributeValues ?? {}) as Json)[found];
  const older = ((request.KeyConditions ?? {}) as Record<string, { AttributeValueList?: unknown[] }>)[hash];
  return older?.AttributeValueList?.[0];
}
