import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { runningAt } from '../../clients/server/running.ts';
import { adminOf } from '../support/admin.ts';
import { connect } from '../support/client.ts';
import { ownCloud } from '../support/own-cloud.ts';

const { cloud } = await ownCloud();
const { home, port, admin, adminIn, adminReading } = adminOf(cloud);

let erasing: ReturnType<typeof admin> | undefined;

beforeAll(async () => {
  const client = await connect(cloud.url);
  for (const name of ['ann', 'bob', 'carol']) await client.say(`register ${name}`);
  await client.request({ type: 'login', username: 'ann' });
  await client.request({ type: 'SEND_MESSAGE', recipient: 'bob', content: 'hi' });
  await client.request({ type: 'set_profile', display_name: 'Ann 王' });
  await client.request({ type: 'create_group', group_name: 'team' });
  const [carol, bob] = await Promise.all([connect(cloud.url), connect(cloud.url)]);
  expect(await carol.say('login carol')).toContain('success');
  expect(await carol.say('create_group club')).toContain('success');
  expect(await bob.say('login bob')).toContain('success');
  expect(await bob.say('join_group club')).toContain('success');
  await Promise.all([client, carol, bob].map((each) => each.close()));
});

test('prints the reply to any call as JSON, and ends with 1 if it is a refusal', async () => {
  const listed = await admin('call', '{"as":"ann","request":{"type":"list_chats"}}');
  expect(listed.code).toBe(0);
  expect(JSON.parse(listed.said)).toMatchObject({ status: 'list_chats_success' });
  const read = await adminReading('{"request":{"type":"create_session","username":"nobody"}}', 'call', '-');
  expect(read.code).toBe(1);
  expect(JSON.parse(read.said)).toMatchObject({ code: 'unknown_recipient' });
});

test('calls the function that the outputs of a deployed stack name, by the environment’s endpoint and credentials', async () => {
  const { endpoint, functionName, accessKeyId, sessionToken } = cloud.invoker('ApiFunction');
  const outputs = join(home, 'outputs.json');
  writeFileSync(
    outputs,
    JSON.stringify({ Parley: { ApiFunction: functionName }, Old: { Url: 'wss://old.example/dev' } }),
  );
  const deployed = (variables: Readonly<Record<string, string>>, ...flags: string[]) =>
    adminIn(
      {
        AWS_ENDPOINT_URL_LAMBDA: endpoint,
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: 'local',
        AWS_SESSION_TOKEN: sessionToken,
        ...variables,
      },
      ...flags,
      '--outputs',
      outputs,
    );
  const listing = ['call', '{"as":"bob","request":{"type":"list_chats"}}'];
  const [listed, owned, other, unnamed, old] = await Promise.all([
    deployed({}, ...listing, '--stack', 'Parley'),
    deployed({}, 'set-owner', 'nowhere', 'bob', '--stack', 'Parley'),
    deployed({ AWS_SESSION_TOKEN: 'old' }, ...listing, '--stack', 'Parley'),
    deployed({}, ...listing),
    deployed({}, ...listing, '--stack', 'Old'),
  ]);
  expect(listed.code).toBe(0);
  expect(JSON.parse(listed.said)).toMatchObject({ status: 'list_chats_success' });
  // By its commands, too.
  expect(owned).toMatchObject({ code: 1, said: expect.stringContaining('There is no group nowhere') });
  expect(other).toMatchObject({ code: 1, said: expect.stringContaining('UnrecognizedClientException') });
  expect(unnamed).toMatchObject({
    code: 2,
    said: expect.stringContaining('--stack must be one of Parley, Old'),
  });
  expect(old).toMatchObject({ code: 2, said: expect.stringContaining('has no output ApiFunction') });
});

test('only their owner can read the credentials of a service', () => {
  for (const [path, mode] of [
    ['.parley/.running', 0o700],
    [`.parley/.running/${port}.json`, 0o600],
  ] as const)
    expect(statSync(join(home, path)).mode & 0o777).toBe(mode);
});

