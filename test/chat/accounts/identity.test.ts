import { beforeEach, describe, expect, test, vi } from 'vitest';
import { createUser } from '../../../chat/accounts/create-user.ts';
import { login } from '../../../chat/accounts/login.ts';
import { logout } from '../../../chat/accounts/logout.ts';
import { register } from '../../../chat/accounts/register.ts';
import { help } from '../../../chat/help.ts';
import type { Caller } from '../../../chat/model.ts';
import { callerAt as at, type Service, service, testWorld } from '../../support/chat.ts';
import { memoryPorts } from '../../support/memory.ts';

let chat: Service;
beforeEach(async () => {
  chat = service();
  chat.users('bob');
  await register(chat.ports, { username: 'alice', password: 'correct-horse' }, at('r'));
});

type Request = Parameters<typeof login>[1];
interface Reply {
  username: string;
  session_token: string;
  session_expires: string;
}

/** The reply to a login, or its refusal. */
async function logIn(request: Request, caller: Caller): Promise<Reply> {
  chat.state.sockets[caller.connectionId] ??= { open: true, frames: [] };
  await login(chat.ports, request, caller);
  return chat.framesOf(caller.connectionId).at(-1) as Reply;
}

const refusalOf = async (request: Request, caller: Caller) => {
  const error = await logIn(request, caller).catch((error) => error);
  return { code: error.code, reason: error.message };
};

const alice = { username: 'alice', password: 'correct-horse' };
const byToken = (session_token: string) => ({ session_token });

describe('a login that fails to authenticate', () => {
  test('gets the same answer whatever was wrong, and is not let in', async () => {
    const { session_token } = await logIn(alice, at('c1'));
    const wrong: Request[] = [
      { username: 'nobody', password: 'correct-horse' },
      { username: 'nobody' },
      { username: 'alice', password: 'wrong' },
      { username: 'alice' },
      { username: 'bob', password: 'though he has none' },
      { username: 'bob', session_token },
      byToken('no-such-token'),
    ];
    const refusals = await Promise.all(wrong.map((request, index) => refusalOf(request, at(`w${index}`))));
    const [first] = refusals;
    expect(first?.code).toBe('invalid_credentials');
    expect(refusals).toEqual(wrong.map(() => first));
    expect(Object.keys(chat.state.connections)).toEqual(['c1']);
  });

  test.each(['nobody', 'alice', 'bob'])(
    'compares the password once also for %s, so that it takes as long',
    async (username) => {
      const matches = vi.spyOn(chat.ports.secrets, 'matches');
      await refusalOf({ username, password: 'wrong' }, at('c1'));
      expect(matches).toHaveBeenCalledTimes(1);
    },
  );

  test('by a token of an identity provider is refused where there is none', async () => {
    const refusal = await refusalOf({ username: 'bob', token: 'a.b.c' }, at('c1'));
    expect(refusal).toEqual({
      code: 'invalid_token',
      reason: expect.stringContaining('no identity provider'),
    });
    expect(chat.state.connections).toEqual({});
  });

  test('without a token needs a name', async () => {
    await expect(logIn({}, at('c1'))).rejects.toMatchObject({ code: 'bad_request' });
  });
});

