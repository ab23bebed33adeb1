import { expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import { given, unique } from '../support/given.ts';

test('a removed member is told, gets nothing more, and cannot write', async () => {
  const [ann, bob, cleo] = await given.users(3);
  const group = await given.aGroup(ann, bob, cleo);
  const request = { type: 'remove_member', group_id: group, username: bob.name };
  expect(await cleo.request(request)).toMatchObject({ status: 'remove_member_fail', code: 'not_allowed' });
  const reply = await ann.request(request);
  expect(reply).toEqual({
    type: 'remove_member_response',
    status: 'remove_member_success',
    group_id: group,
    username: bob.name,
    request_id: reply.request_id,
  });
  expect(await bob.next({ type: 'REMOVED' })).toEqual({ type: 'REMOVED', group_id: group, by: ann.name });
  await ann.request({ type: 'SEND_GROUP_MESSAGE', groupname: group, content: 'without bob' });
  expect(await cleo.arrived()).toHaveLength(1);
  expect(await bob.arrived()).toEqual([]);
  expect(await bob.request({ type: 'SEND_GROUP_MESSAGE', groupname: group, content: 'x' })).toHaveProperty(
    'code',
    'not_a_member',
  );
  // A repeat: they are not told again.
  expect(await ann.request(request)).toHaveProperty('status', 'remove_member_success');
  expect(await bob.arrived()).toEqual([]);
  const stranger = { ...request, username: (await given.aUser()).name };
  expect(await ann.request(stranger)).toHaveProperty('code', 'not_a_member');
});

test('an invite-only group admits an invited user once', async () => {
  const [ann, bob, eve] = await given.users(3);
  const group = unique('club');
  await ann.request({ type: 'create_group', group_name: group, invite_only: true });
  const join = { type: 'join_group', group_id: group };
  expect(await bob.request(join)).toMatchObject({
    status: 'join_group_fail',
    code: 'not_invited',
    ask: ann.name,
  });
  const invite = { type: 'invite', group_id: group, username: bob.name };
  expect(await eve.request(invite)).toHaveProperty('code', 'not_a_member');
  expect(await ann.request({ ...invite, username: unique('nobody') })).toHaveProperty(
    'code',
    'unknown_recipient',
  );
  expect(await ann.request(invite)).toMatchObject({ type: 'invite_response', status: 'invite_success' });
  expect(await bob.next({ type: 'INVITED' })).toEqual({ type: 'INVITED', group_id: group, by: ann.name });
  expect(await bob.request(join)).toHaveProperty('status', 'join_group_success');
  await bob.request({ type: 'leave_group', group_id: group });
  expect(await bob.request(join)).toHaveProperty('code', 'not_invited');
  // Soon after an invitation: nobody can be pestered. On a slow machine it may not be that soon any more.
  let again = await ann.request(invite);
  while (again.status === 'invite_success') {
    await bob.next({ type: 'INVITED' });
    await bob.request(join);
    await bob.request({ type: 'leave_group', group_id: group });
    again = await ann.request(invite);
  }
  expect(again).toMatchObject({ code: 'rate_limited', retry_after_ms: 3000 });
  const open = { type: 'update_group', group_id: group, invite_only: false };
  expect(await eve.request(open)).toHaveProperty('code', 'not_a_member');
  expect(await ann.request(open)).toMatchObject({ status: 'update_group_success', invite_only: false });
  expect(await eve.request(join)).toHaveProperty('status', 'join_group_success');
});

test('who was away finds their invitations, and accepts or declines them', async () => {
  // Each may invite them once in three seconds.
  const owners = (await given.users(4)) as [Client, Client, Client, Client];
  const [ann, ben, cem, dan] = owners;
  const username = await given.someoneAway();
  const groups = [unique('a'), unique('b'), unique('c'), unique('d')] as const;
  const [titled, declined, ended, replaced] = groups;
  for (const [index, group_name] of groups.entries()) {
    const title = group_name === titled ? { title: 'Up the wall' } : {};
    const invite = { type: 'invite', group_id: group_name, username };
    await owners[index]?.request({ type: 'create_group', group_name, invite_only: true, ...title });
    expect(await owners[index]?.request(invite)).toHaveProperty('status', 'invite_success');
  }
  await cem.request({ type: 'leave_group', group_id: ended });
  await dan.request({ type: 'leave_group', group_id: replaced });
  await dan.request({ type: 'create_group', group_name: replaced });
  const bob = await given.device(username);
  const list = { type: 'list_invitations' };
  const reply = await bob.request(list);
  const timestamp = expect.stringMatching(/^20.*Z$/);
  expect(reply).toEqual({
    type: 'list_invitations_response',
    status: 'list_invitations_success',
    invitations: [
      { group_id: titled, by: ann.name, timestamp, title: 'Up the wall' },
      { group_id: declined, by: ben.name, timestamp },
    ],
    request_id: reply.request_id,
  });
  expect(await bob.request({ ...list, after: titled })).toMatchObject({
    invitations: [{ group_id: declined }],
  });
  const line = await given.device(username, 'text');
  const lines = (await line.say('list_invitations')).split('\n');
  expect(lines.map((each) => each.replace(/20\S*Z/, 'T'))).toEqual([
    'list_invitations_success',
    `${titled} ${ann.name} T Up the wall`,
    `${declined} ${ben.name} T`,
  ]);
  expect(await bob.request({ type: 'join_group', group_id: titled })).toHaveProperty(
    'status',
    'join_group_success',
  );
  const decline = { type: 'leave_group', group_id: declined };
  expect(await bob.request(decline)).toHaveProperty('status', 'leave_group_success');
  expect(await line.line('joined')).toBe(`joined ${titled}`);
  expect(await line.line('left')).toBe(`left ${declined}`);
  expect(await bob.request(decline)).toHaveProperty('code', 'not_a_member');
  expect(await bob.request({ ...decline, type: 'join_group' })).toHaveProperty('code', 'not_invited');
  expect(await bob.request(list)).toHaveProperty('invitations', []);
});

test('an invitation can be withdrawn', async () => {
  const [ann, bob] = await given.users(2);
  const group = await given.aGroup(ann);
  await ann.request({ type: 'update_group', group_id: group, invite_only: true });
  await ann.request({ type: 'invite', group_id: group, username: bob.name });
  await bob.next({ type: 'INVITED' });
  const taken = await ann.request({ type: 'remove_member', group_id: group, username: bob.name });
  expect(taken).toHaveProperty('status', 'remove_member_success');
  expect(await bob.next({ type: 'UNINVITED' })).toEqual({ type: 'UNINVITED', group_id: group, by: ann.name });
  expect(await bob.request({ type: 'join_group', group_id: group })).toHaveProperty('code', 'not_invited');
});

test('an owner sees who is invited, page by page, and takes an invitation back, but removes nobody who has joined', async () => {
  const [ann, bob, cleo] = await given.users(3);
  const group = unique('crew');
  await ann.request({ type: 'create_group', group_name: group, invite_only: true });
  for (const client of [bob, cleo]) {
    await ann.request({ type: 'invite', group_id: group, username: client.name });
    await client.next({ type: 'INVITED' });
  }
  const list = { type: 'list_invitations', group_id: group };
  const timestamp = expect.stringMatching(/^20.*Z$/);
  const names = [bob.name, cleo.name].sort();
  const open = names.map((username) => ({ group_id: group, username, by: ann.name, timestamp }));
  // The index of a group's invitations may lag.
  await expect.poll(() => ann.request(list), { timeout: 60_000 }).toMatchObject({ invitations: open });
  expect(await ann.request({ ...list, after: names[0] })).toMatchObject({ invitations: [open[1]] });
  expect(await bob.request(list)).toMatchObject({
    status: 'list_invitations_fail',
    code: 'not_a_member',
  });
  const join = { type: 'join_group', group_id: group };
  expect(await bob.request(join)).toHaveProperty('status', 'join_group_success');
  expect(await bob.request(list)).toHaveProperty('code', 'not_allowed');
  const takeBack = { type: 'remove_member', group_id: group, only: 'invited' };
  expect(await ann.request({ ...takeBack, username: bob.name })).toMatchObject({
    status: 'remove_member_fail',
    code: 'already_a_member',
  });
  for (let times = 0; times < 2; times++)
    expect(await ann.request({ ...takeBack, username: cleo.name })).toHaveProperty(
      'status',
      'remove_member_success',
    );
  expect(await cleo.next({ type: 'UNINVITED' })).toEqual({
    type: 'UNINVITED',
    group_id: group,
    by: ann.name,
  });
  expect(await cleo.request(join)).toHaveProperty('code', 'not_invited');
  await expect.poll(() => ann.request(list), { timeout: 60_000 }).toHaveProperty('invitations', []);
  expect(await ann.request({ type: 'list_members', group_id: group })).toHaveProperty('count', 2);
  const everybody = { ...takeBack, username: bob.name, only: 'everybody' };
  expect(await ann.request(everybody)).toMatchObject({ code: 'bad_request' });
});

test('an owner hands a group over: both are told, and the new owner administers it', async () => {
  const [ann, bob, cleo] = await given.users(3);
  const group = await given.aGroup(ann, bob);
  const phone = await given.device(ann.name);
  const line = await given.device(bob.name, 'text');
  const request = { type: 'set_owner', group_id: group, username: bob.name };
  expect(await bob.request(request)).toMatchObject({ status: 'set_owner_fail', code: 'not_allowed' });
  expect(await ann.request({ ...request, username: cleo.name })).toHaveProperty('code', 'not_a_member');
  for (const _ of [1, 2])
    expect(await ann.request(request)).toMatchObject({
      type: 'set_owner_response',
      status: 'set_owner_success',
      group_id: group,
      username: bob.name,
    });
  const told = { type: 'OWNER_CHANGED', group_id: group, owner: bob.name, by: ann.name };
  for (const client of [bob, phone]) expect(await client.next({ type: 'OWNER_CHANGED' })).toEqual(told);
  expect(await line.line('owner_changed')).toBe(`owner_changed ${group} ${bob.name} ${ann.name}`);
  const settings = { type: 'update_group', group_id: group, invite_only: true };
  expect(await ann.request(settings)).toHaveProperty('code', 'not_allowed');
  expect(await bob.request(settings)).toHaveProperty('status', 'update_group_success');
  // By leaving it passes back to who is left.
  await line.say(`leave_group ${group}`);
  await bob.next({ type: 'LEFT' });
  const back = { type: 'OWNER_CHANGED', group_id: group, owner: ann.name };
  for (const client of [ann, phone]) expect(await client.next({ type: 'OWNER_CHANGED' })).toEqual(back);
});

test('an empty group starts again with the settings of its new owner', async () => {
  const [ann, bob] = await given.users(2);
  const group = await given.aGroup(ann);
  await ann.request({ type: 'leave_group', group_id: group });
  const again = { type: 'create_group', group_name: group, invite_only: true };
  expect(await ann.request(again)).toHaveProperty('status', 'create_group_success');
  expect(await bob.request({ type: 'join_group', group_id: group })).toHaveProperty('code', 'not_invited');
});

test('in text all of this is lines', async () => {
  const [ann, bob, group] = [await given.aUser('text'), await given.aUser('text'), unique('club')];
  expect(await ann.say(`create_group ${group} invite_only`)).toBe(`create_group_success ${group}`);
  expect(await ann.say(`create_group ${unique('x')} secret`)).toMatch(/^create_group_fail .*invite_only/);
  expect(await bob.say(`join_group ${group}`)).toMatch(/^join_group_fail ./);
  expect(await ann.say(`invite ${group} ${bob.name}`)).toBe('invite_success');
  expect(await bob.line('invited ')).toBe(`invited ${group} ${ann.name}`);
  expect(await bob.say(`join_group ${group}`)).toBe('join_group_success');
  const notInvited = await ann.say(`remove_member ${group} ${bob.name} invited`);
  expect(notInvited).toBe(`remove_member_fail ${bob.name} has joined the group ${group}.`);
  expect(await ann.say(`remove_member ${group} ${bob.name}`)).toBe('remove_member_success');
  expect(await bob.line('removed ')).toBe(`removed ${group} ${ann.name}`);
  expect(await ann.say(`update_group ${group} open`)).toBe('update_group_success');
  expect(await bob.say(`join_group ${group}`)).toMatch(/^join_group_fail You were removed from /);
  expect(await ann.say(`update_group ${group} invite_only`)).toBe('update_group_success');
  expect(await ann.say(`update_group ${group} closed`)).toMatch(/^update_group_fail .*invite_only/);
  expect(await ann.say(`update_group ${group}`)).toMatch(/^update_group_fail .*invite_only/);
  expect(await bob.say(`invite ${group} ${ann.name}`)).toMatch(/^invite_fail ./);
  expect(await bob.say(`remove_member ${group} ${ann.name}`)).toMatch(/^remove_member_fail ./);
});
