import { beforeEach, describe, expect, test } from 'vitest';
import { changePassword } from '../../../chat/accounts/change-password.ts';
import { login } from '../../../chat/accounts/login.ts';
import { register } from '../../../chat/accounts/register.ts';
import { OutcomeUnknown } from '../../../chat/errors.ts';
import { callerAt as at, type Service, service } from '../../support/chat.ts';
import type { AllPorts } from '../../support/memory.ts';

const NEVER = Number.POSITIVE_INFINITY;

let chat: Service;
/** Of the connections `here` and `there`. */
let tokens: string[];
beforeEach(async () => {
  chat = service();
  chat.users('bob');
  await register(chat.ports, { username: 'alice', password: 'old' }, at('r'));
  tokens = [await logIn('here', 'old'), await logIn('there', 'old')];
});

async function enter(id: string, request: Parameters<typeof login>[1], ports = chat.ports): Promise<string> {
  chat.state.sockets[id] ??= { open: true, frames: [] };
  await login(ports, request, at(id));
  return (chat.framesOf(id).at(-1) as { session_token: string }).session_token;
}

const logIn = (id: string, password: string, ports?: AllPorts) =>
  enter(id, { username: 'alice', password }, ports);

const change = (old_password: string | undefined, new_password: string, ports = chat.ports) =>
  changePassword(ports, { old_password, new_password }, at('here'));

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'done',
    (error) => error.code,
  );
const REFUSED = 'invalid_credentials';

const connected = () => Object.keys(chat.state.inboxes.alice?.connections ?? {}).toSorted();
const bound = () => Object.keys(chat.state.connections).toSorted();

describe('a new password', () => {
  test('needs the old one, and nothing changes without it', async () => {
    const before = structuredClone(chat.state);
    for (const old of [undefined, 'wrong', 'new']) expect(await codeOf(change(old, 'new'))).toBe(REFUSED);
    expect(chat.state).toEqual(before);
  });

  test('is the only one from then on', async () => {
    await change('old', 'new');
    expect(await codeOf(logIn('c3', 'old'))).toBe(REFUSED);
    expect(await codeOf(logIn('c3', 'new'))).toBe('done');
  });

  test('costs later logins no more calls', async () => {
    const callsOf = async (id: string, password: string) => {
      const { calls, ports } = chat.interrupted(NEVER, async () => {});
      await logIn(id, password, ports);
      return calls();
    };
    const before = await callsOf('c3', 'old');
    await change('old', 'new');
    expect(await callsOf('c4', 'new')).toBe(before);
  });

  test('ends every other session and connection; this one goes on with a new session', async () => {
    const { session_token } = await change('old', 'new');
    expect([connected(), bound()]).toEqual([['here'], ['here']]);
    for (const token of tokens) expect(await codeOf(enter('c3', { session_token: token }))).toBe(REFUSED);
    await expect(enter('c3', { session_token })).resolves.toBe(session_token);
    expect(chat.state.connections.here?.session).toBe(chat.state.connections.c3?.session);
  });

  test('is announced to every other connection, which is closed; this connection gets only the reply', async () => {
    await change('old', 'new');
    expect(chat.framesOf('there').at(-1)).toEqual({
      type: 'SESSION_ENDED',
      code: 'password_changed',
      reason: expect.stringContaining('password was changed'),
    });
    expect([chat.state.sockets.there?.open, chat.state.sockets.here?.open]).toEqual([false, true]);
    expect(JSON.stringify(chat.framesOf('here'))).not.toContain('SESSION_ENDED');
  });

  test('in text shows no token, and otherwise works the same', async () => {
    const reply = await changePassword(
      chat.ports,
      { old_password: 'old', new_password: 'new' },
      at('here', 'text'),
    );
    expect(reply).toEqual({});
    expect([connected(), bound()]).toEqual([['here'], ['here']]);
  });

  test('needs a login, and a length', async () => {
    Object.assign(chat.ports.policy, { passwordLength: 8 });
    expect(await codeOf(change('old', 'seven77'))).toBe('bad_request');
    const stranger = changePassword(chat.ports, { new_password: 'eight888' }, at('nobody'));
    expect(await codeOf(stranger)).toBe('not_logged_in');
    expect(await codeOf(logIn('c3', 'old'))).toBe('done');
  });

  test('is refused where an identity provider keeps the passwords', async () => {
    chat.ports.policy.hasProvider = true;
    expect(await codeOf(change('old', 'new'))).toBe('not_allowed');
  });

  test('set twice at once is set once, and the other request is told to try again', async () => {
    const outcomes = await Promise.all([codeOf(change('old', 'one')), codeOf(change('old', 'other'))]);
    expect(outcomes.toSorted()).toEqual(['busy', 'done']);
    const [winner, loser] = outcomes[0] === 'done' ? ['one', 'other'] : ['other', 'one'];
    expect(await codeOf(logIn('c3', loser))).toBe(REFUSED);
    expect(await codeOf(logIn('c3', winner))).toBe('done');
  });

  test.each([
    ['begins to end', () => chat.ports.inboxes.revoke('alice', chat.runtime.at)],
    ['has taken this one out', () => chat.ports.inboxes.disconnect('alice', 'here', 0)],
  ])('comes without a session if another request that ends all sessions %s', async (_, end) => {
    const { connections } = chat.ports;
    const bind: typeof connections.bind = async (...of) => {
      const isBound = await connections.bind(...of);
      await end();
      return isBound;
    };
    const sessions = Object.keys(chat.state.sessions);
    const ports = { ...chat.ports, connections: { ...connections, bind } };
    // The password is new all the same: a code would say that nothing was done.
    await expect(change('old', 'new', ports)).rejects.toBeInstanceOf(OutcomeUnknown);
    expect(chat.state.credentials.alice?.password).toBe('hash of new');
    expect(bound()).not.toContain('here');
    expect(Object.keys(chat.state.sessions)).toEqual(sessions);
  });

  test('is throttled like a login: after many failures it has to wait, logged in or not', async () => {
    Object.assign(chat.ports.policy, { invalidLogins: 3, failedLoginsOfAddress: 100 });
    // Of a user who is not known here: no login since the limits hold.
    for (let time = 0; time < 3; time++) expect(await codeOf(change('wrong', 'new'))).toBe(REFUSED);
    await expect(change('old', 'new')).rejects.toMatchObject({ code: 'rate_limited', retryAfter: 1_000 });
    chat.runtime.at += 1_000;
    expect(await codeOf(change('old', 'new'))).toBe('done');
  });
});

