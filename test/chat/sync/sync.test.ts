import { beforeEach, describe, expect, test } from 'vitest';
import { login } from '../../../chat/accounts/login.ts';
import { listChats } from '../../../chat/history/list-chats.ts';
import { sendGroupMessage } from '../../../chat/messages/send.ts';
import type { Caller } from '../../../chat/model.ts';
import { sync } from '../../../chat/sync/sync.ts';
import { callerAt, type Service, service } from '../../support/chat.ts';
import { memoryPorts } from '../../support/memory.ts';

let chat: Service;
let alice: Caller;
beforeEach(async () => {
  chat = service();
  chat.users('alice', 'bob', 'carol');
  alice = chat.online('alice', 'a1');
  await talk('bob', 3);
  await talk('carol', 2);
});

/** Messages of a user's to alice. */
async function talk(username: string, count: number, content = 'hi'): Promise<void> {
  const where = `alice:${username}`;
  for (const each of ['alice', username]) await chat.ports.members.addPeer(where, each);
  for (let index = 0; index < count; index++) await chat.write({ chat: where, sender: username, content });
}

type Cursors = Record<string, number>;

const idsOf = (messages: { chat_id: string; seq: number }[]) =>
  messages.map(({ chat_id, seq }) => `${chat_id} ${seq}`);

/** All pages, as `next` leads from one to the other. */
async function syncAll(cursors: Cursors = {}) {
  const pages: string[][] = [];
  for (let at: object | undefined = {}; at; ) {
    const { messages, more, next }: Awaited<ReturnType<typeof sync>> = await sync(
      chat.ports,
      { cursors, ...at },
      alice,
    );
    pages.push(idsOf(messages));
    expect(more).toBe(next !== undefined);
    at = next;
    if (pages.length > 100) throw new Error('It never ends');
  }
  return pages;
}

