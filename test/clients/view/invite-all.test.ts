import { beforeEach, expect, test } from 'vitest';
import { type Code, RequestError } from '../../../clients/sdk/chat.ts';
import { inviteAll } from '../../../clients/view/invite-all.ts';
import { FakeChat } from '../terminal/fake-chat.ts';

const rule =
  'A name has up to 32 letters a to z, digits and the signs . _ - and begins with a letter or digit.';

let chat: FakeChat;
let invited: string[];
/** Whom the service refuses, and how. */
let refused: Record<string, Code>;

beforeEach(() => {
  chat = new FakeChat();
  invited = [];
  refused = { nobody: 'unknown_recipient', late: 'connection_lost' };
});

const people = {
  has: (username: string) => username === 'carol',
  async invite(username: string) {
    const code = refused[username];
    if (code) throw new RequestError(code, `${username}: ${code}`);
    invited.push(username);
  },
};
const invite = (typed: string) => inviteAll(chat, people, typed);

test('one, or several with commas or spaces between them', async () => {
  expect(await invite(' Bob ')).toEqual({ users: ['bob'], rest: [], problem: '' });
  expect(await invite('dora,eve; fay、gil ,')).toEqual({
    users: ['dora', 'eve', 'fay', 'gil'],
    rest: [],
    problem: '',
  });
  expect((await invite('tom ana\thal')).users).toEqual(['tom', 'ana', 'hal']);
  expect(invited).toEqual(['bob', 'dora', 'eve', 'fay', 'gil', 'tom', 'ana', 'hal']);
});

test('who cannot be invited stays to be corrected, with the reason, and the others are invited', async () => {
  const { users, rest, problem } = await invite('bob, nobody, carol, Alice, Zoë, dora');
  expect(users).toEqual(['bob', 'dora']);
  expect(rest).toEqual(['nobody', 'carol', 'Alice', 'Zoë']);
  expect(problem).toBe(
    [
      'There is nobody called \u2068nobody\u2069. People see their own id in their account.',
      '\u2068carol\u2069 is in this group already.',
      'You are in this group already.',
      `\u2068Zoë\u2069 is no name here. ${rule}`,
    ].join('\n'),
  );
});

test('what would fail with the next, too, is not tried again with each', async () => {
  expect(await invite('bob, late, dora, eve')).toEqual({
    users: ['bob'],
    rest: ['late', 'dora', 'eve'],
    problem: 'The connection broke before the answer came. Try again.',
  });
  expect(invited).toEqual(['bob']);
});

test('the id of an identity provider may have a comma within', async () => {
  chat.hasProvider = true;
  expect((await invite('a,b, C|1 D|2')).users).toEqual(['a,b', 'C|1', 'D|2']);
});
