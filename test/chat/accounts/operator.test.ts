import { beforeEach, describe, expect, test } from 'vitest';
import { changePassword } from '../../../chat/accounts/change-password.ts';
import { checkSession } from '../../../chat/accounts/check-session.ts';
import { createSession } from '../../../chat/accounts/create-session.ts';
import { createUser } from '../../../chat/accounts/create-user.ts';
import { deleteUser } from '../../../chat/accounts/erasure.ts';
import { login } from '../../../chat/accounts/login.ts';
import { logout } from '../../../chat/accounts/logout.ts';
import { resetPassword } from '../../../chat/accounts/reset-password.ts';
import { addMember, createGroup, joinGroup, leaveGroup } from '../../../chat/groups/groups.ts';
import { removeMember, setOwner, updateGroup } from '../../../chat/groups/moderation.ts';
import { listChats } from '../../../chat/history/list-chats.ts';
import { deleteMessage } from '../../../chat/messages/change-message.ts';
import { sendGroupMessage, sendMessage } from '../../../chat/messages/send.ts';
import { sendSystemMessage } from '../../../chat/messages/send-system.ts';
import type { Caller } from '../../../chat/model.ts';
import { type Service, service } from '../../support/chat.ts';
import { scansOf } from '../../support/scans.ts';

const operator: Caller = { connectionId: '', form: 'json', address: '', backend: {} };
const as = (username: string): Caller => ({ ...operator, backend: { as: username } });

let chat: Service;
beforeEach(begin);

async function begin() {
  chat = service();
  chat.users('alice', 'bob', 'carol');
  await createGroup(chat.ports, { group_name: 'team' }, as('alice'));
}

const frames = (id: string) => chat.framesOf(id).map((frame) => (frame as { type?: string }).type);

describe('create_user', () => {
  test('creates a user once, and leaves one who exists as they are', async () => {
    const dora = { username: 'dora', password: 'of dora' };
    expect(await createUser(chat.ports, dora)).toEqual({ username: 'dora', created: true });
    expect(await createUser(chat.ports, { ...dora, password: 'another' })).toMatchObject({ created: false });
    chat.state.sockets.d1 = { open: true, frames: [] };
    await login(chat.ports, dora, { ...operator, connectionId: 'd1', backend: undefined });
    expect(chat.state.connections.d1).toMatchObject({ username: 'dora' });
  });

  test('says that it has created the user when it is repeated with its key, and only then', async () => {
    const dora = { username: 'dora', password: 'of dora', idempotency_key: 'sign-up' };
    const created = async (request: Parameters<typeof createUser>[1]) =>
      (await createUser(chat.ports, request)).created;
    expect(await created(dora)).toBe(true);
    expect(await created({ ...dora, idempotency_key: 'another' })).toBe(false);
    expect(await created({ username: 'dora' })).toBe(false);
    // Who has no key was not created by one.
    expect(await created({ username: 'alice', idempotency_key: 'sign-up' })).toBe(false);
    chat.online('dora', 'd1');
    const device = { ...operator, connectionId: 'd1', backend: undefined };
    await changePassword(chat.ports, { old_password: 'of dora', new_password: 'new' }, device);
    expect(await created(dora)).toBe(true);
    await resetPassword(chat.ports, { username: 'dora', password: 'newer' });
    expect(await created(dora)).toBe(true);
  });

  test('that two make at once with one key is one', async () => {
    const dora = { username: 'dora', idempotency_key: 'sign-up' };
    for (let nth = 0, done = false; !done; nth++) {
      await begin();
      const { ports, calls } = chat.interrupted(nth, () => createUser(chat.ports, dora));
      expect(await createUser(ports, dora), `${nth}`).toMatchObject({ created: true });
      done = calls() <= nth;
    }
  });

  test('that dies at any step is completed by the next', async () => {
    for (let nth = 0; ; nth++) {
      await begin();
      const dies = chat.interrupted(nth, () => Promise.reject(new Error('dies')));
      const died = await createUser(dies.ports, { username: 'dora' }).catch(() => 'died');
      expect(await createUser(chat.ports, { username: 'dora' })).toHaveProperty('username', 'dora');
      expect(chat.state.credentials.dora, `${nth}`).toBeDefined();
      expect(chat.state.inboxes.dora, `${nth}`).toBeDefined();
      if (died !== 'died') return;
    }
  });

  test('gives nobody the name of a group, or of a user who was deleted', async () => {
    await deleteUser({ ...chat.ports, scans: scansOf(chat.state) }, { username: 'bob' });
    for (const username of ['team', 'bob'])
      await expect(createUser(chat.ports, { username })).rejects.toHaveProperty('code', 'name_taken');
  });

  test('sets no password where users come from an identity provider', async () => {
    const ports = { ...chat.ports, policy: { ...chat.ports.policy, hasProvider: true } };
    await expect(createUser(ports, { username: 'dora', password: 'x' })).rejects.toHaveProperty(
      'code',
      'not_allowed',
    );
    expect(await createUser(ports, { username: 'dora' })).toMatchObject({ created: true });
  });
});

