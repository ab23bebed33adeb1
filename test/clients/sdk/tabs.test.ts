import { describe, expect, test } from 'vitest';
import type { Chat, EditableChat, Store } from '../../../clients/sdk/chat.ts';
import { memoryStore } from '../../../clients/sdk/memory-store.ts';
import { aServer } from './fake-server.ts';
import { aClient, next, online, partOfIt, pushFromBob, receipt } from './given.ts';

/** Stores of two tabs on one medium: each hears what the other changes. @param isFrozen whether the second hears it later */
function twoTabs(isFrozen = false) {
  const store = memoryStore();
  const listeners = new Map<number, Set<(key: string) => void>>([
    [0, new Set()],
    [1, new Set()],
  ]);
  const late: (() => void)[] = [];
  const tab = (own: number): Store => ({
    ...store,
    set(key, value) {
      store.set(key, value);
      const tell = () => {
        for (const listener of listeners.get(1 - own) ?? []) listener(key);
      };
      if (isFrozen && own === 0) late.push(tell);
      else tell();
    },
    watch(changed) {
      listeners.get(own)?.add(changed);
      return () => listeners.get(own)?.delete(changed);
    },
  });
  const thaw = () => {
    for (const tell of late.splice(0)) tell();
  };
  return { store, tabs: [tab(0), tab(1)] as const, thaw };
}

describe('a logout in one tab', () => {
  test('is one in the other, which says why and keeps nothing', async () => {
    const { store, tabs } = twoTabs();
    const [one, other] = [await online({ store: tabs[0] }), await online({ store: tabs[1] })];
    other.peer.push(pushFromBob(1));
    await next(other.chat, 'message');
    const isClosed = next(other.chat, 'state');
    const isOut = one.chat.logout();
    expect(await isClosed).toEqual({
      state: 'closed',
      reason: 'logged_out',
      detail: 'You were logged out in another tab.',
    });
    await one.peer.answer('logout');
    await isOut;
    await other.peer.closed;
    other.chat.send('bob', 'too late');
    expect(store.keys('')).toEqual([]);
  });

  test('by the bare request is one, too', async () => {
    const { tabs } = twoTabs();
    const [one, other] = [await online({ store: tabs[0] }), await online({ store: tabs[1] })];
    const isClosed = next(other.chat, 'state');
    const isOut = one.chat.request({ type: 'logout' });
    await one.peer.answer('logout');
    await isOut;
    expect(await isClosed).toMatchObject({ reason: 'logged_out' });
  });

  test('of another user changes nothing', async () => {
    const { tabs } = twoTabs();
    const [one, other] = [await online({ store: tabs[0] }), await online({ store: tabs[1] })];
    partOfIt(tabs[0]).set('=out/anna', '1');
    partOfIt(tabs[0]).set('=out/', '1');
    expect([one.chat.state, other.chat.state]).toEqual(['online', 'online']);
  });

  test('is none at another service', async () => {
    const { tabs } = twoTabs();
    const one = await online({ store: tabs[0] });
    const other = await online({ store: tabs[1], url: 'ws://another.example' });
    const isOut = one.chat.logout();
    await one.peer.answer('logout');
    await isOut;
    expect([one.chat.state, other.chat.state]).toEqual(['closed', 'online']);
  });

  test('of which a tab hears late leaves what was stored since', async () => {
    const { store, tabs, thaw } = twoTabs(true);
    const one = await online({ store: tabs[0] });
    const server = await aServer();
    const other = aClient(server, { store: tabs[1] });
    await server.nextLoggedIn();
    const isOut = one.chat.logout();
    await one.peer.answer('logout');
    await isOut;
    const again = aClient(one.server, { store: tabs[0] });
    const isOnline = next(again, 'state', ({ state }) => state === 'online');
    await one.server.nextLoggedIn({ session_token: 'new' });
    await isOnline;
    again.send('bob', 'mine');
    thaw();
    expect(other.state).toBe('closed');
    expect(partOfIt(store).get('session')).toContain('new');
    expect(partOfIt(store).keys('ann/o/')).toHaveLength(1);
  });
});

