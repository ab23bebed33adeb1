import { beforeEach, expect, test } from 'vitest';
import { getGroups } from '../../../chat/groups/group-profiles.ts';
import { createGroup, joinGroup, leaveGroup } from '../../../chat/groups/groups.ts';
import { removeMember, updateGroup } from '../../../chat/groups/moderation.ts';
import type { Caller } from '../../../chat/model.ts';
import { type Service, service } from '../../support/chat.ts';

let chat: Service;
let alice: Caller;
let bob: Caller;
beforeEach(() => {
  chat = service();
  chat.users('alice', 'bob');
  alice = chat.online('alice', 'a1');
  bob = chat.online('bob', 'b1');
});

const team = { group_id: 'team' };
const given = { title: 'Команда', topic: 'The moon', avatar_url: 'https://example.com/t.png' };
const create = (caller = alice, fields: object = given) =>
  createGroup(chat.ports, { group_name: 'team', ...fields }, caller);
const seenBy = async (caller: Caller, ...group_ids: string[]) =>
  (await getGroups(chat.ports, { group_ids: group_ids.length > 0 ? group_ids : ['team'] }, caller)).groups;

test('members see the title, topic and picture that the owner gave the group', async () => {
  await create();
  expect(await seenBy(alice, 'nowhere', 'team', 'team')).toEqual([{ ...team, ...given }]);
  expect(await seenBy(bob)).toEqual([]);
  await joinGroup(chat.ports, team, bob);
  expect(await seenBy(bob)).toEqual([{ ...team, ...given }]);
  await removeMember(chat.ports, { ...team, username: 'bob' }, alice);
  expect(await seenBy(bob)).toEqual([]);
});

test('the owner changes one field or all; absent fields stay, and empty ones are removed', async () => {
  await create();
  expect(await updateGroup(chat.ports, { ...team, title: 'Team' }, alice)).toEqual({
    ...team,
    title: 'Team',
  });
  expect(await seenBy(alice)).toEqual([{ ...team, ...given, title: 'Team' }]);
  const some = { ...team, invite_only: true, topic: '', avatar_url: '' };
  expect(await updateGroup(chat.ports, some, alice)).toEqual(some);
  expect(await seenBy(alice)).toEqual([{ ...team, title: 'Team' }]);
  expect(chat.state.names.team).toMatchObject({ inviteOnly: true });
  await updateGroup(chat.ports, { ...team, title: '' }, alice);
  expect(await seenBy(alice)).toEqual([]);
});

test('only the owner changes them, and an update without a field is refused', async () => {
  await create();
  await joinGroup(chat.ports, team, bob);
  const change = updateGroup(chat.ports, { ...team, title: 'mine' }, bob);
  await expect(change).rejects.toMatchObject({ code: 'not_allowed' });
  await expect(updateGroup(chat.ports, team, alice)).rejects.toMatchObject({ code: 'bad_request' });
  expect(await seenBy(bob)).toEqual([{ ...team, ...given }]);
});

test('creating a group without a title costs no extra write', async () => {
  await create(alice, { title: '' });
  await updateGroup(chat.ports, { ...team, invite_only: true }, alice);
  expect(chat.state.profiles).toEqual({});
});

test('a later group of the same name shows nothing of the earlier one, and a late owner changes nothing of it', async () => {
  await create();
  await leaveGroup(chat.ports, team, alice);
  await create(bob, {});
  expect(await seenBy(bob)).toEqual([]);
  expect(await seenBy(alice)).toEqual([]);
  await updateGroup(chat.ports, { ...team, title: 'New' }, bob);
  expect(await seenBy(bob)).toEqual([{ ...team, title: 'New' }]);
  // As a write that was under way when the first group ended.
  await chat.ports.profiles.set('#team', { name: 'Old' });
  expect(await seenBy(bob)).toEqual([{ ...team, title: 'New' }]);
});

test('a creation that dies after writing the title keeps it, or is replaced by the next one', async () => {
  const dying = { ...chat.ports.members, join: () => Promise.reject(new Error('dies')) };
  const died = createGroup({ ...chat.ports, members: dying }, { group_name: 'team', ...given }, alice);
  await expect(died).rejects.toThrow('dies');
  await create(bob, { title: "Bob's" });
  expect(await seenBy(bob)).toEqual([{ ...team, title: "Bob's" }]);
});

test('a creation that is refused leaves no title, whichever step of it another one overtakes', async () => {
  let late = 0;
  for (let nth = 0; ; nth++) {
    chat.state.members['#team'] = {};
    chat.state.profiles = {};
    delete chat.state.names.team;
    const { ports, calls } = chat.interrupted(nth, () => create(bob, { title: "Bob's" }).catch(() => {}));
    const outcome = await createGroup(ports, { group_name: 'team', ...given }, alice).then(
      () => 'created',
      ({ code }) => code,
    );
    const titles = Object.values(chat.state.profiles).flatMap((each) => each?.name ?? []);
    expect([outcome, titles]).toEqual(
      outcome === 'created' ? ['created', [given.title]] : ['name_taken', ["Bob's"]],
    );
    if (outcome === 'name_taken' && '#team' in chat.state.profiles && '#team 1' in chat.state.profiles)
      late++;
    if (calls() <= nth) break;
  }
  // The title was there when the other came.
  expect(late).toBeGreaterThan(0);
});

test('an update needs a login', async () => {
  const asked = getGroups(chat.ports, { group_ids: ['team'] }, { ...alice, connectionId: 'x' });
  await expect(asked).rejects.toMatchObject({ code: 'not_logged_in' });
});
