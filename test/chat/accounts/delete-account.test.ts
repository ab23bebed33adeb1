import { beforeEach, describe, expect, test } from 'vitest';
import { changePassword } from '../../../chat/accounts/change-password.ts';
import { deleteAccount } from '../../../chat/accounts/delete-account.ts';
import { login, loginByToken } from '../../../chat/accounts/login.ts';
import { disconnected } from '../../../chat/accounts/logout.ts';
import { setProfile } from '../../../chat/accounts/profiles.ts';
import { register } from '../../../chat/accounts/register.ts';
import { OutcomeUnknown } from '../../../chat/errors.ts';
import { createGroup, joinGroup } from '../../../chat/groups/groups.ts';
import { invite } from '../../../chat/groups/moderation.ts';
import { fetchHistory } from '../../../chat/history/fetch-history.ts';
import { deleteMessage, editMessage } from '../../../chat/messages/change-message.ts';
import { sendGroupMessage, sendMessage } from '../../../chat/messages/send.ts';
import type { Caller } from '../../../chat/model.ts';
import { callerAt, type Service, service } from '../../support/chat.ts';

let chat: Service;
let [alice, bob] = [] as unknown as [Caller, Caller];
beforeEach(begin);

/** Alice, who owns a group with bob, has written, has a profile and two devices, and is invited to a group of his. */
async function begin() {
  chat = service();
  chat.users('alice', 'bob');
  [alice, bob] = [chat.online('alice', 'a1'), chat.online('bob', 'b1')];
  chat.online('alice', 'a2');
  await createGroup(chat.ports, { group_name: 'team' }, alice);
  await joinGroup(chat.ports, { group_id: 'team' }, bob);
  await createGroup(chat.ports, { group_name: 'club' }, bob);
  await invite(chat.ports, { group_id: 'club', username: 'alice' }, bob);
  await setProfile(chat.ports, { display_name: 'Alice' }, alice);
  const to = { recipient: 'bob' };
  for (const content of ['a secret', 'another secret', 'a third secret'])
    await sendMessage(chat.ports, { ...to, content }, alice);
  await editMessage(chat.ports, { chat: 'bob', seq: 1, content: 'an edited secret' }, alice);
  await deleteMessage(chat.ports, { chat: 'bob', seq: 2 }, alice);
  await sendMessage(chat.ports, { recipient: 'alice', content: "bob's own" }, bob);
  await sendGroupMessage(chat.ports, { group_id: 'team', content: 'a secret of the team' }, alice);
}

const quit = (ports = chat.ports, password?: string, by = alice) =>
  deleteAccount(ports, password === undefined ? {} : { password }, by);

function expectGone() {
  const { credentials, profiles, members, invitations, history, connections, inboxes, names } = chat.state;
  expect(credentials.alice).toMatchObject({ erased: true });
  expect(profiles['@alice']).toBeNull();
  for (const rows of Object.values(members)) expect(rows).not.toHaveProperty('alice');
  expect(invitations).toEqual({});
  expect(JSON.stringify(history)).not.toContain('secret');
  expect(Object.values(connections).map((each) => each?.username)).toEqual(['bob']);
  expect(inboxes.alice).toMatchObject({ connections: {}, pending: {} });
  expect(names.team).toMatchObject({ owner: 'bob' });
  expect(names.alice).toMatchObject({ kind: 'user' });
}

test('everything of the account goes, and nothing of others', async () => {
  expect(await quit()).toEqual({});
  expectGone();
  expect(chat.state.names.team).toHaveProperty('members', 1);
  expect(chat.framesOf('a2').at(-1)).toMatchObject({ type: 'SESSION_ENDED', code: 'erased' });
  expect(chat.state.sockets.a2?.open).toBe(false);
  // On which the reply comes.
  expect(chat.state.sockets.a1?.open).toBe(true);
  expect(chat.framesOf('b1')).toContainEqual({ type: 'OWNER_CHANGED', group_id: 'team', owner: 'bob' });
  const { messages } = await fetchHistory(chat.ports, { recipient: 'alice' }, bob);
  expect(messages.map(({ content }) => content).filter(Boolean)).toEqual(["bob's own"]);
});

test('nobody gets in or gets the name afterwards', async () => {
  await quit();
  await expect(quit()).rejects.toMatchObject({ code: 'not_logged_in' });
  const again = callerAt('x');
  chat.state.sockets.x = { open: true, frames: [] };
  await expect(login(chat.ports, { username: 'alice' }, again)).rejects.toMatchObject({
    code: 'invalid_credentials',
  });
  await expect(register(chat.ports, { username: 'alice' }, again)).rejects.toMatchObject({
    code: 'name_taken',
  });
  const token = chat.tokenOf({ username: 'alice', issued: chat.runtime.at, until: chat.runtime.at + 1e6 });
  await expect(loginByToken(chat.ports, { token }, again)).rejects.toMatchObject({ code: 'invalid_token' });
  expectGone();
});