test('a deleted account leaves nothing in the store of another device', async () => {
  const store = memoryStore();
  const { chat, peer } = await online({ store });
  peer.push(pushFromBob(1));
  await next(chat, 'message');
  chat.send('bob', 'not sent yet');
  await peer.next('SEND_MESSAGE');
  peer.push({ type: 'SESSION_ENDED', code: 'erased', reason: 'This account was deleted.' });
  await peer.closed;
  expect(store.keys('')).toEqual([]);
});

test.each([
  ['was lost', true, 0, []],
  ['was lost, and which had failed, as the next login shows', true, 1, ['ann/']],
  ['says that it was refused', false, 0, ['ann/']],
])('a deletion of the account whose reply %s', async (_, isLost, logins, left) => {
  const store = memoryStore();
  const { server, chat, peer } = await online({ store });
  peer.push(pushFromBob(1));
  await next(chat, 'message');
  const deletion = chat.request({ type: 'delete_account' }).catch(({ code }) => code);
  const asked = await peer.next('delete_account');
  if (!isLost) peer.refuse(asked, 'invalid_credentials');
  else peer.cut();
  expect(await deletion).toBe(isLost ? 'connection_lost' : 'invalid_credentials');
  if (!isLost) peer.cut();
  for (let count = 0; count < logins; count++) (await server.nextLoggedIn()).peer.cut();
  const isClosed = next(chat, 'state', ({ state }) => state === 'closed');
  const again = await server.next();
  again.refuse(await again.next('login'), 'invalid_credentials');
  expect(await isClosed).toMatchObject({ reason: 'session_ended' });
  expect([
    ...new Set(
      partOfIt(store)
        .keys('')
        .map((key) => key.slice(0, 4)),
    ),
  ]).toEqual(left);
});

test('a deletion of the account whose reply was lost leaves what was not sent, also in the app’s keys', async () => {
  const store = memoryStore();
  const { server, chat, peer } = await online({ store });
  peer.push(pushFromBob(1));
  await next(chat, 'message');
  chat.send('bob', 'not sent yet');
  await peer.next('SEND_MESSAGE');
  partOfIt(store).set('ann/d/bob', 'a draft');
  chat.request({ type: 'delete_account' }).catch(() => {});
  await peer.next('delete_account');
  peer.cut();
  const isClosed = next(chat, 'state', ({ state }) => state === 'closed');
  const again = await server.next();
  again.refuse(await again.next('login'), 'invalid_credentials');
  expect(await isClosed).toMatchObject({ reason: 'session_ended' });
  const left = partOfIt(store).keys('ann/');
  expect(left.map((key) => key.slice(0, 6)).sort()).toEqual(['ann/d/', 'ann/o', 'ann/o/']);
});

test('a logout of a provider’s user of which a tab hears late leaves what was stored since', async () => {
  const { store, tabs, thaw } = twoTabs(true);
  const getToken = () => 'a token';
  const one = await online({ store: tabs[0], getToken });
  const server = await aServer();
  const other = aClient(server, { store: tabs[1], getToken });
  await server.nextLoggedIn();
  other.send('bob', 'of the old session');
  const isOut = one.chat.logout();
  await one.peer.answer('logout');
  await isOut;
  const again = aClient(one.server, { store: tabs[0], getToken });
  await one.server.nextLoggedIn();
  again.send('bob', 'mine');
  const kept = partOfIt(store).keys('ann/o/').length;
  thaw();
  expect(other.state).toBe('closed');
  expect([kept > 0, partOfIt(store).keys('ann/o/').length]).toEqual([true, kept]);
});

describe('a new session in one tab', () => {
  test('is that of the other, when its own is refused', async () => {
    const { store, tabs } = twoTabs();
    partOfIt(store).set('session', JSON.stringify({ username: 'ann', token: 'old' }));
    const server = await aServer();
    aClient(server, { store: tabs[1], password: 'old' });
    const { peer } = await server.nextLoggedIn();
    partOfIt(tabs[0]).set('session', JSON.stringify({ username: 'ann', token: 'new' }));
    peer.cut();
    const again = await server.next();
    const login = await again.next('login');
    expect(login).toMatchObject({ session_token: 'old' });
    again.refuse(login, 'invalid_credentials');
    expect(await again.next('login')).toMatchObject({ session_token: 'new' });
    expect(partOfIt(store).get('session')).toContain('new');
  });

  test('stays in the store when the session of the other has ended', async () => {
    const { store, tabs } = twoTabs();
    partOfIt(store).set('session', JSON.stringify({ username: 'ann', token: 'old' }));
    const server = await aServer();
    const chat = aClient(server, { store: tabs[1] });
    const { peer } = await server.nextLoggedIn();
    partOfIt(tabs[0]).set('session', JSON.stringify({ username: 'ann', token: 'new' }));
    const isClosed = next(chat, 'state', ({ state }) => state === 'closed');
    peer.push({ type: 'SESSION_ENDED', code: 'password_changed', reason: 'Your password was changed.' });
    await isClosed;
    expect(partOfIt(store).get('session')).toContain('new');
  });
});

