import { describe, expect, test } from 'vitest';
import { RequestError } from '../../../clients/sdk/chat.ts';
import { inWords, isolatedId, wordsFor } from '../../../clients/view/words.ts';
import { codes } from '../../../protocol/index.ts';

const isForPeople = (sentence: string) => {
  // Neither a field of the protocol nor a code.
  expect(sentence).not.toMatch(/"|[a-z]_[a-z]|undefined/);
  expect(sentence).toMatch(/^[A-Z].*\.$/);
};

describe('every refusal is said in words', () => {
  test.each(Object.keys(codes) as (keyof typeof codes)[])('%s', (code) => {
    isForPeople(wordsFor(new RequestError(code, 'The service says why.')));
  });

  test.each([
    'password_changed',
    'password_reset',
    'logged_out_everywhere',
    'erased',
    'session_ended',
  ] as const)('a session that ended with %s', (code) => isForPeople(inWords(code)));

  test.each(['connection_lost', 'timed_out', 'unreachable', 'silent', 'no_token', 'unauthorized'] as const)(
    'no answer, for %s',
    (code) => isForPeople(inWords(code)),
  );

  test('a code or field of a service that says anything', () => {
    const code = 'constructor' as keyof typeof codes;
    expect(wordsFor(new RequestError(code, 'It says why.'))).toBe('It says why.');
    expect(wordsFor(new RequestError('bad_request', '"constructor" is odd.'))).toBe('The name is odd.');
  });

  test('a field is called as on the screen', () => {
    const said = (reason: string) => wordsFor(new RequestError('bad_request', reason));
    expect(said('"display_name" must not begin with #.')).toBe('The name must not begin with #.');
    expect(said('"topic" must be at most 250 characters.')).toBe('The topic must be at most 250 characters.');
    expect(said('"password" is missing.')).toBe('The password is missing.');
    expect(said('"username" is missing.')).toBe('The name is missing.');
    expect(said("You can't remove yourself: leave the group instead.")).toBe(
      "You can't remove yourself: leave the group instead.",
    );
    expect(said('A password must have at least 8 characters.')).toBe(
      'A password must have at least 8 characters.',
    );
  });

  test('which limit is reached, only the service knows', () => {
    const reason = 'You are in 500 groups already.';
    expect(wordsFor(new RequestError('limit_reached', reason))).toBe(reason);
  });

  test.each([
    ['ann', 'ann'],
    ['system', '@system'],
    ['#team', '%23team'],
  ])('whom to ask for an invitation is shown as no group and nothing of the service: %s', (ask, shown) => {
    const reason = `club is invite-only: ask ${ask} to invite you.`;
    const error = new RequestError('not_invited', reason, undefined, undefined, ask);
    const saying = (who: string) => `You can’t join without an invitation: ask ${who} to invite you.`;
    expect(wordsFor(error)).toBe(saying(shown));
    expect(wordsFor(error, isolatedId)).toBe(saying(`\u2068${shown}\u2069`));
    expect(wordsFor(new RequestError('not_invited', 'Its owner has left.'))).toBe('Its owner has left.');
  });

  test('nothing is said of an end that its user wanted', () => {
    expect([inWords('closed'), inWords('logged_out')]).toEqual(['', '']);
  });

  test('a code that is newer than the table, and a fault of the program', () => {
    expect(wordsFor(new RequestError('brand_new' as never, 'Not today.'))).toBe('Not today.');
    isForPeople(wordsFor(new TypeError('x is undefined')));
  });
});
