import { isDeepStrictEqual } from 'node:util';
import type { Facts } from './facts.ts';

/** A fact that is not the same here and there. */
export interface Difference {
  fact: string;
  there: unknown;
  here: unknown;
}

/** What the local gateway assumes, and the stage does not do. Times are recorded, and differ. */
export const differencesOf = (there: Facts, here: Facts): Difference[] =>
  [...new Set([...Object.keys(there), ...Object.keys(here)])]
    .filter((fact) => !fact.startsWith('ms: ') && !isDeepStrictEqual(there[fact], here[fact]))
    .map((fact) => ({ fact, there: there[fact], here: here[fact] }));

/** For people. */
export const told = (differences: readonly Difference[]): string =>
  differences.length === 0
    ? 'The local gateway does as this stage does, in all that was recorded.'
    : differences
        .map(
          ({ fact, there, here }) =>
            `  ${fact}\n    this stage     ${JSON.stringify(there)}\n    local gateway  ${JSON.stringify(here)}`,
        )
        .join('\n');
