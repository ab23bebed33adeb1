import { beforeEach, describe, expect, test } from 'vitest';
import { loginByToken } from '../../../chat/accounts/login.ts';
import { logout } from '../../../chat/accounts/logout.ts';
import { register } from '../../../chat/accounts/register.ts';
import { presence } from '../../../chat/delivery/presence.ts';
import { Unavailable } from '../../../chat/errors.ts';
import { sendMessage } from '../../../chat/messages/send.ts';
import { typing } from '../../../chat/messages/typing.ts';
import { callerAt as at, type Service, service } from '../../support/chat.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const NEVER = Number.POSITIVE_INFINITY;

let chat: Service;
beforeEach(() => {
  chat = service();
  chat.ports.policy.hasProvider = true;
  chat.state.areApart = true;
  chat.users('bob');
  chat.online('bob', 'b1');
});

/** A token that was issued just now, for a minute. */
const fresh = (username = 'alice', life = MINUTE) =>
  chat.tokenOf({
    username,
    issued: Math.floor(chat.runtime.at / SECOND) * SECOND,
    until: chat.runtime.at + life,
  });

type Request = Parameters<typeof loginByToken>[1];

interface Frame {
  type?: string;
  content?: string;
  pending_messages?: { content: string }[];
  messages?: { content: string }[];
}

/** The reply to a login. */
async function logIn(connectionId: string, request: Request = { token: fresh() }, ports = chat.ports) {
  chat.state.sockets[connectionId] ??= { open: true, frames: [] };
  await loginByToken(ports, request, at(connectionId));
  return chat.framesOf(connectionId).findLast((frame) => (frame as Frame).type === 'login_response') as Frame;
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'done',
    (error) => error.code ?? String(error),
  );

const tell = (content: string, to = 'alice', from = 'b1') =>
  sendMessage(chat.ports, { recipient: to, content }, at(from));
const devices = (username = 'alice') => Object.keys(chat.state.inboxes[username]?.connections ?? {});
const contents = (connectionId: string) =>
  chat.framesOf(connectionId).flatMap((frame) => {
    const { type, content, messages, pending_messages: pending = messages ?? [] } = frame as Frame;
    return type === 'RECEIVE_MESSAGE' ? [content] : pending.map((each) => each.content);
  });

describe('a login', () => {
  test('creates the user the first time, and says until when it lasts, without a session', async () => {
    expect(await logIn('a1')).toMatchObject({
      username: 'alice',
      session_expires: new Date(chat.runtime.at + MINUTE).toISOString(),
      session_expires_in_ms: MINUTE,
    });
    expect(await logIn('a2')).not.toHaveProperty('session_token');
    expect(chat.state.sessions).toEqual({});
    expect(await codeOf(tell('hi'))).toBe('done');
    expect([contents('a1'), contents('a2')]).toEqual([['hi'], ['hi']]);
  });

  test('that died at any of its calls is completed by the next one', async () => {
    const { calls, ports } = chat.interrupted(NEVER, async () => {});
    const before = structuredClone(chat.state);
    await logIn('a1', undefined, ports);
    expect(calls()).toBeGreaterThan(5);
    for (let nth = 0; nth < calls(); nth++) {
      Object.assign(chat.state, structuredClone(before));
      const dying = chat.interrupted(nth, () => Promise.reject(new Error('dies')));
      await expect(logIn('a1', undefined, dying.ports)).rejects.toThrow('dies');
      await logIn('a2');
      await tell('hi');
      expect(contents('a2'), `${nth}`).toEqual(['hi']);
    }
  });

  test.each<[string, () => Request, string]>([
    ['has no token', () => ({}), 'invalid_token'],
    ['has a name alone', () => ({ username: 'bob' }), 'invalid_token'],
    ['has a session token alone', () => ({ session_token: 'x' }), 'invalid_token'],
    ['names somebody else', () => ({ username: 'bob', token: fresh() }), 'invalid_token'],
    ['has a token that has just expired', () => ({ token: fresh('alice', 0) }), 'token_expired'],
  ])('is refused if it %s, and changes nothing', async (_, request, code) => {
    const before = structuredClone(chat.state);
    expect(await codeOf(logIn('a1', request()))).toBe(code);
    expect({ ...chat.state, sockets: {} }).toEqual({ ...before, sockets: {} });
  });

  test('may name the user that the token is for', async () => {
    expect(await logIn('a1', { username: 'alice', token: fresh() })).toMatchObject({ username: 'alice' });
  });

  test('as another user on the same connection is refused, and the first login stays', async () => {
    await logIn('a1');
    expect(await codeOf(logIn('a1', { token: fresh('carol') }))).toBe('already_logged_in');
    await tell('hi');
    expect(contents('a1')).toEqual(['hi']);
  });

  test('of an erased user is refused, and changes nothing', async () => {
    await logIn('a1');
    const credential = await chat.ports.credentials.get('alice');
    await chat.ports.credentials.replace(credential?.attemptId ?? '', {
      username: 'alice',
      attemptId: 'erased',
      erased: true,
    });
    expect(await codeOf(logIn('a2'))).toBe('invalid_token');
    expect(devices()).toEqual(['a1']);
  });

  test('needs a token of the provider, and nobody can register', async () => {
    expect(await codeOf(register(chat.ports, { username: 'carol' }, at('c1')))).toBe('not_allowed');
    const down = { verify: () => Promise.reject(new Unavailable('no keys')) };
    expect(await codeOf(logIn('a1', undefined, { ...chat.ports, provider: down }))).toMatch(/^Unavailable/);
  });
});

