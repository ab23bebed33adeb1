import { beforeEach, describe, expect, test } from 'vitest';
import { login } from '../../../chat/accounts/login.ts';
import { logout } from '../../../chat/accounts/logout.ts';
import { register } from '../../../chat/accounts/register.ts';
import { Unavailable } from '../../../chat/errors.ts';
import { sendMessage } from '../../../chat/messages/send.ts';
import { callerAt as at, type Service, service } from '../../support/chat.ts';
import { type Gate, memoryPorts } from '../../support/memory.ts';

const CONNECTIONS = ['c1', 'c2', 'c3'];
const NEVER = Number.POSITIVE_INFINITY;

let chat: Service;
let tokens: string[];
beforeEach(async () => {
  chat = service();
  chat.users('bob');
  chat.online('bob', 'b1');
  await register(chat.ports, { username: 'alice', password: 'right' }, at('r'));
  tokens = [];
  for (const id of CONNECTIONS) tokens.push(await logIn(id, { username: 'alice', password: 'right' }));
});

async function logIn(id: string, request: Parameters<typeof login>[1], ports = chat.ports): Promise<string> {
  chat.state.sockets[id] ??= { open: true, frames: [] };
  await login(ports, request, at(id));
  return (chat.framesOf(id).at(-1) as { session_token: string }).session_token;
}

const everywhere = (ports = chat.ports) => logout(ports, { everywhere: true }, at('c1'));
const connected = () => Object.keys(chat.state.inboxes.alice?.connections ?? {});
const bound = () => Object.keys(chat.state.connections).filter((id) => id !== 'b1');
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'done',
    (error) => error.code,
  );

/** Nobody is in by what was good before. */
async function expectNobodyIn(): Promise<void> {
  expect([connected(), bound()]).toEqual([[], []]);
  for (const [index, session_token] of tokens.entries())
    expect(await codeOf(logIn(`late ${index}`, { session_token }))).toBe('invalid_credentials');
  expect([connected(), bound()]).toEqual([[], []]);
}

const ended = (id: string) =>
  chat.framesOf(id).filter((frame) => (frame as { type?: string }).type === 'SESSION_ENDED');

/** Whoever was told, or closed, can neither speak nor be posted to by then. */
function expectToldOnlyWhoIsOut(): void {
  for (const id of CONNECTIONS) {
    if (ended(id).length === 0 && chat.state.sockets[id]?.open) continue;
    expect([...connected(), ...bound()]).not.toContain(id);
  }
}

