import { describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  type Code,
  type EditableChat,
  RequestError,
  type Sending,
  type Store,
} from '../../../clients/sdk/chat.ts';
import { memoryStore } from '../../../clients/sdk/memory-store.ts';
import { aServer, type Peer } from './fake-server.ts';
import { aClient, fromBob, next, online, partOfIt, pushFromBob, receipt, told } from './given.ts';

describe('a message', () => {
  test('is pending, then sent, and emitted like any other', async () => {
    const { chat, peer } = await online();
    const statuses: string[] = [];
    chat.on('sending', ({ status }) => statuses.push(status));
    const texts = told(chat);
    const sending = chat.send('Bob', 'hi');
    expect(sending).toMatchObject({ status: 'pending', to: 'bob', content: 'hi' });
    expect(chat.sendings).toEqual([sending]);
    const asked = await peer.answer('SEND_MESSAGE', receipt(1));
    expect(asked).toMatchObject({
      recipient: 'bob',
      content: 'hi',
      after_seq: 0,
      client_message_id: sending.id,
    });
    expect(await sending.message).toEqual({
      ...receipt(1),
      sender: 'ann',
      recipient: 'bob',
      content: 'hi',
      client_message_id: sending.id,
    });
    expect(sending.status).toBe('sent');
    expect(statuses).toEqual(['pending', 'sent']);
    expect(texts).toEqual(['hi']);
    expect(chat.sendings).toEqual([]);
  });

  test('that the service stored with another text has that one, and one that it rejected has failed with its reason', async () => {
    const { chat, peer } = await online();
    const texts = told(chat);
    const starred = chat.send('bob', 'oh heck');
    await peer.answer('SEND_MESSAGE', { ...receipt(1), content: 'oh ****' });
    expect(await starred.message).toMatchObject({ content: 'oh ****' });
    expect(texts).toEqual(['oh ****']);
    const rejected = chat.send('bob', 'spam');
    rejected.message.catch(() => {});
    peer.refuse(await peer.next('SEND_MESSAGE'), 'rejected');
    await expect(rejected.message).rejects.toMatchObject({ code: 'rejected' });
    expect(rejected.status).toBe('failed');
  });

  test('that the log has brought is sent, whatever is answered later', async () => {
    const { chat, peer } = await online();
    const sending = chat.send('bob', 'hi');
    const asked = await peer.next('SEND_MESSAGE');
    const statuses: string[] = [];
    chat.on('sending', ({ status }) => statuses.push(status));
    peer.push(pushFromBob(1, { sender: 'ann', recipient: 'bob', client_message_id: sending.id }));
    expect(await sending.message).toMatchObject({ seq: 1 });
    peer.refuse(asked, 'bad_request');
    const other = chat.send('bob', 'next');
    await peer.answer('SEND_MESSAGE', receipt(2));
    await other.message;
    expect([sending.status, statuses]).toEqual(['sent', ['sent', 'pending', 'sent']]);
  });

  test('to a group names the group', async () => {
    const { chat, peer } = await online();
    const created = chat.createGroup('team');
    await peer.answer('create_group', { group_id: 'team', groupname: 'team' });
    await created;
    const sending = chat.send({ group: 'Team' }, 'hi');
    const asked = await peer.answer('SEND_GROUP_MESSAGE', { ...receipt(1), chat_id: '#team' });
    expect(asked).toMatchObject({ group_id: 'team', after_seq: 0 });
    expect(await sending.message).toMatchObject({ groupname: 'team', group_id: 'team' });
  });

  test("to an unknown group says where the group's log ends", async () => {
    const { chat, peer } = await online();
    const sending = chat.send({ group: 'team' }, 'hi');
    await peer.answer('fetch_history', { messages: [fromBob(57)] });
    expect(await peer.next('SEND_GROUP_MESSAGE')).toMatchObject({ after_seq: 57 });
    expect(sending.status).toBe('pending');
  });

  test('waits for the one before it in its chat, and for none in other chats', async () => {
    const { chat, peer } = await online();
    chat.send('bob', 'first');
    chat.send('BOB', 'second');
    chat.send('cid', 'other');
    const first = await peer.next('SEND_MESSAGE');
    expect(first).toMatchObject({ content: 'first' });
    expect(await peer.next('SEND_MESSAGE')).toMatchObject({ content: 'other' });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(peer.untaken).toBe(0);
    peer.reply(first, receipt(1));
    expect(await peer.next('SEND_MESSAGE')).toMatchObject({ content: 'second', after_seq: 1 });
  });

  test('with an after_seq that is too far back is sent again from the seq of the refusal, also after a restart', async () => {
    const store = memoryStore();
    const { server, chat, peer } = await online({ store });
    const sending = chat.send('bob', 'hi');
    const first = await peer.next('SEND_MESSAGE');
    expect(first).toMatchObject({ after_seq: 0 });
    peer.refuse(first, 'too_far_back', { after_seq: 70 });
    const second = await peer.next('SEND_MESSAGE');
    expect(second).toMatchObject({ after_seq: 70, client_message_id: sending.id });
    chat.close();
    const again = aClient(server, { store });
    const { peer: later } = await server.nextLoggedIn();
    expect(await later.next('SEND_MESSAGE')).toMatchObject({ after_seq: 70, client_message_id: sending.id });
    expect(again.sendings).toMatchObject([{ status: 'pending' }]);
  });

  test('that is stored is pending until what precedes it in the log has come', async () => {
    const { chat, peer } = await online();
    const texts = told(chat);
    const sending = chat.send('bob', 'hi');
    const next = chat.send('bob', 'next');
    await peer.answer('SEND_MESSAGE', receipt(2));
    // The next one does not wait for it.
    const frames = [await peer.any(), await peer.any()];
    const repair = frames.find(({ type }) => type === 'fetch_history');
    const second = frames.find(({ type }) => type === 'SEND_MESSAGE');
    expect(chat.sendings).toEqual([sending, next]);
    expect([sending.status, texts]).toEqual(['pending', []]);
    peer.reply(second ?? {}, receipt(3));
    peer.reply(repair ?? {}, { messages: [fromBob(1)] });
    await Promise.all([sending.message, next.message]);
    expect([texts, chat.sendings]).toEqual([['message 1', 'hi', 'next'], []]);
  });

  test('that is stored in a group is sent, though its log ends because the user leaves', async () => {
    const { chat, peer } = await online();
    const sending = chat.send({ group: 'team' }, 'hi');
    await peer.answer('fetch_history', { messages: [fromBob(57)] });
    await peer.answer('SEND_GROUP_MESSAGE', { ...receipt(59), chat_id: '#team' });
    await peer.any();
    expect(sending.status).toBe('pending');
    peer.push({ type: 'LEFT', group_id: 'team', groupname: 'team' });
    expect(await sending.message).toMatchObject({ seq: 59, content: 'hi' });
    expect(chat.sendings).toEqual([]);
  });

  test('without an answer is sent again with the same key and the same after_seq', async () => {
    const { server, chat, peer } = await online();
    const sending = chat.send('bob', 'hi');
    const first = await peer.next('SEND_MESSAGE');
    peer.cut();
    const { peer: again } = await server.nextLoggedIn();
    again.push(pushFromBob(1));
    const second = await again.next('SEND_MESSAGE');
    expect({ ...second, request_id: '' }).toEqual({ ...first, request_id: '' });
    again.reply(second, receipt(2));
    expect(await sending.message).toMatchObject({ seq: 2 });
  });

  test('without an answer in time is sent again', async () => {
    const { chat, peer } = await online({ timing: { request: 500 } });
    chat.send('bob', 'hi');
    const { client_message_id } = await peer.next('SEND_MESSAGE');
    expect(await peer.next('SEND_MESSAGE')).toMatchObject({ client_message_id });
  });

  test('with an answer that came too late resolves with the sent message', async () => {
    const { chat, peer } = await online({ timing: { request: 500 } });
    const texts = told(chat);
    const sending = chat.send('bob', 'hi');
    const late = await peer.next('SEND_MESSAGE');
    const again = await peer.next('SEND_MESSAGE');
    peer.reply(late, receipt(1));
    peer.reply(again, receipt(1));
    await sending.message;
    expect(texts).toEqual(['hi']);
  });

  test('is not sent again when it appears in the log', async () => {
    const { server, chat, peer } = await online();
    const texts = told(chat);
    const sending = chat.send('bob', 'hi');
    chat.send('bob', 'next');
    await peer.next('SEND_MESSAGE');
    peer.cut();
    const again = await server.next();
    const login = await again.next('login');
    const mine = fromBob(1, {
      sender: 'ann',
      recipient: 'bob',
      content: 'hi',
      client_message_id: sending.id,
    });
    again.reply(login, { username: 'ann', pending_messages: [], groups: [] });
    again.push({ type: 'sync_response', messages: [mine], more: false });
    expect(await sending.message).toEqual(mine);
    expect(texts).toEqual(['hi']);
  });

  test('survives a restart with its key, its after_seq and its order', async () => {
    const store = memoryStore();
    const { server, chat, peer } = await online({ store });
    const ids = ['one', 'two', 'three'].map((text) => chat.send('bob', text).id);
    const first = await peer.next('SEND_MESSAGE');
    const isTold = next(chat, 'message');
    peer.push(pushFromBob(1));
    await isTold;
    chat.close();
    const after = aClient(server, { store });
    expect(after.sendings.map(({ id, status }) => [id, status])).toEqual(ids.map((id) => [id, 'pending']));
    after.send('bob', 'four');
    const { peer: second } = await server.nextLoggedIn();
    const contents = [];
    for (let seq = 2; seq <= 5; seq++) {
      const asked = await second.answer('SEND_MESSAGE', receipt(seq));
      contents.push(asked.content);
      if (seq === 2) expect({ ...asked, request_id: '' }).toEqual({ ...first, request_id: '' });
    }
    expect(contents).toEqual(['one', 'two', 'three', 'four']);
    await vi.waitUntil(() => partOfIt(store).keys('ann/o/').length === 0, 60_000);
  });

  test('that another tab has tried already keeps the after_seq it got there', async () => {
    const store = memoryStore();
    const draft = { id: 'an id', to: 'bob', content: 'hi' };
    partOfIt(store).set('ann/started', '1');
    partOfIt(store).set('ann/c/ann:bob', '5');
    partOfIt(store).set('ann/o/1', JSON.stringify(draft));
    const server = await aServer();
    aClient(server, { store });
    partOfIt(store).set('ann/o/1', JSON.stringify({ ...draft, after: 3 }));
    const { peer } = await server.nextLoggedIn();
    expect(await peer.next('SEND_MESSAGE')).toMatchObject({ client_message_id: 'an id', after_seq: 3 });
  });
});

