import { generateKeyPairSync } from 'node:crypto';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { startCloud } from '../../local/cloud.ts';
import { commands, examples } from '../../protocol/index.ts';
import { broken, tokenRows } from '../../tools/bench/cost-rows.ts';
import { People } from '../../tools/bench/people.ts';
import { assemblyIn } from '../support/assembly.ts';
import { type Client, connect } from '../support/client.ts';
import { costOf } from '../support/cost.ts';
import { unique } from '../support/given.ts';
import { startProvider } from '../support/provider.ts';

const provider = await startProvider('chat');
const { tokenOf, forgedOf } = provider;
const strangers = generateKeyPairSync('rsa', { modulusLength: 2048 });
const logs: string[] = [];
const cloud = await startCloud({
  // An issuer on this machine needs nothing else.
  assembly: assemblyIn({
    jwtIssuer: provider.issuer,
    jwtAudience: 'chat',
    allowedOrigins: 'https://chat.example',
  }),
  port: 0,
  log: ({ line }) => logs.push(line),
});
afterAll(async () => {
  await cloud.close();
  provider.close();
});

/** What the functions have logged, as fields. */
const logged = () => logs.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));

const now = () => Math.floor(Date.now() / 1000);

async function open(): Promise<Client> {
  const client = await connect(cloud.url);
  onTestFinished(() => client.close());
  return client;
}

const login = (client: Client, token?: string) => client.request({ type: 'login', token });

/** A user who is logged in. */
async function opened(sub: string, claims: object = {}): Promise<Client> {
  const client = await open();
  expect(await login(client, tokenOf({ sub, ...claims }))).toMatchObject({
    status: 'login_success',
    username: sub,
  });
  return client;
}

const send = (client: Client, recipient: string, content: string) =>
  client.request({ type: 'SEND_MESSAGE', recipient, content });

const isIn = async (client: Client) =>
  (await client.request({ type: 'list_chats' })).status === 'list_chats_success';

