import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Chat, Message } from '../../../clients/sdk/chat.ts';
import { standardTiming } from '../../../clients/sdk/timing.ts';
import { aServer, type FakeServer, type Peer } from './fake-server.ts';
import { aClient as given, next, online, receipt } from './given.ts';

// Time stands still but for what a test lets pass; frames go through real sockets all the same.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const { ping, pong, late, silence, tick, sleep, request } = standardTiming;

/** A client with the times that users have, which is online. */
const aClient = (): Promise<{ server: FakeServer; chat: Chat; peer: Peer }> =>
  online({ timing: { ...standardTiming, gap: 5 } });

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** Asks for something, and it is the next frame: nothing was sent before it. */
async function asksNext({ chat, peer }: { chat: Chat; peer: Peer }): Promise<void> {
  const asked = chat.request({ type: 'presence', usernames: ['bob'] });
  await peer.answer('presence', { users: [] });
  await asked;
}

describe('in silence', () => {
  test('a client pings after five minutes, and again after five more', async () => {
    const { peer } = await aClient();
    await pass(ping - 1);
    expect(peer.untaken).toBe(0);
    await pass(1);
    await peer.answer('ping');
    await pass(ping - 1);
    expect(peer.untaken).toBe(0);
    await pass(1);
    await peer.next('ping');
  });

  test('a frame that arrives puts the ping off', async () => {
    const { chat, peer } = await aClient();
    await pass(ping - 1);
    const told = next(chat, 'TYPING');
    peer.push({ type: 'TYPING', chat_id: 'ann:bob', username: 'bob' });
    await told;
    await pass(ping - 1);
    expect(peer.untaken).toBe(0);
    await pass(1);
    await peer.next('ping');
  });

  test('a frame that is sent puts the ping off, answered or not', async () => {
    const { chat, peer } = await online({ timing: { ...standardTiming, request: ping, late: 2 * ping } });
    await pass(silence - 1);
    const asked = chat.request({ type: 'list_chats' });
    const frame = await peer.next('list_chats');
    await pass(ping - 1);
    expect(peer.untaken).toBe(0);
    peer.reply(frame, { chats: [] });
    await asked;
    await pass(ping - 1);
    expect(peer.untaken).toBe(0);
    await pass(1);
    await peer.next('ping');
  });

  test('a client leaves a server that does not answer', async () => {
    const { server, chat, peer } = await aClient();
    const waits = next(chat, 'state');
    await pass(ping);
    await peer.next('ping');
    await pass(pong);
    expect(await waits).toMatchObject({ state: 'waiting', reason: 'silent' });
    await pass(standardTiming.retryFirst);
    await server.next();
  });
});

describe('in doubt', () => {
  test('a client that sends after a long silence pings first, and finds out before the message has waited for long', async () => {
    const { server, chat, peer } = await aClient();
    await pass(silence);
    const sending: { content: string; message: Promise<Message> } = chat.send('bob', 'hi');
    await peer.next('ping');
    await peer.next('SEND_MESSAGE');
    expect(pong).toBeLessThan(request);
    await pass(pong);
    await pass(standardTiming.retryFirst);
    const again = await server.nextLoggedIn();
    await again.peer.answer('SEND_MESSAGE', receipt(1));
    expect(await sending.message).toMatchObject({ seq: 1 });
  });

  test('a client that has received something lately sends without a ping', async () => {
    const { chat, peer } = await aClient();
    await pass(silence - 1);
    await asksNext({ chat, peer });
  });

  test('a late reply causes one ping, and one in time causes none', async () => {
    const { chat, peer } = await aClient();
    const asked = chat.request({ type: 'list_chats' });
    const frame = await peer.next('list_chats');
    await pass(late - 1);
    await asksNext({ chat, peer });
    await pass(1);
    await peer.answer('ping');
    peer.reply(frame, { chats: [] });
    await asked;
    await pass(late);
    await asksNext({ chat, peer });
  });

  test('a late reply to a login causes none', async () => {
    const server = await aServer();
    given(server, { timing: standardTiming });
    const peer = await server.next();
    const login = await peer.next('login');
    await pass(late);
    peer.reply(login, { username: 'ann', pending_messages: [], groups: [] });
    await peer.next('list_chats');
  });

  test('many late replies cause one ping', async () => {
    const { chat, peer } = await aClient();
    const asked = [1, 2, 3].map(() => chat.request({ type: 'list_chats' }));
    const frames = [
      await peer.next('list_chats'),
      await peer.next('list_chats'),
      await peer.next('list_chats'),
    ];
    await pass(late);
    await peer.answer('ping');
    for (const frame of frames) peer.reply(frame, { chats: [] });
    await Promise.all(asked);
    await asksNext({ chat, peer });
  });

  test('a client whose replies fail to come leaves the connection', async () => {
    const { chat, peer } = await aClient();
    const waits = next(chat, 'state');
    const asked = expect(chat.request({ type: 'list_chats' })).rejects.toMatchObject({
      code: 'connection_lost',
    });
    await peer.next('list_chats');
    await pass(late + pong);
    expect(await waits).toMatchObject({ state: 'waiting', reason: 'silent' });
    await asked;
  });
});

describe('woken', () => {
  test('from sleep, a client pings the server', async () => {
    const { chat, peer } = await aClient();
    // A page that nobody sees is not asleep.
    vi.setSystemTime(Date.now() + 60_000);
    await pass(tick);
    await asksNext({ chat, peer });
    vi.setSystemTime(Date.now() + sleep + tick + 1);
    await pass(tick);
    await peer.next('ping');
  });

  /** A page whose events a test makes. */
  function aPage() {
    const listeners = new Map<string, (event: object) => void>();
    const listen = (event: string, listener: (event: object) => void) => void listeners.set(event, listener);
    const forget = (event: string) => void listeners.delete(event);
    const document = { visibilityState: 'visible', addEventListener: listen, removeEventListener: forget };
    vi.stubGlobal('addEventListener', listen);
    vi.stubGlobal('removeEventListener', forget);
    vi.stubGlobal('document', document);
    return { listeners, document, happens: (event: string, fields = {}) => listeners.get(event)?.(fields) };
  }

  test.each([
    ['the network is back', 'online', {}],
    ['the page is back from the history', 'pageshow', { persisted: true }],
    ['the browser resumes a page that it froze', 'resume', {}],
  ])('when %s, a client pings at once', async (_, event, fields) => {
    const page = aPage();
    const { peer } = await aClient();
    page.happens(event, fields);
    await peer.next('ping');
  });

  test.each(['visibilitychange', 'focus'])(
    'when the app is seen again (%s), a client pings if nothing arrived for a while',
    async (event) => {
      const page = aPage();
      const { chat, peer } = await aClient();
      page.happens(event);
      page.happens('pageshow', { persisted: false });
      await asksNext({ chat, peer });
      await pass(tick);
      page.document.visibilityState = 'hidden';
      page.happens(event);
      await asksNext({ chat, peer });
      await pass(tick);
      page.document.visibilityState = 'visible';
      page.happens(event);
      await peer.next('ping');
    },
  );

  test('a waiting client connects at once, and a closed one has stopped listening', async () => {
    const page = aPage();
    const { server, chat, peer } = await aClient();
    const waits = next(chat, 'state');
    peer.cut();
    await waits;
    page.happens('visibilitychange');
    const again = await server.nextLoggedIn();
    chat.close();
    await again.peer.closed;
    expect([...page.listeners.keys()]).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
