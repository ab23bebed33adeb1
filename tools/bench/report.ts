import { type Figures, figures, ratios, type Samples } from './measure.ts';

/** One line of the report: a load and its rounds. */
export interface Line {
  name: string;
  rounds: readonly Samples[];
}

/** The rounds of both baselines. */
export interface Baselines {
  echo: readonly Samples[];
  put: readonly Samples[];
}

const NAME = 38;
const CELL = 10;

// More than three digits would be noise.
const digits = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));

const cells = (values: readonly string[]) => values.map((value) => value.padStart(CELL)).join('');

const numbers = ({ perSecond, p50, p99 }: Figures) => cells([perSecond, p50, p99].map(digits));

/** Prints a table of figures, and one of ratios. */
export function print(lines: readonly Line[], { echo, put }: Baselines): void {
  console.log(`${'measured'.padEnd(NAME)}${cells(['per second', 'p50 ms', 'p99 ms'])}`);
  for (const { name, rounds } of lines) console.log(`${name.padEnd(NAME)}${numbers(figures(rounds))}`);
  console.log(`\n${'ratio'.padEnd(NAME)}${cells(['to an echo', 'p50', 'p99', 'to a put', 'p50', 'p99'])}`);
  for (const { name, rounds } of lines)
    console.log(`${name.padEnd(NAME)}${numbers(ratios(rounds, echo))}${numbers(ratios(rounds, put))}`);
}
