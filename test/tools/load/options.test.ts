import { expect, test } from 'vitest';
import { read } from './default-load.ts';

test('without options, a local cloud gets the default load', () => {
  const { load, url } = read();
  expect(load).toEqual({
    ...{ users: 100, rate: 50, seconds: 30, groupSize: 10, direct: 0.2, bytes: 100 },
    ...{ seed: 1, outstanding: 1_000, prefix: 'load' },
  });
  expect(url).toBeUndefined();
});

test('the report has the parameters and no password', () => {
  expect(Object.keys(read('--password', 'secret').load)).not.toContain('password');
});

test.each([
  ['ws://localhost:3001'],
  ['ws://127.0.0.1:3001'],
  ['ws://127.9.9.9'],
  ['ws://[::1]:3001'],
  ['wss://localhost'],
])('%s is this machine', (url) => expect(read('--url', url).url).toBe(url));

test('another machine is loaded only with a flag that accepts its cost', () => {
  const url = 'wss://abc.execute-api.us-east-1.amazonaws.com/prod';
  expect(() => read('--url', url)).toThrow(
    'abc.execute-api.us-east-1.amazonaws.com is not this machine: 1,500 messages cost money there. Add --yes to confirm.',
  );
  expect(() => read('--url', 'ws://127.0.0.1.example.org')).toThrow('is not this machine');
  expect(read('--url', url, '--yes').url).toBe(url);
});

test.each([
  [['--users', '1'], '--users 1: must be a whole number from 2 to 5,000'],
  [['--users', '2.5'], '--users 2.5: must be a whole number from 2 to 5,000'],
  [['--users', ''], '--users : must be a whole number from 2 to 5,000'],
  [['--rate', 'fast'], '--rate fast: must be a number from 0.1 to 5,000'],
  [['--rate', '1e9'], '--rate 1e9: must be a number from 0.1 to 5,000'],
  [['--seconds', '3601'], '--seconds 3601: must be a number from 1 to 3,600'],
  [['--direct', '2'], '--direct 2: must be a number from 0 to 1'],
  [['--users', '5', '--group-size', '6'], '--group-size 6: there are only 5 users'],
  [['--prefix', 'two words'], '--prefix two words: 1 to 16 of a-z 0-9 . _ -'],
  [['--rate', '5000', '--seconds', '3600'], '180,000,000 deliveries: at most 5,000,000 in one run'],
  [['--url', 'http://localhost'], '--url http://localhost: must be like ws://localhost:3001'],
  [['--url', 'localhost'], '--url localhost: must be like ws://localhost:3001'],
  [['--bogus'], "Unknown option '--bogus'"],
])('%j is refused with a line that says why', (args, line) => {
  expect(() => read(...args)).toThrow(line);
});