describe('sync', () => {
  test('answers with what came after each cursor, and with all of the chats that are not named', async () => {
    expect(await syncAll({ 'alice:bob': 2 })).toEqual([['alice:bob 3', 'alice:carol 1', 'alice:carol 2']]);
    expect(await syncAll({ 'alice:bob': 3, 'alice:carol': 2 })).toEqual([[]]);
    expect(await syncAll({ 'alice:bob': 99, 'alice:carol': 2 })).toEqual([[]]);
  });

  test('counts a group without a cursor from when the user joined, and a cursor reaches further back', async () => {
    for (const content of ['one', 'two', 'three'])
      await chat.write({ chat: '#team', sender: 'bob', content });
    chat.state.members['#team'] = { alice: { chat: '#team', username: 'alice', role: 'member', since: 3 } };
    const known = { 'alice:bob': 3, 'alice:carol': 2 };
    expect(await syncAll(known)).toEqual([['#team 3']]);
    expect(await syncAll({ ...known, '#team': 1 })).toEqual([['#team 2', '#team 3']]);
  });

  test("shows nothing of foreign chats, whatever the cursors name, nor of an object's own keys", async () => {
    await chat.write({ chat: 'bob:carol', sender: 'bob', content: 'secret' });
    await chat.write({ chat: '#team', sender: 'bob', content: 'secret' });
    const known = { 'alice:bob': 3, 'alice:carol': 2 };
    expect(await syncAll({ ...known, 'bob:carol': 0, '#team': 0, constructor: 0 })).toEqual([[]]);
  });

  test('comes in frames of at most 32 KB, which lead on until each message came once, in order', async () => {
    await talk('bob', 30, 'x'.repeat(4_000));
    const pages = await syncAll();
    expect(pages.length).toBeGreaterThan(3);
    const wanted = [33, 2].flatMap((count, index) =>
      Array.from({ length: count }, (_, seq) => `alice:${index ? 'carol' : 'bob'} ${seq + 1}`),
    );
    expect(pages.flat()).toEqual(wanted);
    const { messages, more, next } = await sync(chat.ports, {}, alice);
    const frame = JSON.stringify({ type: 'sync_response', status: 'sync_success', messages, more, next });
    expect(frame.length).toBeLessThanOrEqual(32_000);
  });

  test.each([600, 2_000])(
    'from nothing, `next` leads a plain loop through %d chats, each message once',
    async (count) => {
      chat.state.members = {};
      chat.state.history = {};
      for (let index = 0; index < count; index++) await talk(`friend-${index}`, 1);
      const found = (await syncAll()).flat();
      expect(found).toHaveLength(count);
      expect(new Set(found).size).toBe(count);
    },
  );

  test('continues after as many chats as one request lists, though they were empty', async () => {
    for (let index = 0; index < 1_600; index++) await chat.ports.members.addPeer(`alice:${index}`, 'alice');
    expect((await syncAll()).flat()).toEqual([
      'alice:bob 1',
      'alice:bob 2',
      'alice:bob 3',
      'alice:carol 1',
      'alice:carol 2',
    ]);
  });

  test('continues in the middle of a chat, and ends before another', async () => {
    await talk('dave', 2);
    const cursors = { 'alice:bob': 1 };
    const page = async (walk: object) =>
      idsOf((await sync(chat.ports, { cursors, ...walk }, alice)).messages);
    expect(await page({ from_chat: 'alice:bob', from_seq: 3 })).toEqual([
      'alice:bob 3',
      'alice:carol 1',
      'alice:carol 2',
      'alice:dave 1',
      'alice:dave 2',
    ]);
    expect(await page({ from_chat: 'alice:bob', to_chat: 'alice:carol' })).toEqual([
      'alice:bob 2',
      'alice:bob 3',
    ]);
    expect(await page({ from_chat: 'alice:carol', from_seq: 2, to_chat: 'alice:dave' })).toEqual([
      'alice:carol 2',
    ]);
    expect(await page({ to_chat: 'alice:bob' })).toEqual([]);
    // Before the first there is nothing, and all of the chat comes after it.
    const whole = await sync(chat.ports, { from_chat: 'alice:dave', from_seq: 0 }, alice);
    expect(idsOf(whole.messages)).toEqual(['alice:dave 1', 'alice:dave 2']);
  });

  test('says where a chat continues, if the next messages have expired', async () => {
    const log = chat.state.history['alice:bob'] as { expired?: true }[];
    for (const entry of log.slice(0, 2)) entry.expired = true;
    const { messages, oldest } = await sync(
      chat.ports,
      { cursors: { 'alice:bob': 0, 'alice:carol': 1 } },
      alice,
    );
    expect(idsOf(messages)).toEqual(['alice:bob 3', 'alice:carol 2']);
    expect(oldest).toEqual({ 'alice:bob': 3 });
    // All but the number of the newest is gone: what is written next will be there.
    for (const entry of log) entry.expired = true;
    const gone = await sync(chat.ports, { cursors: { 'alice:bob': 1, 'alice:carol': 2 } }, alice);
    expect(gone).toMatchObject({ messages: [], more: false, oldest: { 'alice:bob': 4 } });
    expect(await sync(chat.ports, { cursors: { 'alice:bob': 3, 'alice:carol': 2 } }, alice)).toEqual({
      messages: [],
      more: false,
    });
  });

  test('stops among expired entries, and continues after them', async () => {
    await talk('bob', 3_000);
    const log = chat.state.history['alice:bob'] as { expired?: true }[];
    for (const entry of log.slice(0, 3_002)) entry.expired = true;
    const pages = await syncAll({ 'alice:carol': 2 });
    expect(pages.length).toBeGreaterThan(2);
    expect(pages.flat()).toEqual(['alice:bob 3003']);
  });

  test('needs a login', async () => {
    const attempt = sync(chat.ports, {}, callerAt('x'));
    await expect(attempt).rejects.toMatchObject({ code: 'not_logged_in' });
  });
});