describe('a program that dies between two writes to its store', () => {
  /** A store, and what was in it after each write. */
  function recorded() {
    const store = memoryStore();
    const moments: string[][] = [];
    const recording: Store = {
      ...store,
      set(key, value) {
        store.set(key, value);
        moments.push(
          partOfIt(store)
            .keys('ann/o/')
            .map((each) => partOfIt(store).get(each) ?? ''),
        );
      },
    };
    return { store: recording, moments };
  }

  const refuse = async (peer: Peer, type: string) => peer.refuse(await peer.next(type), 'unknown_recipient');

  test.each<[string, (chat: EditableChat, peer: Peer) => Promise<() => void>]>([
    [
      'sends again what failed',
      async (chat, peer) => {
        const { id, message } = chat.send('bob', 'the text');
        await Promise.all([refuse(peer, 'SEND_MESSAGE'), expect(message).rejects.toThrow()]);
        return () => chat.retry(id);
      },
    ],
    [
      'replaces an edit that failed',
      async (chat, peer) => {
        const { message } = chat.edit('bob', 7, 'the text');
        await Promise.all([refuse(peer, 'edit_message'), expect(message).rejects.toThrow()]);
        return () => chat.edit('bob', 7, 'the text, again');
      },
    ],
  ])('has the text at each moment when it %s', async (_, prepare) => {
    const { store, moments } = recorded();
    const { chat, peer } = await online({ store });
    const act = await prepare(chat, peer);
    moments.length = 0;
    act();
    expect(moments.length).toBeGreaterThan(1);
    for (const moment of moments) expect(moment.join()).toContain('the text');
    expect(moments.at(-1)).toHaveLength(1);
  });

  test('sends a message once whose old and new place are both there', async () => {
    const store = memoryStore();
    const own = partOfIt(store);
    const draft = { id: 'an id', to: 'bob', content: 'hi', after: 3 };
    own.set('ann/o/000000000001-an id', JSON.stringify({ ...draft, failed: { code: 'busy', reason: '' } }));
    own.set('ann/o/000000000002-an id', JSON.stringify(draft));
    const { chat, peer } = await online({ store });
    expect(chat.sendings).toMatchObject([{ id: 'an id', status: 'pending' }]);
    await peer.answer('SEND_MESSAGE', receipt(1));
    await vi.waitUntil(() => own.keys('ann/o/').length === 0, 60_000);
  });
});

