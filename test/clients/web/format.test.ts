import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { agoOf, dayOf, startOf, timeOf, whenOf } from '../../../clients/web/src/format.ts';

/** It is noon of 5 January 2027. */
function atNoon(): void {
  vi.useFakeTimers({ now: new Date(2027, 0, 5, 12), toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
}

const at = (...[year, month, day, hour]: [number, number, number, number]) =>
  new Date(year, month, day, hour).toISOString();

describe('a date', () => {
  test('has its year where that is another one', () => {
    atNoon();
    expect(dayOf(at(2026, 11, 31, 23))).toContain('2026');
    expect(dayOf(at(2028, 0, 1, 0))).toContain('2028');
    expect(dayOf(at(2027, 0, 1, 0))).not.toContain('2027');
  });

  test('in the list is a time today, and a day before', () => {
    atNoon();
    expect(whenOf(at(2027, 0, 5, 9))).toMatch(/0?9.00/);
    expect(whenOf(at(2027, 0, 4, 23))).toBe(dayOf(at(2027, 0, 4, 23)));
    expect(whenOf(at(2026, 0, 5, 9))).toContain('2026');
  });

  test('has a time as the language of its reader writes it', () => {
    const short = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
    for (const hour of [5, 17]) {
      const time = new Date(2027, 0, 5, hour, 42);
      expect(timeOf(time.toISOString())).toBe(short.format(time));
    }
  });

  test('that is none is nothing', () => {
    for (const format of [timeOf, dayOf, whenOf, agoOf]) expect(format('yesterday')).toBe('');
  });

  test('of somebody who was here is as long ago as it is', () => {
    atNoon();
    const agos = [new Date(2027, 0, 5, 11, 59, 40), new Date(2027, 0, 5, 11, 18), new Date(2027, 0, 5, 7)];
    expect(agos.map((date) => agoOf(date.toISOString()))).toEqual(['just now', '42 min ago', '5 h ago']);
    expect(agoOf(at(2026, 11, 25, 12))).toContain('2026');
  });
});

describe('the start of a message', () => {
  test.each([
    ['hello', 'hello'],
    ['fine.\nBob:\u2028 I agree\r\n\n', 'fine. Bob: I agree'],
    ['😀'.repeat(201), `${'😀'.repeat(200)} …`],
  ])('is one line of whole characters: %j', (content, start) => expect(startOf(content)).toBe(start));
});
