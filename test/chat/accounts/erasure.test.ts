import { beforeEach, describe, expect, test } from 'vitest';
import { changePassword } from '../../../chat/accounts/change-password.ts';
import { deleteUser, exportUser, type RecordPorts } from '../../../chat/accounts/erasure.ts';
import { login, loginByToken } from '../../../chat/accounts/login.ts';
import { disconnected, logout } from '../../../chat/accounts/logout.ts';
import { getProfiles, setProfile } from '../../../chat/accounts/profiles.ts';
import { register } from '../../../chat/accounts/register.ts';
import { OutcomeUnknown, Unavailable } from '../../../chat/errors.ts';
import { createGroup } from '../../../chat/groups/groups.ts';
import { fetchHistory } from '../../../chat/history/fetch-history.ts';
import { listChats } from '../../../chat/history/list-chats.ts';
import { editMessage } from '../../../chat/messages/change-message.ts';
import { sendGroupMessage, sendMessage } from '../../../chat/messages/send.ts';
import type { Caller } from '../../../chat/model.ts';
import { limits } from '../../../protocol/limits.ts';
import { over } from '../../model/words.ts';
import { callerAt as at, callerAt, type Service, service } from '../../support/chat.ts';
import { scansOf } from '../../support/scans.ts';

let chat: Service;
let ports: RecordPorts;
let alice: Caller;
let bob: Caller;
beforeEach(begin);

async function begin() {
  chat = service();
  chat.users('alice', 'bob');
  chat.group('team', 'alice', 'bob');
  ports = {
    ...chat.ports,
    scans: scansOf(chat.state),
  };
  alice = chat.online('alice', 'a1');
  bob = chat.online('bob', 'b1');
  await sendMessage(chat.ports, { recipient: 'bob', content: 'secret' }, alice);
  await sendMessage(chat.ports, { recipient: 'alice', content: "bob's" }, bob);
  await sendGroupMessage(chat.ports, { group_id: 'team', content: 'secret too' }, alice);
}

test('an export has the user, their chats and all that they wrote, and nothing of others and no secret', async () => {
  const record = await exportUser(ports, { username: 'alice' });
  expect(record).toMatchObject({ username: 'alice', user: { has_password: false, connections: 1 } });
  expect(record?.chats.map(({ chat: id }) => id).toSorted()).toEqual(['#team', 'alice:bob']);
  expect(record?.messages.map(({ content }) => content).toSorted()).toEqual(['secret', 'secret too']);
  for (const username of ['nobody', 'team'])
    await expect(exportUser(ports, { username })).rejects.toHaveProperty('code', 'unknown_recipient');
});

test('a profile is in the export, and is erased for good with its user', async () => {
  await setProfile(chat.ports, { display_name: 'Ada', data: { phone: '555' } }, alice);
  expect(await exportUser(ports, { username: 'alice' })).toHaveProperty('user.profile', {
    name: 'Ada',
    data: '{"phone":"555"}',
  });
  expect(await exportUser(ports, { username: 'bob' })).not.toHaveProperty('user.profile');
  await deleteUser(ports, { username: 'alice' });
  expect(await exportUser(ports, { username: 'alice' })).not.toHaveProperty('user.profile');
  expect(JSON.stringify(chat.state.profiles)).not.toContain('555');
  expect((await getProfiles(chat.ports, { usernames: ['alice'] }, bob)).profiles).toEqual([]);
  // A request of theirs that was under way.
  expect(await chat.ports.profiles.set('@alice', { name: 'late' })).toBeUndefined();
});

test('messages of an erased user no longer count as unread, and those of others do', async () => {
  for (let count = 0; count < 60; count++) {
    await sendMessage(chat.ports, { recipient: 'alice', content: 'hi' }, bob);
    await sendMessage(chat.ports, { recipient: 'bob', content: 'hi' }, alice);
    await sendGroupMessage(chat.ports, { group_id: 'team', content: 'hi' }, count % 2 ? alice : bob);
  }
  chat.users('carol');
  await sendMessage(chat.ports, { recipient: 'alice', content: 'hi' }, chat.online('carol', 'c1'));
  const unread = async (): Promise<Record<string, number>> => {
    const { chats } = await listChats(chat.ports, {}, alice);
    return Object.fromEntries(chats.map((each) => [each.name, each.unread]));
  };
  expect(await unread()).toEqual({ bob: 61, carol: 1, team: 25 });
  await deleteUser(ports, { username: 'bob' });
  expect(await unread()).toEqual({ bob: 0, carol: 1, team: 0 });
  const { chats } = await listChats(chat.ports, {}, alice);
  expect(chats.find(({ name }) => name === 'bob')).not.toHaveProperty('unread_more');
});

