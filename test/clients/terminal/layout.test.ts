import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { conversation } from '../../../clients/terminal/conversation.ts';
import { edited, emptyEditor } from '../../../clients/terminal/editor.ts';
import { type Frame, layout, pageOf, type Size, scrolled } from '../../../clients/terminal/layout.ts';
import { colorOf, plain } from '../../../clients/terminal/line.ts';
import { reduceScreen, type ScreenAction } from '../../../clients/terminal/screen-reducer.ts';
import { emptyScreen, type ScreenView } from '../../../clients/terminal/screen-view.ts';
import { widthOf } from '../../../clients/terminal/text.ts';
import { aMessage, aSending, aSummary, inGroup, NOON, online, said, showBob } from '../view/views.ts';
import { anyUnit } from './units.ts';

/** Alice's screen, after all of this. */
const screenAfter = (...events: ScreenAction[]): ScreenView =>
  events.reduce(reduceScreen, emptyScreen('alice', NOON));

const size = (columns: number, rows: number): Size => ({ columns, rows, timeZone: 'UTC' });
const text = ({ lines }: Frame): string[] => lines.map((line) => plain(line).trimEnd());
const shown = (view: ScreenView, columns: number, rows: number): string[] =>
  text(layout(view, size(columns, rows)));
const mine = { sender: 'alice', recipient: 'bob' };
const typed = (line: string): ScreenAction => ({
  what: 'typed',
  editor: edited(emptyEditor, { text: line, isPasted: true }),
});

const talk = [
  online,
  showBob,
  said(1),
  said(2, { ...mine, content: 'How are you? I have not heard of you for quite a while.' }),
  said(3, { ...mine, content: 'Well?' }),
] as const;

test('with 80 columns, the chats are beside the conversation', () => {
  const group = aSummary({ chat_id: '#team', kind: 'group', name: 'team', last_timestamp: undefined });
  const view = screenAfter({ what: 'chats', chats: [group] }, ...talk, {
    what: 'read',
    chatId: 'alice:bob',
    username: 'bob',
    seq: 2,
  });
  expect(shown(reduceScreen(view, { what: 'seen', seq: 3 }), 80, 13)).toEqual([
    'alice › bob                                                               online',
    '▸bob                │',
    ' #team             2│',
    '                    │',
    '                    │— the beginning —',
    '                    │— Mon, 23 Nov 2026 —',
    '                    │   12:01 bob: message 1',
    '                    │✓✓ 12:02 alice: How are you? I have not heard of you for',
    '                    │                quite a while.',
    '                    │✓  12:03 alice: Well?',
    '',
    '>',
  ]);
});

test('below 60 columns there is only the conversation, and how much is unread elsewhere', () => {
  const view = screenAfter(...talk, said(1, inGroup()), { what: 'seen', seq: 3 });
  expect(shown(view, 40, 10)).toEqual([
    'alice › bob                   (1) online',
    '— Mon, 23 Nov 2026 —',
    '   12:01 bob: message 1',
    '✓  12:02 alice: How are you? I have not',
    '                heard of you for quite a',
    '                while.',
    '✓  12:03 alice: Well?',
    '',
    '>',
  ]);
  expect(shown(view, 60, 10)[1]).toContain('│');
});

test('in a very narrow terminal the text is below the name', () => {
  expect(shown(screenAfter(...talk), 24, 11).slice(1, 8)).toEqual([
    '  message 1',
    '✓  12:02 alice:',
    '  How are you? I have',
    '  not heard of you for',
    '  quite a while.',
    '✓  12:03 alice:',
    '  Well?',
  ]);
});

test('messages under way, and failed ones with their reason, are at the end', () => {
  const sending = aSending({ content: 'one' });
  const failed = aSending({ id: 'y', content: 'two', status: 'failed', reason: 'It is too large.' });
  const view = screenAfter(online, showBob, { what: 'sendings', sendings: [sending, failed] });
  expect(shown(view, 59, 9).slice(-5, -2)).toEqual([
    '…        alice: one',
    '!        alice: two',
    '         not sent: It is too large. /retry or /discard',
  ]);
});

