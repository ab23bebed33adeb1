import { isDeepStrictEqual } from 'node:util';
import type { Facts } from './facts.ts';

/** A fact that differs between the stage and the local gateway. */
export interface Difference {
  fact: string;
  there: unknown;
  here: unknown;
}

const isTime = (fact: string) => fact.startsWith('ms: ');

/** The assumptions of the local gateway that the stage does not share. Times are recorded, and may differ. */
export const differencesOf = (there: Facts, here: Facts): Difference[] =>
  [...new Set([...Object.keys(there), ...Object.keys(here)])]
    .filter((fact) => !isTime(fact) && !isDeepStrictEqual(there[fact], here[fact]))
    .map((fact) => ({ fact, there: there[fact], here: here[fact] }));

/** All recorded facts, for people, and those that the local gateway shares; absent, the stage is that gateway. */
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
