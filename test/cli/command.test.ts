import { describe, expect, test } from 'vitest';
import {
  context,
  helpOf,
  number,
  parseCommand,
  repeatable,
  seed,
  text,
  toggle,
  value,
} from '../../cli/command.ts';

const command = {
  name: 'npm run paint',
  about: 'Paints walls.',
  takes: 'WALL',
  flags: {
    coats: number('how many', { min: 1, max: 2_000, whole: true, default: 2 }),
    wetFor: number('hours', { min: 0, max: 1 }),
    seed: seed('the drips'),
    colour: text('NAME', 'of the paint', 'white'),
    report: text('FILE', 'what was done,\nand by whom'),
    room: repeatable('NAME', 'to begin with', (name) => name.toLowerCase()),
    size: value('AxB', 'of the brush', sizeOf, [1, 1]),
    context: context(),
    dry: toggle('do nothing'),
  },
  notes: 'Ends with 1 if a wall is missing.',
};

function sizeOf(given: string): number[] {
  if (!/^\d+x\d+$/.test(given)) throw new Error('must be like 2x3');
  return given.split('x').map(Number);
}

const read = (...args: string[]) => parseCommand(command, args);

test('the help shows how to call it, and for each flag its value and its default', () => {
  expect(helpOf(command)).toBe(`Paints walls.

  npm run paint -- WALL [options]

  --coats N      how many (2)
  --wet-for N    hours
  --seed N       seed of the drips: the same seed makes the same choices (1)
  --colour NAME  of the paint (white)
  --report FILE  what was done,
                 and by whom
  --room NAME    to begin with; may be repeated
  --size AxB     of the brush
  -c KEY=VALUE   context of the CDK app, as in cdk deploy -c; may be repeated
  --dry          do nothing
  --help         print this

Ends with 1 if a wall is missing.`);
});

test('a flag that is absent has its default', () => {
  expect(read()).toEqual({
    values: {
      ...{ coats: 2, wetFor: undefined, seed: 1, colour: 'white', report: undefined, room: [] },
      ...{ size: [1, 1], context: [], dry: false },
    },
    rest: [],
    help: false,
  });
});

test('flags that are given are parsed', () => {
  const flags =
    '--coats 3 --wet-for 0.5 --room Hall --room Attic --size 2x3 -c a=b=c --context d= --dry north';
  const { values, rest } = read(...flags.split(' '), '--colour', '');
  expect(values).toMatchObject({
    ...{ coats: 3, wetFor: 0.5, room: ['hall', 'attic'], size: [2, 3], colour: '', dry: true },
    context: Object.entries({ a: 'b=c', d: '' }),
  });
  expect(rest).toEqual(['north']);
});

test.each(['--help', '-h'])('%s is reported', (flag) => expect(read(flag).help).toBe(true));

describe('a line says what is wrong', () => {
  test.each([
    [['--bogus'], "Unknown option '--bogus'"],
    [['-x'], "Unknown option '-x'"],
    [['--coats'], "Option '--coats <value>' argument missing"],
    [['--dry=1'], "Option '--dry' does not take an argument"],
    [['--coats', 'two'], '--coats two: must be a whole number from 1 to 2,000'],
    [['--coats', ''], '--coats : must be a whole number from 1 to 2,000'],
    [['--coats', '1.5'], '--coats 1.5: must be a whole number from 1 to 2,000'],
    [['--wet-for', '1.01'], '--wet-for 1.01: must be a number from 0 to 1'],
    [['--size', 'big'], '--size big: must be like 2x3'],
    [['-c', 'a'], '-c a: must be key=value'],
    [['-c', '=b'], '-c =b: must be key=value'],
  ])('%j', (args, line) => {
    expect(() => read(...args)).toThrow(expect.objectContaining({ name: 'UsageError', message: line }));
  });

  test('about what is no flag, where there is to be none', () => {
    expect(() => parseCommand({ flags: {} }, ['north'])).toThrow("Unexpected argument 'north'");
  });
});
