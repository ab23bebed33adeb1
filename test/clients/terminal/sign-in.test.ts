import { expect, test } from 'vitest';
import { memoryStore } from '../../../clients/sdk/memory-store.ts';
import { partOfService } from '../../../clients/sdk/store.ts';
import { signIn } from '../../../clients/terminal/sign-in.ts';
import { aServer, type FakeServer } from '../sdk/fake-server.ts';
import { readArguments } from './read-arguments.ts';

const given = (url: string, ...flags: string[]) => readArguments(['ann', url, '--memory', ...flags], {});

/** Somebody who answers so, and notes what is asked. */
function somebody(...answers: string[]) {
  const asked: string[] = [];
  const ask = async (question: string, isSecret = false) => {
    asked.push(`${question}${isSecret ? '(secret)' : ''}`);
    return answers.shift() ?? '';
  };
  return { asker: { ask, say: (line: string) => void asked.push(line) }, asked };
}

/** Refuses the next login. @returns what it was tried with */
async function refuse(server: FakeServer, code = 'invalid_credentials') {
  const peer = await server.next();
  const login = await peer.next('login');
  peer.refuse(login, code);
  return login;
}

/** Refuses the next login for its password, and answers who wants to know whether people may register. */
async function refusePassword(server: FakeServer, lines = ['register USER [PASSWORD] - …']) {
  const login = await refuse(server);
  await (await server.next()).answer('help', { lines });
  return login;
}

test('a login that succeeds asks for nothing', async () => {
  const server = await aServer();
  const { asker, asked } = somebody();
  const entering = signIn(given(server.url, '--password', 'secret'), memoryStore(), { asker });
  const { login } = await server.nextLoggedIn();
  const chat = await entering;
  expect([chat.state, login.password, asked]).toEqual(['online', 'secret', []]);
  chat.close();
});

test('a person is asked for the password, unseen, until it is right', async () => {
  const server = await aServer();
  const { asker, asked } = somebody('wrong', 'right');
  const entering = signIn(given(server.url), memoryStore(), { asker });
  expect((await refusePassword(server)).password).toBeUndefined();
  expect((await refusePassword(server)).password).toBe('wrong');
  const { login } = await server.nextLoggedIn();
  expect(login.password).toBe('right');
  (await entering).close();
  expect(asked.filter((each) => each.startsWith('Password'))).toEqual(
    Array(2).fill('Password (just Enter to register): (secret)'),
  );
});

test('a person is told that the service needs a token of its identity provider', async () => {
  const server = await aServer();
  const entering = signIn(given(server.url), memoryStore(), { asker: somebody().asker });
  await refuse(server, 'invalid_token');
  await expect(entering).rejects.toThrow('--token-command');
});

test('a person whose session ended is asked for the password', async () => {
  const server = await aServer();
  const { asker } = somebody('new');
  const store = memoryStore();
  partOfService(store, server.url).set('session', JSON.stringify({ username: 'ann', token: 'over' }));
  const entering = signIn(given(server.url), store, { asker });
  const peer = await server.next();
  for (const shown of [{ session_token: 'over' }, { username: 'ann' }]) {
    const login = await peer.next('login');
    expect(login).toMatchObject(shown);
    peer.refuse(login, 'invalid_credentials');
  }
  await (await server.next()).answer('help', { lines: [] });
  const { login } = await server.nextLoggedIn();
  expect(login.password).toBe('new');
  (await entering).close();
});

test('a new name is registered with the password that is chosen, and logged in', async () => {
  const server = await aServer();
  const { asker, asked } = somebody('', 'chosen');
  const entering = signIn(given(server.url), memoryStore(), { asker });
  await refusePassword(server);
  const registration = await (await server.next()).answer('register', { username: 'ann' });
  expect(registration).toMatchObject({ username: 'ann', password: 'chosen' });
  const { login } = await server.nextLoggedIn();
  expect(login.password).toBe('chosen');
  (await entering).close();
  expect(asked.at(-1)).toContain('A password for ann');
});

