import { writeFileSync } from 'node:fs';
import { run } from '../cli/command.ts';
import { chartOf } from '../tools/cost/chart.ts';
import type { Say } from '../tools/cost/crowd.ts';
import { curvesOf } from '../tools/cost/curves.ts';
import { livestreamResult, livestreamText } from '../tools/cost/hour.ts';
import { measure } from '../tools/cost/measure.ts';
import { command, livestreamOf, loadOf } from '../tools/cost/options.ts';
import { resultFor } from '../tools/cost/result.ts';
import { measureRooms } from '../tools/cost/rooms.ts';
import { captionOf, tableOf } from '../tools/cost/table.ts';

const isTerminal = process.stderr.isTTY;
/** Shows progress: one line that is overwritten on a terminal, otherwise a line per step. */
const say: Say = (what, done, of) => {
  if (isTerminal) process.stderr.write(`\r\x1b[KCounting: ${what}${done ? ` ${done} of ${of}` : ''} …`);
  else if (done === undefined) process.stderr.write(`Counting: ${what} …\n`);
};

await run(command, async (options) => {
  const { ms, svg, freeTier, json } = options;
  if (options.preset) {
    const { window, context } = livestreamOf(options);
    const rooms = await measureRooms({ ms, context, say });
    if (isTerminal) process.stderr.write('\r\x1b[K');
    const result = livestreamResult(rooms, { freeTier, ms, window });
    console.log(json ? JSON.stringify(result, null, 2) : livestreamText(result));
    return;
  }
  const load = loadOf(options);
  // Fails now if the file can't be written, not after the work.
  if (svg) writeFileSync(svg, '');
  const measures = await measure({ load, ms, context: Object.fromEntries(options.context), say });
  if (isTerminal) process.stderr.write('\r\x1b[K');
  const result = resultFor(load, measures, { freeTier, ms });
  console.log(json ? JSON.stringify(result, null, 2) : tableOf(result));
  if (svg) writeFileSync(svg, chartOf(curvesOf(load, measures, freeTier), captionOf(load)));
});
