import { number, parseOrExit, seed } from '../../cli/command.ts';
import { storm } from './storm.ts';

const { frames, seed: ofFrames } = parseOrExit({
  name: 'npm run test:hostile',
  about: 'Sends malformed and hostile frames to a service on this machine, and checks every answer.',
  flags: {
    frames: number('number of frames', { min: 1, max: 1e9, whole: true, default: 100_000 }),
    seed: seed('the frames'),
  },
  notes: `Exits with 0 if every frame got one reply of the protocol (or API Gateway closed the connection, as documented), none of
them internal_error, no function failed or timed out, and no refused frame caused a write.`,
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
console.log(`outcomes\n${list(outcomes)}`);
console.log(`${writes.seen} writes attributed to a frame, of ${writes.counted} counted at the tables`);
for (const each of wrong) console.log(`WRONG: ${each}`);
process.exit(wrong.length === 0 && writes.seen === writes.counted ? 0 : 1);
