import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Message } from '../../../clients/sdk/chat.ts';
import { guessOf, roomIn } from '../../../clients/web/src/lines.ts';
import { cut, isOnlyEmoji, mostLines, type Part, partsOf } from '../../../clients/web/src/text.ts';

/** `[link]`, `‹code›` and `«block»` in the text. */
const marked = (content: string): string => partsOf(content).map(mark).join('');
const mark = ({ kind, text }: Part): string =>
  ({ text, link: `[${text}]`, code: `‹${text}›`, block: `«${text}»` })[kind];
const links = (content: string) => partsOf(content).filter((part) => part.kind === 'link');

describe('links', () => {
  test.each([
    ['see https://example.org/a, ok?', 'see [https://example.org/a], ok?'],
    ['(https://example.org/x).', '([https://example.org/x]).'],
    ['https://example.org/a_(b)', '[https://example.org/a_(b)]'],
    ['"https://example.org/?q=1&r=2#s"!', '"[https://example.org/?q=1&r=2#s]"!'],
    ['HTTPS://Example.ORG/Path', '[HTTPS://Example.ORG/Path]'],
    ['http://localhost:3000/x', '[http://localhost:3000/x]'],
    ['mailto:ann@example.org;', '[mailto:ann@example.org];'],
    ['https://例え.jp。次', '[https://例え.jp]。次'],
    ['שלום https://example.org/א/b. סוף', 'שלום [https://example.org/א/b]. סוף'],
    // Scripts without spaces.
    ['資料はhttps://example.jp/資料?id=5をご覧', '資料は[https://example.jp/資料?id=5]をご覧'],
    ['見てhttps://example.jpを', '見て[https://example.jp]を'],
    ['看https://example.cn/a谢谢', '看[https://example.cn/a]谢谢'],
    ['https://ja.example.org/wiki/ひらがな', '[https://ja.example.org/wiki/ひらがな]'],
    ['https://a.example.例え.jp/b', '[https://a.example.例え.jp/b]'],
    ['https://aえ.jp', '[https://aえ.jp]'],
    ['(https://web.example/https://a.jp/b)', '([https://web.example/https://a.jp/b])'],
  ])('%s', (content, expected) => {
    expect(marked(content)).toBe(expected);
  });

  test.each([
    'javascript:alert(1)',
    'JavaScript://example.org/%0aalert(1)',
    'data:text/html,x',
    'ftp://example.org',
    '//example.org',
    'example.org',
    'ann@example.org',
    'file:///etc/passwd',
    'https://',
    'https://exa\u202Emple.org/x',
    'https://example.org/\u200Bx',
    'https://example.org/\u2066x',
  ])('is none: %j', (content) => {
    expect(links(content)).toEqual([]);
  });

  test.each([
    ['https://bank.example@evil.example/', 'https://bank.example'],
    ['https://bank.example\\@evil.example', 'https://bank.example'],
  ])('lead where they say, also in %s', (content, text) => {
    expect(links(content)).toEqual([{ kind: 'link', text, href: text }]);
  });

  test('say which host it is, if its letters look like others', () => {
    expect(links('https://аpple.com/x https://apple.com/x')).toEqual([
      { kind: 'link', text: 'https://аpple.com/x', href: 'https://аpple.com/x', host: 'xn--pple-43d.com' },
      { kind: 'link', text: 'https://apple.com/x', href: 'https://apple.com/x' },
    ]);
    // The host is spelled, but it stands elsewhere.
    const path = 'https://аpple.com/xn--pple-43d.com';
    expect(links(path)).toEqual([{ kind: 'link', text: path, href: path, host: 'xn--pple-43d.com' }]);
    expect(links('mailto:ann@example.org')).toEqual([
      { kind: 'link', text: 'mailto:ann@example.org', href: 'mailto:ann@example.org' },
    ]);
  });
});

describe('code', () => {
  test.each([
    ['use `npm start` here', 'use ‹npm start› here'],
    ['`http://example.org`', '‹http://example.org›'],
    ['one ` alone', 'one ` alone'],
    ['`over\nlines`', '`over\nlines`'],
    ['``', '``'],
    ['look:\n```ts\nlet a = `b`;\n\nlet c;\n```\nso', 'look:«let a = `b`;\n\nlet c;»so'],
    ['```one line```', '«one line»'],
    ['```\n```', '```\n```'],
    ['```open', '```open'],
    ['a ```b``` c ```d', 'a «b» c ```d'],
  ])('%j', (content, expected) => {
    expect(marked(content)).toBe(expected);
  });
});

test('nothing else is markup, and no text is lost', () => {
  const anyPiece = fc.constantFrom(
    'https://a.example/',
    '*b*',
    '<b>',
    '&amp;',
    '_',
    '#',
    ' ',
    '\n',
    '(',
    ')',
    'ü',
  );
  fc.assert(
    fc.property(fc.array(anyPiece, { maxLength: 30 }), (pieces) => {
      const content = pieces.join('');
      const parts = partsOf(content);
      expect(parts.map(({ text }) => text).join('')).toBe(content);
      expect(parts.every(({ kind }) => kind === 'text' || kind === 'link')).toBe(true);
      for (const each of parts) if (each.kind === 'link') expect(each.href).toBe(each.text);
    }),
  );
});

