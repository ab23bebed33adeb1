// `npm run test:chaos`: many clients, injected faults, and a check of what they recorded.
import { number, parseOrExit, seed, text, toggle } from '../../cli/command.ts';
import { batchWindowOf, type ChaosResult, chaos } from './chaos.ts';
import type { Counts } from './server.ts';

const { values } = parseOrExit({
  name: 'npm run test:chaos',
  about:
    'Many clients chat while faults are injected. Then checks their records for lost, duplicated and misdelivered messages.',
  flags: {
    seed: seed('the faults, the actions and batchWindow (on if it is even)'),
    seconds: number('duration of the run', { min: 1, max: 86_400, default: 60 }),
    users: number('number of users', { min: 2, max: 1_000, whole: true, default: 12 }),
    faults: text('LIST', 'faults to inject, in the format of npm start -- --faults; all if absent'),
    kill: number('seconds between kills of the whole process, or 0 for none', {
      ...{ min: 0, max: 86_400, default: 20 },
    }),
    events: toggle('also post events to a webhook, and check that it gets each'),
  },
});

function report({ options, record, verdict, told, kills, faults, errors }: ChaosResult): string {
  const sent = record.sendings.filter((sending) => sending.sent);
  const [edits, deletions] = ['edits', 'deletes'].map(
    (kind) => sent.filter(({ change }) => change?.kind === kind).length,
  );
  const repeats = record.sendings.filter(({ attempts }) => attempts > 1).length;
  const applied = [...record.applied.values()].reduce((sum, { length }) => sum + length, 0);
  const list = (counts: Counts) =>
    Object.entries(counts).map(([what, count]) => `    ${String(count).padStart(6)}  ${what}`);
  return [
    `Chaos: seed ${options.seed}, ${options.seconds} s, ${options.users} users on ${record.sessions.length} connections, batchWindow ${batchWindowOf(options.seed)}`,
    '',
    `  messages and changes    ${record.sendings.length} attempted, ${repeats} of them more than once`,
    `  acknowledged            ${sent.length}, including ${edits} edits and ${deletions} deletions`,
    `  in the history          ${[...record.history.values()].flat().length}`,
    `  received                ${record.deliveries.length}`,
    `  applied with cursors    ${applied} (exactly once and in order, unless a violation is listed)`,
    `  process kills           ${kills}`,
    '  injected faults',
    ...list(faults),
    '  errors logged by functions',
    ...list(errors),
    '',
    `  plain clients: duplicates received                    ${verdict.duplicates}`,
    `    not explained by a repeated send or a login         ${verdict.otherDuplicates} (a fault: a post or an invocation that ran twice)`,
    `  plain clients: accepted by the gateway, lost with the socket  ${verdict.lostWithSocket}`,
    `  plain clients: in the dead-letter queue               ${verdict.inDeadLetters}`,
    `  plain clients: left the group before delivery         ${verdict.leftBefore}`,
    ...(told
      ? [
          `  events at the webhook   ${told.events.length}, ${new Set(told.events.map(({ id }) => id)).size} of them different`,
          `  poison                  ${told.poisoned} records, ${told.givenUp.length} entries in the dead-letter queue`,
        ]
      : []),
    `  violations              ${verdict.violations.length}`,
    ...verdict.violations.slice(0, 20).map((violation) => `    ${violation}`),
    '',
    `Repeat with: npm run test:chaos -- --seed ${options.seed} --seconds ${options.seconds} --users ${options.users}${options.events ? ' --events' : ''}`,
  ].join('\n');
}

const { kill: killEvery, ...options } = values;
const progress = (line: string) => process.stderr.write(`\r${line.padEnd(100)}`);
const result = await chaos({ ...options, killEvery, progress });
process.stderr.write('\r');
console.log(report(result));
const isEmpty = !result.record.sendings.some(({ sent }) => sent);
if (isEmpty)
  console.error(
    'Nothing was acknowledged, so this run shows nothing: give it more --seconds, or a less busy machine.',
  );
process.exitCode = isEmpty || result.verdict.violations.length > 0 ? 1 : 0;
