import { describe, expect, test } from 'vitest';
import { given, unique } from '../support/given.ts';

const invalid: [what: string, name: string][] = [
  ['an empty name', ''],
  ['a space', ' '],
  ['a space within', 'a b'],
  ['a space behind', 'ann '],
  ['33 characters', 'a'.repeat(33)],
  ['the Kelvin sign, which folds to k', '\u212Aelvin'],
  ['the long s, which folds to S', 'bo\u017F'],
  ['a dotted capital I', '\u0130an'],
  ['a Cyrillic a', '\u0430nn'],
  ['a full-width a', '\uFF41nn'],
  ['a ligature', 'o\uFB03ce'],
  ['an accent', 'ren\u00e9'],
  ['a zero-width joiner', 'a\u200Dnn'],
  ['a right-to-left mark', 'ann\u202Enna'],
  ['a line break behind', 'ann\n'],
  ['a null', 'ann\u0000'],
  ['a leading dot', '.ann'],
  ['a leading dash', '-ann'],
  ['a leading underscore', '_ann'],
  ['__proto__', '__proto__'],
  ['what divides chats', 'ann:bob'],
  ['what marks groups', '#ann'],
  ['a path', 'ann/bob'],
  ['an emoji', '😀'],
  ['a lone surrogate', 'a\ud800'],
];

describe('an invalid name is refused in every field', () => {
  test.each(invalid)('%s', async (_, name) => {
    const user = await given.aUser();
    const requests = [
      { type: 'register', username: name },
      { type: 'login', username: name },
      { type: 'SEND_MESSAGE', recipient: name, content: 'x' },
      { type: 'SEND_GROUP_MESSAGE', groupname: name, content: 'x' },
      { type: 'fetch_history', recipient: name },
      { type: 'fetch_history', group_id: name },
      { type: 'create_group', group_name: name },
      { type: 'join_group', group_id: name },
      { type: 'leave_group', group_id: name },
    ];
    for (const request of requests) {
      expect(await user.request(request)).toMatchObject({ code: 'invalid_name', type: expect.any(String) });
    }
  });
});

test.each(['0', 'a.b_c-d', '9-lives', 'constructor', 'tostring', 'hasownproperty', 'null', 'a'.repeat(32)])(
  '%s is a name like any other',
  async (name) => {
    const [user, friend] = [await given.aStranger(), await given.aUser()];
    const { status, code } = await user.request({ type: 'register', username: name });
    expect(code ?? status).toMatch(/^(register_success|name_taken)$/); // a deployed stage may know it already
    const sent = await friend.request({ type: 'SEND_MESSAGE', recipient: name, content: 'x' });
    const { pending_messages } = await user.request({ type: 'login', username: name });
    const mine = pending_messages?.filter((message) => message.message_id === sent.message_id);
    expect(mine).toMatchObject([{ sender: friend.name, recipient: name, content: 'x' }]);
  },
);

test('upper case is accepted and folded', async () => {
  const [user, friend] = [await given.aStranger(), await given.aUser()];
  const name = unique('MiXeD');
  const folded = name.toLowerCase();
  const registered = await user.request({ type: 'register', username: name });
  expect(registered).toMatchObject({ status: 'register_success', username: folded });
  const entered = await user.request({ type: 'login', username: name.toUpperCase() });
  expect(entered).toMatchObject({ status: 'login_success', username: folded });
  expect(await user.request({ type: 'login', username: folded })).toHaveProperty('status', 'login_success');
  await friend.request({ type: 'SEND_MESSAGE', recipient: name.toUpperCase(), content: 'x' });
  expect(await user.next({ type: 'RECEIVE_MESSAGE' })).toMatchObject({ recipient: folded });
  const group = unique('TEAM');
  const created = await user.request({ type: 'create_group', group_name: group });
  expect(created).toMatchObject({ group_id: group.toLowerCase(), groupname: group.toLowerCase() });
  expect(await friend.request({ type: 'join_group', group_id: group })).toMatchObject({
    group_id: group.toLowerCase(),
  });
  const said = { type: 'SEND_GROUP_MESSAGE', groupname: group, sender: name.toUpperCase(), content: 'x' };
  expect(await user.request(said)).toHaveProperty('chat_id', `#${group.toLowerCase()}`);
  await friend.next({ type: 'RECEIVE_GROUP_MESSAGE' });
});

test('users and groups share one namespace', async () => {
  const [user, friend] = await given.users(2);
  const group = await given.aGroup(user);
  expect(await friend.request({ type: 'register', username: group })).toHaveProperty('code', 'name_taken');
  const taken = await friend.request({ type: 'create_group', group_name: user.name });
  expect(taken).toHaveProperty('code', 'name_taken');
});

test('if many register a name at once, one gets it', async () => {
  const claimants = await Promise.all(Array.from({ length: 8 }, () => given.aStranger()));
  const name = unique('wanted');
  const replies = await Promise.all(
    claimants.map((claimant) => claimant.request({ type: 'register', username: name })),
  );
  expect(replies.map(({ code }) => code ?? 'ok').sort()).toEqual([...Array(7).fill('name_taken'), 'ok']);
});