describe('logging out everywhere', () => {
  test('tells each other connection in its own form, then closes it; the requesting one gets the reply', async () => {
    await login(chat.ports, { username: 'alice', password: 'right' }, at('c3', 'text'));
    await everywhere();
    const reason = 'You were logged out everywhere, from another connection.';
    expect(chat.framesOf('c2').at(-1)).toEqual({
      type: 'SESSION_ENDED',
      code: 'logged_out_everywhere',
      reason,
    });
    expect(chat.framesOf('c3').at(-1)).toBe(`session_ended ${reason}`);
    const open = Object.keys(chat.state.sockets).filter((id) => chat.state.sockets[id]?.open);
    expect(open.toSorted()).toEqual(['b1', 'c1']);
    expect([ended('c1'), ended('b1')]).toEqual([[], []]);
  });

  test('also closes connections that cannot be told, and succeeds though one is gone already', async () => {
    Object.assign(chat.state.sockets.c2 ?? {}, { unreachable: true });
    Object.assign(chat.state.sockets.c3 ?? {}, { open: false });
    expect(await codeOf(everywhere())).toBe('done');
    expect(chat.state.sockets.c2?.open).toBe(false);
    await expectNobodyIn();
  });

  test('ends every session and unbinds every connection of the user, and of nobody else', async () => {
    await everywhere();
    await expectNobodyIn();
    for (const id of CONNECTIONS) {
      const message = sendMessage(chat.ports, { recipient: 'bob', content: 'hi' }, at(id));
      await expect(message).rejects.toMatchObject({ code: 'not_logged_in' });
    }
    expect(chat.state.connections.b1).toBeDefined();
    expect(chat.state.inboxes.bob?.connections).toHaveProperty('b1');
  });

  test('keeps the password, which opens a new session', async () => {
    await everywhere();
    const session_token = await logIn('c4', { username: 'alice', password: 'right' });
    expect(tokens).not.toContain(session_token);
    await expect(logIn('c5', { session_token })).resolves.toBe(session_token);
  });

  test('a second time also ends what was opened in between', async () => {
    await everywhere();
    tokens.push(await logIn('c1', { username: 'alice', password: 'right' }));
    await everywhere();
    await expectNobodyIn();
  });

  test('that died at any of its calls is completed by a repeat', async () => {
    const { calls, ports } = chat.interrupted(NEVER, async () => {});
    const [before, opened] = [structuredClone(chat.state), [...tokens]];
    await everywhere(ports);
    expect(calls()).toBeGreaterThan(5);
    for (let nth = 0; nth < calls(); nth++) {
      Object.assign(chat.state, structuredClone(before));
      tokens = [...opened];
      const dying = chat.interrupted(nth, async () => {
        throw new Error('dies');
      });
      await expect(everywhere(dying.ports)).rejects.toThrow('dies');
      expectToldOnlyWhoIsOut();
      expect(await codeOf(everywhere())).toBe('done');
      await expectNobodyIn();
    }
  });

  test('while somebody logs in with an old token leaves them logged out, and delivers nothing to them', async () => {
    const [session_token = ''] = tokens;
    const { calls, ports } = chat.interrupted(NEVER, async () => {});
    const before = structuredClone(chat.state);
    await logIn('thief', { session_token }, ports);
    expect(calls()).toBeGreaterThan(4);
    const outcomes = new Set<string>();
    for (let nth = 0; nth < calls(); nth++) {
      Object.assign(chat.state, structuredClone(before));
      const racing = chat.interrupted(nth, () => everywhere());
      outcomes.add(await codeOf(logIn('thief', { session_token }, racing.ports)));
      expect([connected(), bound()]).toEqual([[], []]);
      await sendMessage(chat.ports, { recipient: 'alice', content: 'for alice alone' }, at('b1'));
      expect(JSON.stringify(chat.state.sockets.thief)).not.toContain('for alice alone');
      expect(chat.state.inboxes.alice?.pending).toEqual({ 'alice:bob': 1 });
      await expectNobodyIn();
    }
    expect(outcomes).toEqual(new Set(['done', 'invalid_credentials']));
  });

  test('does not refuse a login with the password meanwhile', async () => {
    const { calls, ports } = chat.interrupted(NEVER, async () => {});
    const before = structuredClone(chat.state);
    await logIn('c4', { username: 'alice', password: 'right' }, ports);
    for (let nth = 0; nth < calls(); nth++) {
      Object.assign(chat.state, structuredClone(before));
      const racing = chat.interrupted(nth, () => everywhere());
      expect(await codeOf(logIn('c4', { username: 'alice', password: 'right' }, racing.ports))).toBe('done');
      // In, or out again; never half.
      expect(connected()).toEqual(bound());
    }
  });

  test('also reaches a connection whose login failed because of the database', async () => {
    const [session_token = ''] = tokens;
    const failing = (method: string) => {
      const gate: Gate = async (call, perform) => {
        if (call.method === method) throw new Unavailable('throttled');
        return perform();
      };
      return memoryPorts(chat.state, chat.runtime, gate);
    };
    for (const method of ['get', 'bind', 'connect'])
      await expect(logIn(`${method} fails`, { session_token }, failing(method))).rejects.toThrow(Unavailable);
    await expect(logIn('groupsOf fails', { session_token }, failing('groupsOf'))).rejects.toThrow(
      'Logged in',
    );
    await everywhere();
    await expectNobodyIn();
  });
});