describe('a token of the provider', () => {
  test('logs in a user for the first time, in JSON and as a line', async () => {
    const [ann, bob] = [unique('ann'), unique('bob')];
    const client = await open();
    const exp = now() + 600;
    expect(await login(client, tokenOf({ sub: ann, exp }))).toMatchObject({
      status: 'login_success',
      session_expires: new Date(exp * 1000).toISOString(),
    });
    const line = await open();
    expect(await line.say(`login ${tokenOf({ sub: bob })}`)).toBe('login_success');
    expect(await send(client, bob, 'hi')).toMatchObject({ status: 'send_success' });
    expect(await line.nextText('the message', (text) => text.startsWith('receive'))).toContain(`${ann} hi`);
  });

  test('delivers pending and new messages', async () => {
    const [ann, bob] = [unique('ann'), unique('bob')];
    const [sender, earlier] = [await opened(ann), await opened(bob)];
    expect(await earlier.request({ type: 'logout' })).toMatchObject({ status: 'logout_success' });
    expect(await earlier.request({ type: 'list_chats' })).toMatchObject({ code: 'not_logged_in' });
    await send(sender, bob, 'before');
    const receiver = await open();
    const reply = await login(receiver, tokenOf({ sub: bob }));
    expect(reply.pending_messages?.map(({ content }) => content)).toEqual(['before']);
    expect(reply).not.toHaveProperty('session_token');
    await send(sender, bob, 'after');
    expect(await receiver.next({ type: 'RECEIVE_MESSAGE' })).toMatchObject({ content: 'after' });
  });

  test('names its user to others, in any script, and costs nothing more while it says the same', async () => {
    const [ann, bob] = [unique('auth0|Ann'), unique('auth0|Bob')];
    const claims = { name: 'Ann 王', picture: 'https://example.com/ann.png' };
    await opened(ann, claims);
    const reader = await opened(bob);
    const ask = { type: 'get_profiles', usernames: [ann] };
    expect(await reader.request(ask)).toMatchObject({
      profiles: [{ username: ann, display_name: claims.name, avatar_url: claims.picture }],
    });
    const client = await open();
    const plain = await open();
    const same = await costOf(cloud, () => login(client, tokenOf({ sub: ann, ...claims })));
    expect(same).toEqual(await costOf(cloud, () => login(plain, tokenOf({ sub: bob }))));
    expect(await client.request({ type: 'set_profile', display_name: 'Annie' })).toMatchObject({
      status: 'set_profile_success',
    });
    await login(client, tokenOf({ sub: ann, ...claims }));
    expect(await reader.request(ask)).toMatchObject({ profiles: [{ display_name: 'Annie' }] });
  });

  test('may be an access token of Amazon Cognito, whose audience is its client', async () => {
    const client = await open();
    const token = tokenOf({ sub: unique('ann'), aud: undefined, client_id: 'chat', token_use: 'access' });
    expect(await login(client, token)).toMatchObject({ status: 'login_success' });
    const other = tokenOf({ sub: unique('ann'), aud: 'shop', client_id: 'chat' });
    expect(await login(await open(), other)).toMatchObject({ code: 'invalid_token' });
  });

  test.each(tokenRows(tokenOf))('costs no more than its row: $operation', async (row) => {
    const people = new People(cloud.url);
    const action = await row.scene(people, cloud);
    expect(broken(await costOf(cloud, action), row)).toEqual([]);
    await people.leave();
  });

  test('is the only way in: registering, changing a password and other names are refused', async () => {
    const [ann, bob] = [unique('ann'), unique('bob')];
    const client = await opened(ann);
    await opened(bob);
    expect(await client.request({ type: 'login', username: ann })).toMatchObject({ code: 'invalid_token' });
    expect(await client.say(`login ${ann}`)).toMatch(/^login_fail .* needs a "token"/);
    expect(await login(client, tokenOf({ sub: bob }))).toMatchObject({ code: 'already_logged_in' });
    const named = { type: 'login', username: bob, token: tokenOf({ sub: ann }) };
    expect(await client.request(named)).toMatchObject({ code: 'invalid_token' });
    for (const request of [
      { type: 'register', username: unique('eve') },
      { type: 'change_password', new_password: 'a long enough one' },
    ])
      expect(await client.request(request)).toMatchObject({ code: 'not_allowed' });
    expect(await isIn(client)).toBe(true);
  });

  test('help lists what its users can do, and no registering or passwords', async () => {
    const words = (await (await open()).say('help')).split('\n').map((line) => line.split(' ')[0]);
    expect(words).not.toContain('register');
    expect(words).not.toContain('change_password');
    expect(words).toContain('login');
  });

  test('works though a group has the same name', async () => {
    const [ann, name] = [unique('ann'), unique('bob')];
    const sender = await opened(ann);
    expect(await sender.request({ type: 'create_group', group_name: name })).toMatchObject({
      status: 'create_group_success',
    });
    const bob = await opened(name);
    expect(await send(sender, name, 'hi')).toMatchObject({ status: 'send_success' });
    expect(await bob.next({ type: 'RECEIVE_MESSAGE' })).toMatchObject({ sender: ann, content: 'hi' });
  });
});

/** Makes a token for a user, on whose connection it is tried; absent, on a new one. */
type BadToken = (sub: string, client?: Client) => string | Promise<string>;