describe('login with cursors', () => {
  const logIn = async (connectionId: string, cursors: Cursors) => {
    chat.state.sockets[connectionId] = { open: true, frames: [] };
    await login(chat.ports, { username: 'alice', cursors }, callerAt(connectionId));
    return chat.framesOf(connectionId) as {
      type: string;
      messages?: { chat_id: string; seq: number }[];
      more: boolean;
    }[];
  };

  test('answers with what came after them instead of what is pending, and acknowledges that', async () => {
    chat.state.inboxes.alice = { connections: {}, pending: { 'alice:bob': 2, 'alice:carol': 1 } };
    const [reply, page, ...rest] = await logIn('a2', { 'alice:bob': 1 });
    expect(reply).toMatchObject({ type: 'login_response', pending_messages: [], more: true });
    expect(page).toMatchObject({ type: 'sync_response', status: 'sync_success', more: false });
    expect(idsOf(page?.messages ?? [])).toEqual([
      'alice:bob 2',
      'alice:bob 3',
      'alice:carol 1',
      'alice:carol 2',
    ]);
    expect(rest).toEqual([]);
    expect(chat.state.inboxes.alice?.pending).toEqual({});
  });

  test('two devices, each with cursors of its own, both end up with everything', async () => {
    for (const device of ['a2', 'a3']) {
      const frames = await logIn(device, {});
      expect(idsOf(frames.flatMap(({ messages = [] }) => messages))).toHaveLength(5);
    }
  });

  test('finds a chat with pending messages though the index of chats does not list it yet', async () => {
    const lagging = { ...chat.ports, members: { ...chat.ports.members, chatsOf: async () => [] } };
    chat.state.inboxes.alice = { connections: {}, pending: { 'alice:bob': 1 } };
    chat.state.sockets.a4 = { open: true, frames: [] };
    await login(lagging, { username: 'alice', cursors: {} }, callerAt('a4'));
    expect(JSON.stringify(chat.framesOf('a4'))).toContain('"seq":3');
  });
});

test('groups behind a first page with nothing of what is pending are acknowledged by sync', async () => {
  const groups = ['#one', '#two', '#zoo'];
  chat.state.members = {};
  chat.state.history = {};
  for (const chat_id of ['#all', ...groups]) {
    chat.group(chat_id.slice(1), 'alice', 'bob');
    await chat.write({ chat: chat_id, sender: 'bob', content: 'x'.repeat(16_000) });
  }
  const pending = Object.fromEntries(groups.map((id) => [id, 1]));
  chat.state.inboxes.alice = { connections: {}, pending: { ...pending } };
  chat.state.sockets.a2 = { open: true, frames: [] };
  const a2: Caller = callerAt('a2');
  await login(chat.ports, { username: 'alice', cursors: {} }, a2);
  const [, page] = chat.framesOf('a2') as { messages: never[]; next?: object }[];
  expect(idsOf(page?.messages ?? [])).toEqual(['#all 1']);
  expect(chat.state.inboxes.alice?.pending).toEqual(pending);
  for (let next = page?.next; next; ) ({ next } = await sync(chat.ports, { cursors: {}, ...next }, a2));
  expect(chat.state.inboxes.alice?.pending).toEqual({});
});

test.each(['json', 'text'] as const)(
  'a sync after a %s login that died marks no group as away whose messages nobody would deliver',
  async (form) => {
    for (let nth = 0, dies = true; dies; nth++) {
      chat = service();
      chat.users('alice', 'bob');
      chat.group('team', 'alice', 'bob');
      const sender = chat.online('alice', 'a1');
      const say = (content: string) => sendGroupMessage(chat.ports, { group_id: 'team', content }, sender);
      await say('one');
      expect(chat.state.members['#team']?.bob).toMatchObject({ away: 1 });
      chat.state.sockets.b1 = { open: true, frames: [] };
      const bob: Caller = callerAt('b1', form);
      let calls = 0;
      const dying = memoryPorts(chat.state, chat.runtime, async (_, perform) => {
        if (calls++ >= nth) throw new Error('dead');
        return perform();
      });
      const cursors = form === 'json' ? {} : undefined;
      dies = await login(dying, { username: 'bob', cursors }, bob).then(
        () => false,
        () => true,
      );
      const goOn = (from: object) => sync(chat.ports, { cursors: {}, ...from }, bob);
      if (chat.state.connections.b1) {
        const { next } = await goOn({});
        await goOn(next ?? { from_chat: 'z:z' });
      }
      await say('two');
      const isPosted = JSON.stringify(chat.framesOf('b1')).includes('two');
      const isPending = (chat.state.inboxes.bob?.pending['#team'] ?? 3) <= 2;
      expect(isPosted || isPending, `at call ${nth}`).toBe(true);
      expect(nth).toBeLessThan(50);
    }
  },
);