test('an erased user is in no table and no log, and their name can neither log in nor be registered again', async () => {
  expect(await deleteUser(ports, { username: 'alice' })).toEqual({
    username: 'alice',
    messages: 2,
    chats: 2,
    next: expect.any(String),
  });
  expect(JSON.stringify(chat.state.history)).not.toContain('secret');
  expect(chat.state.inboxes.alice).toMatchObject({ connections: {}, pending: {} });
  expect(chat.state.connections).not.toHaveProperty('a1');
  expect(chat.state.members['#team']).toEqual({ bob: expect.anything() });
  const back = { ...alice, connectionId: 'a2' };
  await expect(login(chat.ports, { username: 'alice' }, back)).rejects.toHaveProperty(
    'code',
    'invalid_credentials',
  );
  await expect(register(chat.ports, { username: 'alice' }, back)).rejects.toHaveProperty(
    'code',
    'name_taken',
  );
});

test('an erased user is notified and logged out first, and a connection that is still logging in is closed too', async () => {
  chat.state.connections.a2 = { username: 'alice', form: 'json' };
  chat.state.sockets.a2 = { open: true, frames: [] };
  const boundWhenTold: string[][] = [];
  const post = async (id: string, frame: string) => {
    if (frame.includes('SESSION_ENDED')) boundWhenTold.push(Object.keys(chat.state.connections));
    return chat.ports.gateway.post(id, frame);
  };
  await deleteUser({ ...ports, gateway: { ...chat.ports.gateway, post } }, { username: 'alice' });
  for (const id of ['a1', 'a2']) {
    expect(chat.framesOf(id).at(-1)).toMatchObject({ type: 'SESSION_ENDED', code: 'erased' });
    expect(chat.state.sockets[id]?.open).toBe(false);
  }
  // That of the login in progress is found by reading the whole table.
  expect(boundWhenTold).toEqual([['b1', 'a2'], ['b1']]);
  expect(chat.state.sockets.b1?.open).toBe(true);
});

test('the others see that messages were deleted, in their places, and keep their own', async () => {
  await deleteUser(ports, { username: 'alice' });
  const { messages } = await fetchHistory(chat.ports, { recipient: 'alice' }, bob);
  expect(messages).toEqual([
    expect.objectContaining({ seq: 1, content: '', deleted: expect.anything() }),
    expect.objectContaining({ seq: 2, content: "bob's" }),
  ]);
});

test('pending messages, invitations and sessions are exported, and erased', async () => {
  chat.group('club', 'bob');
  const club = { group: 'club', by: 'bob', at: 1, id: 'i', attemptId: 'club' };
  await chat.ports.invitations.put({ username: 'alice', ...club });
  await chat.ports.directory.bar({ name: 'den', attemptId: 'den' }, 'alice');
  await login(chat.ports, { username: 'alice' }, { ...alice, connectionId: 'a2' });
  for (const id of ['a1', 'a2']) await logout(chat.ports, {}, { ...alice, connectionId: id });
  await login(chat.ports, { username: 'alice' }, { ...alice, connectionId: 'a3' });
  await disconnected(chat.ports, 'a3');
  await sendMessage(chat.ports, { recipient: 'alice', content: 'where are you?' }, bob);
  expect(await exportUser(ports, { username: 'alice' })).toMatchObject({
    user: { connections: 0 },
    sessions: 1,
    invitations: ['club'],
    removed_from: ['den'],
    pending: [{ chat: 'alice:bob', from: 3 }],
  });
  await deleteUser(ports, { username: 'alice' });
  expect(await exportUser(ports, { username: 'alice' })).toMatchObject({
    sessions: 0,
    invitations: [],
    removed_from: [],
    pending: [],
  });
});

