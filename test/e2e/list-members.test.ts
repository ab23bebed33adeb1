import { expect, test } from 'vitest';
import { given } from '../support/given.ts';
import { STAMP, TIME } from '../support/shapes.ts';

test('list_members shows the members, since when they are in the group, and who is online', async () => {
  const [ann, bob, eve] = await given.users(3);
  const group = await given.aGroup(ann, bob);
  await bob.request({ type: 'logout' });
  const row = (username: string, role: string, online: boolean) => ({ username, role, since: STAMP, online });
  const all = [row(ann.name, 'owner', true), row(bob.name, 'member', false)].sort((one, other) =>
    one.username < other.username ? -1 : 1,
  );
  const reply = await ann.request({ type: 'list_members', group_id: group });
  expect(reply).toEqual({
    type: 'list_members_response',
    status: 'list_members_success',
    group_id: group,
    members: all,
    count: 2,
    owner: ann.name,
    invite_only: false,
    request_id: reply.request_id,
  });
  const first = await ann.request({ type: 'list_members', groupname: group, limit: 1 });
  expect(first).toMatchObject({ members: [all[0]], next: { after: all[0]?.username } });
  const second = await ann.request({ type: 'list_members', group_id: group, limit: 1, ...first.next });
  expect(second).toMatchObject({ members: [all[1]] });
  expect(second).not.toHaveProperty('next');
  expect(await eve.request({ type: 'list_members', group_id: group })).toHaveProperty('code', 'not_a_member');
});

test('in text it is a line for each member', async () => {
  const ann = await given.aUser('text');
  const group = await given.aGroup(ann);
  const [head, line, ...more] = (await ann.say(`list_members ${group}`)).split('\n');
  expect(head).toBe('list_members_success');
  expect(line).toMatch(new RegExp(`^${ann.name} owner online ${TIME.source.slice(1, -1)}$`));
  expect(more).toEqual([]);
  expect(await ann.say('list_members nothing-here')).toMatch(/^list_members_fail ./);
});