describe('create_session', () => {
  test('mints a token that logs the user in', async () => {
    const { session_token } = await createSession(chat.ports, { username: 'alice' });
    chat.state.sockets.a1 = { open: true, frames: [] };
    await login(chat.ports, { session_token }, { ...operator, connectionId: 'a1', backend: undefined });
    expect(chat.state.connections.a1).toMatchObject({ username: 'alice' });
  });

  test('mints none that outlives a deletion, whenever that comes', async () => {
    for (let nth = 0; ; nth++) {
      await begin();
      const deletes = () => deleteUser({ ...chat.ports, scans: scansOf(chat.state) }, { username: 'alice' });
      const { ports, calls } = chat.interrupted(nth, deletes);
      const made = await createSession(ports, { username: 'alice' }).catch(() => undefined);
      if (calls() <= nth) return;
      if (made === undefined) continue;
      const { session_token } = made;
      chat.state.sockets.a1 = { open: true, frames: [] };
      const entering = login(
        chat.ports,
        { session_token },
        { ...operator, connectionId: 'a1', backend: undefined },
      );
      await expect(entering, `${nth}`).rejects.toHaveProperty('code', 'invalid_credentials');
    }
  });

  test.each(['nobody', 'team'])('is for users, not for %s', async (username) => {
    await expect(createSession(chat.ports, { username })).rejects.toHaveProperty('code', 'unknown_recipient');
  });
});

describe('check_session', () => {
  const alices = async () => (await createSession(chat.ports, { username: 'alice' })).session_token;
  const owner = async (session_token: string) =>
    (await checkSession(chat.ports, { session_token }).catch(({ code }) => ({ username: code }))).username;

  test('says whose session a token is, as long as it logs them in', async () => {
    const [token, ended] = [await alices(), await alices()];
    expect(await checkSession(chat.ports, { session_token: token })).toEqual({
      username: 'alice',
      session_expires: new Date(chat.runtime.at + chat.ports.policy.sessionLife).toISOString(),
    });
    chat.online('alice', 'a1');
    await logout(chat.ports, { session_token: ended }, as('alice'));
    expect([await owner(token), await owner(ended), await owner('guessed')]).toEqual([
      'alice',
      'invalid_credentials',
      'invalid_credentials',
    ]);
    await logout(chat.ports, { everywhere: true }, as('alice'));
    expect(await owner(token)).toBe('invalid_credentials');
    const later = await alices();
    expect(await owner(later)).toBe('alice');
    chat.runtime.at += chat.ports.policy.sessionLife;
    expect(await owner(later)).toBe('invalid_credentials');
  });
});

