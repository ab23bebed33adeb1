import { expect, test } from 'vitest';
import { type Client, given, unique } from '../support/given.ts';

const create = (user: Client, group_name: string) => user.request({ type: 'create_group', group_name });
const join = (user: Client, group_id: string) => user.request({ type: 'join_group', group_id });
const leave = (user: Client, group_id: string) => user.request({ type: 'leave_group', group_id });
const say = (user: Client, group_id: string, content: string, more = {}) =>
  user.request({ type: 'SEND_GROUP_MESSAGE', group_id, content, ...more });
const rolesIn = async (user: Client, group_id: string) => {
  const { members = [] } = (await user.request({ type: 'list_members', group_id })) as {
    members?: { username: string; role: string }[];
  };
  return Object.fromEntries(members.map(({ username, role }) => [username, role]));
};

test('a group passes on when its owner leaves, who then administers nothing', async () => {
  const [ann, bob, cem] = await given.users(3);
  const group = unique('team');
  await create(ann, group);
  for (const who of [cem, bob]) await join(who, group);
  expect(await rolesIn(bob, group)).toEqual({
    [ann.name]: 'owner',
    [bob.name]: 'member',
    [cem.name]: 'member',
  });
  await leave(ann, group);
  expect(await rolesIn(bob, group)).toEqual({ [bob.name]: 'member', [cem.name]: 'owner' });
  const told = { type: 'OWNER_CHANGED', group_id: group, owner: cem.name };
  expect(await cem.next({ type: 'OWNER_CHANGED' })).toEqual(told);
  const remove = { type: 'remove_member', group_id: group, username: bob.name };
  expect(await ann.request(remove)).toHaveProperty('code', 'not_a_member');
  expect(await create(ann, group)).toHaveProperty('code', 'name_taken');
  const open = { type: 'update_group', group_id: group, invite_only: false };
  expect(await bob.request(open)).toHaveProperty('code', 'not_allowed');
  expect(await cem.request(open)).toHaveProperty('status', 'update_group_success');
  expect(await join(ann, group)).toHaveProperty('status', 'join_group_success');
});

test('a user who was removed from an open group stays out until they are invited', async () => {
  const [ann, bob] = await given.users(2);
  const group = await given.aGroup(ann, bob);
  const target = { group_id: group, username: bob.name };
  await ann.request({ type: 'remove_member', ...target });
  await bob.next({ type: 'REMOVED' });
  expect(await join(bob, group)).toHaveProperty('code', 'not_invited');
  expect(await bob.request({ type: 'list_chats' })).toHaveProperty('chats', []);
  await ann.request({ type: 'invite', ...target });
  await bob.next({ type: 'INVITED' });
  expect(await join(bob, group)).toHaveProperty('status', 'join_group_success');
});

test('a group that takes over the name of an empty one sees nothing of it, nor the other way round', async () => {
  const [ann, bob] = await given.users(2);
  const group = await given.aGroup(ann);
  await say(ann, group, 'ours', { client_message_id: 'k', after_seq: 0 });
  await say(ann, group, 'ours, too');
  await leave(ann, group);
  expect(await join(bob, group)).toHaveProperty('code', 'unknown_group');
  expect(await create(bob, group)).toHaveProperty('status', 'create_group_success');
  const looks: object[] = [
    { type: 'fetch_history', group_id: group },
    { type: 'fetch_history', group_id: group, after_seq: 0, changes: true },
    { type: 'fetch_history', group_id: group, start_time: '2000-01-01T00:00:00Z' },
    { type: 'fetch_history', group_id: group, end_time: '2100-01-01T00:00:00Z' },
    { type: 'sync' },
    { type: 'sync', cursors: { [`#${group}`]: 0 } },
  ];
  for (const look of looks) expect(await bob.request(look)).toHaveProperty('messages', []);
  const again = await say(bob, group, 'mine', { client_message_id: 'k', after_seq: 0 });
  expect(again).toMatchObject({ status: 'send_success', seq: 3 });
  for (const look of looks)
    expect(await bob.request(look)).toMatchObject({ messages: [{ seq: 3, content: 'mine' }] });
  expect(await ann.request({ type: 'fetch_history', group_id: group })).toHaveProperty(
    'code',
    'not_a_member',
  );
  expect(await ann.request({ type: 'sync', cursors: { [`#${group}`]: 1 } })).toHaveProperty('messages', []);
  expect(await ann.arrived()).toEqual([]);
});

test('the name of an empty group may go to a user', async () => {
  const [ann, bob] = await given.users(2);
  const name = await given.aGroup(ann);
  const stranger = await given.aStranger();
  const register = { type: 'register', username: name };
  expect(await stranger.request(register)).toHaveProperty('code', 'name_taken');
  await leave(ann, name);
  expect(await stranger.request(register)).toHaveProperty('status', 'register_success');
  expect(await join(bob, name)).toHaveProperty('code', 'unknown_group');
  expect(await create(bob, name)).toHaveProperty('code', 'name_taken');
  expect(await bob.request({ type: 'SEND_MESSAGE', recipient: name, content: 'hi' })).toHaveProperty(
    'chat_id',
    [bob.name, name].sort().join(':'),
  );
});

test('if many take over an empty group at once, one gets it', async () => {
  const [ann, ...others] = await given.users(5);
  const group = await given.aGroup(ann as Client);
  await leave(ann as Client, group);
  const replies = await Promise.all(others.map((user) => create(user, group)));
  const made = others.filter((_, index) => replies[index]?.status === 'create_group_success');
  expect(made.length).toBeLessThanOrEqual(1);
  // None, where each stood in another's way.
  const owner = made[0] ?? (others[0] as Client);
  if (made.length === 0) expect(await create(owner, group)).toHaveProperty('status', 'create_group_success');
  expect(await rolesIn(owner, group)).toEqual({ [owner.name]: 'owner' });
});

test('other devices are told that their user joined, made and left a group', async () => {
  const [ann, bob] = await given.users(2);
  const phone = await given.device(ann.name);
  const line = await given.device(bob.name, 'text');
  const group = await given.aGroup(ann);
  expect(await phone.next({ type: 'JOINED' })).toEqual({ type: 'JOINED', group_id: group });
  await join(bob, group);
  await leave(bob, group);
  await leave(ann, group);
  expect(await phone.next({ type: 'LEFT' })).toEqual({ type: 'LEFT', group_id: group });
  expect(await line.line('joined')).toBe(`joined ${group}`);
  expect(await line.line('left')).toBe(`left ${group}`);
});