test('edits and deletions under way are shown as they will be, and refused ones with their reason', () => {
  const change = { to: 'bob', canUndo: false, status: 'pending' } as const;
  const view = screenAfter(online, said(1, mine), said(2, mine), said(3, mine), said(4, mine), showBob, {
    what: 'sendings',
    sendings: [
      { ...change, id: 'a', target: 1, content: 'new', isDeletion: false },
      { ...change, id: 'b', target: 2, content: '', isDeletion: true },
      {
        ...change,
        id: 'c',
        target: 3,
        content: 'x',
        isDeletion: false,
        status: 'failed',
        reason: 'Too late.',
      },
      { ...change, id: 'd', target: 4, content: '', isDeletion: true, status: 'failed', reason: 'No.' },
    ],
  });
  expect(shown(view, 59, 14).slice(3, -2)).toEqual([
    '✓  12:01 alice: new',
    '…        saving …',
    '✓  12:02 alice: (deleted)',
    '…        deleting …',
    '✓  12:03 alice: message 3',
    '!        not changed: Too late. /retry or /discard',
    '✓  12:04 alice: message 4',
    '!        not deleted: No. /retry or /discard',
  ]);
});

test('edited and deleted messages are marked', () => {
  const view = screenAfter(
    said(1),
    said(2),
    said(3, { edits: 1, content: 'new' }),
    said(4, { deletes: 2 }),
    showBob,
  );
  expect(shown(view, 59, 9).slice(-4, -2)).toEqual(['   12:01 bob: new (edited)', '   12:02 bob: (deleted)']);
});

test('each day has a line of its own', () => {
  const view = screenAfter(showBob, said(1), said(2, { timestamp: '2026-11-24T00:00:00.000Z' }));
  expect(shown(view, 59, 9).filter((line) => line.startsWith('—'))).toEqual([
    '— the beginning —',
    '— Mon, 23 Nov 2026 —',
    '— Tue, 24 Nov 2026 —',
  ]);
});

test('only users who type in this chat are shown', () => {
  const typing = (username: string, chatId = '#team'): ScreenAction => ({ what: 'typing', chatId, username });
  const view = screenAfter(
    said(1, inGroup({ sender: 'eve' })),
    { what: 'shown', chat: { id: '#team', kind: 'group', name: 'team' } },
    typing('ann', 'alice:ann'),
  );
  const status = (...events: ScreenAction[]) => shown(events.reduce(reduceScreen, view), 60, 10).at(-2);
  expect(status()).toBe('');
  expect(status(typing('bob'))).toBe('bob is typing …');
  expect(status(typing('bob'), typing('carol'))).toBe('bob and carol are typing …');
  expect(status(typing('bob'), typing('carol'), typing('dave'))).toBe('3 are typing …');
});

test('without a connection it says when it will try again', () => {
  const waiting: ScreenAction = {
    what: 'state',
    state: 'waiting',
    reason: 'connection_lost',
    retryInMs: 4_200,
  };
  expect(shown(screenAfter(showBob, waiting), 60, 10)[0]).toMatch(/offline, again in 5 s$/);
  expect(shown(screenAfter(waiting), 60, 10).join()).toContain('Waiting for the service.');
  const late: ScreenAction = { what: 'tick', now: NOON + 9_000 };
  expect(shown(screenAfter(waiting, late), 60, 10)[0]).toMatch(/offline, again in 0 s$/);
  const unsigned = screenAfter(showBob, { ...waiting, reason: 'no_token' });
  expect(shown(unsigned, 60, 10)[0]).toMatch(/no token, again in 5 s$/);
});

test('a user without a chat is told how to start one', () => {
  expect(shown(screenAfter(online), 40, 10).join(' ')).toContain('/msg NAME begins a chat');
});