/** Each way in which a token is no good: the token, its code, and a word of its reason. */
const badTokens: Record<string, [token: BadToken, code: string, reason: RegExp]> = {
  expired: [(sub) => tokenOf({ sub, exp: now() - 60 }), 'token_expired', /expired/],
  'just expired': [(sub) => tokenOf({ sub, exp: now() }), 'token_expired', /expired/],
  'of no expiry': [(sub) => tokenOf({ sub, exp: undefined }), 'invalid_token', /"exp"/],
  'of no time of issue': [(sub) => tokenOf({ sub, iat: undefined }), 'invalid_token', /"iat"/],
  'not valid yet': [(sub) => tokenOf({ sub, nbf: now() + 60 }), 'invalid_token', /not valid yet/],
  'for a foreign audience': [(sub) => tokenOf({ sub, aud: ['shop'] }), 'invalid_token', /for \["shop"\]/],
  'of a foreign issuer': [
    (sub) => tokenOf({ sub, iss: 'https://evil.example' }),
    'invalid_token',
    /issued by "https:\/\/evil\.example"/,
  ],
  'that nobody signed': [
    (sub) => tokenOf({ sub }, { header: { alg: 'none' } }).replace(/[^.]*$/, ''),
    'invalid_token',
    /no JSON Web Token/,
  ],
  'of algorithm none, with a signature': [
    (sub) => tokenOf({ sub }, { header: { alg: 'none' } }),
    'invalid_token',
    /asymmetric algorithm/,
  ],
  'signed with HS256 and the public key': [
    (sub) => forgedOf({ sub }),
    'invalid_token',
    /asymmetric algorithm/,
  ],
  'of an unknown key': [
    (sub) => tokenOf({ sub }, { key: strangers.privateKey, header: { kid: 'k2' } }),
    'invalid_token',
    /key that the issuer does not have/,
  ],
  'that strangers signed': [
    (sub) => tokenOf({ sub }, { key: strangers.privateKey }),
    'invalid_token',
    /signature is wrong/,
  ],
  'of nobody': [() => tokenOf({ sub: undefined }), 'invalid_token', /claim "sub" is missing/],
  'of what is no user id': [() => tokenOf({ sub: 'with a space' }), 'invalid_token', /no user id/],
  'of an erased user': [
    async (sub) => {
      // As an erasure leaves it.
      await cloud.fill('Credentials', [{ username: sub, attemptId: 'erased', erased: true }]);
      return tokenOf({ sub });
    },
    'invalid_token',
    /account was deleted/,
  ],
  'that was revoked': [
    async (sub, client) => {
      const any = client ?? (await opened(sub, { iat: now() - 30 }));
      await any.request({ type: 'logout', everywhere: true });
      return tokenOf({ sub, iat: now() - 20 });
    },
    'session_expired',
    /logged out everywhere/,
  ],
};

describe.each(Object.entries(badTokens))('a token %s', (_, [token, code, reason]) => {
  const refused = { status: 'login_fail', code, reason: expect.stringMatching(reason) };

  test('is refused at the first login, in JSON and as a line, and logged with its reason', async () => {
    const text = await token(unique('eve'));
    const [client, mark] = [await open(), logs.length];
    expect(await login(client, text)).toMatchObject(refused);
    expect(await client.say(`login ${text}`)).toMatch(reason);
    expect(await client.request({ type: 'list_chats' })).toMatchObject({ code: 'not_logged_in' });
    const lines = logs.slice(mark).filter((line) => line.includes(`"outcome":"${code}"`));
    expect(lines.map((line) => JSON.parse(line).reason)).toEqual([refused.reason, refused.reason]);
    expect(logs.join('\n')).not.toContain(text.slice(0, 60));
  });

  test('is refused on an open connection, which keeps its login', async () => {
    const sub = unique('eve');
    const client = await opened(sub, { iat: now() - 30 });
    const text = await token(sub, client);
    const wasIn = await isIn(client);
    expect(await login(client, text)).toMatchObject(refused);
    expect(await isIn(client)).toBe(wasIn);
  });

  test('is refused when a client reconnects', async () => {
    const sub = unique('eve');
    await (await opened(sub, { iat: now() - 30 })).close();
    const client = await open();
    expect(await login(client, await token(sub))).toMatchObject(refused);
    expect(await isIn(client)).toBe(false);
  });
});

/** Logs in by a token that expires in a second or two, and waits until it has. */
async function expiredLogin(sub: string, client?: Client): Promise<Client> {
  const user = client ?? (await open());
  expect(await login(user, tokenOf({ sub, exp: now() + 2 }))).toMatchObject({ status: 'login_success' });
  while (await isIn(user));
  return user;
}

