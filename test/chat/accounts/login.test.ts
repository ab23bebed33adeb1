import { beforeEach, describe, expect, test } from 'vitest';
import { login } from '../../../chat/accounts/login.ts';
import { OutcomeUnknown, Unavailable } from '../../../chat/errors.ts';
import { sendMessage } from '../../../chat/messages/send.ts';
import type { Form } from '../../../protocol/index.ts';
import { callerAt, type Service, service } from '../../support/chat.ts';
import type { PortCall } from '../../support/memory.ts';

interface LoginFrame {
  type: string;
  pending_messages?: { seq: number; content: string }[];
  messages?: { seq: number; content: string }[];
  more?: boolean;
}

let chat: Service;
beforeEach(() => {
  chat = service();
  chat.users('alice', 'bob');
});

async function logIn(connectionId: string, form: Form = 'json', on = chat): Promise<LoginFrame[]> {
  on.state.sockets[connectionId] ??= { open: true, frames: [] };
  await login(on.ports, { username: 'alice' }, callerAt(connectionId, form), 'r1');
  return on.framesOf(connectionId) as LoginFrame[];
}

/** Puts messages of bob's into the log, pending for alice from the first on. */
async function addPending(count: number, content = 'hi', on = chat): Promise<void> {
  for (let index = 0; index < count; index++) await on.write({ chat: 'alice:bob', sender: 'bob', content });
  on.state.inboxes.alice = { connections: {}, pending: { 'alice:bob': 1 } };
}

const seqsOf = (frames: LoginFrame[]) =>
  frames
    .flatMap(({ pending_messages = [], messages = [] }) => [...pending_messages, ...messages])
    .map(({ seq }) => seq);
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe('login', () => {
  test('binds the connection, and answers with groups and nothing pending', async () => {
    chat.group('team', 'alice');
    expect(await logIn('c1')).toEqual([
      {
        type: 'login_response',
        status: 'login_success',
        username: 'alice',
        pending_messages: [],
        groups: ['team'],
        session_token: expect.any(String),
        session_expires: '2023-11-14T23:13:20.000Z',
        request_id: 'r1',
      },
    ]);
    expect(chat.state.connections.c1?.username).toBe('alice');
    expect(chat.state.inboxes.alice?.connections).toHaveProperty('c1');
  });

  test('notes whether its client takes several messages in one frame', async () => {
    const { ports, state } = chat;
    state.sockets.c1 = { open: true, frames: [] };
    await login(ports, { username: 'alice', batches: true }, callerAt('c1'));
    expect(state.inboxes.alice?.connections.c1).toHaveProperty('batches', true);
    await login(ports, { username: 'alice', batches: false }, callerAt('c1'));
    expect(state.inboxes.alice?.connections.c1).not.toHaveProperty('batches');
  });

  test('lists groups up to half a frame, so that a user in very many can log in', async () => {
    for (let index = 0; index < 4_000; index++) chat.group(`group-${index}`, 'alice');
    const [reply] = (await logIn('c1')) as unknown as { groups: string[] }[];
    expect(reply?.groups.length).toBeGreaterThan(500);
    expect(JSON.stringify(reply).length).toBeLessThanOrEqual(32_000);
  });

  test('with no name, or with the name of a group, is refused and binds nothing', async () => {
    chat.group('team', 'alice');
    for (const username of ['nobody', 'team']) {
      const attempt = login(chat.ports, { username }, callerAt('c1'));
      await expect(attempt).rejects.toMatchObject({ code: 'invalid_credentials' });
    }
    expect(chat.state.connections).toEqual({});
  });

  test('again as the same user succeeds, and as another is refused', async () => {
    await logIn('c1');
    expect(await logIn('c1')).toHaveLength(2);
    const other = login(chat.ports, { username: 'bob' }, callerAt('c1'));
    await expect(other).rejects.toMatchObject({ code: 'already_logged_in' });
    expect(chat.state.inboxes.bob).toBeUndefined();
  });
});

