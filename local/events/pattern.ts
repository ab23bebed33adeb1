import type { Pattern } from '../template/model.ts';

// Event patterns of EventBridge, which Lambda's filters use, too. Source: "Comparison operators for use in event patterns",
// EventBridge's user guide. `cidr` is missing; a pattern with it is refused.

type Json = unknown;

const isObject = (value: Json): value is Record<string, Json> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether an event matches a pattern: every field does, each by one of its values. Fields that the pattern lacks are free. */
export const matches = (pattern: Pattern, event: Json): boolean =>
  Object.entries(pattern).every(([field, wanted]) => {
    if (field === '$or' && Array.isArray(wanted))
      return wanted.some((each) => matches(each as Pattern, event));
    const value = isObject(event) && Object.hasOwn(event, field) ? event[field] : undefined;
    return Array.isArray(wanted) ? isWanted(wanted, value) : matches(wanted, value);
  });

/** A list in the event matches if one of its values does. */
function isWanted(wanted: readonly Json[], value: Json): boolean {
  const values = Array.isArray(value) ? value : [value];
  return wanted.some((each) =>
    isObject(each) && 'exists' in each
      ? each.exists === (isLeaf(value) && value !== undefined)
      : values.some((one) => one !== undefined && isMatch(each, one)),
  );
}

/** `exists` works on leaves only: an object is none. */
const isLeaf = (value: Json): boolean => !isObject(value);

function isMatch(wanted: Json, value: Json): boolean {
  if (!isObject(wanted)) return wanted === value;
  const [operator = '', operand] = Object.entries(wanted)[0] ?? [];
  const compare = operators[operator];
  if (!compare) throw unsupported(operator);
  return compare(operand, value);
}

type Compare = (operand: Json, value: Json) => boolean;

const lower = (value: Json): Json => (typeof value === 'string' ? value.toLowerCase() : value);

const ignoresCase = (operand: Json): operand is Record<string, Json> =>
  isObject(operand) && 'equals-ignore-case' in operand;

const affix =
  (test: (text: string, part: string) => boolean): Compare =>
  (operand, value) =>
    ignoresCase(operand)
      ? affix(test)(lower(operand['equals-ignore-case']), lower(value))
      : typeof value === 'string' && test(value, String(operand));

const operators: Readonly<Record<string, Compare>> = {
  prefix: affix((text, part) => text.startsWith(part)),
  suffix: affix((text, part) => text.endsWith(part)),
  'equals-ignore-case': (operand, value) => lower(operand) === lower(value),
  wildcard: (operand, value) => typeof value === 'string' && wildcard(String(operand)).test(value),
  'anything-but': (operand, value) =>
    isObject(operand)
      ? ![Object.values(operand)[0]].flat().some((each) => isMatch({ [nameOf(operand)]: each }, value))
      : ![operand].flat().includes(value),
  numeric: (operand, value) => typeof value === 'number' && isInRange(operand as Json[], value),
};

const nameOf = (operand: Record<string, Json>): string => Object.keys(operand)[0] ?? '';

/** `*` is any text; a backslash takes its meaning. */
const wildcard = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern.replace(/\\([*\\])|\*|[.+^$?{}()|[\]\\]/g, (found, escaped: string | undefined) =>
      escaped === undefined ? (found === '*' ? '.*' : `\\${found}`) : `\\${escaped}`,
    )}$`,
    's',
  );

const comparisons: Readonly<Record<string, (one: number, other: number) => boolean>> = {
  '=': (one, other) => one === other,
  '<': (one, other) => one < other,
  '<=': (one, other) => one <= other,
  '>': (one, other) => one > other,
  '>=': (one, other) => one >= other,
};

/** All of `['>', 0, '<=', 5]`. */
function isInRange([comparison, bound, ...rest]: readonly Json[], value: number): boolean {
  const compare = comparisons[String(comparison)];
  if (!compare) throw unsupported(`numeric ${comparison}`);
  return compare(value, Number(bound)) && (rest.length === 0 || isInRange(rest, value));
}

const unsupported = (what: string): Error =>
  new Error(`The local cloud does not support ${what} in an event pattern`);

/** @throws Error that names what the local cloud does not support */
export function checkPattern(pattern: Pattern): void {
  for (const [field, wanted] of Object.entries(pattern)) {
    if (!Array.isArray(wanted)) {
      if (!isObject(wanted)) throw new Error(`The event pattern's ${field} is no list`);
      checkPattern(wanted);
    } else if (field === '$or') {
      for (const each of wanted) checkPattern(each as Pattern);
    } else {
      for (const each of wanted.filter(isObject)) checkOperator(each);
    }
  }
}

function checkOperator(wanted: Record<string, Json>): void {
  const operator = nameOf(wanted);
  const operand = wanted[operator];
  if (operator === 'exists') return;
  // A value on which every operator runs.
  isMatch(wanted, operator === 'numeric' ? 0 : '');
  if (operator === 'numeric')
    for (const each of operand as Json[])
      if (typeof each === 'string' && !comparisons[each]) throw unsupported(`numeric ${each}`);
}