test('a change is recognised by the message that it changes', async () => {
  await editMessage(chat.ports, { chat: 'bob', seq: 1, content: 'better' }, alice);
  const { messages = [] } = (await exportUser(ports, { username: 'alice' })) ?? {};
  expect(messages.filter(({ chat: id }) => id === 'alice:bob')).toEqual([
    { chat: 'alice:bob', seq: 1, at: expect.any(String), content: 'better' },
    { chat: 'alice:bob', seq: 3, at: expect.any(String), content: '', edits: 1 },
  ]);
});

describe('at every step of an erasure, even if', () => {
  const again = callerAt('a2');

  test.each([
    ['they log in', () => login(chat.ports, { username: 'alice' }, again)],
    ['they set a password', () => changePassword(chat.ports, { new_password: 'new' }, alice)],
  ])('%s, the user stays erased', async (_, act) => {
    for (let nth = 0; ; nth++) {
      await begin();
      chat.state.sockets.a2 = { open: true, frames: [] };
      const { ports: interrupted, calls } = chat.interrupted(nth, () => act().catch(() => {}));
      await deleteUser({ ...ports, ...interrupted }, { username: 'alice' });
      if (calls() <= nth) return;
      expect(Object.values(chat.state.connections), `${nth}`).toMatchObject([{ username: 'bob' }]);
      expect(chat.state.inboxes.alice?.connections, `${nth}`).toEqual({});
      for (const password of [undefined, 'new'])
        await expect(login(chat.ports, { username: 'alice', password }, again)).rejects.toHaveProperty(
          'code',
          'invalid_credentials',
        );
    }
  });
});

test('a password set at any step of an erasure lets nobody in', async () => {
  for (let nth = 0; ; nth++) {
    await begin();
    chat.state.sockets.a2 = { open: true, frames: [] };
    const { ports: interrupted, calls } = chat.interrupted(nth, () =>
      deleteUser(ports, { username: 'alice' }),
    );
    const changed = await changePassword(interrupted, { new_password: 'new' }, alice).catch(() => undefined);
    if (calls() <= nth) break;
    const again = { ...alice, connectionId: 'a2' };
    const { session_token } = changed ?? {};
    const tries = [{ username: 'alice', password: 'new' }, ...(session_token ? [{ session_token }] : [])];
    for (const request of tries)
      await expect(login(chat.ports, request, again), `${nth}`).rejects.toHaveProperty(
        'code',
        'invalid_credentials',
      );
    expect(chat.state.connections, `${nth}`).not.toHaveProperty('a1');
  }
});

test('an erasure also closes a connection whose login died before the inbox listed it', async () => {
  await chat.ports.connections.bind('a2', { username: 'alice', form: 'json' }, chat.runtime.at);
  await deleteUser(ports, { username: 'alice' });
  expect(chat.state.connections).not.toHaveProperty('a2');
});

test('a message whose newest change was the last of its chat is deleted, too', async () => {
  await editMessage(chat.ports, { chat: 'bob', seq: 1, content: 'better' }, alice);
  await deleteUser(ports, { username: 'alice' });
  expect(chat.state.history['alice:bob']?.[0]).toMatchObject({ content: '', changed: { kind: 'deleted' } });
});

test('an erased user cannot log in, even with a valid token of the identity provider', async () => {
  const { runtime, state } = chat;
  await deleteUser(ports, { username: 'alice' });
  state.sockets.a2 = { open: true, frames: [] };
  const tokenOf = (username: string) => ({
    token: chat.tokenOf({ username, issued: runtime.at + 5_000, until: runtime.at + 60_000 }),
  });
  const again = loginByToken(chat.ports, tokenOf('alice'), at('a2'));
  await expect(again).rejects.toMatchObject({
    code: 'invalid_token',
    message: expect.stringContaining('deleted'),
  });
  expect(state.connections).not.toHaveProperty('a2');
  await loginByToken(chat.ports, tokenOf('bob'), at('a2'));
  expect(state.connections.a2).toMatchObject({ username: 'bob' });
});