describe('when the token has expired', () => {
  beforeEach(async () => {
    await logIn('a1');
    chat.runtime.at += MINUTE;
  });

  test('all commands are refused, logging out everywhere too, but a plain logout works', async () => {
    expect(await codeOf(tell('hi', 'bob', 'a1'))).toBe('session_expired');
    expect(await codeOf(logout(chat.ports, { everywhere: true }, at('a1')))).toBe('session_expired');
    expect(chat.state.history).toEqual({});
    expect(await codeOf(logout(chat.ports, {}, at('a1')))).toBe('done');
    expect(await codeOf(tell('hi', 'bob', 'a1'))).toBe('not_logged_in');
    expect(devices()).toEqual([]);
  });

  test('a message is pending instead of posted, and comes with the next login on the same connection', async () => {
    await tell('one');
    expect(contents('a1')).toEqual([]);
    expect(devices()).toEqual([]);
    await tell('two');
    const { pending_messages: pending } = await logIn('a1');
    expect(pending?.map(({ content }) => content)).toEqual(['one', 'two']);
    expect(await codeOf(tell('hi', 'bob', 'a1'))).toBe('done');
    await tell('three');
    expect(contents('a1')).toEqual(['one', 'two', 'three']);
    expect(chat.state.inboxes.alice?.pending).toEqual({});
  });

  test('the user counts as away, and no event is posted', async () => {
    await tell('so that they have a chat', 'alice');
    const posted = chat.framesOf('a1').length;
    chat.runtime.at -= 1;
    await logIn('a2', { token: fresh('alice', 1) });
    chat.runtime.at += 1;
    const { users } = await presence(chat.ports, { usernames: ['alice'] }, at('b1'));
    expect(users).toMatchObject([{ username: 'alice', online: false }]);
    await typing(chat.ports, { chat: 'alice' }, at('b1'));
    expect(chat.framesOf('a1')).toHaveLength(posted);
    expect(chat.framesOf('a2').map((frame) => (frame as Frame).type)).toEqual(['login_response']);
  });

  test('its device does not count towards the limit', async () => {
    chat.ports.policy.devices = 1;
    expect(await codeOf(logIn('a2'))).toBe('done');
    expect(devices()).toEqual(['a2']);
    expect(await codeOf(logIn('a3'))).toBe('limit_reached');
  });

  test('its device keeps its room if it is renewed while another looks for some', async () => {
    chat.ports.policy.devices = 1;
    const before = structuredClone(chat.state);
    const { calls, ports } = chat.interrupted(NEVER, async () => {});
    await logIn('a2', undefined, ports);
    for (let nth = 0; nth < calls(); nth++) {
      Object.assign(chat.state, structuredClone(before));
      let renewed = '';
      const racing = chat.interrupted(nth, async () => {
        renewed = await codeOf(logIn('a1'));
      });
      const other = await codeOf(logIn('a2', undefined, racing.ports));
      expect([renewed, other].toSorted(), `${nth}`).toEqual(['done', 'limit_reached']);
      expect(devices(), `${nth}`).toEqual([renewed === 'done' ? 'a1' : 'a2']);
    }
  });
});

