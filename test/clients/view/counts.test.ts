import { describe, expect, test } from 'vitest';
import { countText, totalOf } from '../../../clients/view/counts.ts';
import { listed } from '../../../clients/view/view.ts';
import { aMessage, aSummary, inGroup, online, showBob, viewAfter } from './views.ts';

const count = (unread: number, moreUnread = false) => ({ unread, moreUnread });

test.each([
  [count(7), undefined, '7'],
  [count(50, true), undefined, '50+'],
  [count(99), undefined, '99'],
  [count(100), undefined, '99+'],
  [count(100, true), undefined, '99+'],
  [count(999), 999, '999'],
  [count(1_000, true), 999, '999+'],
])('%o of at most %s is shown as %s', (shown, most, text) => {
  expect(countText(shown, most)).toBe(text);
});

test('a total is at least so many if one of its counts is', () => {
  expect(totalOf([count(2), count(3)], 1)).toEqual(count(6));
  expect(totalOf([count(2), count(50, true)])).toEqual(count(52, true));
  expect(totalOf([])).toEqual(count(0));
});

const upTo = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => aMessage(first + index));
const chat = (fields: object) => ({ what: 'chats' as const, chats: [aSummary(fields)] });
const history = (page: ReturnType<typeof upTo>) => ({
  ...{ what: 'history' as const, chatId: 'alice:bob', page, before: undefined },
});
const row = (...events: Parameters<typeof viewAfter>) => viewAfter(...events).rows.get('alice:bob');
const seen = (seq: number) => ({ what: 'seen' as const, seq });

test('what is read is not taken from a count that has the newest alone', () => {
  const many = chat({ last_seq: 300, read: 0, unread: 50, unread_more: true });
  // Only the oldest are loaded: a page further up, as one that opens a chat there shows.
  const around = { what: 'around' as const, chatId: 'alice:bob', page: upTo(1, 40) };
  const events = [online, many, history(upTo(280, 300)), showBob, around];
  expect(row(...events, seen(40))).toMatchObject({ read: 40, unread: 50, moreUnread: true });
  // With all that follows, it is exact; with less, it is not.
  const all = [online, many, history(upTo(200, 300)), showBob];
  expect(row(...all, seen(199))).toMatchObject({ read: 199, unread: 101, moreUnread: false });
  expect(row(...all, seen(198))).toMatchObject({ read: 198, unread: 101, moreUnread: true });
  const late = [online, many, history(upTo(200, 299)), showBob, seen(199)];
  expect(row(...late)).toMatchObject({ unread: 100, moreUnread: true });
});

test('what was seen behind something that was passed over is in no count', () => {
  const group = { chat_id: '#team', kind: 'group', name: 'team' } as const;
  const parts = [
    [0, 3],
    [8, 9],
  ] as const;
  const looked = (chatId: string) => ({ what: 'looked' as const, chatId, parts });
  const messages = [
    ...upTo(1, 7),
    aMessage(8, { sender: 'alice' }),
    aMessage(9),
    aMessage(10, { deleted: 'now' }),
  ];
  const view = viewAfter(
    { what: 'chats', chats: [aSummary({ last_seq: 10, read: 3, unread: 5 })] },
    { what: 'chats', chats: [aSummary({ ...group, last_seq: 9, read: 3, unread: 6 })] },
    history(messages),
    looked('alice:bob'),
    looked('nobody:here'),
  );
  const counts = (each: typeof view) =>
    Object.fromEntries(listed(each).map(({ id, unread }) => [id, unread]));
  expect(counts(view)).toEqual({ 'alice:bob': 4, '#team': 6 });
  // What the service counts is as it was.
  expect(view.rows.get('alice:bob')?.unread).toBe(5);
  const left = viewAfter(
    ...messages.map((message) => ({ what: 'message' as const, message })),
    looked('alice:bob'),
    { what: 'looked', chatId: 'alice:bob', parts: [[0, 9]] },
  );
  expect(left.seen.size).toBe(0);
});