describe('add_member', () => {
  const bobs = { group_id: 'team', username: 'bob' };

  test('puts a user into a group that they could not join, and tells them', async () => {
    await updateGroup(chat.ports, { group_id: 'team', invite_only: true }, as('alice'));
    chat.online('bob', 'b1');
    for (let time = 0; time < 2; time++) expect(await addMember(chat.ports, bobs, operator)).toEqual(bobs);
    expect(chat.membersOf('team')).toEqual(['alice', 'bob']);
    expect(frames('b1')).toEqual(['JOINED']);
  });

  test('lets one who was removed come and go again, whenever it dies', async () => {
    for (let nth = 0; ; nth++) {
      await begin();
      await addMember(chat.ports, bobs, operator);
      await removeMember(chat.ports, bobs, as('alice'));
      await expect(joinGroup(chat.ports, bobs, as('bob'))).rejects.toHaveProperty('code', 'not_invited');
      const dies = chat.interrupted(nth, () => Promise.reject(new Error('dies')));
      const died = await addMember(dies.ports, bobs, operator).catch(() => 'died');
      await addMember(chat.ports, bobs, operator);
      expect(chat.membersOf('team'), `${nth}`).toEqual(['alice', 'bob']);
      expect(chat.state.removals, `${nth}`).toEqual({});
      if (died !== 'died') return;
    }
  });

  test.each([
    [{ group_id: 'team', username: 'nobody' }, 'unknown_recipient'],
    [{ group_id: 'nowhere', username: 'bob' }, 'unknown_group'],
  ])('of %j is refused with %s', async (request, code) => {
    await expect(addMember(chat.ports, request, operator)).rejects.toHaveProperty('code', code);
  });
});

test('the operator hands any group over, and a backend as somebody only theirs', async () => {
  await addMember(chat.ports, { group_id: 'team', username: 'bob' }, operator);
  const bobs = { group_id: 'team', username: 'bob' };
  await expect(setOwner(chat.ports, { ...bobs, username: 'carol' }, as('bob'))).rejects.toHaveProperty(
    'code',
    'not_allowed',
  );
  expect(await setOwner(chat.ports, bobs, operator)).toEqual(bobs);
  expect(chat.state.names.team?.owner).toBe('bob');
});

test('a message as somebody reaches all their devices and their partner, and looks up no connection', async () => {
  chat.online('alice', 'a1');
  chat.online('bob', 'b1');
  const connections = { ...chat.ports.connections, get: () => Promise.reject(new Error('looked up')) };
  const request = { recipient: 'bob', content: 'hi', client_message_id: 'k' };
  const send = () => sendMessage({ ...chat.ports, connections }, request, as('alice'));
  expect(await send()).toEqual(await send());
  expect(new Set(frames('a1'))).toEqual(new Set(['RECEIVE_MESSAGE']));
  expect(new Set(frames('b1'))).toEqual(new Set(['RECEIVE_MESSAGE']));
  expect(Object.values(chat.state.history).flat()).toHaveLength(1);
});

test('a backend ends all of a user’s connections, and none of its own', async () => {
  chat.online('alice', 'a1');
  await expect(logout(chat.ports, {}, as('alice'))).rejects.toHaveProperty('code', 'bad_request');
  await logout(chat.ports, { everywhere: true }, as('alice'));
  expect(frames('a1')).toEqual(['SESSION_ENDED']);
  expect(chat.state.connections).toEqual({});
});

test('groups that a backend creates count on nobody’s rate', async () => {
  const creations = { admit: () => Promise.reject(new Error('counted')), charge: async () => {} };
  await createGroup({ ...chat.ports, creations }, { group_name: 'club' }, as('bob'));
  expect(chat.membersOf('club')).toEqual(['bob']);
});

