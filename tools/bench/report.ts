import { type Figures, figures, ratios, type Samples } from './measure.ts';

/** One line of the report: what was measured, round by round. */
export interface Line {
  name: string;
  rounds: readonly Samples[];
}

/** What the lines are compared with. */
export interface Baselines {
  echo: readonly Samples[];
  put: readonly Samples[];
}

const NAME = 38;
const CELL = 10;

// Three digits tell all that such a measurement knows.
const digits = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));

const cells = (values: readonly string[]) => values.map((value) => value.padStart(CELL)).join('');

const numbers = ({ perSecond, p50, p99 }: Figures) => cells([perSecond, p50, p99].map(digits));

/** Prints a table of figures, and one of ratios. */
export function print(lines: readonly Line[], { echo, put }: Baselines): void {
  console.log(`${'measured'.padEnd(NAME)}${cells(['a second', 'p50 ms', 'p99 ms'])}`);
  for (const { name, rounds } of lines) console.log(`${name.padEnd(NAME)}${numbers(figures(rounds))}`);
  console.log(`\n${'times'.padEnd(NAME)}${cells(['an echo’s', 'p50', 'p99', 'a put’s', 'p50', 'p99'])}`);
  for (const { name, rounds } of lines)
    console.log(`${name.padEnd(NAME)}${numbers(ratios(rounds, echo))}${numbers(ratios(rounds, put))}`);
}