test('the cursor is where the next character goes, also if the line is longer than the terminal', () => {
  const cursor = (line: string, columns: number) =>
    layout(screenAfter(typed(line)), size(columns, 10)).cursor;
  expect(cursor('abc', 40)).toEqual({ x: 5, y: 8 });
  expect(cursor('世界', 40)).toEqual({ x: 6, y: 8 });
  expect(cursor('x'.repeat(100), 40).x).toBe(39);
  expect(shown(screenAfter(typed(`${'x'.repeat(100)}end`)), 40, 10).at(-1)).toMatch(/^> x+end$/);
  expect(shown(screenAfter(typed('a\nb\u001b')), 40, 10).at(-1)).toBe('> a⏎b\\x1b');
});

test('the open chat is always in the visible part of the list', () => {
  const chats = Array.from({ length: 50 }, (_, index) =>
    aSummary({
      chat_id: `#g${index}`,
      kind: 'group',
      name: `g${index}`,
      last_timestamp: new Date(NOON - index).toISOString(),
    }),
  );
  const view = screenAfter(
    { what: 'chats', chats },
    { what: 'shown', chat: { id: '#g40', kind: 'group', name: 'g40' } },
  );
  expect(shown(view, 80, 10).some((line) => line.startsWith('▸#g40'))).toBe(true);
});

test('a name has the same colour everywhere, and names differ in colour', () => {
  expect(colorOf('bob')).toBe(colorOf('bob'));
  expect(new Set(['ann', 'bob', 'carol', 'dave', 'eve'].map(colorOf)).size).toBeGreaterThan(2);
});

test('of a long chat only the visible part and one page more is laid out', () => {
  const page = Array.from({ length: 1_000 }, (_, index) =>
    aMessage(index + 1, { timestamp: '2026-11-23T12:00:00.000Z' }),
  );
  const view = screenAfter({ what: 'history', chatId: 'alice:bob', page, before: undefined }, showBob);
  const small = screenAfter(
    { what: 'history', chatId: 'alice:bob', page: page.slice(-100), before: undefined },
    showBob,
  );
  expect(shown(view, 80, 24)).toEqual(shown(small, 80, 24));
  const place = { columns: 80, rows: 24 };
  expect(conversation(view, place)).toHaveLength(48);
  expect(conversation({ ...view, anchor: { key: '500', line: 0 } }, place)).toHaveLength(96);
});

test('the service’s own messages are by System, which nobody else is', () => {
  const system = { sender: 'system', system: true as const };
  const group = aSummary({ chat_id: '#team', kind: 'group', name: 'team', last_timestamp: undefined });
  const view = screenAfter(
    online,
    { what: 'chats', chats: [group] },
    showBob,
    said(1, { ...system, content: 'Matched.' }),
    said(1, inGroup({ ...system, content: 'The rules have changed.' })),
    said(2, inGroup({ sender: 'system', content: 'Pay at x.test' })),
  );
  expect(shown(view, 59, 9)).toContain('   12:01 System: Matched.');
  const team = { what: 'shown', chat: { id: '#team', kind: 'group', name: 'team' } } as const;
  const lines = shown(reduceScreen(view, team), 59, 9);
  expect(lines).toContain('   12:01 System: The rules have changed.');
  expect(lines).toContain('   12:02 @system: Pay at x.test');
});