test('a second erasure changes nothing', async () => {
  await deleteUser(ports, { username: 'alice' });
  const before = JSON.stringify([chat.state.history, chat.state.members]);
  expect(await deleteUser(ports, { username: 'alice' })).toMatchObject({ chats: 0 });
  expect(JSON.stringify([chat.state.history, chat.state.members])).toBe(before);
});

const asAlice: Caller = { connectionId: '', form: 'json', address: '', backend: { as: 'alice' } };

describe('at whatever step of theirs it comes, a deletion takes what is stored afterwards by', () => {
  test.each<[string, () => Caller]>([
    ['a call of a backend’s', () => asAlice],
    ['a device', () => alice],
  ])('%s', async (_, caller) => {
    for (let nth = 0, done = false; !done; nth++) {
      for (const send of [
        (on: Service['ports']) => sendMessage(on, { recipient: 'bob', content: 'late' }, caller()),
        (on: Service['ports']) => sendMessage(on, { recipient: 'carol', content: 'late' }, caller()),
        (on: Service['ports']) => sendGroupMessage(on, { group_id: 'team', content: 'late' }, caller()),
        (on: Service['ports']) => createGroup(on, { group_name: 'late' }, caller()),
        (on: Service['ports']) => editMessage(on, { chat: 'bob', seq: 1, content: 'late' }, caller()),
      ]) {
        await begin();
        chat.users('carol');
        let next: string | undefined;
        const starts = async () => ({ next } = await deleteUser(ports, { username: 'alice' }));
        const { ports: interrupted, calls } = chat.interrupted(nth, starts);
        await send(interrupted).catch(() => {});
        done = calls() <= nth;
        if (next === undefined) continue;
        while (next !== undefined) ({ next } = await deleteUser(ports, { username: 'alice', next }));
        const texts = Object.values(chat.state.history).flat();
        expect(texts.filter(({ content }) => content === 'late')).toEqual([]);
        expect(await chat.ports.members.chatsOf('alice')).toEqual([]);
      }
    }
  });

  test('it waits until they have ended', async () => {
    const { at } = chat.runtime;
    const { next } = await deleteUser(ports, { username: 'alice' });
    expect(chat.runtime.at).toBe(at);
    await deleteUser(ports, { username: 'alice', next });
    expect(chat.runtime.at).toBe(at + limits.callLife);
  });
});

const hasty = () => ({
  ...ports,
  runtime: { ...chat.runtime, now: () => chat.runtime.at, timeLeft: () => 0 },
});

test.each([
  ['at once', () => ports],
  ['step by step', hasty],
])(
  'a deletion also ends a connection that a login under way has bound and left, and what began on it, %s',
  async (_, on) => {
    let { next } = await deleteUser(on(), { username: 'alice' });
    while (next?.startsWith('["calls"') === false)
      ({ next } = await deleteUser(on(), { username: 'alice', next }));
    await chat.ports.connections.bind('a2', { username: 'alice', form: 'json' }, chat.runtime.at);
    chat.state.sockets.a2 = { open: true, frames: [] };
    await sendMessage(chat.ports, { recipient: 'bob', content: 'by who is erased' }, at('a2'));
    const began = chat.runtime.at;
    const slow = () => sendMessage(chat.ports, { recipient: 'bob', content: 'by who was erased' }, asAlice);
    let ended: number | undefined;
    const { runtime } = on();
    const pause = async (time: number) => {
      await runtime.pause(time);
      if (ended !== undefined || 'a2' in chat.state.connections) return;
      ended = chat.runtime.at;
      await slow();
    };
    const paused = { ...on(), runtime: { ...runtime, now: () => chat.runtime.at, pause } };
    while (next !== undefined) ({ next } = await deleteUser(paused, { username: 'alice', next }));
    expect(ended).toBeDefined();
    expect(chat.state.sockets.a2.open).toBe(false);
    expect(chat.framesOf('a2').at(-1)).toMatchObject({ type: 'SESSION_ENDED', code: 'erased' });
    expect(JSON.stringify(chat.state.history)).not.toContain('by who');
    expect(chat.runtime.at).toBe(began + 2 * limits.callLife);
  },
);

test('a deletion goes on though the clock of the call before was ahead', async () => {
  const { next } = await deleteUser(ports, { username: 'alice' });
  chat.runtime.at -= 5_000;
  await expect(deleteUser(ports, { username: 'alice', next })).resolves.not.toHaveProperty('next');
});