describe('a few emoji and nothing else', () => {
  test.each(['👍', '❤️', '👩‍👩‍👧‍👦 🇯🇵', '1️⃣2️⃣', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '👍🏽\n🎉', '😀'.repeat(8)])('are it: %s', (content) =>
    expect(isOnlyEmoji(content)).toBe(true),
  );

  test.each(['', ' ', '1', '12', '#', '❤', '©', 'ok 👍', '😀'.repeat(9), 'a\u0301', '漢', '`👍`'])(
    'are not: %j',
    (content) => expect(isOnlyEmoji(content)).toBe(false),
  );
});

describe('a long message', () => {
  const cutAt = (content: string, columns = 80) =>
    cut(partsOf(content), { columns, lines: 30 }).map((parts) => parts.map(mark).join(''));
  const lines = (count: number) =>
    Array.from({ length: count }, (_, index) => `line ${index + 1}`).join('\n');
  const rest = (from: number, to: number) => lines(to).slice(lines(from).length + 1);

  test('is cut after 30 lines, if it has more than 40', () => {
    expect(cutAt(lines(40))).toEqual([lines(40), '']);
    expect(cutAt(lines(41))).toEqual([lines(30), rest(30, 41)]);
    expect(cutAt('')).toEqual(['', '']);
  });

  test.each([
    ['in a wide window', 80, 'x'],
    ['on a phone', 40, 'x'],
    ['in letters that are wider', 40, '漢'],
    ['of emoji', 40, '🎉'],
  ])('is cut by its lines as they are drawn %s', (_, columns, letter) => {
    const wide = letter === 'x' ? 1 : 2;
    const perLine = columns / wide;
    const long = (count: number) => letter.repeat(count * perLine);
    expect(cutAt(long(40), columns)).toEqual([long(40), '']);
    expect(cutAt(`${long(40)}${letter}`, columns)).toEqual([long(30), `${long(10)}${letter}`]);
  });

  test('is cut between words, and never within a character', () => {
    const [head = '', tail = ''] = cutAt('word '.repeat(900), 42);
    expect([head.slice(-9), tail.slice(0, 10)]).toEqual(['word word', ' word word']);
    expect(head.length).toBeLessThanOrEqual(30 * 42);
    expect(head.length).toBeGreaterThan(29 * 42);
    const family = '👨‍👩‍👧‍👦';
    const [shown = '', hidden = ''] = cutAt(`${'x'.repeat(30 * 40 - 3)}${family.repeat(200)}`, 40);
    expect([shown.replace(/^x+/, ''), hidden]).toEqual(['', family.repeat(200)]);
    // What piles up above one letter makes no lines.
    expect(cutAt(`a${'\u0301'.repeat(5_000)}`)[1]).toBe('');
  });

  test('stays code and a link on both sides', () => {
    const code = `see\n\`\`\`\n${lines(50)}\n\`\`\`\nend`;
    expect(cutAt(code)).toEqual([`see«${lines(29)}»`, `«${rest(29, 50)}»end`]);
    const href = `https://example.org/${'y'.repeat(5_000)}`;
    const [[one], [other]] = cut(partsOf(href), { columns: 80, lines: 30 });
    expect([one, other]).toMatchObject([
      { kind: 'link', href },
      { kind: 'link', href },
    ]);
    expect(`${one?.text}${other?.text}`).toBe(href);
    expect(cutAt(`${lines(29)}\n\`code\` and\n${lines(20)}`)[0]).toBe(`${lines(29)}\n‹code› and`);
  });

  test('loses nothing by the cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a b', '\n', '`c`', '```\nd\ne\n```', ' '.repeat(99), 'w漢'.repeat(150))),
        fc.integer({ min: 20, max: 90 }),
        (all, columns) => {
          const parts = partsOf(all.join(''));
          const [head, rest] = cut(parts, { columns, lines: 30 });
          const flat = (each: readonly Part[]) =>
            each
              .map(({ text }) => text)
              .join('')
              .replaceAll('\n', '');
          expect(flat([...head, ...rest])).toBe(flat(parts));
          if (rest.length > 0) expect(flat(head).length).toBeLessThanOrEqual(30 * columns);
        },
      ),
      { numRuns: 500 },
    );
  });
});

test.each([300, 520, 640, 900, 2_000])(
  'a message in a list %d pixels high is cut to what fits with its button',
  (height) => {
    const room = roomIn(390, height);
    expect(mostLines(room)).toBeGreaterThan(room.lines);
    expect(22 * mostLines(room) + 36).toBeLessThanOrEqual(Math.max(height, 22 * 11 + 36));
    // An edge further, it is cut.
    const lines = (count: number) => partsOf(Array.from({ length: count }, () => 'row').join('\n'));
    expect(cut(lines(mostLines(room)), room)[1]).toEqual([]);
    expect(cut(lines(mostLines(room) + 1), room)[0]).toEqual(lines(room.lines));
  },
);

describe('the height of a message that was not drawn yet', () => {
  const guess = (content: string, width: number) =>
    guessOf({ messages: [{ content } as Message], sendings: [], me: 'ann', room: roomIn(width, 2_000) }, 0);

  test('is guessed by its lines, fewer of them in a wider window, up to those of one that is cut', () => {
    expect([guess('x', 390), guess('one\ntwo', 390)]).toEqual([58, 80]);
    const text = 'word '.repeat(60);
    expect(guess(text, 390)).toBeGreaterThan(guess(text, 800));
    expect(guess('a\n'.repeat(9_000), 390)).toBe(guess('x'.repeat(16_000), 1_000));
    expect(roomIn(0, 0)).toEqual({ columns: 20, lines: 8 });
  });
});
