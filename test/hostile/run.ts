import { asked, number, seed } from '../../cli/command.ts';
import { storm } from './storm.ts';

const { frames, seed: ofFrames } = asked({
  name: 'npm run test:hostile',
  about: 'Sends frames that nobody should send to a service on this machine, and looks at every answer.',
  flags: {
    frames: number('how many', { least: 1, most: 1e9, whole: true, standard: 100_000 }),
    seed: seed('the frames'),
  },
  notes: `It ends with 0 if every frame got one reply that the protocol has (or the closing that API Gateway promises), none
internal_error, no function failed or took too long, and no refused frame wrote anything.`,
}).values;

const started = Date.now();
const seconds = () => Math.round((Date.now() - started) / 1000);
let told = 0;
const { sent, kinds, outcomes, wrong, writes } = await storm({
  frames,
  seed: ofFrames,
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
console.log(`seed ${ofFrames}: ${sent} frames in ${seconds()} s\n${list(kinds)}`);
console.log(`what came of them\n${list(outcomes)}`);
console.log(
  `${writes.seen} writes laid at the door of a frame, of ${writes.counted} that the tables counted`,
);
for (const each of wrong) console.log(`WRONG: ${each}`);
process.exit(wrong.length === 0 && writes.seen === writes.counted ? 0 : 1);
