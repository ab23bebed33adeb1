import { glob } from './template/glob.ts';
import type { Conditions } from './template/model.ts';

/** The values of a request, by condition key; each key may have several values, or none. */
export type Context = Readonly<Record<string, readonly string[]>>;

type Compare = (value: string, wanted: string) => boolean;

const like: Compare = (value, wanted) => glob(wanted).test(value);

const operators: Readonly<Record<string, Compare>> = {
  StringEquals: (value, wanted) => value === wanted,
  StringLike: like,
  StringNotEquals: (value, wanted) => value !== wanted,
};

// A suffix of operators: a key that is missing from the request meets the condition.
const IF_EXISTS = /IfExists$/;

/** Condition keys of requests to DynamoDB (Service Authorization Reference, "Amazon DynamoDB"). */
const KEYS = ['dynamodb:Attributes', 'dynamodb:LeadingKeys', 'dynamodb:ReturnValues', 'dynamodb:Select'];

/** Splits `ForAllValues:StringEquals` into the set operator and the operator for each value. */
function split(name: string): [set: string, operator: string] {
  const [set, operator] = name.includes(':') ? name.split(':') : ['', name];
  return [set ?? '', operator ?? ''];
}

/** Parts of a policy's conditions that the local cloud can't evaluate. */
export function unknownIn(conditions: Conditions): string[] {
  return Object.entries(conditions).flatMap(([name, wanted]) => {
    const [set, operator] = split(name);
    const known =
      ['', 'ForAllValues', 'ForAnyValue'].includes(set) &&
      Object.hasOwn(operators, operator.replace(IF_EXISTS, ''));
    const keys = Object.keys(wanted).filter((key) => !KEYS.includes(key));
    return [...(known ? [] : [`the condition ${name}`]), ...keys.map((key) => `the condition key ${key}`)];
  });
}

/** Whether a request meets all conditions of a statement. */
export const areMet = (conditions: Conditions, context: Context): boolean =>
  Object.entries(conditions).every(([name, byKey]) =>
    Object.entries(byKey).every(([key, wanted]) => isMet(name, wanted, context[key] ?? [])),
  );

function isMet(name: string, wanted: readonly string[], values: readonly string[]): boolean {
  const [set, written] = split(name);
  if (IF_EXISTS.test(written) && values.length === 0) return true;
  const operator = written.replace(IF_EXISTS, '');
  const compare = operators[operator];
  if (compare === undefined) return false;
  // A negated operator must hold against every listed value, any other against one.
  const matches = (value: string) =>
    operator.includes('Not')
      ? wanted.every((each) => compare(value, each))
      : wanted.some((each) => compare(value, each));
  // As in AWS: with no values, `ForAllValues` and negated operators are met.
  if (set === 'ForAllValues') return values.every(matches);
  if (set === 'ForAnyValue' || values.length > 0) return values.some(matches);
  return operator.includes('Not');
}
