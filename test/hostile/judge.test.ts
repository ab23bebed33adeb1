import { describe, expect, test } from 'vitest';
import { codeOf, complaint, writtenThough } from './judge.ts';

const frame = (body: string | Uint8Array, more: object = {}) => ({
  kind: 'test',
  body: Buffer.from(body),
  binary: false,
  fragment: 32 * 1024,
  ...more,
});
const json = (fields: object) => JSON.stringify(fields);
const ping = frame(json({ type: 'ping', request_id: 'r' }));
const pong = { type: 'pong', status: 'pong', timestamp: '2026-01-31T09:30:00.000Z', request_id: 'r' };
const refusal = { type: 'login_response', status: 'login_fail', code: 'invalid_name', reason: 'No.' };

describe('the judge complains of', () => {
  test.each([
    ['no answer', ping, {}],
    ['a socket that was closed', ping, { closed: 1006 }],
    ['a socket that stayed open', frame('x', { binary: true }), { reply: 'x' }],
    ['the wrong closing', frame('x'.repeat(40_000), { fragment: 40_000 }), { closed: 1003 }],
    ["the service's error frame", ping, { reply: json({ message: 'Internal server error' }) }],
    ['internal_error', ping, { reply: json({ ...pong, reason: 'Something failed on our side. Quote 1.' }) }],
    ['the reply to another request', ping, { reply: json({ ...pong, request_id: 's' }) }],
    ['the reply of another command', ping, { reply: json({ ...refusal, request_id: 'r' }) }],
    ['a reply without its fields', ping, { reply: json({ ...pong, timestamp: undefined }) }],
    [
      'a code that the command has not',
      frame('{"type":"login"}'),
      { reply: json({ ...refusal, code: 'not_a_member' }) },
    ],
    ['a line for an object', ping, { reply: 'pong' }],
    ['a line of another command', frame('ping'), { reply: 'send_fail No.' }],
    ['an error frame without a code', frame('{}'), { reply: json({ type: 'error', status: 'error' }) }],
  ])('%s', (_, sent, outcome) => {
    expect(complaint(sent, outcome)).toEqual(expect.any(String));
  });
});

test.each([
  ['a success', ping, { reply: json(pong) }],
  ['a refusal', frame('{"type":"login"}'), { reply: json(refusal) }],
  ['a line', frame('ping'), { reply: 'pong' }],
  [
    'what is no command',
    frame('{}'),
    { reply: json({ type: 'error', status: 'error', code: 'bad_request' }) },
  ],
  ['binary, and the closing for it', frame('x', { binary: true }), { closed: 1003 }],
  ['no UTF-8, and the closing for it', frame(Uint8Array.of(0xff)), { closed: 1007 }],
  ['too much, and the closing for it', frame('x'.repeat(129 * 1024)), { closed: 1009 }],
])('the judge accepts %s', (_, sent, outcome) => {
  expect(complaint(sent, outcome)).toBeUndefined();
});

describe('a write', () => {
  const write = { table: 'DirectoryX', operation: 'PutItem', status: 200 };

  test.each([
    [
      'of a refused request is complained of',
      [json(refusal)],
      write,
      expect.stringContaining('PutItem DirectoryX'),
    ],
    ['of a refused line, too', ['login_fail No.'], write, expect.any(String)],
    ['of a request that was accepted is none of ours', [json(pong)], write, undefined],
    ['whose condition failed is none', [json(refusal)], { ...write, status: 400 }, undefined],
    ['of the limits is theirs', [json(refusal)], { ...write, table: 'RateLimitsX' }, undefined],
  ])('%s', (_, replies, each, what) => {
    expect(writtenThough({ replies, writes: [each] })).toEqual(what);
  });
});

test('an outcome counts by its code', () => {
  const outcomes = [
    { reply: json(refusal) },
    { reply: 'login_fail No.' },
    { reply: 'pong' },
    { closed: 1003 },
    {},
  ];
  expect(outcomes.map(codeOf)).toEqual([
    'invalid_name',
    'refused in text',
    'ok',
    'closed with 1003',
    'no answer',
  ]);
});
