import { expect, test } from 'vitest';
import { parseCommand } from '../../../cli/command.ts';
import { defaultLoad } from '../../../tools/cost/load.ts';
import { command, loadOf } from '../../../tools/cost/options.ts';

function read(args: readonly string[]) {
  const { values } = parseCommand(command, args);
  return { ...values, load: loadOf(values) };
}

test('without options, the default load is priced', () => {
  expect(read([])).toMatchObject({ load: defaultLoad, freeTier: false, json: false });
});

test('each parameter can be set', () => {
  const args = '--users 50 --online 1 --members 7 --ms 50 --free-tier --svg a.svg -c alarms=true'.split(' ');
  const load = { ...defaultLoad, users: 50, online: 1, members: 7 };
  expect(read(args)).toMatchObject({
    load,
    ms: 50,
    freeTier: true,
    svg: 'a.svg',
    context: [['alarms', 'true']],
  });
});

test.each([
  [['--users', 'many'], '--users many: must be a whole number from 1 to 1,000,000,000'],
  [['--users', '0'], '--users 0: must be'],
  [['--users', '1.5'], '--users 1.5: must be a whole number'],
  [['--online', '1.1'], '--online 1.1: must be a number from 0 to 1'],
  [['--online', ''], '--online : must be'],
  [['--online', 'NaN'], '--online NaN: must be'],
  [['--members', '1'], '--members 1: must be a whole number from 2 to 10,000'],
  [['--users', '10', '--members', '20'], '--members 20: there are only 10 users'],
  [['--bytes', '20000'], '--bytes 20000: must be'],
  [['--colour'], "Unknown option '--colour'"],
])('%j is refused', (args, reason) => {
  expect(() => read(args)).toThrow(reason);
});