test('a service that has ended, or is somebody else’s, is none', async () => {
  const service = runningAt(port, home);
  const none = 'No service of yours runs on port 1: npm start first';
  expect((await admin('export', 'ann', '--port', '1')).said).toContain(none);
  for (const other of [
    { ...service, endpoint: 'http://127.0.0.1:1' },
    { ...service, sessionToken: 'old' },
  ]) {
    writeFileSync(join(home, '.parley/.running/1.json'), JSON.stringify(other));
    expect((await admin('export', 'ann', '--port', '1')).said).toContain(none);
  }
});

test('exports and erases a user of the local service', async () => {
  const before = await admin('export', 'Ann');
  expect(JSON.parse(before.said)).toMatchObject({
    username: 'ann',
    profile: { name: 'Ann 王' },
    messages: [{ content: 'hi', seq: 1 }],
  });
  expect(await admin('erase', 'ann')).toMatchObject({ code: 2 });
  // It waits for calls under way; the other tests don't wait for it.
  erasing = admin('erase', 'ann', '--yes');
});

test('resets a password to a given or a random one, which alone logs in', async () => {
  const made = await admin('reset-password', 'BOB');
  const [, password = ''] =
    /^The password of bob is (\S{22})\n0 connections were ended\.\n$/.exec(made.said) ?? [];
  expect(password).not.toBe('');
  const given = await adminReading('for carol\n', 'reset-password', 'carol', '--stdin');
  expect(given).toEqual({ code: 0, said: 'The password of carol is set\n0 connections were ended.\n' });
  const client = await connect(cloud.url);
  expect(await client.say('login bob')).toMatch(/^login_fail /);
  expect(await client.say(`login bob ${password}`)).toBe('login_success');
  const phone = await connect(cloud.url);
  expect(await phone.request({ type: 'login', username: 'carol', password: 'for carol' })).toHaveProperty(
    'status',
    'login_success',
  );
  await Promise.all([client.close(), phone.close()]);
});

test('hands a group to a member, and to nobody else', async () => {
  expect(await admin('set-owner', 'Club', 'Bob')).toEqual({
    code: 0,
    said: 'bob owns the group club.\n',
  });
  expect(await admin('set-owner', 'club', 'ann')).toMatchObject({
    code: 1,
    said: expect.stringContaining('ann is not in the group club'),
  });
  expect((await admin('set-owner', 'nowhere', 'bob')).said).toContain('There is no group nowhere');
});

test.each([
  [['export', 'nobody'], 1, 'There is no user nobody'],
  [['reset-password', 'nobody'], 1, 'There is no user nobody'],
  [['reset-password', 'bob', '--stdin'], 2, 'The new password must not be empty'],
  [['call', '{'], 2, 'The call is no JSON'],
  [['reset-password'], 2, 'Expected reset-password USER'],
  [['set-owner', 'club'], 2, 'Expected set-owner GROUP USER'],
  [['destroy', 'ann'], 2, 'Try: npm run admin -- --help'],
  [['replay', 'extra'], 2, 'replay takes flags alone, and no "extra"'],
  [['export', 'ann', '--yes'], 2, "Unknown option '--yes'"],
  [['replay', '--help'], 0, "npm run admin -- replay --chat '#team' --from 100"],
  [['--stack', 'export', 'replay', '--help'], 0, "npm run admin -- replay --chat '#team' --from 100"],
  [['call', '--help'], 0, 'npm run admin -- call JSON [options]'],
  [['export', 'ann', '--outputs', 'nowhere.json'], 2, 'There is no nowhere.json'],
])('%j ends with %d and says why', async (flags, code, message) => {
  const result = await admin(...flags);
  expect(result.code).toBe(code);
  expect(result.said).toContain(message);
  expect(result.said).not.toContain('    at ');
});

test('an erased user has nothing left, once what was under way as them has ended', async () => {
  expect(await erasing).toEqual({ code: 0, said: 'Erased ann: 1 messages, 2 chats.\n' });
  const after = await admin('export', 'ann');
  expect(JSON.parse(after.said)).toMatchObject({ chats: [], messages: [{ content: '', deleted: true }] });
  expect(after.said).not.toContain('王');
});
