import { beforeEach, describe, expect, test } from 'vitest';
import { login } from '../../../chat/accounts/login.ts';
import { disconnected, logout } from '../../../chat/accounts/logout.ts';
import { OutcomeUnknown, Unavailable } from '../../../chat/errors.ts';
import { callerAt as at, callerAt, type Service, service } from '../../support/chat.ts';

let chat: Service;
let fails: string | undefined;
beforeEach(() => {
  fails = undefined;
  chat = service(async (call, perform) => {
    if (call.method === fails) throw new Unavailable('throttled');
    return perform();
  });
  chat.users('alice');
});

describe('logout', () => {
  test('unbinds this connection only', async () => {
    chat.online('alice', 'c1');
    chat.online('alice', 'c2');
    await logout(chat.ports, {}, callerAt('c1'));
    expect(Object.keys(chat.state.inboxes.alice?.connections ?? {})).toEqual(['c2']);
    expect(Object.keys(chat.state.connections)).toEqual(['c2']);
    const again = logout(chat.ports, {}, callerAt('c1'));
    await expect(again).rejects.toMatchObject({ code: 'not_logged_in' });
  });

  test('by closing the connection does the same, and one that never logged in leaves nothing behind', async () => {
    chat.online('alice', 'c1');
    const before = structuredClone(chat.state);
    await disconnected(chat.ports, 'stranger');
    expect(chat.state).toEqual(before);
    await disconnected(chat.ports, 'c1');
    expect(chat.state.connections).toEqual({});
    expect(chat.state.inboxes.alice?.connections).toEqual({});
  });

  test('with a token ends that session from any connection, which stays logged in; a guess ends nothing', async () => {
    chat.state.sockets.c1 = { open: true, frames: [] };
    await login(chat.ports, { username: 'alice' }, at('c1'));
    const { session_token } = chat.framesOf('c1').at(-1) as { session_token: string };
    const before = structuredClone(chat.state);
    await logout(chat.ports, { session_token: 'guess' }, at('stranger'));
    expect(chat.state).toMatchObject({ sessions: before.sessions, connections: before.connections });
    await logout(chat.ports, { session_token }, at('stranger'));
    expect(chat.state.sessions).toEqual({});
    expect(chat.state.connections).toEqual(before.connections);
    const late = login(chat.ports, { session_token }, at('c2'));
    await expect(late).rejects.toMatchObject({ code: 'invalid_credentials' });
  });

  test('with a token of no session counts on an address, and on none if a backend asks', async () => {
    const admitted: string[] = [];
    const invalidLogins = {
      ...chat.ports.invalidLogins,
      admit: async (whose: string) => void admitted.push(whose),
    };
    const ports = { ...chat.ports, invalidLogins };
    await logout(ports, { session_token: 'guess' }, callerAt('c1'));
    const backend = { ...callerAt(''), address: '', backend: { as: 'alice' } };
    await logout(ports, { session_token: 'guess' }, backend);
    expect(admitted).toEqual(['home']);
  });

  test('with a token succeeds again when it is repeated for want of an answer', async () => {
    chat.state.sockets.c1 = { open: true, frames: [] };
    await login(chat.ports, { username: 'alice' }, at('c1'));
    const { session_token } = chat.framesOf('c1').at(-1) as { session_token: string };
    const end = async (digest: string) => {
      await chat.ports.sessions.end(digest);
      throw new OutcomeUnknown('no answer');
    };
    const unanswered = { ...chat.ports, sessions: { ...chat.ports.sessions, end } };
    await expect(logout(unanswered, { session_token }, at('x'))).rejects.toThrow(OutcomeUnknown);
    expect(await logout(chat.ports, { session_token }, at('x'))).toEqual({});
    expect(chat.state.sessions).toEqual({});
  });

  test.each(['disconnect', 'unbind'])(
    'that died at %s is completed by a repeat, from either side',
    async (method) => {
      for (const again of [
        () => logout(chat.ports, {}, callerAt('c1')),
        () => disconnected(chat.ports, 'c1'),
      ]) {
        chat.online('alice', 'c1');
        fails = method;
        const isKnown = method === 'disconnect';
        await expect(disconnected(chat.ports, 'c1')).rejects.toThrow(isKnown ? Unavailable : OutcomeUnknown);
        fails = undefined;
        await again();
        expect(chat.state.connections).toEqual({});
        expect(chat.state.inboxes.alice?.connections).toEqual({});
      }
    },
  );
});
