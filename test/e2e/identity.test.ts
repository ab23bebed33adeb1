import { describe, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import type { Frame } from '../support/frame.ts';
import { configured, given, unique } from '../support/given.ts';

type LoginFrame = Frame & { session_token?: string; session_expires?: string };

const refused = { status: 'login_fail', code: 'invalid_credentials' };

/** A user with a password, logged in. */
async function aUserWithPassword(password = 'correct-horse') {
  const client = await given.aStranger();
  client.name = unique('kept');
  expect(await client.request({ type: 'register', username: client.name, password })).toMatchObject({
    status: 'register_success',
  });
  const login = (await client.request({ type: 'login', username: client.name, password })) as LoginFrame;
  expect(login.status).toBe('login_success');
  return { client, name: client.name, token: String(login.session_token) };
}

const byToken = async (client: Client, session_token: string) =>
  (await client.request({ type: 'login', session_token })) as LoginFrame;

const isIn = async (client: Client) =>
  (await client.request({ type: 'list_chats' })).status === 'list_chats_success';

describe('a password', () => {
  test('is needed once it is set, and every refusal is the same', async () => {
    const { name } = await aUserWithPassword();
    const stranger = await given.aStranger();
    const replies = [
      await stranger.request({ type: 'login', username: name, request_id: 'r' }),
      await stranger.request({ type: 'login', username: name, password: 'wrong', request_id: 'r' }),
      await stranger.request({ type: 'login', username: unique('nobody'), password: 'x', request_id: 'r' }),
      await stranger.request({ type: 'login', username: unique('nobody'), request_id: 'r' }),
      await stranger.request({ type: 'login', session_token: 'no-such-token', request_id: 'r' }),
    ];
    for (const reply of replies) expect(reply).toEqual(replies[0]);
    expect(replies[0]).toMatchObject(refused);
    expect(await isIn(stranger)).toBe(false);
    expect(await stranger.say(`login ${name} correct-horse`)).toBe('login_success');
  });

  test('can be registered, used and changed in text', async () => {
    const stranger = await given.aStranger();
    const name = unique('hand');
    expect(await stranger.say(`register ${name} old-secret`)).toMatch(/^register_success\n/);
    expect(await stranger.say(`login ${name}`)).toMatch(/^login_fail /);
    expect(await stranger.say(`login ${name} old-secret`)).toBe('login_success');
    expect(await stranger.say('change_password wrong new-secret')).toMatch(/^change_password_fail /);
    expect(await stranger.say('change_password old-secret new-secret')).toBe('change_password_success');
    expect(await stranger.say('logout')).toBe('logout_success');
    expect(await stranger.say(`login ${name} old-secret`)).toMatch(/^login_fail /);
    expect(await stranger.say(`login ${name} new-secret`)).toBe('login_success');
  });

  test('can be given to a user who had none', async ({ skip }) => {
    skip(configured().passwords === 'required', 'passwords=required: nobody has none');
    const user = await given.aUser();
    expect(await user.request({ type: 'change_password', new_password: 'the-first' })).toMatchObject({
      status: 'change_password_success',
    });
    const stranger = await given.aStranger();
    expect(await stranger.request({ type: 'login', username: user.name })).toMatchObject(refused);
    expect(await stranger.say(`login ${user.name} the-first`)).toBe('login_success');
  });

  test('that is changed ends every other connection and session, and this one continues', async () => {
    const { client, name, token } = await aUserWithPassword();
    const phone = await given.aStranger();
    expect(await byToken(phone, token)).toMatchObject({ status: 'login_success', username: name });
    const wrong = { type: 'change_password', old_password: 'wrong', new_password: 'battery-staple' };
    expect(await client.request(wrong)).toMatchObject({ code: 'invalid_credentials' });
    const changed = (await client.request({
      type: 'change_password',
      old_password: 'correct-horse',
      new_password: 'battery-staple',
    })) as LoginFrame;
    expect(changed.status).toBe('change_password_success');
    expect(await phone.next({ type: 'SESSION_ENDED' })).toMatchObject({ code: 'password_changed' });
    await phone.closed;
    const other = await given.aStranger();
    expect(await byToken(other, token)).toMatchObject(refused);
    expect(await isIn(client)).toBe(true);
    const tablet = await given.aStranger();
    expect(await byToken(tablet, String(changed.session_token))).toMatchObject({ status: 'login_success' });
    expect(await other.request({ type: 'login', username: name, password: 'correct-horse' })).toMatchObject(
      refused,
    );
    expect(await other.say(`login ${name} battery-staple`)).toBe('login_success');
  });

  test.each(['', '\ud800', 'x'.repeat(257)])('that is invalid is refused: %j', async (password) => {
    const stranger = await given.aStranger();
    const reply = await stranger.request({ type: 'register', username: unique('u'), password });
    expect(reply).toMatchObject({ status: 'register_fail', code: 'bad_request' });
    expect(reply.reason).toMatch(/^"password" /);
  });
});

describe('a session', () => {
  test('logs in without a password, by either route, and stays the same', async () => {
    const { name, token } = await aUserWithPassword();
    const phone = await given.aStranger();
    expect(await byToken(phone, token)).toMatchObject({ username: name, session_token: token });
    const tablet = await given.aStranger();
    const reply = await tablet.request({ type: ' Login ', username: name, session_token: token });
    expect(reply).toMatchObject({ status: 'login_success', session_token: token });
  });

  test('belongs to its user alone', async () => {
    const { token } = await aUserWithPassword();
    const other = await given.someoneAway();
    const stranger = await given.aStranger();
    const reply = await stranger.request({ type: 'login', username: other, session_token: token });
    expect(reply).toMatchObject(refused);
  });

  test('ends with the logout of its connection, and the others continue', async () => {
    const { client, name, token } = await aUserWithPassword();
    const phone = await given.aStranger();
    const login = (await phone.request({
      type: 'login',
      username: name,
      password: 'correct-horse',
    })) as LoginFrame;
    expect(await phone.request({ type: ' LOGOUT ' })).toMatchObject({ status: 'logout_success' });
    expect(await byToken(phone, String(login.session_token))).toMatchObject(refused);
    expect(await isIn(client)).toBe(true);
    expect(await byToken(phone, token)).toMatchObject({ status: 'login_success' });
  });

  test('ends with all others when its user logs out everywhere', async () => {
    const { client, name, token } = await aUserWithPassword();
    const phone = await given.aStranger();
    expect(await byToken(phone, token)).toMatchObject({ status: 'login_success' });
    expect(await client.request({ type: 'logout', everywhere: true })).toMatchObject({
      status: 'logout_success',
    });
    expect(await phone.next({ type: 'SESSION_ENDED' })).toMatchObject({ code: 'logged_out_everywhere' });
    await phone.closed;
    expect(await isIn(client)).toBe(false);
    expect(await byToken(client, token)).toMatchObject(refused);
    expect(await client.say(`login ${name} correct-horse`)).toBe('login_success');
  });

  test('can be ended by its token on any connection, by either route and repeatedly, and not by a guess', async () => {
    const { client, name, token } = await aUserWithPassword();
    const login = { type: 'login', username: name, password: 'correct-horse' };
    const phone = await given.aStranger();
    const { session_token: second } = (await phone.request(login)) as LoginFrame;
    await phone.close();
    const stranger = await given.aStranger();
    for (const [type, session_token] of [
      ['logout', token],
      [' Logout ', second],
    ]) {
      const done = ['guess', session_token, session_token];
      for (const each of done)
        expect(await stranger.request({ type, session_token: each })).toHaveProperty(
          'status',
          'logout_success',
        );
      expect(await byToken(stranger, String(session_token))).toMatchObject(refused);
    }
    expect(await isIn(client)).toBe(true);
  });

  test('of a text connection is not shown, and logging out everywhere works in text', async () => {
    const user = await given.aUser('text');
    const phone = await given.device(user.name, 'text');
    expect(await user.say('logout everywhere')).toBe('logout_success');
    expect(await phone.line('session_ended ')).toBe(
      'session_ended You were logged out everywhere, from another connection.',
    );
    await phone.closed;
    expect(await user.say('list_chats')).toMatch(/^list_chats_fail /);
    expect(await user.say(`login ${user.name}`)).toBe('login_success');
  });
});

test('wrong passwords have to wait after a while, and the right one succeeds after the wait', async () => {
  const { name } = await aUserWithPassword();
  const stranger = await given.aStranger();
  let reply: Frame;
  // On a slow machine an attempt may take longer than the first waits, which double up to more than any request takes.
  do reply = await stranger.request({ type: 'login', username: name, password: 'wrong' });
  while (reply.code === 'invalid_credentials');
  expect(reply).toMatchObject({ status: 'login_fail', code: 'rate_limited' });
  expect(reply.retry_after_ms).toBeGreaterThan(0);
  await new Promise((done) => setTimeout(done, reply.retry_after_ms));
  expect(await stranger.say(`login ${name} correct-horse`)).toBe('login_success');
});

test('logins that cannot succeed do not make others wait', async () => {
  const { name } = await aUserWithPassword();
  const stranger = await given.aStranger();
  for (let tries = 0; tries < 15; tries++) {
    for (const invalid of [{ password: null }, { session_token: `wrong-${tries}` }]) {
      const reply = await stranger.request({ type: 'login', username: name, ...invalid });
      expect(reply).toMatchObject({ status: 'login_fail', code: 'invalid_credentials' });
    }
  }
  expect(await stranger.say(`login ${name} correct-horse`)).toBe('login_success');
});
