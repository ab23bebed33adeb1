import { writeFileSync } from 'node:fs';
import { chartOf } from '../cost/chart.ts';
import type { Say } from '../cost/crowd.ts';
import { curvesOf } from '../cost/curves.ts';
import { measure } from '../cost/measure.ts';
import { HELP, readOptions } from '../cost/options.ts';
import { resultFor } from '../cost/result.ts';
import { captionOf, tableOf } from '../cost/table.ts';
import { pair } from './flags.ts';

/** Ends with one line that says what is wrong. */
function fail(message: string, code: number): never {
  console.error(message);
  process.exit(code);
}

function asked() {
  try {
    const options = readOptions(process.argv.slice(2));
    return { ...options, context: Object.fromEntries(options.context.map(pair)) };
  } catch (error) {
    return fail(`${(error as Error).message}\nTry: npm run cost -- --help`, 2);
  }
}

const isTerminal = process.stderr.isTTY;
/** One line that is written over; where nobody watches, only what is begun. */
const say: Say = (what, done, of) => {
  if (isTerminal) process.stderr.write(`\r\x1b[KCounting: ${what}${done ? ` ${done} of ${of}` : ''} …`);
  else if (done === undefined) process.stderr.write(`Counting: ${what} …\n`);
};

const { load, ms, context, svg, freeTier, json, help } = asked();
if (help) {
  console.log(HELP);
} else {
  try {
    // Before the work, so that it is not done in vain.
    if (svg) writeFileSync(svg, '');
    const measures = await measure({ load, ms, context, say });
    if (isTerminal) process.stderr.write('\r\x1b[K');
    const result = resultFor(load, measures, { freeTier, ms });
    console.log(json ? JSON.stringify(result, null, 2) : tableOf(result));
    if (svg) writeFileSync(svg, chartOf(curvesOf(load, measures, freeTier), captionOf(load)));
  } catch (error) {
    fail((error as Error).message, 1);
  }
}