describe('the pending messages', () => {
  test('come once, oldest first', async () => {
    await addPending(3);
    expect(seqsOf(await logIn('c1'))).toEqual([1, 2, 3]);
    expect(chat.state.inboxes.alice?.pending).toEqual({});
    expect(seqsOf(await logIn('c2'))).toEqual([]);
  });

  test('come in text as `receive` lines after login_success', async () => {
    await addPending(2);
    const frames = await logIn('c1', 'text');
    expect(frames).toEqual(['login_success', expect.stringMatching(/^receive bob hi /), expect.any(String)]);
  });

  test('come in pages of at most 32 KB, each but the last saying that there is more', async () => {
    await addPending(100, 'x'.repeat(3_000));
    const frames = await logIn('c1');
    expect(seqsOf(frames)).toEqual(upTo(100));
    expect(frames.length).toBeGreaterThan(9);
    for (const frame of chat.state.sockets.c1?.frames ?? []) expect(frame.length).toBeLessThanOrEqual(32_000);
    expect(frames.map(({ more = false }) => more)).toEqual(
      frames.map((_, index) => index < frames.length - 1),
    );
  });

  test('come alone if one fills more than a page', async () => {
    await addPending(3, '\u0001'.repeat(16_384));
    const frames = await logIn('c1');
    expect(frames.map((frame) => seqsOf([frame]))).toEqual([[], [1], [2], [3]]);
  });

  test('stay pending if the connection is dead, and the connection is removed again', async () => {
    await addPending(2);
    chat.state.sockets.c1 = { open: false, frames: [] };
    await logIn('c1');
    expect(chat.state.inboxes.alice).toEqual({ connections: {}, pending: { 'alice:bob': 1 } });
  });

  test('stay pending if they were not accepted: a login that breaks off has moved the pointer', async () => {
    await addPending(120);
    let posts = 0;
    const breaking = service(async (call, perform) => {
      if (call.method === 'post' && ++posts > 70)
        Object.assign(breaking.state.sockets.c1 as object, { open: false });
      return perform();
    });
    breaking.users('alice', 'bob');
    await addPending(120, 'hi', breaking);
    expect(await logIn('c1', 'text', breaking)).toHaveLength(70);
    // 50 frames were settled: login_success and 49 messages.
    expect(breaking.state.inboxes.alice).toEqual({
      connections: {},
      pending: { 'alice:bob': 50 },
      hasPending: true,
    });
    expect(seqsOf(await logIn('c2', 'json', breaking))).toEqual(upTo(120).slice(49));
    expect(breaking.state.inboxes.alice?.pending).toEqual({});
  });

  test('are not acknowledged before the gateway accepted the frames', async () => {
    const calls: PortCall[] = [];
    const watched = service(async (call, perform) => {
      calls.push(call);
      return perform();
    });
    watched.users('alice', 'bob');
    await addPending(2, 'hi', watched);
    calls.length = 0;
    await logIn('c1', 'json', watched);
    const order = calls.map(({ port, method }) => `${port}.${method}`);
    expect(order.indexOf('connections.bind')).toBeLessThan(order.indexOf('inboxes.connect'));
    expect(order.indexOf('inboxes.connect')).toBeLessThan(order.indexOf('history.from'));
    expect(order.lastIndexOf('gateway.post')).toBeLessThan(order.indexOf('inboxes.ackPending'));
  });

  test('that another login has acknowledged meanwhile are not touched', async () => {
    const racing = service(async (call, perform) => {
      if (call.method === 'ackPending' && call.args[1] === 'c1')
        delete racing.state.inboxes.alice?.pending['alice:bob'];
      return perform();
    });
    racing.users('alice', 'bob');
    await addPending(2, 'hi', racing);
    if (racing.state.inboxes.alice) racing.state.inboxes.alice.pending['alice:carol'] = 1;
    await racing.write({ chat: 'alice:carol', sender: 'carol', content: 'x' });
    await logIn('c1', 'json', racing);
    expect(racing.state.inboxes.alice?.pending).toEqual({});
  });

  test('of a group that the user has left are dropped, and after joining again they start at the return', async () => {
    for (const content of ['one', 'two', 'three'])
      await chat.write({ chat: '#team', sender: 'bob', content });
    const pending = { '#team': 1 };
    chat.group('team', 'bob');
    chat.state.inboxes.alice = { connections: {}, pending: { ...pending } };
    expect(seqsOf(await logIn('c1'))).toEqual([]);
    expect(chat.state.inboxes.alice?.pending).toEqual({});
    chat.state.inboxes.alice = { connections: {}, pending: { ...pending } };
    chat.state.members['#team'] = { alice: { chat: '#team', username: 'alice', role: 'member', since: 3 } };
    expect(seqsOf(await logIn('c2'))).toEqual([3]);
  });
});

describe('a login that could not be added to the inbox', () => {
  const caller = callerAt('c1');
  const failing = (error: Error) => ({
    ...chat.ports,
    inboxes: { ...chat.ports.inboxes, connect: () => Promise.reject(error) },
  });

  test('closes its socket if it may be added later', async () => {
    chat.users('carol');
    const carol = chat.online('carol', 'carols');
    chat.state.sockets.c1 = { open: true, frames: [] };
    const ports = failing(new OutcomeUnknown('no answer'));
    await expect(login(ports, { username: 'alice' }, caller)).rejects.toThrow(OutcomeUnknown);
    // The update takes effect only now.
    await chat.ports.inboxes.connect('alice', 'c1', { form: 'json', since: chat.runtime.at, login: 'late' });
    await login(chat.ports, { username: 'bob' }, caller).catch(() => {});
    await sendMessage(chat.ports, { recipient: 'alice', content: 'hi' }, carol);
    expect(chat.state.sockets.c1).toMatchObject({ open: false, frames: [] });
    expect(chat.state.inboxes.alice).toMatchObject({ connections: {}, pending: { 'alice:carol': 1 } });
  });

  test('keeps its socket if it was refused', async () => {
    chat.state.sockets.c1 = { open: true, frames: [] };
    await expect(login(failing(new Unavailable('busy')), { username: 'alice' }, caller)).rejects.toThrow(
      Unavailable,
    );
    expect(await logIn('c1')).toMatchObject([{ status: 'login_success' }]);
  });

  test('leaves nothing bound although the SDK has sent the call twice, and the second found the first', async () => {
    const { connections } = chat.ports;
    const twice: typeof connections = Object.assign(Object.create(connections), {
      async bind(...of: Parameters<typeof connections.bind>) {
        await connections.bind(...of);
        return connections.bind(...of);
      },
    });
    const ports = { ...failing(new Unavailable('busy')), connections: twice };
    await expect(login(ports, { username: 'alice' }, caller)).rejects.toThrow(Unavailable);
    expect(chat.state.connections).toEqual({});
  });

  test('leaves an earlier login of the connection as it was', async () => {
    await logIn('c1');
    const ports = failing(new OutcomeUnknown('no answer'));
    await expect(login(ports, { username: 'alice' }, caller)).rejects.toThrow(OutcomeUnknown);
    expect(chat.state.sockets.c1?.open).toBe(true);
    expect(chat.state.connections.c1?.username).toBe('alice');
  });
});
