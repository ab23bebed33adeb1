import { parseArgs } from 'node:util';
import { storm } from './storm.ts';

const HELP = `Sends frames that nobody should send to a service on this machine, and looks at every answer.

  npm run test:hostile -- [options]

  --frames N  how many (100000)
  --seed N    the same seed, the same frames (1)
  --help      print this

It ends with 0 if every frame was answered, none with internal_error, and no refused frame wrote anything.`;

const { values } = parseArgs({
  options: {
    frames: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const [frames, seed] = [Number(values.frames), Number(values.seed)];
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
if (!Number.isInteger(frames) || frames < 1 || !Number.isInteger(seed)) {
  console.error('--frames and --seed must be whole numbers. Try: npm run test:hostile -- --help');
  process.exit(2);
}

const started = Date.now();
let told = 0;
const report = await storm({
  frames,
  seed,
  onProgress(answered) {
    if (Date.now() - told < 1_000) return;
    told = Date.now();
    process.stderr.write(`\r${answered} of ${frames} answered`);
  },
});
process.stderr.write('\n');
console.log(
  `seed ${seed}: ${report.answered} frames answered in ${Math.round((Date.now() - started) / 1000)} s`,
);
console.log(`${report.lookedAt} refusals looked at one by one`);
for (const [outcome, count] of Object.entries(report.outcomes).sort(([, one], [, other]) => other - one)) {
  console.log(`  ${String(count).padStart(7)}  ${outcome}`);
}
for (const each of report.wrong) console.log(`WRONG: ${each}`);
process.exit(report.wrong.length === 0 ? 0 : 1);