describe('a login with a fresh token on the same connection', () => {
  test('continues without a gap, and delivers nothing twice', async () => {
    await logIn('a1');
    await tell('one');
    chat.runtime.at += MINUTE - 1;
    await logIn('a1');
    await tell('two');
    chat.runtime.at += 1;
    await tell('three');
    expect(contents('a1')).toEqual(['one', 'two', 'three']);
    expect(await codeOf(tell('hi', 'bob', 'a1'))).toBe('done');
  });

  test('that is refused leaves the first login until its token expires', async () => {
    await logIn('a1');
    chat.runtime.at += MINUTE - 1;
    expect(await codeOf(logIn('a1', { token: fresh('alice', 0) }))).toBe('token_expired');
    await tell('one');
    expect(contents('a1')).toEqual(['one']);
    chat.runtime.at += 1;
    await tell('two');
    expect(contents('a1')).toEqual(['one']);
    expect(chat.state.inboxes.alice?.pending).toEqual({ 'alice:bob': 2 });
  });

  test('that fails halfway leaves the first login as it was, until its own token expires', async () => {
    await logIn('a1');
    await tell('so that they have a chat');
    const { inboxes } = chat.ports;
    const failing: typeof inboxes = Object.assign(Object.create(inboxes), {
      connect: () => Promise.reject(new Unavailable('throttled')),
    });
    const longer = { token: fresh('alice', 2 * MINUTE) };
    expect(await codeOf(logIn('a1', longer, { ...chat.ports, inboxes: failing }))).toMatch(/^Unavailable/);
    expect(await codeOf(tell('hi', 'bob', 'a1'))).toBe('done');
    chat.runtime.at += MINUTE;
    expect(await codeOf(tell('hi', 'bob', 'a1'))).toBe('session_expired');
  });

  test('while a message finds the old one expired delivers the message once, whichever comes first', async () => {
    await logIn('a1');
    chat.runtime.at += MINUTE;
    const before = structuredClone(chat.state);
    const { calls, ports } = chat.interrupted(NEVER, async () => {});
    await sendMessage(ports, { recipient: 'alice', content: 'one' }, at('b1'));
    expect(calls()).toBeGreaterThan(5);
    for (let nth = 0; nth < calls(); nth++) {
      Object.assign(chat.state, structuredClone(before));
      const racing = chat.interrupted(nth, () => logIn('a1'));
      await sendMessage(racing.ports, { recipient: 'alice', content: 'one' }, at('b1'));
      await tell('two');
      const got = contents('a1');
      // The login reads the log, and the send posts to the device that it then finds (docs/guarantees.md).
      expect([...new Set(got)], `${nth}`).toEqual(['one', 'two']);
      expect(devices(), `${nth}`).toEqual(['a1']);
      expect(chat.state.inboxes.alice?.pending, `${nth}`).toEqual({});
    }
  });
});

test('a login that outlasts its token gets its reply, and what was not delivered by then stays pending', async () => {
  await logIn('a1');
  await logout(chat.ports, {}, at('a1'));
  for (let index = 0; index < 3; index++) await tell(String(index).repeat(16_000));
  chat.state.sockets.a2 = { open: true, frames: [] };
  const { gateway } = chat.ports;
  const slow: typeof gateway = Object.assign(Object.create(gateway), {
    post: async (id: string, frame: string) => {
      chat.runtime.at += MINUTE;
      return gateway.post(id, frame);
    },
  });
  await loginByToken({ ...chat.ports, gateway: slow }, { token: fresh() }, at('a2'));
  expect(chat.framesOf('a2')).toHaveLength(1);
  const got = contents('a2').length;
  expect(got).toBeLessThan(3);
  expect(chat.state.inboxes.alice?.pending).toEqual({ 'alice:bob': got + 1 });
  await logIn('a2');
  expect(contents('a2').map((content) => content?.[0])).toEqual(['0', '1', '2']);
});