describe('pending messages that come page by page', () => {
  const LARGE = 'x'.repeat(16_000);
  /** Of three chats one message each, that none of them fits beside: a page has one. */
  beforeEach(async () => {
    chat.state.members = {};
    chat.state.history = {};
    for (const friend of ['bob', 'carol', 'dave']) await talk(friend, 2, LARGE);
    const pending = { 'alice:bob': 1, 'alice:carol': 1, 'alice:dave': 1 };
    chat.state.inboxes.alice = { connections: {}, pending };
    chat.state.sockets.a2 = { open: true, frames: [] };
  });

  const a2: Caller = callerAt('a2');
  const logIn = (fields: object = {}) => login(chat.ports, { username: 'alice', cursors: {}, ...fields }, a2);
  const pending = () => chat.state.inboxes.alice?.pending;
  const goOn = (next: object | undefined) => sync(chat.ports, { cursors: {}, ...next }, a2);

  test('are acknowledged as far as the one page of the login goes', async () => {
    await logIn();
    const [, page, ...rest] = chat.framesOf('a2') as { messages: never[]; next: object }[];
    expect(idsOf(page?.messages ?? [])).toEqual(['alice:bob 1']);
    expect(page?.next).toEqual({ from_chat: 'alice:bob', from_seq: 2 });
    expect(rest).toEqual([]);
    expect(pending()).toEqual({ 'alice:bob': 2, 'alice:carol': 1, 'alice:dave': 1 });
  });

  test('are acknowledged by the request for the next page; a client that only loops acknowledges all', async () => {
    await logIn();
    const owed: unknown[] = [];
    const found: string[] = [];
    for (let next: object | undefined = { from_chat: 'alice:bob', from_seq: 2 }; next; ) {
      const page: Awaited<ReturnType<typeof sync>> = await goOn(next);
      found.push(...idsOf(page.messages));
      owed.push({ ...pending() });
      next = page.next;
    }
    expect(found).toEqual(['alice:bob 2', 'alice:carol 1', 'alice:carol 2', 'alice:dave 1', 'alice:dave 2']);
    expect(owed).toEqual([
      { 'alice:bob': 2, 'alice:carol': 1, 'alice:dave': 1 },
      { 'alice:carol': 1, 'alice:dave': 1 },
      { 'alice:carol': 2, 'alice:dave': 1 },
      { 'alice:dave': 1 },
      { 'alice:dave': 2 },
      {},
    ]);
  });

  test('are delivered to another app as far as they were not acknowledged', async () => {
    await logIn();
    await goOn({ from_chat: 'alice:bob', from_seq: 2 });
    await goOn({ from_chat: 'alice:carol', from_seq: 1 });
    chat.state.sockets.a3 = { open: true, frames: [] };
    await login(chat.ports, { username: 'alice' }, { ...a2, connectionId: 'a3' });
    const frames = chat.framesOf('a3') as { messages?: never[]; pending_messages?: never[] }[];
    const messages = frames.flatMap(({ messages: some = [], pending_messages = [] }) => [
      ...some,
      ...pending_messages,
    ]);
    expect(idsOf(messages)).toEqual(['alice:carol 1', 'alice:carol 2', 'alice:dave 1', 'alice:dave 2']);
  });

  test('stay pending if the connection is not the one that logged in', async () => {
    await logIn();
    const before = { ...pending() };
    await sync(chat.ports, { from_chat: 'alice:dave' }, alice);
    expect(pending()).toEqual(before);
  });

  test('are acknowledged without a page if the client says that it has them', async () => {
    chat.state.inboxes.alice = { connections: {}, pending: { 'alice:bob': 1, 'alice:dave': 1 } };
    await logIn({ cursors: { 'alice:bob': 0, 'alice:carol': 2, 'alice:dave': 2 } });
    expect(pending()).toEqual({ 'alice:bob': 2, 'alice:dave': 1 });
    const cursors = { 'alice:carol': 2, 'alice:dave': 2 };
    const page = await goOn({ from_chat: 'alice:bob', from_seq: 2, cursors });
    expect(pending()).toEqual({ 'alice:bob': 2 });
    expect(page.next).toEqual({ from_chat: 'alice:dave' });
    expect(await goOn({ ...page.next, cursors })).toEqual({ messages: [], more: false });
    expect(pending()).toEqual({});
  });

  // A client begins anew so, where an answer did not come.
  test.each([
    ['goes on behind a page', {}],
    ['goes on with the next part', { to_chat: 'alice:dave' }],
  ])('also come if only the pointer knows of their chat, and its client %s', async (_, part) => {
    const { members } = chat.ports;
    const chatsOf: typeof members.chatsOf = async (...args) =>
      (await members.chatsOf(...args)).filter((id) => id !== 'alice:bob');
    chat.ports.members = { ...members, chatsOf };
    await logIn({ to_chat: 'a' });
    const found: string[] = [];
    for (const from of [part, ...('to_chat' in part ? [{ from_chat: part.to_chat }] : [])])
      for (let at: object | undefined = from; at; ) {
        const page: Awaited<ReturnType<typeof sync>> = await goOn({ ...from, ...at });
        found.push(...idsOf(page.messages));
        at = page.next;
      }
    expect(found.slice(0, 2)).toEqual(['alice:bob 1', 'alice:bob 2']);
    expect(pending()).toEqual({});
  });

  test('are acknowledged in the part that a login asks for', async () => {
    await logIn({ cursors: { 'alice:bob': 2 }, to_chat: 'alice:carol' });
    expect(chat.framesOf('a2')).toMatchObject([{}, { messages: [], more: false }]);
    expect(pending()).toEqual({ 'alice:carol': 1, 'alice:dave': 1 });
  });
});

