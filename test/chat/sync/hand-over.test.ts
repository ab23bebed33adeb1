import { beforeEach, describe, expect, test } from 'vitest';
import { login } from '../../../chat/accounts/login.ts';
import { POST_AND_CLOSE } from '../../../chat/delivery/patient-post.ts';
import type { Caller, Posted } from '../../../chat/model.ts';
import type { Gateway, History, Runtime } from '../../../chat/ports.ts';
import { sync } from '../../../chat/sync/sync.ts';
import type { Form } from '../../../protocol/index.ts';
import { callerAt, type Service, service } from '../../support/chat.ts';

let chat: Service;
let calls: string[];
beforeEach(() => {
  calls = [];
  chat = service(async (call, perform) => {
    calls.push(`${call.port}.${call.method}`);
    return perform();
  });
  chat.users('alice', 'bob');
  chat.state.sockets.c1 = { open: true, frames: [] };
  chat.state.inboxes.alice = { connections: {}, pending: {} };
});

interface Frame {
  type: string;
  pending_messages?: { chat_id: string; seq: number }[];
  messages?: { chat_id: string; seq: number }[];
  more?: boolean;
}

type Page = Partial<Frame> & { next?: object };

async function logIn(form: Form = 'json', history: Partial<History> = {}): Promise<Frame[]> {
  const ports = { ...chat.ports, history: { ...chat.ports.history, ...history } };
  await login(ports, { username: 'alice' }, callerAt('c1', form));
  return chat.framesOf('c1') as Frame[];
}

/** Messages in a chat, owed to alice from a seq on. */
async function owe(where: string, count: number, first = 1, content = 'hi'): Promise<void> {
  for (let index = 0; index < count; index++) await chat.write({ chat: where, sender: 'bob', content });
  Object.assign(chat.state.inboxes.alice?.pending ?? {}, { [where]: first });
}

const handed = (frames: Partial<Frame>[]) =>
  frames
    .flatMap(({ pending_messages = [], messages = [] }) => [...pending_messages, ...messages])
    .map(({ chat_id, seq }) => `${chat_id} ${seq}`);

describe('pending messages', () => {
  test('start at the pointer, also in a group, however long one has been a member', async () => {
    chat.group('team', 'alice', 'bob');
    await owe('#team', 4, 3);
    await owe('alice:bob', 4, 4);
    expect(handed(await logIn())).toEqual(['#team 3', '#team 4', 'alice:bob 4']);
  });

  test('of many chats are complete, each in its order', async () => {
    const chats = Array.from({ length: 20 }, (_, index) => `alice:friend-${index}`);
    for (const where of chats) await owe(where, 2);
    const all = chats.flatMap((where) => [`${where} 1`, `${where} 2`]);
    expect(handed(await logIn()).toSorted()).toEqual(all.toSorted());
    expect(chat.state.inboxes.alice?.pending).toEqual({});
  });

  test('are complete, also if an answer of the database holds only a part', async () => {
    await owe('alice:bob', 7);
    await owe('alice:carol', 3);
    const from: History['from'] = (where, seq) => chat.ports.history.from(where, seq, 3);
    expect(handed(await logIn('json', { from }))).toEqual([
      ...[1, 2, 3, 4, 5, 6, 7].map((seq) => `alice:bob ${seq}`),
      ...[1, 2, 3].map((seq) => `alice:carol ${seq}`),
    ]);
  });

  test('of edits are read as they are delivered: a client that goes after the first frame has cost no more than that', async () => {
    await owe('alice:bob', 100, 101, 'x'.repeat(10_000));
    for (let edits = 1; edits <= 100; edits++)
      await chat.write({ chat: 'alice:bob', sender: 'bob', content: '', edits });
    let read = 0;
    const getMany: History['getMany'] = async (keys) => {
      read += keys.length;
      const socket = chat.state.sockets.c1;
      if (socket && socket.frames.length > 0) socket.open = false;
      return chat.ports.history.getMany(keys);
    };
    const frames = await logIn('json', { getMany });
    expect(handed(frames).slice(0, 3)).toEqual(['alice:bob 101', 'alice:bob 102', 'alice:bob 103']);
    expect(read).toBeLessThanOrEqual(16);
  });

  test('that do not fit into the reply follow in frames of their own type', async () => {
    await owe('alice:bob', 40, 1, 'x'.repeat(3_000));
    const frames = await logIn();
    expect(frames.map(({ type }) => type)).toEqual([
      'login_response',
      ...frames.slice(1).map(() => 'pending_messages'),
    ]);
    expect(frames.length).toBeGreaterThan(3);
  });

  test('never make a frame of more than 32 KB, counted in bytes, however many groups there are', async () => {
    for (let index = 0; index < 300; index++) chat.group(`group-${index}`, 'alice');
    await owe('alice:bob', 60, 1, 'ü€😀'.repeat(200));
    const frames = await logIn();
    expect(handed(frames)).toHaveLength(60);
    for (const frame of chat.state.sockets.c1?.frames ?? [])
      expect(Buffer.byteLength(frame)).toBeLessThanOrEqual(32_000);
  });
});

