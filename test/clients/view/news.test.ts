import { describe, expect, test } from 'vitest';
import type { Message } from '../../../clients/sdk/chat.ts';
import { emptyLog } from '../../../clients/view/log.ts';
import { News } from '../../../clients/view/news.ts';
import { aMessage } from './views.ts';

const mine = { sender: 'alice', recipient: 'bob' };
const upTo = (seq: number) => Array.from({ length: seq }, (_, index) => aMessage(index + 1));
/** As the list of chats counts. */
const counted = (unread: number, moreUnread = false) => ({ unread, moreUnread });
/** Of a chat that was read so far, as it is opened with these messages. */
function opened(read: number, messages: readonly Message[] = []) {
  const news = new News('alice', { read });
  news.open(messages);
  return news;
}

describe('news', () => {
  test('begin at the first unread message of others, and stay there while one reads', () => {
    const messages = [...upTo(2), aMessage(3, mine), ...upTo(6).slice(3)];
    const news = opened(2, messages);
    expect(messages[news.firstIn(messages)]?.seq).toBe(4);
    news.look(messages, 6);
    expect([messages[news.firstIn(messages)]?.seq, news.unseen]).toEqual([4, 0]);
    news.look([...messages, aMessage(7)], 7);
    expect(messages[news.firstIn(messages)]?.seq).toBe(4);
  });

  test('are none in a chat that was read', () => {
    const news = opened(3, upTo(3));
    expect(news.look(upTo(3), 3)).toBe(false);
    expect([news.after, news.unseen, news.firstIn(upTo(3)), news.firstUnseenIn(upTo(3))]).toEqual([
      undefined,
      0,
      -1,
      -1,
    ]);
  });

  test('begin nowhere in a chat of which nothing was ever read', () => {
    const news = opened(0, upTo(3));
    expect([news.after, news.reachesBack(emptyLog.with([aMessage(2)]), 3)]).toEqual([undefined, true]);
    news.look(upTo(3), 3);
    expect([news.after, news.unseen]).toEqual([undefined, 0]);
  });

  test('are above in a chat of which nothing was ever read, until they were seen from below', () => {
    const [all, log] = [upTo(9), emptyLog.with(upTo(9))];
    const news = opened(0, all);
    expect([news.above(log, counted(9)), news.readUpTo(log)]).toEqual([9, 0]);
    expect(news.look(all, 9, 6)).toBe(true);
    expect([news.above(log, counted(9)), news.readUpTo(log), news.unseen, news.after]).toEqual([
      5,
      0,
      0,
      undefined,
    ]);
    // Where the beginning is not loaded, as the list of chats counts.
    expect(news.above(emptyLog.with(all.slice(5)), counted(9))).toBe(5);
    news.look(all, 3, 1);
    expect([news.above(log, counted(9)), news.readUpTo(log)]).toEqual([0, 9]);
    // What comes then is below, as ever.
    news.look(upTo(10), 3);
    expect([news.unseen, news.after]).toEqual([1, 9]);
  });

  test('above are read from the first on by whoever goes there', () => {
    const [all, log] = [upTo(9), emptyLog.with(upTo(9))];
    const news = opened(0, all);
    news.look(all, 9, 6);
    expect([news.reachesAbove(emptyLog.with(all.slice(5))), news.reachesAbove(log)]).toEqual([false, true]);
    expect([news.goBack(all), news.above(log, counted(9))]).toEqual([0, 0]);
    news.look(all, 3, 1);
    expect([news.unseen, news.after, news.readUpTo(log)]).toEqual([2, 0, 3]);
    news.look(all, 5, 3);
    expect([news.unseen, news.readUpTo(log)]).toEqual([0, 9]);
  });

  test('above are not all read at a gap, behind which there are more of them', () => {
    const far = [...upTo(3), aMessage(90)];
    const news = opened(0, far.slice(3));
    news.look(far.slice(3), 90, 90);
    const cut = emptyLog.with(far.slice(3)).around(upTo(3));
    expect([news.start, news.reachesAbove(cut.newest), news.reachesAbove(cut)]).toEqual([0, false, true]);
    news.goBack(cut.messages);
    news.look(cut.messages, 3, 1);
    expect([news.above(cut, counted(87)), news.readUpTo(cut)]).toEqual([0, 3]);
    expect([news.reachesNews(cut), news.reachesNews(cut.newest)]).toEqual([true, false]);
    // Where one left off else.
    expect(opened(5).start).toBe(5);
  });

  test('that one passes over on the way to the newest are above, and not read', () => {
    const [all, log] = [upTo(30), emptyLog.with(upTo(30))];
    const news = opened(9, all);
    news.look(all, 12, 8);
    news.jump(all);
    news.look(all, 30, 26);
    expect([news.unseen, news.above(log, counted(18)), news.readUpTo(log)]).toEqual([0, 13, 12]);
    // What comes at the end is seen, and changes nothing of it.
    const [more, longer] = [upTo(31), emptyLog.with(upTo(31))];
    news.look(more, 31, 27);
    expect([news.unseen, news.above(longer, counted(19)), news.readUpTo(longer)]).toEqual([0, 13, 12]);
    // Whoever goes there and on to the newest again has read as far as they came.
    news.goBack(more);
    news.look(more, 20, 13);
    news.jump(more);
    news.look(more, 31, 27);
    expect([news.above(longer, counted(11)), news.readUpTo(longer)]).toEqual([5, 20]);
    news.skip(more);
    expect([news.above(longer, counted(0)), news.readUpTo(longer)]).toEqual([0, 31]);
  });

  test('are not read because others take their place before one is at the first of them', () => {
    const all = upTo(500);
    const far = emptyLog.with(all.slice(400));
    const news = opened(100, far.messages);
    news.jump(far.messages);
    news.look(far.messages, 500, 490);
    const cut = far.around(all.slice(85, 185));
    news.look(cut.messages, 185, 175);
    news.goBack(cut.messages);
    news.look(cut.messages, 180, 101);
    expect(news.readUpTo(cut)).toBe(185);
    expect(news.seen).toEqual([
      [0, 185],
      [490, 500],
    ]);
  });

  test('that one passes over are none where all was seen', () => {
    const [all, log] = [upTo(30), emptyLog.with(upTo(30))];
    const news = opened(30, all);
    news.look(all, 12, 8);
    news.jump(all);
    expect([news.above(log, counted(0)), news.readUpTo(log)]).toEqual([0, 30]);
    const part = emptyLog.with(all.slice(20));
    const far = opened(5);
    far.jump(part.messages);
    far.look(part.messages, 30, 21);
    // The list counts no less than the unseen, though perhaps fewer: what is not loaded is not taken for read.
    expect([far.above(part, counted(24)), far.above(part, counted(10)), far.readUpTo(part)]).toEqual([
      14, 1, 5,
    ]);
    // It has none: it was read elsewhere.
    // A chat may have none among its newest entries, which are one's own, and many before them.
    expect([far.above(part, counted(0, true)), far.readUpTo(part)]).toEqual([0, 5]);
    expect([far.above(part, counted(0)), far.readUpTo(part)]).toEqual([0, 30]);
  });

  test('above are read once one has enough of them', () => {
    const [all, log] = [upTo(9), emptyLog.with(upTo(9))];
    const news = opened(0, all);
    news.look(all, 9, 6);
    news.skip(all);
    expect([news.above(log, counted(9)), news.readUpTo(log)]).toEqual([0, 9]);
  });

  test('that one passed over by an answer stay above, and unread', () => {
    const all = [...upTo(20), aMessage(21, mine)];
    const log = emptyLog.with(all);
    const news = opened(4, upTo(20));
    news.look(upTo(20), 7, 5);
    news.settle(upTo(20));
    news.look(all, 21, 18);
    expect([news.above(log, counted(16)), news.readUpTo(log), news.unseen, news.after]).toEqual([
      10,
      7,
      0,
      undefined,
    ]);
    // What was in view at the end meanwhile is not new again for whoever reads on from the first of them.
    expect([news.goBack(all), news.after]).toEqual([7, 7]);
    news.look(all, 10, 8);
    expect([news.above(log, counted(16)), news.unseen, news.readUpTo(log)]).toEqual([0, 7, 10]);
    news.look(all, 17, 14);
    expect([news.unseen, news.readUpTo(log)]).toEqual([0, 21]);
  });

  test('that were in view before a jump and at the end are not new in between', () => {
    const all = upTo(30);
    const news = opened(9, all);
    news.look(all, 12, 10);
    news.jump(all);
    news.look(all, 30, 26);
    // Back to where they were.
    news.leap();
    news.look(all, 12, 8);
    expect([news.unseen, news.after, news.readUpTo(emptyLog.with(all))]).toEqual([13, 9, 12]);
    // Also in the chat as it is opened anew.
    const again = new News('alice', { read: 12 }, news.seen);
    again.open(all);
    again.look(all, 14, 11);
    expect([again.unseen, again.after, again.start]).toEqual([11, 12, 14]);
  });

  test('are seen by who scrolls on while what was missed comes', () => {
    const [all, log] = [upTo(40), emptyLog.with(upTo(40))];
    const news = opened(10, all);
    // From where it opens to the end.
    for (const last of [14, 27, 40]) {
      news.begins(last, last - 5);
      news.look(all);
    }
    expect(news.readUpTo(log)).toBe(10);
    news.look(all, 40, 35);
    expect([news.above(log, counted(30)), news.readUpTo(log)]).toEqual([0, 40]);
  });

  test('that come after a jump are below, even before one has looked', () => {
    const news = opened(0, upTo(3));
    news.look(upTo(4));
    expect([news.unseen, news.firstUnseenIn(upTo(4))]).toEqual([1, 3]);
    news.jump(upTo(4));
    news.look(upTo(5));
    expect([news.unseen, news.firstUnseenIn(upTo(5))]).toEqual([1, 4]);
  });

  test('of others alone hold the read mark back', () => {
    const all = [...upTo(5), aMessage(6, mine), aMessage(7), aMessage(8)];
    const news = opened(5, all);
    expect(news.readUpTo(emptyLog.with(all))).toBe(6);
    news.look(all, 8, 8);
    expect(news.readUpTo(emptyLog.with(all))).toBe(6);
    expect(news.readUpTo(emptyLog.with(all.slice(7)))).toBe(5);
  });

  test('above are fewer by what was read elsewhere', () => {
    const news = opened(0, upTo(9));
    news.look(upTo(9), 9, 6);
    news.readElsewhere(3);
    expect([news.above(emptyLog.with(upTo(9)), counted(6)), news.readUpTo(emptyLog.with(upTo(9)))]).toEqual([
      2, 3,
    ]);
  });

  test('are not what comes in view at once', () => {
    const news = opened(3);
    news.look(upTo(4), 4);
    expect(news.after).toBeUndefined();
  });

  test('begin below what is in view, if one is scrolled up', () => {
    const news = opened(3);
    news.look(upTo(3), 1);
    expect(news.look(upTo(5), 1)).toBe(true);
    expect([news.after, news.unseen, news.firstUnseenIn(upTo(5))]).toEqual([3, 2, 3]);
    news.look(upTo(5), 4);
    expect([news.after, news.unseen]).toEqual([3, 1]);
    // The line stays, for whoever looks.
    news.look(upTo(5), 5);
    news.look(upTo(6), 1);
    expect([news.after, news.unseen]).toEqual([3, 1]);
  });

  test('begin at what came while nobody looked, each time anew', () => {
    const news = opened(3);
    news.look(upTo(4));
    news.look(upTo(5));
    expect([news.after, news.unseen]).toEqual([3, 2]);
    news.look(upTo(5), 5);
    expect(news.after).toBe(3);
    news.look(upTo(6));
    expect(news.after).toBe(5);
  });

  test('are over once one has written, though not once one has had enough of them', () => {
    const news = opened(1, upTo(3));
    news.look(upTo(3), 1);
    news.skip(upTo(3));
    expect([news.after, news.unseen]).toEqual([1, 0]);
    expect(news.look(upTo(3), 1)).toBe(false);
    news.settle(upTo(3));
    expect(news.after).toBeUndefined();
    expect(news.look(upTo(3), 1)).toBe(false);
  });

  test('are not what was read elsewhere', () => {
    const news = opened(0);
    news.readElsewhere(2);
    news.look(upTo(3), 1);
    expect([news.after, news.unseen]).toEqual([2, 1]);
  });

  test('are not what was deleted', () => {
    const messages = [aMessage(1), aMessage(2, { deleted: 'then', content: '' })];
    const news = opened(1, messages);
    expect(news.look(messages)).toBe(false);
    expect(news.firstUnseenIn(messages)).toBe(-1);
  });

  test('are all there with the first of them, or with the beginning of the chat', () => {
    const news = opened(5);
    const from = (seq: number, isWhole = false) => emptyLog.with([aMessage(seq)], isWhole);
    expect(news.reachesBack(from(7), 2)).toBe(false);
    expect(news.reachesBack(from(6), 2)).toBe(true);
    expect(news.reachesBack(from(8, true), 2)).toBe(true);
    // The list of chats, as it was kept, may know less than the log.
    expect(news.reachesBack(from(9), 0)).toBe(false);
    expect(opened(9).reachesBack(from(9), 0)).toBe(true);
    expect(opened(9).reachesBack(from(20), 1)).toBe(false);
  });
});
