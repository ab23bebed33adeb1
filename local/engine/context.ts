import type { Context } from '../conditions.ts';
import type { DynamoCall } from './calls.ts';

type Json = Record<string, unknown>;

const EXPRESSIONS = [
  'ConditionExpression',
  'FilterExpression',
  'KeyConditionExpression',
  'ProjectionExpression',
  'UpdateExpression',
];

// What in an expression is no attribute. Functions are known by the bracket behind them.
const KEYWORDS = new Set(['set', 'remove', 'add', 'delete', 'and', 'or', 'not', 'between', 'in']);

/** What a request says of itself, for the conditions of policies. */
export function contextOf({ input }: DynamoCall): Context {
  const parts = input.RequestItems === undefined ? [input] : Object.values(input.RequestItems as Json);
  const requests = parts as Json[];
  return {
    'dynamodb:Attributes': [...new Set(requests.flatMap(attributesOf))],
    'dynamodb:ReturnValues': input.ReturnValues === undefined ? [] : [String(input.ReturnValues)],
    'dynamodb:Select': input.Select === undefined ? [] : [String(input.Select)],
  };
}

/** The top-level attributes that a request names. */
function attributesOf(request: Json): string[] {
  const names = (request.ExpressionAttributeNames ?? {}) as Record<string, string>;
  const written = EXPRESSIONS.flatMap((each) => namesIn(String(request[each] ?? ''), names));
  const items = [request.Item, request.Key, ...((request.Keys ?? []) as unknown[])];
  return [...written, ...items.flatMap((item) => Object.keys((item ?? {}) as Json))];
}

/** `SET connections.#c = :d` names `connections`; what stands behind a dot lies within. */
function namesIn(expression: string, names: Record<string, string>): string[] {
  const found = expression.matchAll(/(?<![\w.:#-])(#?[A-Za-z_][\w-]*)(?![\w-]|\s*\()/g);
  return [...found]
    .map(([, token = '']) => token)
    .filter((token) => !KEYWORDS.has(token.toLowerCase()))
    .map((token) => names[token] ?? token);
}
