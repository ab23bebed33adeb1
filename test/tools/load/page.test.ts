import { expect, test } from 'vitest';
import { pageOf } from '../../../tools/load/page.ts';
import { isWhole, type Result, textOf } from '../../../tools/load/result.ts';
import { Timings } from '../../../tools/load/timings.ts';
import { defaultLoad } from './default-load.ts';

const timings = new Timings();
for (let ms = 1; ms <= 2_000; ms++) timings.add(ms);
const second = { sentMs: { p50: 5, p99: 20 }, receivedMs: { p50: 4, p99: 30 } };

const result: Result = {
  load: defaultLoad,
  url: 'ws://localhost:3001',
  machine: { cpu: 'Some <CPU>', cores: 2, node: 'v20' },
  started: '2026-01-01T00:00:00.000Z',
  duration: 30,
  ending: 'done',
  messages: { due: 2_000, sent: 1_999, acknowledged: 1_990, refused: { busy: 8 }, unanswered: 1 },
  deliveries: { expected: 9_000, received: 8_000, overtaken: 0 },
  sent: timings.summary,
  received: timings.summary,
  seconds: [
    { second: 1, sent: 50, received: 400, ...second },
    { second: 2, sent: 60, received: 500, ...second },
  ],
  cut: 0,
  away: 0,
  checked: { chats: 10, messages: 1_990, unchecked: 0 },
  verdict: { lost: 0, duplicated: 0, misordered: 0, unexpected: 0, examples: [] },
};
const bad: Result = {
  ...result,
  verdict: { ...result.verdict, lost: 1, examples: ['lost: <b>user 2</b> never got message 0'] },
};

test('the page has everything that the text has, and three plots, and loads nothing', () => {
  const page = pageOf(result);
  for (const line of textOf(result).split('\n'))
    for (const part of line.split(/ {2,}/)) expect(page).toContain(part);
  expect(page.match(/<svg/g)).toHaveLength(3);
  expect(page.match(/<path class="line/g)).toHaveLength(2 + 4 + 2);
  expect(page).not.toMatch(/NaN|Infinity|undefined|src=|href=|<script/);
  expect(page).toContain(
    'Every acknowledged message reached every recipient exactly once, with the same seq for all.',
  );
  expect(page).toContain('Some &lt;CPU&gt;');
});

test('faults are at the top, with escaped examples', () => {
  const page = pageOf(bad);
  expect(page).toContain('Messages were lost, duplicated, misordered or unexpected.');
  expect(page).toContain('<li>lost: &lt;b&gt;user 2&lt;/b&gt; never got message 0</li>');
  expect(textOf(bad)).toContain('WRONG  lost:');
  expect(isWhole(bad)).toBe(false);
});

test('a run that could not be checked completely is not called clean', () => {
  const unchecked: Result = { ...result, checked: { ...result.checked, unchecked: 1 } };
  for (const less of [{ away: 1 }, { messages: { ...result.messages, acknowledged: 0 } }])
    expect(isWhole({ ...result, ...less })).toBe(false);
  expect(isWhole(result)).toBe(true);
  expect(isWhole(unchecked)).toBe(false);
  expect(pageOf(unchecked)).toContain('not everything could be checked');
  expect(textOf(unchecked)).toContain('1 chats NOT checked');
});

test('a run without messages has a page', () => {
  const empty = new Timings().summary;
  const page = pageOf({ ...result, duration: 0, sent: empty, received: empty, seconds: [] });
  expect(page).not.toMatch(/NaN|Infinity/);
});