describe('a message that waits in one tab', () => {
  const waiting = (chat: Chat) => chat.sendings.map(({ content, status }) => `${content}: ${status}`);

  test('is shown in the other, and not sent from there once it was sent', async () => {
    const { tabs } = twoTabs();
    const [one, other] = [await online({ store: tabs[0] }), await online({ store: tabs[1] })];
    const sending = one.chat.send('bob', 'hi');
    expect(waiting(other.chat)).toEqual(['hi: pending']);
    await one.peer.answer('SEND_MESSAGE', receipt(1));
    await sending.message;
    expect(waiting(other.chat)).toEqual([]);
    // Nothing was sent before this.
    other.chat.flush();
    const asked = other.chat.request({ type: 'presence', usernames: ['bob'] });
    await other.peer.answer('presence', { users: [] });
    await asked;
  });

  test('is sent by the other, with the same key, if its own tab is closed', async () => {
    const { tabs } = twoTabs();
    const timing = { request: 50 };
    const [one, other] = [await online({ store: tabs[0] }), await online({ store: tabs[1], timing })];
    const { id } = one.chat.send('bob', 'hi');
    const sent = await one.peer.next('SEND_MESSAGE');
    one.chat.close();
    const again = await other.peer.answer('SEND_MESSAGE', receipt(1));
    expect(again).toMatchObject({ client_message_id: id, after_seq: sent.after_seq });
    await expect.poll(() => waiting(other.chat)).toEqual([]);
  });

  test('goes when it is discarded there, and comes back when it is tried again', async () => {
    const { tabs } = twoTabs();
    const [one, other] = [await online({ store: tabs[0] }), await online({ store: tabs[1] })];
    const { id } = one.chat.send('bob', 'hi');
    one.peer.refuse(await one.peer.next('SEND_MESSAGE'), 'unknown_recipient');
    await expect.poll(() => waiting(one.chat)).toEqual(['hi: failed']);
    one.chat.retry(id);
    expect(waiting(other.chat)).toEqual(['hi: pending']);
    one.peer.refuse(await one.peer.next('SEND_MESSAGE'), 'unknown_recipient');
    await expect.poll(() => waiting(one.chat)).toEqual(['hi: failed']);
    one.chat.discard(id);
    expect(waiting(other.chat)).toEqual([]);
  });
});

describe('of two tabs, one of which has no changes,', () => {
  /** One that has asked for a change of a message that the other is sending, and has died. */
  async function afterChange(ask: (chat: EditableChat, id: string) => void) {
    const { store, tabs } = twoTabs();
    const plain = await online({ store: tabs[1], changes: undefined });
    const one = await online({ store: tabs[0] });
    const { id } = plain.chat.send('bob', 'hi');
    const asked = await plain.peer.next('SEND_MESSAGE');
    ask(one.chat, id);
    one.chat.close();
    return { store, plain, id, asked };
  }

  /** Which requests a program with changes makes of what it finds. */
  async function found(store: Store) {
    const { peer } = await online({ store });
    const again = await peer.answer('SEND_MESSAGE', receipt(1));
    return [again, await peer.any()];
  }

  test.each<[string, (chat: EditableChat, id: string) => void, string]>([
    ['a deletion', (chat, id) => chat.delete('bob', id, 1), 'delete_message'],
    ['an edit', (chat, id) => chat.edit('bob', id, 'hello'), 'edit_message'],
  ])('%s of what the other sends is not lost when that is sent', async (_, ask, type) => {
    const { store, plain, id, asked } = await afterChange(ask);
    plain.peer.reply(asked, receipt(1));
    await expect.poll(() => plain.chat.sendings).toEqual([]);
    plain.chat.close();
    expect(await found(store)).toMatchObject([{ client_message_id: id }, { type, seq: 1 }]);
  });

  test('nor when that is refused', async () => {
    const { store, plain, id, asked } = await afterChange((chat, its) => chat.edit('bob', its, 'hello'));
    plain.peer.refuse(asked, 'unknown_recipient');
    await expect.poll(() => plain.chat.sendings).toEqual([]);
    plain.chat.close();
    expect(await found(store)).toMatchObject([
      { client_message_id: id },
      { type: 'edit_message', seq: 1, content: 'hello' },
    ]);
  });

  test('nor when the service sends it on its way again', async () => {
    const { store, plain, id, asked } = await afterChange((chat, its) => chat.edit('bob', its, 'hello'));
    plain.peer.refuse(asked, 'too_far_back', { after_seq: 9 });
    await expect.poll(() => plain.chat.sendings).toEqual([]);
    plain.chat.close();
    expect(await found(store)).toMatchObject([{ client_message_id: id }, { content: 'hello' }]);
  });
});