describe('a first password', () => {
  beforeEach(() => void chat.online('bob', 'b1'));
  const first = (old_password?: string) =>
    changePassword(chat.ports, { old_password, new_password: 'first' }, at('b1'));

  test('needs no old one, and is needed from then on', async () => {
    await first();
    expect(await codeOf(enter('c3', { username: 'bob' }))).toBe(REFUSED);
    expect(await codeOf(enter('c3', { username: 'bob', password: 'first' }))).toBe('done');
  });

  test('is refused if there was one already', async () => {
    expect(await codeOf(first('whatever'))).toBe(REFUSED);
    expect(await codeOf(enter('c3', { username: 'bob' }))).toBe('done');
  });
});

describe('at every call of changing a password', () => {
  test('the function may die, and a repeat ends all other sessions, whichever password is stored by then', async () => {
    const { calls, ports } = chat.interrupted(NEVER, async () => {});
    const before = structuredClone(chat.state);
    await change('old', 'new', ports);
    expect(calls()).toBeGreaterThan(6);
    const held = new Set<string>();
    for (let nth = 0; nth < calls(); nth++) {
      Object.assign(chat.state, structuredClone(before));
      const dying = chat.interrupted(nth, async () => {
        throw new Error('dies');
      });
      await expect(change('old', 'new', dying.ports)).rejects.toThrow('dies');
      const outcomes = [await codeOf(change('old', 'newer')), await codeOf(change('new', 'newer'))];
      expect(outcomes.toSorted()).toEqual(['done', REFUSED]);
      held.add(outcomes[0] === 'done' ? 'old' : 'new');
      expect([connected(), bound()]).toEqual([['here'], ['here']]);
      for (const token of tokens) expect(await codeOf(enter('c3', { session_token: token }))).toBe(REFUSED);
      expect(await codeOf(logIn('c3', 'newer'))).toBe('done');
    }
    expect(held).toEqual(new Set(['old', 'new']));
  });

  test.each(['old', 'new'])(
    'a login with the %s password may happen, and one with the old password does not last',
    async (password) => {
      const { calls, ports } = chat.interrupted(NEVER, async () => {});
      const before = structuredClone(chat.state);
      await change('old', 'new', ports);
      const outcomes = new Set<string>();
      for (let nth = 0; nth < calls(); nth++) {
        Object.assign(chat.state, structuredClone(before));
        const racing = chat.interrupted(
          nth,
          async () => void outcomes.add(await codeOf(logIn('other', password))),
        );
        expect(await codeOf(change('old', 'new', racing.ports))).toBe('done');
        if (password === 'old') expect(connected()).toEqual(['here']);
        expect(connected()).toEqual(bound());
      }
      expect(outcomes).toEqual(new Set(['done', REFUSED]));
    },
  );

  test('a login with the old password may come in between, and does not last', async () => {
    const { calls, ports } = chat.interrupted(NEVER, async () => {});
    const before = structuredClone(chat.state);
    await logIn('other', 'old', ports);
    const outcomes = new Set<string>();
    for (let nth = 0; nth < calls(); nth++) {
      Object.assign(chat.state, structuredClone(before));
      const racing = chat.interrupted(nth, () => change('old', 'new'));
      outcomes.add(await codeOf(logIn('other', 'old', racing.ports)));
      expect([connected(), bound()]).toEqual([['here'], ['here']]);
    }
    expect(outcomes).toEqual(new Set(['done', REFUSED]));
  });
});
