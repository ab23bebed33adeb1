import { parseArgs } from 'node:util';
import { storm } from './storm.ts';

const HELP = `Sends frames that nobody should send to a service on this machine, and looks at every answer.

  npm run test:hostile -- [options]

  --frames N  how many (100000)
  --seed N    the same seed, the same frames (1)
  --help      print this

It ends with 0 if every frame got one reply that the protocol has (or the closing that API Gateway promises), none
internal_error, no function failed or took too long, and no refused frame wrote anything.`;

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
const seconds = () => Math.round((Date.now() - started) / 1000);
let told = 0;
const { sent, kinds, outcomes, wrong, writes } = await storm({
  frames,
  seed,
  onProgress(count) {
    if (Date.now() - told < 1_000) return;
    told = Date.now();
    process.stderr.write(`\r${count} of ${frames} frames, ${seconds()} s`);
  },
});
process.stderr.write('\n');
const list = (counts: Record<string, number>) =>
  Object.entries(counts)
    .sort(([, one], [, other]) => other - one)
    .map(([what, count]) => `  ${String(count).padStart(7)}  ${what}`)
    .join('\n');
console.log(`seed ${seed}: ${sent} frames in ${seconds()} s\n${list(kinds)}`);
console.log(`what came of them\n${list(outcomes)}`);
console.log(
  `${writes.seen} writes laid at the door of a frame, of ${writes.counted} that the tables counted`,
);
for (const each of wrong) console.log(`WRONG: ${each}`);
process.exit(wrong.length === 0 && writes.seen === writes.counted ? 0 : 1);
