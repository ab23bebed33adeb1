import { expect, test } from 'vitest';
import { parseCommand } from '../../../cli/command.ts';
import { livestreamResult, livestreamText } from '../../../tools/cost/hour.ts';
import { POST_MS } from '../../../tools/cost/kept.ts';
import {
  hourAlone,
  hourTogether,
  livestream,
  type Point,
  type RoomMeasures,
} from '../../../tools/cost/livestream.ts';
import { command, livestreamOf } from '../../../tools/cost/options.ts';
import { fakeMeasures } from './measures.ts';

// Of each list of messages 20 reads and 12 writes, of each message 3 and 2, and of each member one read and one frame.
const point = (members: number, messages: number): Point => ({
  members,
  messages,
  posts: members - 1,
  fanOut: 1 + messages / 10,
  usage: {
    messages: members - 1 + 2 * messages,
    reads: 20 + 3 * messages + members,
    writes: 12 + 2 * messages,
    gbSeconds: 2 + messages,
    queued: 3 * messages,
    sentOut: members * messages * 5e-7,
  },
});

const { login, page, ping } = fakeMeasures;
const measures: RoomMeasures = {
  alone: [point(100, 1), point(300, 1)],
  together: [
    [point(100, 2), point(300, 2)],
    [point(100, 6), point(300, 6)],
  ],
  login,
  sync: page,
  mark: ping,
  memory: 1_024,
};

const sent = 35_000;
const people = 5_000;

test('alone, each message costs what it costs in a room of that size; everybody logs in and stays for the hour', () => {
  const { usage, calls, queued, fanOut } = hourAlone(measures);
  expect(usage.reads).toBeCloseTo(sent * (23 + people) + people * 1, 3);
  expect(usage.writes).toBeCloseTo(sent * 14 + people * 3, 3);
  expect(usage.messages).toBeCloseTo(sent * (people - 1 + 2) + people * 2, 3);
  expect(usage.minutes).toBe(people * 60);
  // A post and a request each.
  expect(calls).toBeCloseTo((sent * people) / 3_600, 6);
  expect(queued).toBeCloseTo(sent / 3_600, 6);
  const more = ((people - 300) * POST_MS) / 1_000;
  expect(fanOut).toBeCloseTo((sent * (1.1 + more)) / 3_600, 6);
  expect(usage.gbSeconds).toBeCloseTo(sent * (3 + more), 3);
});

test.each([1, 2])(
  'with windows of %d s, each window is one list of messages, each fetched once more',
  (window) => {
    const { usage, calls, fanOut, ...hour } = hourTogether(measures, window);
    const windows = 3_600 / window;
    expect(hour.window).toBe(window);
    expect(usage.reads).toBeCloseTo(windows * (20 + people) + sent * (3 + 5) + people * 1, 3);
    expect(usage.writes).toBeCloseTo(windows * 12 + sent * 2 + people * 3, 3);
    expect(usage.messages).toBeCloseTo(windows * (people - 1) + sent * (2 + 2) + people * 2, 3);
    expect(usage.sentOut).toBeCloseTo(sent * people * 5e-7 + people * (login.usage.sentOut ?? 0), 6);
    expect(calls).toBeCloseTo((windows * (people - 1) + 2 * sent) / 3_600, 6);
    expect(fanOut).toBeCloseTo((windows * (1 + ((people - 300) * POST_MS) / 1_000) + sent / 10) / 3_600, 6);
  },
);

test('writes that differ by chance between two sizes of rooms are not scaled', () => {
  const [small, large] = measures.alone;
  const lucky = { ...small, usage: { ...small.usage, writes: 9 } };
  expect(hourAlone({ ...measures, alone: [lucky, large] }).usage.writes).toBe(
    hourAlone(measures).usage.writes,
  );
});

test.each([1, 2])('read marks come on top: one of everybody in each window of %d s', (window) => {
  const { marks, usage } = hourTogether(measures, window);
  const { marks: none, ...without } = hourTogether({ ...measures, mark: { ...ping, usage: {} } }, window);
  expect(marks).toEqual({ usage: { messages: (2 * people * 3_600) / window }, calls: people / window });
  expect([none.usage, without.usage]).toEqual([{}, usage]);
});

test('the text has both bills beside those of Ably, and says what is above a quota', () => {
  const result = livestreamResult(measures, { freeTier: false, window: 1 });
  const text = livestreamText(result);
  expect(result.hours.map(({ bill }) => bill.dollars)).toEqual(
    result.hours.map(({ bill }) => bill.lines.reduce((sum, { dollars }) => sum + dollars, 0)),
  );
  expect(text).toContain('35,000 messages, and 175 M deliveries');
  expect(text).toContain('Parley has no reactions');
  expect(text).toMatch(/Ably, dollars +\$440\.00 +windows of 500 ms +\$94\.50/);
  expect(text).toMatch(/posts and requests a second, API Gateway +10,000 +48,611 \(too many\) +5,018\n/);
  // 36 million frames of marks.
  expect(text).toContain('window by window,\n$36.00 and 5,000 requests a second more.');
  expect(text).toContain('without the free tier');
  expect(text).toContain('Milliseconds were measured on this machine');
  expect(livestreamText({ ...result, ms: 50 })).toContain('Invocations are assumed to take 50 ms');
});

const read = (args: string) => {
  const { values } = parseCommand(command, args.split(' '));
  return livestreamOf(values);
};

test('the preset takes --ms, --json, --free-tier and context, also another window', () => {
  expect(read('--preset livestream')).toEqual({ window: 1, context: {} });
  expect(read('--preset livestream --ms 50 --json --free-tier -c batchWindow=2 -c logLevel=warn')).toEqual({
    window: 2,
    context: { logLevel: 'warn' },
  });
  expect(livestream.people).toBe(people);
});

test.each([
  ['--preset party', '--preset party: must be livestream'],
  ['--preset livestream --members 7', '--preset livestream: without --members'],
  ['--preset livestream --svg a.svg', '--preset livestream: without --svg'],
  ['--preset livestream -c batchWindow=off', '-c batchWindow=off must be 1 or 2'],
  ['--preset livestream -c fanOutPageSize=9', 'without -c fanOutPageSize'],
])('%s is refused', (args, reason) => {
  expect(() => read(args)).toThrow(reason);
});