describe('who has a password', () => {
  beforeEach(() => changePassword(chat.ports, { new_password: 'right' }, alice));

  test.each([undefined, 'wrong'])('is not believed with %s', async (password) => {
    const before = JSON.stringify({ ...chat.state, levels: {} });
    await expect(quit(chat.ports, password)).rejects.toMatchObject({ code: 'invalid_credentials' });
    expect(JSON.stringify({ ...chat.state, levels: {} })).toBe(before);
  });

  test('is believed with it', async () => {
    await quit(chat.ports, 'right');
    expectGone();
  });

  test('may not try more often than at a login', async () => {
    chat.ports.policy = { ...chat.ports.policy, invalidLogins: 3, failedLoginsOfAddress: 3 };
    const codes = new Set<string>();
    for (let count = 0; count < 9; count++)
      await quit(chat.ports, 'wrong').catch(({ code }) => codes.add(code));
    expect([...codes]).toEqual(['invalid_credentials', 'rate_limited']);
    await expect(quit(chat.ports, 'right')).rejects.toMatchObject({ code: 'rate_limited' });
  });
});

test('whichever step is the last, it can be repeated until all is gone, or the account is still there', async () => {
  for (let nth = 0; ; nth++) {
    await begin();
    const { ports, calls } = chat.interrupted(nth, () => Promise.reject(new Error('dies')));
    await quit(ports).catch(() => {});
    if (!chat.state.credentials.alice?.erased) {
      // Its user can log in and go on, also if the connection died as well.
      const phone = callerAt('a3');
      chat.state.sockets.a3 = { open: true, frames: [] };
      await login(chat.ports, { username: 'alice' }, phone);
      await quit(chat.ports, undefined, phone);
    } else if (chat.state.connections.a1) await quit();
    expectGone();
    if (calls() <= nth) break;
    expect(nth).toBeLessThan(200);
  }
});

test('whichever step is the last, nothing is left of who can neither log in nor go on', async () => {
  let locked = 0;
  for (let nth = 0; ; nth++) {
    await begin();
    const { ports, calls } = chat.interrupted(nth, () => Promise.reject(new Error('dies')));
    await quit(ports).catch(() => {});
    if (chat.state.credentials.alice?.erased) {
      locked++;
      await disconnected(chat.ports, 'a1');
      const { profiles, members, invitations, history } = chat.state;
      expect(profiles['@alice']).toBeNull();
      for (const rows of Object.values(members)) expect(rows).not.toHaveProperty('alice');
      expect(invitations).toEqual({});
      expect(JSON.stringify(history)).not.toContain('secret');
    }
    if (calls() <= nth) break;
    expect(nth).toBeLessThan(200);
  }
  // Also where it died after the lock.
  expect(locked).toBeGreaterThan(1);
});

test('what an own login writes between any two steps goes, too', async () => {
  for (let nth = 0; ; nth++) {
    await begin();
    const write = async () => {
      const phone = callerAt('a3');
      chat.state.sockets.a3 = { open: true, frames: [] };
      await login(chat.ports, { username: 'alice' }, phone);
      await sendMessage(chat.ports, { recipient: 'bob', content: 'a late secret' }, phone);
      await joinGroup(chat.ports, { group_id: 'club' }, phone);
    };
    const { ports, calls } = chat.interrupted(nth, () => write().catch(() => {}));
    await quit(ports);
    expectGone();
    if (calls() <= nth) break;
    expect(nth).toBeLessThan(200);
  }
});

/** Others have invited alice to this many groups. */
function invitedTo(count: number) {
  for (let index = 0; index < count; index++) {
    const group = `g${index}`;
    const invitation = { username: 'alice', group, by: 'bob', at: 0, id: group, attemptId: group };
    chat.state.invitations[`alice ${group}`] = invitation;
  }
}

test.each([
  ['texts', 2, () => {}],
  ['invitations', 20, () => invitedTo(200)],
])(
  'what takes longer than one function may run is told to be unfinished, and repeats go on: %s',
  async (_, least, more) => {
    more();
    let left = 0;
    const runtime = { ...chat.runtime, now: () => chat.runtime.at, timeLeft: () => 5_500 - 1_000 * left++ };
    let attempts = 1;
    for (; ; attempts++) {
      left = 0;
      const done = await quit({ ...chat.ports, runtime }).then(
        () => true,
        (error) => {
          expect(error).toBeInstanceOf(OutcomeUnknown);
          expect(chat.state.connections).toHaveProperty('a1');
          return false;
        },
      );
      if (done) break;
      expect(attempts).toBeLessThan(40);
    }
    expect(attempts).toBeGreaterThan(least);
    expectGone();
  },
);