describe('scrolling', () => {
  const terminal = size(59, 10);
  const long = screenAfter(...Array.from({ length: 30 }, (_, index) => said(index + 1)), showBob);
  const last = (view: ScreenView) => text(layout(view, terminal)).at(-3);
  const moved = (view: ScreenView, by: number) =>
    reduceScreen(view, { what: 'scrolled', anchor: scrolled(view, terminal, by).anchor });

  test('goes up and down by lines, and stays within the conversation', () => {
    const up = moved(long, -5);
    expect(last(up)).toBe('   12:25 bob: message 25');
    expect(last(moved(up, 2))).toBe('   12:27 bob: message 27');
    expect(moved(up, 5).anchor).toBeUndefined();
    expect(moved(up, 9).anchor).toBeUndefined();
    const top = Array<number>(8).fill(-5).reduce(moved, long);
    expect(text(layout(top, terminal))[1]).toBe('— the beginning —');
    expect(moved(top, -5)).toEqual(top);
    expect(scrolled(top, terminal, -5).isTop).toBe(true);
    expect(scrolled(long, terminal, -5).isTop).toBe(false);
  });

  test('a page leaves one line in sight', () => {
    const first = text(layout(long, terminal))[1];
    expect(last(moved(long, -pageOf(long, terminal)))).toBe(first);
  });

  test('keeps its place when a message arrives, at either end', () => {
    const up = moved(long, -5);
    const page = [aMessage(0)];
    const more = [
      said(31),
      { what: 'history', chatId: 'alice:bob', page, before: undefined } as const,
    ].reduce(reduceScreen, up);
    expect(last(more)).toBe(last(up));
    expect(text(layout(more, terminal)).at(-2)).toMatch(/31 new below ↓ \(End\)/);
  });

  test('at the end shows new messages', () => {
    expect(last(reduceScreen(long, said(31)))).toBe('   12:31 bob: message 31');
  });
});

test('all users are called by their names, in any script, also in lines drawn before a name was known', () => {
  const group = aSummary({ chat_id: '#team', kind: 'group', name: 'team', last_timestamp: undefined });
  const view = screenAfter({ what: 'chats', chats: [group] }, ...talk, { what: 'seen', seq: 3 });
  shown(view, 80, 13);
  const names = new Map([
    ['@alice', 'Alice 王'],
    ['@bob', `Боб ${'x'.repeat(40)}`],
    ['#team', 'Наша команда'],
  ]);
  const named = [
    { what: 'names', names } as const,
    { what: 'tick', now: NOON + 60_000 } as const,
    { what: 'typing', chatId: 'alice:bob', username: 'bob' } as const,
  ].reduce<ScreenView>(reduceScreen, view);
  expect(shown(named, 80, 13)).toEqual([
    'Alice 王 › Боб xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx                   online',
    '▸Боб xxxxxxxxxxxxxx…│',
    ' #Наша команда     2│',
    '                    │',
    '                    │— the beginning —',
    '                    │— Mon, 23 Nov 2026 —',
    '                    │   12:01 Боб xxxxxxxxxxxxxxxxxxx…: message 1',
    '                    │✓  12:02 Alice 王: How are you? I have not heard of you for',
    '                    │                   quite a while.',
    '                    │✓  12:03 Alice 王: Well?',
    expect.stringMatching(/^Боб x+.* is typing …$/),
    '>',
  ]);
});

const anything = fc.string({ unit: anyUnit, maxLength: 100 });

test('the screen is as large as the terminal and no line is wider, whatever others send', () => {
  fc.assert(
    fc.property(
      anything,
      anything,
      fc.integer({ min: 4, max: 120 }),
      fc.integer({ min: 5, max: 30 }),
      (content, name, columns, rows) => {
        const view = screenAfter(
          said(1, { content, sender: name }),
          showBob,
          { what: 'noticed', notice: [content] },
          {
            what: 'names',
            names: new Map([
              [`@${name}`, content],
              ['@bob', content],
              ['@alice', content],
            ]),
          },
          typed(content),
        );
        const { lines, cursor } = layout(view, size(columns, rows));
        expect(lines.map((line) => widthOf(plain(line)))).toEqual(Array(rows - 1).fill(columns));
        expect(lines.map(plain).join('')).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
        expect(cursor.x).toBeLessThan(columns);
        expect(cursor.y).toBe(rows - 2);
      },
    ),
  );
});