describe('with no time for more than a step in each call', () => {
  /** All pages of a command, each asked for with what the one before says. */
  async function pages<R extends { next?: string | undefined }>(ask: (next?: string) => Promise<R>) {
    const all = [await ask()];
    for (let next = all[0]?.next; next !== undefined; next = all.at(-1)?.next) all.push(await ask(next));
    return all;
  }

  beforeEach(async () => {
    await chat.ports.directory.bar({ name: 'den', attemptId: 'den' }, 'alice');
    await login(chat.ports, { username: 'alice' }, { ...alice, connectionId: 'a2' });
  });

  test('an export has everything once, on many pages', async () => {
    const { user, ...whole } = await exportUser(ports, { username: 'alice' });
    const all = await pages((next) => exportUser(hasty(), { username: 'alice', next }));
    expect(all.length).toBeGreaterThan(5);
    expect(all.filter((each) => each.user !== undefined)).toEqual([all[0]]);
    expect(all[0]?.user).toEqual(user);
    for (const list of ['chats', 'pending', 'invitations', 'removed_from', 'messages'] as const)
      expect(all.flatMap((each): unknown[] => each[list])).toEqual(whole[list]);
    expect(all.reduce((sum, each) => sum + each.sessions, 0)).toBe(whole.sessions);
  });

  test('a deletion takes everything, bit by bit', async () => {
    const all = await pages((next) => deleteUser(hasty(), { username: 'alice', next }));
    expect(all.length).toBeGreaterThan(5);
    const sum = (of: 'messages' | 'chats') => all.reduce((total, each) => total + each[of], 0);
    expect([sum('messages'), sum('chats')]).toEqual([2, 2]);
    expect(JSON.stringify(chat.state.history)).not.toContain('secret');
    expect(chat.state.members['#team']).toEqual({ bob: expect.anything() });
    expect(Object.values(chat.state.sessions)).toEqual([]);
    expect(chat.state.removals).toEqual({});
  });

  test.each(['', 'x', '[]', '["nowhere","1"]', '["messages",1]', 'null', '["chats",""]', '["toString","1"]'])(
    'a place of nowhere is refused: %j',
    async (next) => {
      for (const command of [exportUser, deleteUser])
        await expect(command(ports, { username: 'alice', next })).rejects.toHaveProperty(
          'code',
          'bad_request',
        );
    },
  );
});

test.each([
  ['calls', 'x'],
  ['calls', '-1'],
  ['calls', '9007199254740991'],
  ['late connections', 'x'],
  ['late connections', '9007199254740991 {"connection_id":"c"}'],
  ['inbox', 'x'],
])('no deletion goes on at %s %j', async (...place) => {
  await deleteUser(ports, { username: 'alice' });
  const next = JSON.stringify(place);
  await expect(deleteUser(ports, { username: 'alice', next })).rejects.toHaveProperty('code', 'bad_request');
});

test.each(['x', '{}', '{"overflow":"o","chat":"c","from":"1","id":"i"}'])(
  'no export goes on at the pointer %j',
  async (pointer) => {
    const next = JSON.stringify(['pending', pointer]);
    await expect(exportUser(ports, { username: 'alice', next })).rejects.toHaveProperty(
      'code',
      'bad_request',
    );
  },
);

test("another user's place deletes nobody", async () => {
  const next = '["messages","0"]';
  await expect(deleteUser(ports, { username: 'bob', next })).rejects.toHaveProperty('code', 'bad_request');
  expect(chat.state.history['alice:bob']?.map(({ content }) => content)).toEqual(['secret', "bob's"]);
  expect(chat.state.inboxes.bob?.connections).toHaveProperty('b1');
});

test('what fails after the user is locked out has an unknown outcome: something was stored', async () => {
  const busy = () => Promise.reject(new Unavailable('throttled'));
  for (const more of [
    { profiles: over(ports.profiles, { erase: busy }) },
    { overflow: over(ports.overflow, { forget: busy }) },
  ])
    await expect(deleteUser({ ...ports, ...more }, { username: 'alice' })).rejects.toThrow(OutcomeUnknown);
});
