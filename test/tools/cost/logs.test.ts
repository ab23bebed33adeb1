import { expect, test } from 'vitest';
import { Logs } from '../../../tools/cost/logs.ts';
import { metered } from '../../../tools/cost/wire.ts';

const lines = (...texts: string[]) => {
  const logs = new Logs();
  for (const line of texts) logs.take({ function: 'Send', requestId: 'one', line });
  return logs;
};

const emf = (service: string, ...names: string[]) =>
  JSON.stringify({
    _aws: {
      CloudWatchMetrics: [
        { Namespace: 'Chat', Dimensions: [['service']], Metrics: names.map((Name) => ({ Name })) },
      ],
    },
    service,
  });

test('a line costs its bytes and 26 more', () => {
  expect(lines('a', 'ü').bytes).toBe(1 + 26 + 2 + 26);
});

test('invocations are separated by their requests, functions by their names', () => {
  const logs = lines('a', 'b');
  logs.take({ function: 'Send', requestId: 'two', line: 'c' });
  logs.take({ function: 'Later', line: 'd' });
  expect(logs.requests.get('Send')?.size).toBe(2);
  expect(logs.requests.get('Later')?.size).toBe(0);
  logs.take({ function: 'Send', requestId: 'two', line: '{"message":"fan-out","ms":31}' });
  logs.take({ function: 'Send', requestId: 'two', line: '{"message":"e"}' });
  expect([...(logs.requests.get('Send') ?? [])]).toEqual([
    ['one', 0],
    ['two', 31],
  ]);
  logs.reset();
  expect(logs.requests.size).toBe(0);
  expect(logs.bytes).toBe(0);
});

test('events are counted by the lines of the function that puts them', () => {
  const logs = lines(
    '{"message":"events","outcome":"ok","records":3,"events":2}',
    '{"message":"other","events":9}',
  );
  expect(logs.events).toBe(2);
  expect(logs.bytesOf.get('Send')).toBe(logs.bytes);
  logs.reset();
  expect([logs.events, logs.bytesOf.size]).toEqual([0, 0]);
});

test('a metric is paid once for each combination of its dimensions, however often it is written', () => {
  const logs = lines(
    emf('one', 'Sent', 'Failed'),
    emf('one', 'Sent'),
    emf('two', 'Sent'),
    '{"level":"info"}',
  );
  expect([...logs.metrics]).toEqual([
    'Chat service=one Sent',
    'Chat service=one Failed',
    'Chat service=two Sent',
  ]);
});

test('a message counts once for each started 32 KB', () => {
  expect([0, 1, 32_768, 32_769, 65_537].map(metered)).toEqual([1, 1, 1, 2, 3]);
});