test('are empty after a client has requested more, with cursors, page by page', async () => {
  await owe('alice:bob', 60, 1, 'x'.repeat(16_000));
  await owe('alice:carol', 60, 60, 'x'.repeat(16_000));
  delete chat.state.inboxes.alice?.pending['alice:bob'];
  for (const where of ['alice:bob', 'alice:carol']) await chat.ports.members.addPeer(where, 'alice');
  const caller: Caller = callerAt('c1');
  await login(chat.ports, { username: 'alice', cursors: {} }, caller);
  const pages = chat.framesOf('c1') as Page[];
  expect(pages).toHaveLength(2);
  for (let next = pages.at(-1)?.next; next; next = pages.at(-1)?.next)
    pages.push(await sync(chat.ports, { cursors: {}, ...next }, caller));
  expect(handed(pages)).toHaveLength(120);
  // A page has room for one, and the last of what was owed is settled by one who comes back for more.
  expect(pages).toHaveLength(1 + 120 + 1);
  expect(chat.state.inboxes.alice?.pending).toEqual({});
});

describe('a gateway that throttles', () => {
  const TEXTS = 60;
  const sequence = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

  /** Logs in by text, through a gateway that answers as it is told. @returns the seqs of what was posted */
  async function logInAgainst(post: Gateway['post'], runtime: Partial<Runtime> = {}): Promise<number[]> {
    chat.state.sockets.c1 = { open: true, frames: [] };
    const { gateway } = chat.ports;
    const ports = {
      ...chat.ports,
      runtime: { ...chat.runtime, now: () => chat.runtime.at, ...runtime },
      gateway: { ...gateway, post },
    };
    await login(ports, { username: 'alice' }, callerAt('c1', 'text'));
    const lines = chat.framesOf('c1') as string[];
    return lines.flatMap((line) => /^receive \w+ message-(\d+) /.exec(line)?.[1] ?? []).map(Number);
  }

  beforeEach(async () => {
    for (const seq of sequence(1, TEXTS))
      await chat.write({ chat: 'alice:bob', sender: 'bob', content: `message-${seq}` });
    Object.assign(chat.state.inboxes.alice?.pending ?? {}, { 'alice:bob': 1 });
  });

  test('is waited for, and everything is delivered once', async () => {
    let posts = 0;
    const post: Gateway['post'] = async (id, frame) =>
      posts++ % 3 < 2 ? 'throttled' : chat.ports.gateway.post(id, frame);
    expect(await logInAgainst(post)).toEqual(sequence(1, TEXTS));
    expect(chat.state.inboxes.alice).toMatchObject({ connections: { c1: {} }, pending: {} });
    expect(chat.state.sockets.c1?.open).toBe(true);
  });

  test('has its part acknowledged before the wait, in which the login may die', async () => {
    let posts = 0;
    const post: Gateway['post'] = async (id, frame) =>
      ++posts > 20 ? 'throttled' : chat.ports.gateway.post(id, frame);
    const dies = async () => {
      throw new Error('killed');
    };
    await expect(logInAgainst(post, { backOff: dies })).rejects.toThrow('killed');
    expect(chat.state.inboxes.alice?.pending).toEqual({ 'alice:bob': 20 });
  });

  /** Only so many posts are taken in the time that one invocation has. */
  const burst = (most: number, then: Posted): { post: Gateway['post']; runtime: Partial<Runtime> } => {
    let left = 2 * POST_AND_CLOSE;
    return {
      post: async (id, frame) => (most-- > 0 ? chat.ports.gateway.post(id, frame) : then),
      runtime: {
        timeLeft: () => left,
        backOff: async () => {
          left -= 400;
        },
      },
    };
  };

  test.each<Posted>(['throttled', 'failed'])(
    'that does not recover in time (%s) lets each login continue where the last one stopped',
    async (then) => {
      const handedOver: number[] = [];
      for (const most of [21, 21, 21, 21]) {
        const { post, runtime } = burst(most, then);
        const seqs = await logInAgainst(post, runtime);
        handedOver.push(...seqs);
        if (handedOver.length < TEXTS) expect(chat.state.sockets.c1?.open).toBe(false);
      }
      expect(handedOver).toEqual(sequence(1, TEXTS));
      expect(chat.state.inboxes.alice?.pending).toEqual({});
    },
  );

  test('followed by the end of the connection leaves the messages of its last frames pending', async () => {
    const { post } = burst(21, 'gone');
    await logInAgainst(post);
    expect(chat.state.inboxes.alice).toEqual({ connections: {}, pending: { 'alice:bob': 1 } });
  });
});

