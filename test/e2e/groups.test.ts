import { expect, test, vi } from 'vitest';
import { type Client, given } from '../support/given.ts';

const tell = (user: Client, groupname: string, content: string) =>
  user.request({ type: 'SEND_GROUP_MESSAGE', groupname, content });
const join = (user: Client, group_id: string) => user.request({ type: 'join_group', group_id });
const leave = (user: Client, group_id: string) => user.request({ type: 'leave_group', group_id });
const read = async (user: Client, recipient: string) => {
  const { code, messages } = await user.request({ type: 'fetch_history', recipient });
  return code ?? messages?.map(({ content }) => content);
};
const received = async (user: Client) => (await user.arrived()).map((frame) => JSON.parse(frame).content);

test('the creator is a member', async () => {
  const ann = await given.aUser();
  const group = await given.aGroup(ann);
  expect(await tell(ann, group, 'x')).toMatchObject({ status: 'send_success', seq: 1 });
  expect(await read(ann, group)).toEqual(['x']);
});

test('joining twice succeeds, and a message still comes once', async () => {
  const [ann, bob] = await given.users(2);
  const group = await given.aGroup(ann, bob);
  await tell(ann, group, 'one');
  expect(await join(bob, group)).toMatchObject({ status: 'join_group_success', group_id: group });
  expect(await join(ann, group)).toMatchObject({ status: 'join_group_success' });
  await tell(ann, group, 'two');
  expect(await received(bob)).toEqual(['one', 'two']);
});

test('a non-member can neither send, read, receive nor leave', async () => {
  const [ann, eve] = await given.users(2);
  const group = await given.aGroup(ann);
  await tell(ann, group, 'ours');
  expect(await tell(eve, group, 'mine')).toHaveProperty('code', 'not_a_member');
  expect(await read(eve, group)).toBe('not_a_member');
  expect(await leave(eve, group)).toHaveProperty('code', 'not_a_member');
  expect(await received(eve)).toEqual([]);
  expect(await read(ann, group)).toEqual(['ours']);
});

test('a member reads messages from before the join, but is not pushed them', async () => {
  const [ann, bob] = await given.users(2);
  const group = await given.aGroup(ann);
  await tell(ann, group, 'before');
  await join(bob, group);
  await tell(ann, group, 'after');
  expect(await received(bob)).toEqual(['after']);
  expect(await read(bob, group)).toEqual(['before', 'after']);
});

test('a member who leaves receives and reads nothing until they join again', async () => {
  const [ann, bob] = await given.users(2);
  const group = await given.aGroup(ann, bob);
  await tell(ann, group, 'one');
  expect(await leave(bob, group)).toMatchObject({ status: 'leave_group_success', group_id: group });
  await tell(ann, group, 'two');
  expect(await received(bob)).toEqual(['one']);
  expect(await read(bob, group)).toBe('not_a_member');
  expect(await tell(bob, group, 'still here')).toHaveProperty('code', 'not_a_member');
  expect(await leave(bob, group)).toHaveProperty('code', 'not_a_member');
  expect(await join(bob, group)).toHaveProperty('status', 'join_group_success');
  await tell(ann, group, 'three');
  expect(await received(bob)).toEqual(['three']);
  expect(await read(bob, group)).toEqual(['one', 'two', 'three']);
});

test('messages sent while a user was away and not a member are not pending', async () => {
  const [ann, bob] = await given.users(2);
  const group = await given.aGroup(ann, bob);
  await bob.request({ type: 'logout' });
  await tell(ann, group, 'while a member');
  const phone = await given.aStranger();
  expect((await phone.request({ type: 'login', username: bob.name })).pending_messages).toMatchObject([
    { content: 'while a member', groupname: group },
  ]);
  await leave(phone, group);
  await phone.request({ type: 'logout' });
  await tell(ann, group, 'while out');
  const again = await phone.request({ type: 'login', username: bob.name });
  expect(again.pending_messages).toEqual([]);
  expect(again.groups).not.toContain(group);
});

test('a group ends with its last member, and a new one of its name continues its numbering', async () => {
  const ann = await given.aUser();
  const group = await given.aGroup(ann);
  await tell(ann, group, 'one');
  await leave(ann, group);
  expect(await join(ann, group)).toHaveProperty('code', 'unknown_group');
  await ann.request({ type: 'create_group', group_name: group });
  expect(await tell(ann, group, 'two')).toHaveProperty('seq', 2);
  expect(await read(ann, group)).toEqual(['two']);
});

test('login lists the groups of the user', async () => {
  const [ann, bob] = await given.users(2);
  const groups = [await given.aGroup(ann), await given.aGroup(bob, ann)].sort();
  const left = await given.aGroup(bob, ann);
  await leave(ann, left);
  // Read from an index, which may lag behind by a moment.
  await vi.waitFor(async () => {
    const reply = await ann.request({ type: 'login', username: ann.name });
    expect(reply.groups?.toSorted()).toEqual(groups);
  }, 60_000);
});

test('every member gets each of many concurrent messages once', async () => {
  const members = await given.users(5);
  const group = await given.aGroup(...(members as [Client, ...Client[]]));
  await Promise.all(
    members.flatMap((member, at) => [0, 1, 2, 3].map((index) => tell(member, group, `${at}/${index}`))),
  );
  const all = (await read(members[0] as Client, group)) as string[];
  expect(all).toHaveLength(20);
  for (const [at, member] of members.entries()) {
    const others = all.filter((content) => !content.startsWith(`${at}/`));
    expect((await received(member)).sort()).toEqual(others.sort());
  }
});