test('a login whose token expires before its reply still gets the reply', async () => {
  const { members } = chat.ports;
  const slow: typeof members = Object.assign(Object.create(members), {
    groupsOf: async (username: string) => {
      chat.runtime.at += MINUTE;
      return members.groupsOf(username);
    },
  });
  expect(await logIn('a1', undefined, { ...chat.ports, members: slow })).toMatchObject({
    status: 'login_success',
    session_expires_in_ms: expect.any(Number),
  });
  expect(await codeOf(tell('hi', 'bob', 'a1'))).toBe('session_expired');
});

describe('after a logout everywhere', () => {
  test('tokens issued before it or in the same second are refused, and later ones accepted', async () => {
    const before = fresh();
    await logIn('a1', { token: before });
    await logIn('a2', { token: before });
    chat.runtime.at = Math.ceil(chat.runtime.at / SECOND) * SECOND + 10;
    const sameSecond = fresh();
    await logout(chat.ports, { everywhere: true }, at('a1'));
    expect(chat.framesOf('a2').at(-1)).toMatchObject({
      type: 'SESSION_ENDED',
      code: 'logged_out_everywhere',
    });
    expect(chat.state.sockets.a2?.open).toBe(false);
    for (const token of [before, sameSecond]) {
      expect(await codeOf(logIn('a1', { token }))).toBe('session_expired');
      expect(await codeOf(logIn('a3', { token }))).toBe('session_expired');
    }
    expect([devices(), Object.keys(chat.state.connections)]).toEqual([[], ['b1']]);
    chat.runtime.at += SECOND;
    expect(await codeOf(logIn('a1'))).toBe('done');
  });

  test('in the same millisecond as the token was issued refuses it as revoked', async () => {
    await logIn('a1');
    chat.runtime.at = Math.ceil(chat.runtime.at / SECOND) * SECOND + SECOND;
    const token = fresh();
    await logout(chat.ports, { everywhere: true }, at('a1'));
    expect(await codeOf(logIn('a1', { token }))).toBe('session_expired');
  });

  test('while somebody logs in leaves them logged out', async () => {
    await logIn('a1');
    const token = fresh();
    chat.runtime.at += 1;
    const before = structuredClone(chat.state);
    const { calls, ports } = chat.interrupted(NEVER, async () => {});
    await logIn('thief', { token }, ports);
    const outcomes = new Set<string>();
    for (let nth = 0; nth < calls(); nth++) {
      Object.assign(chat.state, structuredClone(before));
      const racing = chat.interrupted(nth, () => logout(chat.ports, { everywhere: true }, at('a1')));
      outcomes.add(await codeOf(logIn('thief', { token }, racing.ports)));
      expect([devices(), Object.keys(chat.state.connections)], `${nth}`).toEqual([[], ['b1']]);
    }
    expect(outcomes).toEqual(new Set(['done', 'session_expired']));
  });

  test('a connection whose renewal is refused keeps its earlier login at most', async () => {
    await logIn('a1');
    const old = fresh();
    await logIn('a2');
    chat.runtime.at += 1;
    const { connections } = chat.ports;
    const later: typeof connections = Object.assign(Object.create(connections), {
      bind: async (...of: Parameters<typeof connections.bind>) => {
        const bound = await connections.bind(...of);
        await logout(chat.ports, { everywhere: true }, at('a2'));
        return bound;
      },
    });
    const renewal = loginByToken({ ...chat.ports, connections: later }, { token: old }, at('a1'));
    expect(await codeOf(renewal)).toBe('session_expired');
    expect([devices(), await codeOf(tell('hi', 'bob', 'a1'))]).toEqual([[], 'not_logged_in']);
  });
});