describe('what was seen before the start, behind something that was passed over', () => {
  const parts = [
    [0, 1],
    [10, 19],
  ] as const;
  const kept = (unread: number) => ({
    what: 'seenBefore' as const,
    chats: new Map([['alice:bob', { parts, unread }]]),
  });
  const listing = (last_seq: number, read: number, unread: number) => ({
    what: 'chats' as const,
    chats: [aSummary({ last_seq, read, unread })],
  });
  const deletions = upTo(20, 29).map((each) => ({
    what: 'message' as const,
    message: { ...each, deletes: each.seq - 10 },
  }));
  const shown = (...events: Parameters<typeof viewAfter>) => listed(viewAfter(...events));

  test('is in no count either', () => {
    expect(shown(kept(10), listing(19, 1, 18))).toMatchObject([{ unread: 8, moreUnread: false }]);
    expect(shown(kept(10), listing(19, 19, 0))).toMatchObject([{ unread: 0, moreUnread: false }]);
  });

  test('takes nothing from the count once it is deleted, and hides nothing until that is known', () => {
    const start = [kept(10), listing(29, 1, 8)];
    expect(shown(...start)).toMatchObject([{ unread: 1, moreUnread: true }]);
    expect(shown(...start, ...deletions)).toMatchObject([{ unread: 8, moreUnread: false }]);
    // The list as it was kept may be from before the deletions.
    expect(shown(kept(10), listing(19, 1, 18), ...deletions)).toMatchObject([
      { unread: 8, moreUnread: false },
    ]);
    // One's own were not counted.
    const own = deletions.map(({ what, message }) => ({ what, message: { ...message, sender: 'alice' } }));
    expect(viewAfter(...start, ...own).seenBefore.get('alice:bob')).toBe(10);
    expect(viewAfter(...start, { what: 'left', chatId: 'alice:bob' }).seenBefore.size).toBe(0);
  });

  test('is counted down by the deletion of what was seen and unread alone', () => {
    const start = [kept(10), listing(19, 1, 18)];
    const countAfter = (deletes: number, read = 1) =>
      viewAfter(
        ...start,
        { what: 'read', chatId: 'alice:bob', username: 'alice', seq: read },
        { what: 'message', message: { ...aMessage(20), deletes } },
      ).seenBefore.get('alice:bob');
    // Passed over, or seen.
    expect([2, 9, 10, 19].map((deletes) => countAfter(deletes))).toEqual([10, 10, 9, 9]);
    // Read, like all up to the read mark, or behind it.
    expect([1, 11, 12, 13].map((deletes) => countAfter(deletes, 12))).toEqual([10, 10, 10, 9]);
  });

  test('is never less than nothing', () => {
    const start = [kept(1), listing(19, 1, 9)];
    const view = viewAfter(...start, ...deletions);
    expect(view.seenBefore.get('alice:bob')).toBe(0);
    // Of what was seen since the start, nothing was counted before it.
    const looked = { what: 'looked' as const, chatId: 'alice:bob', parts };
    expect(viewAfter(listing(19, 1, 9), looked, ...deletions).seenBefore.size).toBe(0);
  });

  test('hides nothing either where it was read elsewhere to the middle of it', () => {
    // The rest of it are one's own.
    const view = [
      kept(5),
      listing(22, 1, 16),
      { what: 'read', chatId: 'alice:bob', username: 'alice', seq: 15 },
    ] as const;
    expect(shown(...view, listing(22, 15, 3))).toMatchObject([{ unread: 1, moreUnread: true }]);
    const loaded = upTo(2, 22).map((each) =>
      each.seq > 15 && each.seq < 20 ? { ...each, sender: 'alice' } : each,
    );
    expect(shown(...view, listing(22, 15, 3), history(loaded))).toMatchObject([
      { unread: 3, moreUnread: false },
    ]);
  });
});

test('a count that may be more is never shown as none', () => {
  const [page, parts] = [
    upTo(1, 9).map((each) => ({ ...each, ...inGroup() })),
    [
      [0, 1],
      [3, 9],
    ] as const,
  ];
  const view = viewAfter(
    {
      what: 'chats',
      chats: [
        aSummary({
          ...{ chat_id: '#team', kind: 'group', name: 'team', last_seq: 9, read: 1, unread: 3 },
          unread_more: true,
        }),
      ],
    },
    { what: 'history', chatId: '#team', page: page as never, before: undefined },
    { what: 'looked', chatId: '#team', parts },
  );
  expect(listed(view)).toMatchObject([{ unread: 1, moreUnread: true }]);
});