describe('the cost of a login beyond its price', () => {
  let waived: number;
  const logInMetered = async (request: object = {}, ports = chat.ports) => {
    const waiveSurplus = () => {
      waived++;
    };
    const caller: Caller = { connectionId: 'c1', form: 'json', address: 'home', waiveSurplus };
    await login(ports, { username: 'alice', ...request }, caller);
  };

  beforeEach(async () => {
    waived = 0;
    await owe('alice:bob', 3);
  });

  test('is waived once everything pending is acknowledged', async () => {
    await logInMetered();
    expect(chat.state.inboxes.alice?.pending).toEqual({});
    expect(waived).toBe(1);
  });

  test('is charged to a client that goes before, which could have everything read again', async () => {
    Object.assign(chat.state.sockets.c1 as object, { open: false });
    await logInMetered();
    expect(chat.state.inboxes.alice?.pending).toEqual({ 'alice:bob': 1 });
    expect(waived).toBe(0);
  });

  test('is charged to a client that logs out before', async () => {
    const { gateway, inboxes } = chat.ports;
    const post: Gateway['post'] = async (id, frame) => {
      await inboxes.disconnect('alice', 'c1', 0);
      return gateway.post(id, frame);
    };
    await logInMetered({}, { ...chat.ports, gateway: { ...gateway, post } });
    expect(chat.state.inboxes.alice?.pending).toEqual({ 'alice:bob': 1 });
    expect(waived).toBe(0);
  });

  test('is charged to a client with cursors, which decide how much is read', async () => {
    await logInMetered({ cursors: {} });
    expect(waived).toBe(0);
  });
});

describe('a login', () => {
  test('is stored with its time and form, and its time is the age of the connection', async () => {
    chat.runtime.at = 1_700_000_123_456;
    await logIn('text');
    expect(chat.state.inboxes.alice?.connections.c1).toMatchObject({
      form: 'text',
      since: 1_700_000_123_456,
    });
  });

  test('without a post of its reply is closed and unbound, so that its client comes back', async () => {
    await owe('alice:bob', 1);
    Object.assign(chat.state.sockets.c1 as object, { unreachable: true });
    await logIn();
    expect(chat.state.sockets.c1?.open).toBe(false);
    expect(chat.state.connections).toEqual({});
    expect(chat.state.inboxes.alice).toEqual({ connections: {}, pending: { 'alice:bob': 1 } });
  });

  test('makes five requests with nothing pending, and reads no member rows of private chats', async () => {
    const requests = () => calls.filter((call) => call !== 'gateway.post');
    await logIn();
    expect(requests()).toHaveLength(5);
    await owe('alice:bob', 2);
    calls.length = 0;
    await logIn();
    expect(requests()).not.toContain('members.getMany');
    expect(requests()).toHaveLength(7);
  });
});
