import { expect, test } from 'vitest';
import { PASSWORD } from '../support/configured.ts';
import { configured, given, unique } from '../support/given.ts';

const password = () => (configured().passwords === 'required' ? { password: PASSWORD } : {});

test('who deletes their account is gone: texts, memberships, devices and logins', async () => {
  const request = { type: 'delete_account', ...password() };
  const [ann, bob] = await given.users(2);
  const [group, club] = [await given.aGroup(ann, bob), unique('club')];
  const phone = await given.device(ann.name);
  await bob.request({ type: 'create_group', group_name: club, invite_only: true });
  await bob.request({ type: 'invite', group_id: club, username: ann.name });
  for (const client of [ann, phone]) await client.next({ type: 'INVITED' });
  await ann.request({ type: 'SEND_MESSAGE', recipient: bob.name, content: 'soon gone' });
  await ann.request({ type: 'SEND_GROUP_MESSAGE', group_id: group, content: 'soon gone' });
  for (const type of ['RECEIVE_MESSAGE', 'RECEIVE_GROUP_MESSAGE'])
    for (const client of [bob, phone]) await client.next({ type });
  expect(await ann.request({ ...request, password: 'wrong' })).toMatchObject({
    type: 'delete_account_response',
    status: 'delete_account_fail',
    code: 'invalid_credentials',
  });
  expect(await ann.request(request)).toMatchObject({ status: 'delete_account_success' });
  expect(await phone.next({ type: 'SESSION_ENDED' })).toMatchObject({ code: 'erased' });
  await phone.closed;
  const changed = { type: 'OWNER_CHANGED', group_id: group, owner: bob.name };
  expect(await bob.next({ type: 'OWNER_CHANGED' })).toEqual(changed);
  expect(await ann.request(request)).toHaveProperty('code', 'not_logged_in');
  for (const recipient of [ann.name, group]) {
    const { messages = [] } = await bob.request({ type: 'fetch_history', recipient });
    expect(messages).toMatchObject([{ content: '', deleted: expect.anything() }]);
  }
  expect(await bob.request({ type: 'list_members', group_id: group })).toMatchObject({
    members: [{ username: bob.name, role: 'owner' }],
  });
  const stranger = await given.aStranger();
  const login = { type: 'login', username: ann.name, ...password() };
  expect(await stranger.request(login)).toHaveProperty('code', 'invalid_credentials');
  const register = { ...login, type: 'register' };
  expect(await stranger.request(register)).toHaveProperty('code', 'name_taken');
});

test('as a line of text', async () => {
  const ann = await given.aUser();
  const line = await given.device(ann.name, 'text');
  expect(await line.say(['delete_account', ...Object.values(password())].join(' '))).toBe(
    'delete_account_success',
  );
  await ann.next({ type: 'SESSION_ENDED' });
  await ann.closed;
  expect(await line.say('list_chats')).toMatch(/^list_chats_fail /);
});
