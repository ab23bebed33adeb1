import { describe, expect, test } from 'vitest';
import {
  afterMessage,
  afterRead,
  afterSummary,
  nothingRead,
  type Reading,
} from '../../../clients/sdk/reading.ts';

const summary = (last_seq: number, read: number, unread: number, isMore = false) => ({
  ...{ last_seq, read, unread },
  ...(isMore && { unread_more: true as const }),
});
const reading = (lastSeq: number, read: number, unread: number, moreUnread = false): Reading => ({
  ...{ lastSeq, read, unread, moreUnread },
});
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

  test('is at least what came before the chats were listed, and what those say', () => {
    const early = told(nothingRead, by('bob', 51));
    expect(early).toEqual(reading(51, 0, 1, true));
    // The list is from before that message: all that it counts is unread, and so may the message be.
    expect(afterSummary(early, summary(50, 0, 50))).toEqual(reading(51, 0, 50, true));
    expect(afterSummary(early, summary(50, 40, 10))).toEqual(reading(51, 40, 10, true));
    expect(afterSummary(early, summary(50, 50, 0))).toEqual(reading(51, 50, 1));
    expect(afterSummary(early, summary(51, 0, 51))).toEqual(reading(51, 0, 51));
    // A chat that begins here has nothing before.
    expect(told(nothingRead, by('bob', 1), by('bob', 2)).moreUnread).toBe(false);
  });

  describe('of which the service has counted the newest alone', () => {
    test('is at least so many, and what comes is more', () => {
      const known = afterSummary(undefined, summary(300, 0, 50, true));
      expect(known).toEqual(reading(300, 0, 50, true));
      expect(told(known, by('bob', 301), by('ann', 302))).toEqual(reading(302, 0, 51, true));
      // With each list, too, which has again the newest.
      expect(afterSummary(reading(302, 0, 51, true), summary(310, 0, 50, true))).toEqual(
        reading(310, 0, 51, true),
      );
      expect(afterSummary(reading(302, 0, 49, true), summary(310, 0, 50, true))).toEqual(
        reading(310, 0, 50, true),
      );
    });

    test('is exact where this client has counted all of it', () => {
      expect(afterSummary(reading(80, 0, 70), summary(80, 0, 50, true))).toEqual(reading(80, 0, 70));
      expect(afterSummary(reading(80, 0, 70), summary(90, 0, 50, true))).toEqual(reading(90, 0, 70, true));
      expect(afterSummary(reading(80, 0, 70, true), summary(90, 0, 49))).toEqual(reading(90, 0, 49));
      expect(afterSummary(reading(95, 0, 60, true), summary(90, 0, 50))).toEqual(reading(95, 0, 55));
      expect(afterSummary(reading(95, 0, 60), summary(90, 0, 50, true))).toEqual(reading(95, 0, 55));
      expect(afterSummary(reading(95, 0, 60, true), summary(90, 0, 50, true))).toEqual(
        reading(95, 0, 55, true),
      );
      expect(afterSummary(reading(95, 93, 1), summary(90, 0, 50, true))).toEqual(reading(95, 93, 1));
      expect(afterSummary(reading(95, 5, 60, true), summary(95, 30, 50, true))).toEqual(
        reading(95, 30, 50, true),
      );
    });

    test('may be more until no more entries are left than were counted', () => {
      expect(afterRead(reading(300, 0, 50, true), 249)).toEqual(reading(300, 249, 50, true));
      expect(afterRead(reading(300, 0, 50, true), 250)).toEqual(reading(300, 250, 50));
      expect(afterRead(reading(300, 0, 50, true), 290)).toEqual(reading(300, 290, 10));
    });
  });
});