describe('delete_message', () => {
  const deletes = (chatId: string, seq: number, more: object = {}) =>
    deleteMessage(chat.ports, { chat: chatId, seq, ...more }, operator);
  const textsOf = (chatId: string) =>
    (chat.state.history[chatId] ?? []).map(({ content, deletes: of }) => of ?? content);

  test('deletes a message of anybody’s in a private chat, and tells both', async () => {
    for (const name of ['alice', 'bob']) chat.online(name, name);
    await sendMessage(chat.ports, { recipient: 'bob', content: 'rude' }, as('alice'));
    expect(await deletes('bob:alice', 1)).toMatchObject({ chat_id: 'alice:bob', seq: 2 });
    expect(textsOf('alice:bob')).toEqual(['', 1]);
    for (const name of ['alice', 'bob'])
      expect(chat.framesOf(name).at(-1)).toMatchObject({
        type: 'MESSAGE_DELETED',
        sender: 'alice',
        deletes: 1,
      });
    const [{ unread } = { unread: 1 }] = (await listChats(chat.ports, {}, as('bob'))).chats;
    expect(unread).toBe(0);
  });

  test('deletes one of whoever has left, and one of the system’s', async () => {
    chat.online('alice', 'a1');
    await addMember(chat.ports, { group_id: 'team', username: 'bob' }, operator);
    await sendGroupMessage(chat.ports, { group_id: 'team', content: 'rude' }, as('bob'));
    await leaveGroup(chat.ports, { group_id: 'team' }, as('bob'));
    await sendSystemMessage(chat.ports, { chat: '#team', content: 'Bob has left.' }, operator);
    await deletes('#team', 1);
    await deletes('team', 2);
    expect(textsOf('#team')).toEqual(['', '', 1, 2]);
    expect(chat.framesOf('a1').slice(-2)).toMatchObject([
      { type: 'MESSAGE_DELETED', sender: 'bob', deletes: 1 },
      { type: 'MESSAGE_DELETED', sender: 'system', system: true, deletes: 2 },
    ]);
  });

  test('tells the sender while they are in the group, and not once they were removed', async () => {
    chat.online('bob', 'b1');
    await addMember(chat.ports, { group_id: 'team', username: 'bob' }, operator);
    for (const content of ['rude', 'ruder'])
      await sendGroupMessage(chat.ports, { group_id: 'team', content }, as('bob'));
    await deletes('#team', 1);
    expect(frames('b1').filter((type) => type === 'MESSAGE_DELETED')).toHaveLength(1);
    await removeMember(chat.ports, { group_id: 'team', username: 'bob' }, as('alice'));
    const before = frames('b1');
    await deletes('#team', 2);
    expect(textsOf('#team')).toEqual(['', '', 1, 2]);
    expect(frames('b1')).toEqual(before);
  });

  test('repeated with its key deletes once, wherever the first died', async () => {
    const request = { chat: 'alice:bob', seq: 1, client_message_id: 'k' };
    for (let nth = 0, done = false; !done; nth++) {
      await begin();
      await sendMessage(chat.ports, { recipient: 'bob', content: 'rude' }, as('alice'));
      const dies = chat.interrupted(nth, () => Promise.reject(new Error('dies')));
      await deleteMessage(dies.ports, request, operator).catch(() => {});
      const again = await deleteMessage(chat.ports, request, operator);
      expect(await deleteMessage(chat.ports, request, operator)).toEqual(again);
      expect(textsOf('alice:bob'), `${nth}`).toEqual(['', 1]);
      done = dies.calls() <= nth;
    }
  });

  test.each([
    ['#team', 1, 'unknown_message'],
    ['alice:carol', 1, 'unknown_message'],
    ['alice:bob', 2, 'unknown_message'],
    ['#nowhere', 1, 'unknown_group'],
    ['alice', 1, 'unknown_group'],
  ])('of %s %i is refused with %s', async (chatId, seq, code) => {
    await sendMessage(chat.ports, { recipient: 'bob', content: 'hi' }, as('alice'));
    await expect(deletes(chatId, seq)).rejects.toHaveProperty('code', code);
    expect(textsOf('alice:bob')).toEqual(['hi']);
  });
});