test('an edit of what another tab has sent, of which this one hears late, follows it', async () => {
  const { tabs, thaw } = twoTabs(true);
  const [one, other] = [await online({ store: tabs[0] }), await online({ store: tabs[1] })];
  const { id, message } = one.chat.send('bob', 'hi');
  thaw();
  await one.peer.answer('SEND_MESSAGE', receipt(1));
  await message;
  expect(other.chat.edit('bob', id, 'hello')).toMatchObject({ content: 'hello', target: undefined });
  // It doesn't know whether the service has it, so it asks with the same key.
  const again = await other.peer.answer('SEND_MESSAGE', receipt(1));
  expect(again).toMatchObject({ client_message_id: id, content: 'hi' });
  expect(await other.peer.next('edit_message')).toMatchObject({ seq: 1, content: 'hello' });
});

describe('a deletion that can be undone in one tab', () => {
  const UNDO_MS = 600_000;

  /** @param request how long the other leaves it to the first one to send what can't be undone any more */
  async function bothOnline(request = 15_000) {
    const { tabs } = twoTabs();
    return {
      one: await online({ store: tabs[0] }),
      other: await online({ store: tabs[1], timing: { request } }),
    };
  }

  /** Sends nothing, though its user looks away: what would be sent would come before the second question. */
  async function sendsNothing({ chat, peer }: Pick<Awaited<ReturnType<typeof online>>, 'chat' | 'peer'>) {
    chat.flush();
    for (let count = 0; count < 2; count++) {
      const asked = chat.request({ type: 'presence', usernames: ['bob'] });
      await peer.answer('presence', { users: [] });
      await asked;
    }
  }

  test('is not sent by another, whoever looks away there, and is undone in both', async () => {
    const { one, other } = await bothOnline();
    const { id } = one.chat.delete('bob', 7, UNDO_MS);
    await sendsNothing(other);
    expect(other.chat.sendings).toMatchObject([{ id, canUndo: true }]);
    one.chat.undo(id);
    expect([one.chat.sendings, other.chat.sendings]).toEqual([[], []]);
  });

  test('is not sent by another before it can’t be undone any more', async () => {
    const { one, other } = await bothOnline(50);
    one.chat.delete('bob', 7, UNDO_MS);
    // What waits for nothing comes later, and is sent.
    one.chat.send('carol', 'hi');
    await one.peer.next('SEND_MESSAGE');
    expect(await other.peer.next('SEND_MESSAGE')).toMatchObject({ content: 'hi' });
  });

  test('is left to it by another that knows the message already', async () => {
    const { one, other } = await bothOnline();
    const { id } = one.chat.send('bob', 'hi');
    await one.peer.next('SEND_MESSAGE');
    one.chat.delete('bob', id, UNDO_MS);
    const isHere = next(other.chat, 'message');
    other.peer.push(pushFromBob(1, { sender: 'ann', recipient: 'bob', client_message_id: id }));
    await isHere;
    await sendsNothing(other);
    expect(other.chat.sendings).toMatchObject([{ target: 1, isDeletion: true, canUndo: true }]);
  });
});