describe('when the token has expired', () => {
  test('every command that needs a user is refused with its code, in JSON and as a line', async () => {
    const ann = unique('ann');
    const client = await expiredLogin(ann);
    const needing = commands.filter(
      ({ type }) => examples[type].access !== 'anybody' && !['logout', 'change_password'].includes(type),
    );
    expect(needing.length).toBeGreaterThan(10);
    for (const { type, fail } of needing)
      expect(await client.request(examples[type].request), type).toMatchObject({
        status: fail.status,
        code: 'session_expired',
      });
    expect(await client.request({ type: 'logout', everywhere: true })).toMatchObject({
      code: 'session_expired',
    });
    expect(await client.say(`send ${ann} hi`)).toMatch(/^send_fail The token of this login has expired/);
    expect(await client.request({ type: 'ping' })).not.toHaveProperty('code');
  });

  test('nothing is posted: a message is pending, and arrives once with a fresh token on the same connection', async () => {
    const [ann, bob] = [unique('ann'), unique('bob')];
    const [sender, receiver] = [await opened(ann), await expiredLogin(bob)];
    const presence = await sender.request({ type: 'presence', usernames: [bob] });
    expect(presence).toMatchObject({ users: [{ username: bob, online: false }] });
    await send(sender, bob, 'one');
    await send(sender, bob, 'two');
    const reply = await login(receiver, tokenOf({ sub: bob }));
    expect(reply.pending_messages?.map(({ content }) => content)).toEqual(['one', 'two']);
    await send(sender, bob, 'three');
    expect((await receiver.arrived()).map((frame) => JSON.parse(frame).content)).toEqual(['three']);
    expect(await isIn(receiver)).toBe(true);
  });

  test('a plain logout frees the connection for somebody else', async () => {
    const [ann, bob] = [unique('ann'), unique('bob')];
    const client = await expiredLogin(ann);
    expect(await login(client, tokenOf({ sub: bob }))).toMatchObject({ code: 'already_logged_in' });
    expect(await client.request({ type: 'logout' })).toMatchObject({ status: 'logout_success' });
    expect(await login(client, tokenOf({ sub: bob }))).toMatchObject({ status: 'login_success' });
  });
});

test('logging out everywhere tells the other connections and closes them, and a later token logs in', async () => {
  const ann = unique('ann');
  const [here, there] = [await opened(ann, { iat: now() - 30 }), await opened(ann, { iat: now() - 30 })];
  await here.request({ type: 'logout', everywhere: true });
  expect(await there.next({ type: 'SESSION_ENDED' })).toMatchObject({ code: 'logged_out_everywhere' });
  await there.closed;
  expect(await login(here, tokenOf({ sub: ann, iat: now() + 3 }))).toMatchObject({ status: 'login_success' });
});

describe('a handshake', () => {
  const statusOf = (origin?: string) =>
    new Promise<number>((done) => {
      const socket = new WebSocket(cloud.url, { ...(origin && { origin }) });
      socket.on('error', () => {});
      socket.on('unexpected-response', (_, { statusCode = 0 }) => {
        done(statusCode);
        socket.terminate();
      });
      socket.on('open', () => {
        done(101);
        socket.close();
      });
    });

  test('is refused to pages of other origins, and to nobody else', async () => {
    // A page of this machine, which only the function refuses, as in the cloud.
    expect(await statusOf('http://localhost:1')).toBe(403);
    expect(await statusOf('https://evil.example')).toBe(403);
    expect(await statusOf('https://chat.example')).toBe(101);
    expect(await statusOf()).toBe(101);
  });

  test.each(['$connect', '$disconnect'])('a frame of type %s is answered, and ends nothing', async (type) => {
    const client = await opened(unique('ann'));
    expect(await client.request({ type })).toMatchObject({ type: 'error', code: 'unknown_type' });
    expect(await isIn(client)).toBe(true);
  });
});

test('unavailable keys are not the fault of a token, and are reported', async () => {
  provider.state.down = true;
  onTestFinished(() => {
    provider.state.down = false;
  });
  // Where the keys were just asked for, they are not again: then it is too early to say.
  const unseen = tokenOf({ sub: unique('ann') }, { header: { kid: 'k3' } });
  expect(await login(await open(), unseen)).toMatchObject({ status: 'login_fail', code: 'busy' });
  expect(logged()).toContainEqual(
    expect.objectContaining({
      message: 'login',
      outcome: 'busy',
      error: expect.objectContaining({ message: "The issuer's keys cannot be had" }),
    }),
  );
});

test('no call of these functions was denied', async () => {
  expect((await cloud.grants()).denied).toEqual([]);
});
