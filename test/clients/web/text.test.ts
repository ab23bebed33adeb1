import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cut, type Part, partsOf } from '../../../clients/web/src/text.ts';

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

describe('a long message', () => {
  const cutOf = (content: string) => cut(partsOf(content)).map((parts) => parts.map(mark).join(''));
  const lines = (count: number) =>
    Array.from({ length: count }, (_, index) => `line ${index + 1}`).join('\n');

  test('is cut from 41 lines or 4,001 characters on', () => {
    expect(cutOf(lines(40))).toEqual([lines(40), '']);
    expect(cutOf(lines(41))).toEqual([lines(40), 'line 41']);
    expect(cutOf('x'.repeat(4_000))).toEqual(['x'.repeat(4_000), '']);
    expect(cutOf('x'.repeat(4_001))).toEqual(['x'.repeat(4_000), 'x']);
    expect(cutOf('')).toEqual(['', '']);
  });

  test('is cut between words, and never within a character', () => {
    const [head, rest] = cutOf(`${'word '.repeat(799)}another ${'word '.repeat(9)}`);
    expect([head?.slice(-9), rest?.slice(0, 8)]).toEqual(['word word', ' another']);
    const family = '👨‍👩‍👧‍👦';
    const [shown = '', hidden = ''] = cutOf(`${'x'.repeat(3_995)}${family.repeat(3)}`);
    expect([shown.slice(3_995), hidden]).toEqual(['', family.repeat(3)]);
    // One that goes on for ever is cut all the same.
    expect(cutOf(`a${'\u0301'.repeat(5_000)}`)[0]).toHaveLength(4_000);
  });

  test('stays code and a link on both sides', () => {
    expect(cutOf(`see\n\`\`\`\n${lines(50)}\n\`\`\`\nend`)).toEqual([
      `see«${lines(40)}»`,
      `«${lines(50).slice(lines(40).length + 1)}»end`,
    ]);
    const href = `https://example.org/${'y'.repeat(5_000)}`;
    const [[one], [other]] = cut(partsOf(href));
    expect([one, other]).toMatchObject([
      { kind: 'link', href },
      { kind: 'link', href },
    ]);
    expect(`${one?.text}${other?.text}`).toBe(href);
    expect(cutOf(`${lines(39)}\n\`code\` and\nmore`)[0]).toBe(`${lines(39)}\n‹code› and`);
  });

  test('loses nothing by the cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a b', '\n', '`c`', '```\nd\ne\n```', ' '.repeat(99), 'w'.repeat(300))),
        (all) => {
          const content = all.join('');
          const parts = partsOf(content);
          const [head, rest] = cut(parts);
          const flat = (each: readonly Part[]) =>
            each
              .map(({ text }) => text)
              .join('')
              .replaceAll('\n', '');
          expect(flat([...head, ...rest])).toBe(flat(parts));
          expect(flat(head).length).toBeLessThanOrEqual(4_000);
        },
      ),
      { numRuns: 500 },
    );
  });
});