test('a message takes no more room in the store once it is on its way', async () => {
  const store = memoryStore();
  const lengths = () =>
    partOfIt(store)
      .keys('ann/o/')
      .map((key) => partOfIt(store).get(key)?.length);
  const server = await aServer();
  const chat = aClient(server, { store });
  const { peer } = await server.nextLoggedIn();
  chat.send('bob', 'hi');
  const before = lengths();
  await peer.next('SEND_MESSAGE');
  expect(
    partOfIt(store)
      .keys('ann/o/')
      .map((key) => partOfIt(store).get(key))
      .join(),
  ).toContain('after');
  expect(lengths()).toEqual(before);
});

test.each<[string, object]>([
  ['no chat', { chat_id: undefined }],
  ['no number', { seq: 'one' }],
  ['nothing', { message_id: undefined, chat_id: undefined, seq: undefined, timestamp: undefined }],
])('a reply with %s is an error of the service, and the message goes out again', async (_, fields) => {
  const { chat, peer } = await online();
  const sending = chat.send('bob', 'hi');
  await peer.answer('SEND_MESSAGE', { ...receipt(1), ...fields });
  await peer.answer('SEND_MESSAGE', receipt(1));
  expect(await sending.message).toMatchObject({ seq: 1 });
  const edit = chat.request({ type: 'edit_message', chat: 'ann:bob', seq: 1, content: 'ho' });
  await peer.answer('edit_message', { ...receipt(2), ...fields });
  await edit;
  const pong = chat.request({ type: 'ping' });
  await peer.answer('ping');
  await pong;
});

