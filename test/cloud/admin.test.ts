import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCloud } from '../../local/cloud.ts';
import { ensureAssembly } from '../../local/synth.ts';
import { type Client, connect } from '../support/client.ts';
import { program } from '../support/programs.ts';

const data = mkdtempSync(join(tmpdir(), 'parley-admin-'));
afterAll(() => rmSync(data, { recursive: true }));

/** @param input what it reads, if anything */
function adminReading(input: string, ...flags: string[]) {
  const running = promisify(execFile)(process.execPath, [program('bin/admin.ts'), ...flags]);
  running.child.stdin?.end(input);
  return running.then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    ({ code, stderr }: { code: number; stderr: string }) => ({ code, said: stderr }),
  );
}

const admin = (...flags: string[]) => adminReading('', ...flags);

beforeAll(async () => {
  const cloud = await startCloud({ assembly: await ensureAssembly(), port: 0, data });
  const client = await connect(cloud.url);
  for (const name of ['ann', 'bob', 'carol']) await client.say(`register ${name}`);
  await client.request({ type: 'login', username: 'ann' });
  await client.request({ type: 'SEND_MESSAGE', recipient: 'bob', content: 'hi' });
  await client.request({ type: 'set_profile', display_name: 'Ann 王' });
  await client.request({ type: 'create_group', group_name: 'team' });
  const others = await Promise.all(['carol', 'bob'].map(() => connect(cloud.url)));
  const [carol, bob] = others as [Client, Client];
  await carol.say('login carol');
  await carol.say('create_group club');
  await bob.say('login bob');
  await bob.say('join_group club');
  await Promise.all(others.map((each) => each.close()));
  expect((await admin('export', 'ann', '--data', data)).said).toMatch(/in use .*stop npm start first/s);
  await client.close();
  await cloud.close();
});

test('exports and erases a user of the local service', async () => {
  const before = await admin('export', 'Ann', '--data', data);
  expect(JSON.parse(before.said)).toMatchObject({
    username: 'ann',
    profile: { name: 'Ann 王' },
    messages: [{ content: 'hi', seq: 1 }],
  });
  expect(await admin('erase', 'ann', '--data', data)).toMatchObject({ code: 2 });
  const erased = await admin('erase', 'ann', '--yes', '--data', data);
  expect(erased).toEqual({ code: 0, said: 'Erased ann: 1 messages, 2 chats.\n' });
  const after = await admin('export', 'ann', '--data', data);
  expect(JSON.parse(after.said)).toMatchObject({ chats: [], messages: [{ content: '', deleted: true }] });
  expect(after.said).not.toContain('王');
});

test('resets a password to a given or a random one, which alone logs in', async () => {
  const made = await admin('reset-password', 'BOB', '--data', data);
  const [, password = ''] =
    /^The password of bob is (\S{22})\n0 connections were ended\.\n$/.exec(made.said) ?? [];
  expect(password).not.toBe('');
  const given = await adminReading('for carol\n', 'reset-password', 'carol', '--stdin', '--data', data);
  expect(given).toEqual({ code: 0, said: 'The password of carol is set\n0 connections were ended.\n' });
  const cloud = await startCloud({ assembly: await ensureAssembly(), port: 0, data });
  const client = await connect(cloud.url);
  expect(await client.say('login bob')).toMatch(/^login_fail /);
  expect(await client.say(`login bob ${password}`)).toBe('login_success');
  const phone = await connect(cloud.url);
  expect(await phone.request({ type: 'login', username: 'carol', password: 'for carol' })).toHaveProperty(
    'status',
    'login_success',
  );
  await Promise.all([client.close(), phone.close()]);
  await cloud.close();
});

test('hands a group to a member, and to nobody else', async () => {
  expect(await admin('set-owner', 'Club', 'Bob', '--data', data)).toEqual({
    code: 0,
    said: 'bob owns the group club.\n',
  });
  expect(await admin('set-owner', 'club', 'ann', '--data', data)).toMatchObject({
    code: 1,
    said: expect.stringContaining('ann is not in the group club'),
  });
  expect((await admin('set-owner', 'nowhere', 'bob', '--data', data)).said).toContain(
    'There is no group nowhere',
  );
});

test.each([
  [['export', 'nobody'], 1, 'There is no user nobody'],
  [['reset-password', 'nobody'], 1, 'There is no user nobody'],
  [['reset-password', 'bob', '--stdin'], 2, 'The new password must not be empty'],
  [['erase', 'BOB', '--yes'], 1, 'There is no user BOB. Did you mean bob?'],
  [['reset-password'], 2, 'Expected reset-password USER'],
  [['set-owner', 'club'], 2, 'Expected set-owner GROUP USER'],
  [['destroy', 'ann'], 2, 'Try: npm run admin -- --help'],
  [['export', 'ann', '--outputs', 'nowhere.json'], 2, 'There is no nowhere.json'],
])('%j ends with %d and says why', async (flags, code, message) => {
  const result = await admin(...flags, '--data', data);
  expect(result.code).toBe(code);
  expect(result.said).toContain(message);
  expect(result.said).not.toContain('    at ');
});
