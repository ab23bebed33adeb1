import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { checkFields, fetchHistory, limits, register, sendMessage } from '../../protocol/index.ts';
import { anyText } from './any-text.ts';
import { refusalOf } from './refusal.ts';

const registered = (username: unknown) => checkFields(register, { username }).username;
const refused = (input: Record<string, unknown>) => refusalOf(() => checkFields(sendMessage, input));
const bounds = (input: object) => checkFields(fetchHistory, { recipient: 'bob', ...input });

describe('a name', () => {
  test.each(['a', '7', 'ann', 'ann.lee-1_x', 'a'.repeat(limits.nameLength), 'constructor'])(
    'may be %s',
    (name) => {
      expect(registered(name)).toBe(name);
    },
  );

  test.each([
    ['empty', ''],
    ['too long', 'a'.repeat(limits.nameLength + 1)],
    ['of a dot first', '.ann'],
    ['of a dash first', '-ann'],
    ['of blanks', 'ann lee'],
    ['ended by a line', 'ann\n'],
    ['of a colon, which divides a private chat', 'ann:bob'],
    ['of a hash, which begins a group chat', '#team'],
    ['a Kelvin sign, which folds to k', '\u212Aate'],
    ['a long s, which folds to s', '\u017Fam'],
    ['a Cyrillic a, which looks like one', '\u0430nn'],
    ['a fullwidth a', '\uFF41nn'],
    ['of a zero-width joiner', 'an\u200Dn'],
    ['__proto__', '__proto__'],
  ])('is refused if it is %s', (_, name) => {
    const refusal = refusalOf(() => registered(name));
    expect(refusal).toMatchObject({ code: 'invalid_name', message: expect.stringContaining('"username"') });
  });

  test('is folded to lower case, so that Ann and ann are one', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,31}$/), (name) => {
        expect(registered(name)).toBe(name.toLowerCase());
        expect(registered(registered(name))).toBe(registered(name));
      }),
    );
  });

  test('has only characters that are safe in a key, a line and a chat id', () => {
    fc.assert(
      fc.property(anyText({ maxLength: 40 }), (text) => {
        const input = { username: text };
        const refusal = refusalOf(() => checkFields(register, input));
        if (refusal) expect(refusal.code).toBe('invalid_name');
        else expect(registered(text)).toMatch(/^[a-z0-9][a-z0-9._-]{0,31}$/);
      }),
    );
  });
});

describe('content', () => {
  const sent = (content: unknown) => checkFields(sendMessage, { recipient: 'bob', content }).content;

  test('may have 16 KiB of UTF-8, counted in bytes', () => {
    for (const [unit, bytes] of [
      ['a', 1],
      ['é', 2],
      ['字', 3],
      ['😀', 4],
    ] as const) {
      const largest = unit.repeat(Math.floor(limits.contentBytes / bytes));
      expect(sent(largest)).toBe(largest);
      expect(refused({ recipient: 'bob', content: largest + unit })?.code).toBe('content_too_large');
    }
  });

  test('is kept unchanged, with blanks and control characters', () => {
    fc.assert(
      fc.property(anyText({ minLength: 1 }), (content) => {
        fc.pre(content.isWellFormed());
        expect(sent(content)).toBe(content);
      }),
    );
  });

  test.each([
    [undefined, '"content" is missing.'],
    [null, '"content" is missing.'],
    ['', '"content" must not be empty.'],
    ['half \ud83d of a pair', '"content" must be well-formed Unicode.'],
    [['hi'], '"content" must be a string.'],
  ])('%j is refused', (content, message) => {
    expect(refused({ recipient: 'bob', content })).toMatchObject({ code: 'bad_request', message });
  });
});

describe('an id of the client', () => {
  test.each(['', 'x'.repeat(limits.idLength + 1), '\udc00', 7, {}])('%j is refused', (id) => {
    const refusal = refused({ recipient: 'bob', content: 'hi', client_message_id: id });
    expect(refusal).toMatchObject({
      code: 'bad_request',
      message: expect.stringContaining('"client_message_id"'),
    });
  });

  test('may have 64 characters', () => {
    const id = 'x'.repeat(limits.idLength);
    expect(
      checkFields(sendMessage, { recipient: 'bob', content: 'hi', client_message_id: id }),
    ).toMatchObject({
      client_message_id: id,
    });
  });
});

describe('a time', () => {
  test.each([
    '2026-01-31',
    '2026-01-31T09:30Z',
    '2026-01-31T09:30:00Z',
    '2026-01-31t09:30:00z',
    '2026-01-31T09:30:00.123456+02:00',
    '2024-02-29T23:59:59.999-11:30',
  ])('may be %s', (time) => {
    expect(bounds({ start_time: time, end_time: time })).toMatchObject({ start_time: time, end_time: time });
    expect(Date.parse(time.toUpperCase())).not.toBeNaN();
  });

  test.each([
    'yesterday',
    '2026',
    '2026-13-01',
    '2026-01-31 09:30:00Z',
    '2026-01-31T09:30:00',
    '2026-01-31T25:00Z',
    'Jan 31 2026',
    '+012026-01-31',
    '',
  ])('%j is refused', (time) => {
    expect(refusalOf(() => bounds({ end_time: time }))).toMatchObject({
      code: 'bad_request',
      message: '"end_time" must be a time like 2026-01-31T09:30:00Z.',
    });
  });
});

test('a seq is a whole number that a double holds exactly', () => {
  for (const seq of [0, 1, Number.MAX_SAFE_INTEGER])
    expect(bounds({ after_seq: seq })).toMatchObject({ after_seq: seq });
  for (const seq of [-1, 1.5, 2 ** 53, '1', true]) {
    expect(refusalOf(() => bounds({ after_seq: seq }))?.message).toContain('"after_seq" must be a');
  }
});

test('a page has 1 to 200 messages', () => {
  for (const limit of [1, limits.historyLimit]) expect(bounds({ limit })).toMatchObject({ limit });
  for (const limit of [0, limits.historyLimit + 1, 1.5, '5']) {
    expect(refusalOf(() => bounds({ limit }))?.message).toContain('"limit" must be a');
  }
});

test('a request that passed the check passes it again unchanged', () => {
  const request = checkFields(sendMessage, {
    recipient: 'BOB',
    content: 'hi',
    after_seq: 3,
    request_id: 'r',
  });
  expect(z.parse(sendMessage.request, request)).toEqual(request);
});
