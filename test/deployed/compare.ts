import { isDeepStrictEqual } from 'node:util';
import type { Facts } from './facts.ts';

/** A fact that is not the same here and there. */
export interface Difference {
  fact: string;
  there: unknown;
  here: unknown;
}

const isTime = (fact: string) => fact.startsWith('ms: ');

/** What the local gateway assumes, and the stage does not do. Times are recorded, and differ. */
export const differencesOf = (there: Facts, here: Facts): Difference[] =>
  [...new Set([...Object.keys(there), ...Object.keys(here)])]
    .filter((fact) => !isTime(fact) && !isDeepStrictEqual(there[fact], here[fact]))
    .map((fact) => ({ fact, there: there[fact], here: here[fact] }));

/** All that was recorded, for people: what of it the local gateway does, too. Absent, the stage is the local gateway. */
export function told(there: Facts, here?: Facts): string {
  if (here === undefined)
    return `The local gateway, which is compared with nothing:\n${rows(there, () => '')}`;
  const differences = new Map(differencesOf(there, here).map((difference) => [difference.fact, difference]));
  const verdict = (fact: string) =>
    isTime(fact) ? '' : differences.has(fact) ? '  DIFFERS' : '  as the local gateway';
  const other = [...differences.values()].map(
    (difference) =>
      `  ${difference.fact}\n    this stage     ${JSON.stringify(difference.there)}\n    local gateway  ${JSON.stringify(difference.here)}`,
  );
  const end =
    other.length === 0
      ? 'The local gateway does as this stage does, in all that was recorded.'
      : ['They differ in', ...other].join('\n');
  return `${rows(there, verdict)}\n${end}`;
}

function rows(facts: Facts, verdict: (fact: string) => string): string {
  const width = Math.max(...Object.keys(facts).map((fact) => fact.length));
  return Object.entries(facts)
    .map(([fact, value]) => `  ${fact.padEnd(width)}  ${JSON.stringify(value)}${verdict(fact)}`)
    .join('\n');
}
