// `npm run test:chaos`: many clients, injected faults, and a check that sees only what the clients saw.
import { number, parseOrExit, seed, text } from '../../cli/command.ts';
import { ALL_FAULTS, type ChaosResult, chaos } from './chaos.ts';
import type { Counts } from './server.ts';

const { values } = parseOrExit({
  name: 'npm run test:chaos',
  about:
    'Many clients chat while faults are injected. Then checks their records for lost, duplicated and misdelivered messages.',
  flags: {
    seed: seed('the faults and the actions'),
    seconds: number('duration of the run', { min: 1, max: 86_400, default: 60 }),
    users: number('number of users', { min: 2, max: 1_000, whole: true, default: 12 }),
    faults: text('LIST', 'faults to inject, in the format of npm start -- --faults; all if absent'),
    kill: number('seconds between kills of the whole process, or 0 for none', {
      ...{ min: 0, max: 86_400, default: 20 },
    }),
  },
});

function report({ options, record, verdict, kills, faults, errors }: ChaosResult): string {
  const sent = record.sendings.filter((sending) => sending.sent);
  const [edits, deletions] = ['edits', 'deletes'].map(
    (kind) => sent.filter(({ change }) => change?.kind === kind).length,
  );
  const repeats = record.sendings.filter(({ attempts }) => attempts > 1).length;
  const applied = [...record.applied.values()].reduce((sum, { length }) => sum + length, 0);
  const list = (counts: Counts) =>
    Object.entries(counts).map(([what, count]) => `    ${String(count).padStart(6)}  ${what}`);
  return [
    `Chaos: seed ${options.seed}, ${options.seconds} s, ${options.users} users on ${record.sessions.length} connections`,
    '',
    `  messages and changes    ${record.sendings.length} begun, of which ${repeats} were sent more than once`,
    `  acknowledged            ${sent.length}, of which ${edits} are edits and ${deletions} deletions`,
    `  in the history          ${[...record.history.values()].flat().length}`,
    `  received                ${record.deliveries.length}`,
    `  applied by cursors      ${applied}, each once and in order unless a violation says otherwise`,
    `  the process was killed  ${kills} times`,
    '  injected faults',
    ...list(faults),
    '  what functions logged as errors',
    ...list(errors),
    '',
    `  plain clients: received twice                         ${verdict.duplicates}`,
    `    of which neither a repeat nor a login explains      ${verdict.otherDuplicates} (a fault must: a post or a Lambda run twice)`,
    `  plain clients: taken by the gateway, lost with the socket  ${verdict.lostWithSocket}`,
    `  plain clients: waits in the dead-letter queue         ${verdict.inDeadLetters}`,
    `  plain clients: left the group before it came          ${verdict.leftBefore}`,
    `  violations              ${verdict.violations.length}`,
    ...verdict.violations.slice(0, 20).map((violation) => `    ${violation}`),
    '',
    `Again: npm run test:chaos -- --seed ${options.seed} --seconds ${options.seconds} --users ${options.users}`,
  ].join('\n');
}

const { kill: killEvery, faults = ALL_FAULTS, ...options } = values;
const progress = (line: string) => process.stderr.write(`\r${line.padEnd(100)}`);
const result = await chaos({ ...options, killEvery, faults, progress });
process.stderr.write('\r');
console.log(report(result));
process.exitCode = result.verdict.violations.length > 0 ? 1 : 0;