describe('a refusal', () => {
  test.each<[Code, object]>([
    ['rate_limited', { retry_after_ms: 5 }],
    ['busy', {}],
    ['internal_error', {}],
  ])('as %s is temporary: the message waits and goes out again', async (code, fields) => {
    const { chat, peer } = await online();
    const sending = chat.send('bob', 'hi');
    peer.refuse(await peer.next('SEND_MESSAGE'), code, fields);
    await peer.answer('SEND_MESSAGE', receipt(1));
    expect(await sending.message).toMatchObject({ seq: 1 });
  });

  test('with a waiting time delays the message that long', async () => {
    const { chat, peer } = await online({ random: () => 0 });
    chat.send('bob', 'hi');
    peer.refuse(await peer.next('SEND_MESSAGE'), 'rate_limited', { retry_after_ms: 3_600_000 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(peer.untaken).toBe(0);
  });

  test('fails a message, lets the next one go, and the message can be retried', async () => {
    const { chat, peer } = await online();
    const sending = chat.send('bob', 'hi');
    const after = chat.send('bob', 'next');
    const first = await peer.next('SEND_MESSAGE');
    peer.refuse(first, 'unknown_recipient');
    await expect(sending.message).rejects.toMatchObject({ code: 'unknown_recipient' });
    expect(sending).toMatchObject({ status: 'failed', error: { reason: 'It is unknown_recipient.' } });
    await peer.answer('SEND_MESSAGE', receipt(1));
    await after.message;
    chat.retry(sending.id);
    expect(sending.status).toBe('pending');
    const second = await peer.answer('SEND_MESSAGE', receipt(2));
    expect({ ...second, request_id: '' }).toEqual({ ...first, request_id: '' });
    expect(await sending.message).toMatchObject({ seq: 2 });
  });

  test('is kept over a restart, and can be discarded', async () => {
    const store = memoryStore();
    const { server, chat, peer } = await online({ store });
    const sending = chat.send('bob', 'hi');
    peer.refuse(await peer.next('SEND_MESSAGE'), 'unknown_recipient');
    await expect(sending.message).rejects.toBeInstanceOf(RequestError);
    chat.close();
    const after = aClient(server, { store });
    const [failed] = after.sendings as [Sending];
    expect(failed).toMatchObject({ id: sending.id, status: 'failed', error: { code: 'unknown_recipient' } });
    const listed: number[] = [];
    after.on('sending', () => listed.push(after.sendings.length));
    after.discard(failed.id);
    expect(listed).toEqual([0]);
    expect(partOfIt(store).keys('ann/o/')).toEqual([]);
  });

  test('of the service itself, again and again, fails a message in the end', async () => {
    const { chat, peer } = await online({ random: () => 0 });
    const sending = chat.send('bob', 'hi');
    const isFailed = sending.message.catch(({ code }) => code);
    void (async () => {
      for (;;) {
        await peer.next('SEND_MESSAGE');
        peer.push({ message: 'Internal server error', connectionId: 'c', requestId: 'r' });
      }
    })();
    expect(await isFailed).toBe('internal_error');
  });
});

describe('the client itself refuses to send', () => {
  test.each([
    ['nothing', '', 'bad_request'],
    ['more than 16 KiB', 'é'.repeat(8193), 'content_too_large'],
    ['what would make a frame of more than 32 KiB', '\n'.repeat(16 * 1024), 'content_too_large'],
  ])('%s', async (_, content, code) => {
    const { chat, peer } = await online();
    const sending = chat.send('bob', content);
    expect(sending.status).toBe('failed');
    await expect(sending.message).rejects.toMatchObject({ code });
    chat.send('bob', 'é'.repeat(8192));
    expect((await peer.next('SEND_MESSAGE')).content).toHaveLength(8192);
  });
});

test('a request without an answer fails, and so does one on a connection that ends', async () => {
  const { chat, peer } = await online({ timing: { request: 500 } });
  await expect(chat.request({ type: 'list_chats' })).rejects.toMatchObject({ code: 'timed_out' });
  const asked = chat.request({ type: 'logout' });
  await peer.next('list_chats');
  await peer.next('logout');
  peer.cut();
  await expect(asked).rejects.toMatchObject({ code: 'connection_lost' });
});

test('an error in one listener does not stop the others', async () => {
  const { chat, peer } = await online();
  const errors: unknown[] = [];
  vi.stubGlobal('queueMicrotask', (run: () => void) => {
    try {
      run();
    } catch (error) {
      errors.push(error);
    }
  });
  chat.on('message', () => {
    throw new Error('of a listener');
  });
  const isTold = next(chat, 'message');
  peer.push(pushFromBob(1));
  expect(await isTold).toMatchObject({ seq: 1 });
  vi.unstubAllGlobals();
  expect(errors).toEqual([new Error('of a listener')]);
});

describe('the order of unsent messages', () => {
  /** What a client on this store would send, in its order. */
  function ordered(store: Store): string[] {
    const chat = aClient({ url: NOWHERE }, { store });
    const contents = chat.sendings.map(({ content }) => content);
    chat.close();
    return contents;
  }
  const NOWHERE = 'ws://127.0.0.1:9';

  test('is the order of sending, across restarts, also when the clock goes back', () => {
    const store = memoryStore();
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const said: string[] = [];
    for (let run = 0; run < 3; run++) {
      const chat = aClient({ url: NOWHERE }, { store });
      for (let count = 0; count < 12; count++) {
        vi.setSystemTime(Date.now() - 3_000);
        said.push(`${run} ${count}`);
        chat.send('bob', `${run} ${count}`);
      }
      chat.close();
      expect(ordered(store)).toEqual(said);
    }
  });

  test('of two tabs is the order of sending, and neither overwrites the other', () => {
    const store = memoryStore();
    const tabs = [aClient({ url: NOWHERE }, { store }), aClient({ url: NOWHERE }, { store })];
    for (const content of ['1', '2', '3', '4']) tabs[Number(content) % 2]?.send('bob', content);
    expect(ordered(store)).toEqual(['1', '2', '3', '4']);
  });

  test('of two tabs that chose the same place at once has both messages', () => {
    const store = memoryStore();
    // As another process would see it that has not heard of the first yet.
    const late = { ...store, keys: () => [] };
    aClient({ url: NOWHERE }, { store }).send('bob', 'one');
    aClient({ url: NOWHERE }, { store: late }).send('bob', 'other');
    expect(ordered(store).toSorted()).toEqual(['one', 'other']);
  });

  test("puts messages sent before the user was known behind that user's stored ones", async () => {
    const store = memoryStore();
    const server = await aServer();
    const first = aClient({ url: NOWHERE }, { store });
    for (const content of ['1', '2']) first.send('bob', content);
    first.close();
    const chat = aClient(server, { store, username: undefined });
    chat.send('bob', '3');
    const isOnline = next(chat, 'state', ({ state }) => state === 'online');
    await server.nextLoggedIn();
    await isOnline;
    expect(ordered(store)).toEqual(['1', '2', '3']);
  });
});