test('where nobody can register, a person is asked for the password alone', async () => {
  const server = await aServer();
  const { asker, asked } = somebody('', 'right');
  const entering = signIn(given(server.url), memoryStore(), { asker });
  await refusePassword(server, ['login USER [PASSWORD] - …']);
  await refusePassword(server, ['login USER [PASSWORD] - …']);
  const { login } = await server.nextLoggedIn();
  expect(login.password).toBe('right');
  (await entering).close();
  expect(asked.filter((each) => each.startsWith('Password'))).toEqual(Array(2).fill('Password: (secret)'));
});

test('if the name is taken after all, it says so and asks again', async () => {
  const server = await aServer();
  const { asker, asked } = somebody('', '', 'mine');
  const entering = signIn(given(server.url), memoryStore(), { asker });
  await refusePassword(server);
  const peer = await server.next();
  peer.refuse(await peer.next('register'), 'name_taken');
  await refusePassword(server);
  const { login } = await server.nextLoggedIn();
  expect(login.password).toBe('mine');
  (await entering).close();
  expect(asked).toContain('It is name_taken.');
});

test('a program is refused without a question', async () => {
  const server = await aServer();
  const entering = expect(signIn(given(server.url), memoryStore(), {})).rejects.toMatchObject({
    code: 'invalid_credentials',
  });
  await refuse(server);
  await entering;
});

test('--register works for a new name, and for one registered before with the same password', async () => {
  const server = await aServer();
  const entering = signIn(given(server.url, '--register', '--password', 'x'), memoryStore(), {});
  const peer = await server.next();
  peer.refuse(await peer.next('register'), 'name_taken');
  const { login } = await server.nextLoggedIn();
  expect(login.password).toBe('x');
  (await entering).close();
});

test('without the service a program is refused, and a person waits', async () => {
  const { asker, asked } = somebody();
  const nowhere = given('ws://127.0.0.1:1');
  await expect(signIn(nowhere, memoryStore(), {})).rejects.toMatchObject({ code: 'unreachable' });
  const chat = await signIn(nowhere, memoryStore(), { asker });
  expect([chat.state, asked]).toEqual(['waiting', []]);
  chat.close();
});

test('a program waits while the service is busy', async () => {
  const server = await aServer();
  const entering = signIn(given(server.url), memoryStore(), {});
  await refuse(server, 'busy');
  await server.nextLoggedIn();
  const chat = await entering;
  expect(chat.state).toBe('online');
  chat.close();
});

test('with tokens no password is asked for', async () => {
  const server = await aServer();
  const { asker, asked } = somebody();
  const entering = signIn({ ...given(server.url), getToken: () => 'a token' }, memoryStore(), { asker });
  const { login } = await server.nextLoggedIn();
  expect(login).toMatchObject({ username: 'ann', token: 'a token' });
  expect(login).not.toHaveProperty('password');
  (await entering).close();
  expect(asked).toEqual([]);
});

test('a token that is refused twice is reported with the reason', async () => {
  const server = await aServer();
  const { asker } = somebody();
  const entering = signIn({ ...given(server.url), getToken: () => 'a token' }, memoryStore(), { asker });
  const failed = expect(entering).rejects.toMatchObject({
    code: 'unauthorized',
    message: 'ann: It is invalid_token.',
  });
  const peer = await server.next();
  for (let tries = 0; tries < 2; tries++) peer.refuse(await peer.next('login'), 'invalid_token');
  await failed;
});

test.each([true, false])(
  'a command that prints no token is reported at once (a person is there: %s)',
  async (sits) => {
    const server = await aServer();
    const args = readArguments(
      ['ann', server.url, '--memory', '--token-command', 'echo gone >&2; exit 3'],
      {},
    );
    const asker = sits ? somebody().asker : undefined;
    await expect(signIn(args, memoryStore(), { asker })).rejects.toMatchObject({
      code: 'no_token',
      message: 'ann: `echo gone >&2; exit 3` exited with code 3: gone',
    });
  },
);