describe('a user', () => {
  test('with a password always needs it, and one without logs in by name alone', async () => {
    await expect(logIn(alice, at('c1'))).resolves.toMatchObject({ username: 'alice' });
    await expect(logIn({ username: 'bob' }, at('c2'))).resolves.toMatchObject({ username: 'bob' });
  });

  test('cannot register a name that is taken, and no password changes', async () => {
    const again = register(chat.ports, { username: 'alice', password: 'mine now' }, at('r2'));
    await expect(again).rejects.toMatchObject({ code: 'name_taken' });
    await expect(logIn(alice, at('c1'))).resolves.toMatchObject({ username: 'alice' });
  });

  test('cannot register where that is closed, and the operator still adds users', async () => {
    Object.assign(chat.ports.policy, { registration: 'closed' });
    const lines = () => help(chat.ports).lines.filter((line) => line.startsWith('register '));
    await expect(register(chat.ports, { username: 'carol' }, at('r2'))).rejects.toMatchObject({
      code: 'not_allowed',
      message: 'Nobody can register here: whoever runs this service adds its users.',
    });
    expect(chat.state.names.carol).toBeUndefined();
    expect(lines()).toEqual([]);
    expect(await createUser(chat.ports, { username: 'carol' })).toMatchObject({ created: true });
    Object.assign(chat.ports.policy, { registration: 'open' });
    expect(lines()).toHaveLength(1);
  });

  test('needs a long enough password where passwords are required', async () => {
    Object.assign(chat.ports.policy, { passwords: 'required', passwordLength: 8 });
    const { session_token } = await logIn(alice, at('c1'));
    for (const password of [undefined, '', 'seven77', '😀😀😀😀😀😀😀']) {
      const refused = register(chat.ports, { username: 'carol', password }, at('r2'));
      await expect(refused).rejects.toMatchObject({ code: 'bad_request' });
    }
    expect(chat.state.names.carol).toBeUndefined();
    expect(await refusalOf({ username: 'bob' }, at('c2'))).toMatchObject({ code: 'invalid_credentials' });
    await expect(logIn(byToken(session_token), at('c3'))).resolves.toMatchObject({ username: 'alice' });
  });

  test('can still register after a registration that died halfway', async () => {
    const dying = { ...chat.ports.credentials, create: () => Promise.reject(new Error('dies')) };
    const first = register({ ...chat.ports, credentials: dying }, { username: 'carol' }, at('r2'));
    await expect(first).rejects.toThrow('dies');
    expect(await refusalOf({ username: 'carol' }, at('c1'))).toMatchObject({ code: 'invalid_credentials' });
    await register(chat.ports, { username: 'carol', password: 'mine' }, at('r3'));
    await expect(logIn({ username: 'carol', password: 'mine' }, at('c1'))).resolves.toBeDefined();
  });
});

describe('a session', () => {
  test('logs in on another connection, and stays the same', async () => {
    const reply = await logIn(alice, at('c1'));
    // Another process, which knows only what is stored.
    const state = structuredClone(chat.state);
    state.sockets.c2 = { open: true, frames: [] };
    await login(memoryPorts(state, testWorld()), byToken(reply.session_token), at('c2'));
    const [frame] = state.sockets.c2.frames.map((text) => JSON.parse(text) as Reply);
    const { session_token, session_expires } = reply;
    expect(frame).toMatchObject({ username: 'alice', session_token, session_expires });
  });

  test('ends when it has expired, though its row is still there', async () => {
    const { session_token, session_expires } = await logIn(alice, at('c1'));
    chat.runtime.at = Date.parse(session_expires) - 1;
    await expect(logIn(byToken(session_token), at('c2'))).resolves.toMatchObject({ session_expires });
    chat.runtime.at += 1;
    expect(await refusalOf(byToken(session_token), at('c3'))).toMatchObject({ code: 'invalid_credentials' });
    expect(Object.keys(chat.state.sessions)).toHaveLength(1);
  });

  test('ends with the logout of a connection that uses it; the others go on', async () => {
    const [one, other] = [await logIn(alice, at('c1')), await logIn(alice, at('c2'))];
    await logIn(byToken(one.session_token), at('c3'));
    await logout(chat.ports, {}, at('c3'));
    expect(await refusalOf(byToken(one.session_token), at('c4'))).toMatchObject({
      code: 'invalid_credentials',
    });
    await expect(logIn(byToken(other.session_token), at('c5'))).resolves.toMatchObject({ username: 'alice' });
    expect(Object.keys(chat.state.connections).toSorted()).toEqual(['c1', 'c2', 'c5']);
  });

  test('is not opened for a client that would not see its token', async () => {
    await logIn(alice, at('c1', 'text'));
    expect(chat.state.sessions).toEqual({});
  });
});

test('stores no password or token in the clear, and answers with no password', async () => {
  const backwards = (text: string) => [...text].reverse().join('');
  const tokens: string[] = [];
  Object.assign(chat.ports.secrets, {
    hash: async (password: string) => backwards(password),
    matches: async (password: string, hash?: string) => hash === backwards(password),
    digest: backwards,
    newToken: () => tokens[tokens.push(`secret-token-${tokens.length}`) - 1],
  });
  const carol = { username: 'carol', password: 'battery-staple' };
  const replies: unknown[] = [await register(chat.ports, carol, at('r'))];
  replies.push(await logIn(carol, at('c1')), await refusalOf({ ...carol, password: 'staple' }, at('c2')));
  expect(tokens).not.toEqual([]);
  const { sockets, ...stored } = chat.state;
  expect(JSON.stringify([replies, sockets])).not.toContain('staple');
  for (const secret of [...tokens, 'staple']) expect(JSON.stringify(stored)).not.toContain(secret);
});
