import { beforeEach, expect, test } from 'vitest';
import { createGroup, joinGroup } from '../../../chat/groups/groups.ts';
import { listMembers } from '../../../chat/groups/list-members.ts';
import { updateGroup } from '../../../chat/groups/moderation.ts';
import { type Caller, CONNECTION_LIFE } from '../../../chat/model.ts';
import { limits } from '../../../protocol/index.ts';
import { type Service, service } from '../../support/chat.ts';

let chat: Service;
let alice: Caller;
beforeEach(() => {
  chat = service();
  chat.users('alice', 'bob', 'carol');
  alice = chat.online('alice', 'a1');
});

const list = (more: { after?: string; limit?: number } = {}, caller = alice) =>
  listMembers(chat.ports, { group_id: 'team', ...more }, caller);

test('shows the members of a group, since when they are in it, and who is online', async () => {
  const bob = chat.online('bob', 'b1');
  await createGroup(chat.ports, { group_name: 'team' }, alice);
  chat.runtime.at += 60_000;
  await joinGroup(chat.ports, { group_id: 'team' }, bob);
  await joinGroup(chat.ports, { group_id: 'team' }, chat.online('carol', 'c1'));
  chat.runtime.at += CONNECTION_LIFE - 60_000;
  delete chat.state.inboxes.carol?.connections.c1;
  const since = (at: number) => new Date(at).toISOString();
  const [first, later] = [1_700_000_000_000, 1_700_000_060_000];
  const bobs = { username: 'bob', role: 'member', since: since(later) };
  const carols = { username: 'carol', role: 'member', since: since(later), online: false };
  expect(await list()).toEqual({
    group_id: 'team',
    members: [
      { username: 'alice', role: 'owner', since: since(first), online: true },
      { ...bobs, online: true },
      carols,
    ],
    count: 3,
    owner: 'alice',
    invite_only: false,
  });
  // By now API Gateway has ended what was not closed.
  chat.runtime.at += 1;
  expect((await list()).members[1]).toEqual({ ...bobs, online: false });
});

test('comes in pages that continue where the last one ended', async () => {
  chat.group('team', 'bob', 'dora', 'alice', 'carol');
  const names = async (more: object) => (await list(more)).members.map(({ username }) => username);
  expect(await names({ limit: 3 })).toEqual(['alice', 'bob', 'carol']);
  expect((await list({ limit: 3 })).next).toEqual({ after: 'carol' });
  expect(await names({ limit: 3, after: 'carol' })).toEqual(['dora']);
  expect((await list({ limit: 3, after: 'carol' })).next).toBeUndefined();
  expect((await list({ limit: 4 })).next).toBeUndefined();
});

test('each page says how many members there are, who owns the group and who may join', async () => {
  chat.group('team', 'bob', 'alice', 'carol');
  await updateGroup(chat.ports, { group_id: 'team', invite_only: true }, chat.online('bob', 'b1'));
  const about = { count: 3, owner: 'bob', invite_only: true };
  expect(await list({ limit: 1 })).toMatchObject(about);
  expect(await list({ limit: 1, after: 'bob' })).toMatchObject(about);
});

test('who is left in an earlier group of that name is told nothing of this one', async () => {
  chat.group('team', 'bob', 'alice', 'carol');
  Object.assign(chat.state.names.team ?? {}, { generation: 1 });
  for (const name of ['bob', 'carol'])
    Object.assign(chat.state.members['#team']?.[name] ?? {}, { generation: 1 });
  const page = await list();
  expect(page).not.toHaveProperty('count');
  expect(page).not.toHaveProperty('owner');
  expect(page.members.map(({ username }) => username)).toEqual(['alice']);
});

test('the largest page fits into a frame', async () => {
  const names = Array.from({ length: limits.members - 1 }, (_, index) => `${index}`.padStart(32, 'x'));
  chat.group('team', 'alice', ...names);
  const page = await list({ limit: limits.historyLimit });
  expect(page.members).toHaveLength(limits.historyLimit);
  expect(JSON.stringify(page).length).toBeLessThan(limits.frameBytes - 800);
});

test('is refused to non-members', async () => {
  await expect(list()).rejects.toMatchObject({ code: 'unknown_group' });
  chat.group('team', 'bob');
  await expect(list()).rejects.toMatchObject({ code: 'not_a_member' });
  await expect(list({}, { ...alice, connectionId: 'x' })).rejects.toMatchObject({ code: 'not_logged_in' });
});
