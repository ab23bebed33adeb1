import { describe, expect, test } from 'vitest';
import {
  afterMessage,
  afterRead,
  afterSummary,
  nothingRead,
  type Reading,
} from '../../../clients/sdk/reading.ts';

const summary = (last_seq: number, read: number, unread: number) => ({ last_seq, read, unread });
const reading = (lastSeq: number, read: number, unread: number): Reading => ({ lastSeq, read, unread });
const by = (sender: string, seq: number, more: object = {}) => ({ sender, seq, ...more });
const told = (start: Reading, ...messages: ReturnType<typeof by>[]) =>
  messages.reduce((known, message) => afterMessage(known, message, 'ann'), start);

describe('the number of unread messages', () => {
  test.each([
    ['is what others said', [by('bob', 1), by('bob', 2)], 2],
    ['is nothing that one wrote oneself, which makes nothing read', [by('bob', 1), by('ann', 2)], 1],
    ['is no edit', [by('bob', 1), by('bob', 2, { edits: 1 })], 1],
    ['is nothing that was taken back', [by('bob', 1), by('bob', 2), by('bob', 3, { deletes: 1 })], 1],
    ['is counted once', [by('bob', 1), by('bob', 1)], 1],
  ])('%s', (_, messages, unread) => {
    expect(told(nothingRead, ...messages).unread).toBe(unread);
  });

  test('does not shrink when a message that was read is deleted', () => {
    expect(told(reading(5, 4, 1), by('bob', 6, { deletes: 3 }))).toEqual(reading(6, 4, 1));
  });

  test('is that of the service for a chat that is new here, or just as far', () => {
    expect(afterSummary(undefined, summary(9, 2, 3))).toEqual(reading(9, 2, 3));
    expect(afterSummary(reading(9, 2, 7), summary(9, 2, 3))).toEqual(reading(9, 2, 3));
    expect(afterSummary(reading(5, 2, 7), summary(9, 9, 0))).toEqual(reading(9, 9, 0));
  });

  test('is not raised by a summary from before a read mark, or from before a message', () => {
    expect(afterSummary(reading(9, 9, 0), summary(9, 2, 3))).toEqual(reading(9, 9, 0));
    expect(afterSummary(reading(10, 9, 1), summary(9, 2, 3))).toEqual(reading(10, 9, 1));
    expect(afterSummary(reading(10, 2, 4), summary(9, 2, 3))).toEqual(reading(10, 2, 4));
    expect(afterSummary(reading(10, 2, 9), summary(9, 8, 1))).toEqual(reading(10, 8, 2));
  });

  test('falls by what was read, here or elsewhere, and never grows by it', () => {
    expect(afterRead(reading(9, 2, 4), 9)).toEqual(reading(9, 9, 0));
    expect(afterRead(reading(9, 2, 4), 8)).toEqual(reading(9, 8, 1));
    expect(afterRead(reading(9, 2, 2), 4)).toEqual(reading(9, 4, 2));
    expect(afterRead(reading(9, 5, 2), 3)).toEqual(reading(9, 5, 2));
  });
});