describe('list_chats', () => {
  test('shows every chat with its partner or name, and where it ends', async () => {
    chat.group('team', 'alice');
    expect(await listChats(chat.ports, {}, alice)).toEqual({
      chats: [
        { chat_id: '#team', kind: 'group', name: 'team', last_seq: 0, read: 0, unread: 0 },
        {
          chat_id: 'alice:bob',
          kind: 'private',
          name: 'bob',
          last_seq: 3,
          last_timestamp: expect.any(String),
          read: 0,
          unread: 3,
          partner_read: 0,
        },
        {
          chat_id: 'alice:carol',
          kind: 'private',
          name: 'carol',
          last_seq: 2,
          last_timestamp: expect.any(String),
          read: 0,
          unread: 2,
          partner_read: 0,
        },
      ],
    });
  });

  test('comes in pages of at most 32 KB', async () => {
    for (let index = 0; index < 400; index++) await talk(`friend-${index}`, 1);
    const names: string[] = [];
    let pages = 0;
    for (let request: { after_chat?: string } | undefined = {}; request; pages++) {
      const reply: Awaited<ReturnType<typeof listChats>> = await listChats(chat.ports, request, alice);
      expect(JSON.stringify(reply).length).toBeLessThanOrEqual(31_500);
      names.push(...reply.chats.map(({ name }) => name));
      request = reply.next;
    }
    expect(pages).toBeGreaterThan(1);
    expect(names).toHaveLength(402);
    expect(new Set(names).size).toBe(402);
  });
});
