import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCloud } from '../../local/cloud.ts';
import { ensureAssembly } from '../../local/synth.ts';
import { connect } from '../support/client.ts';

const data = mkdtempSync(join(tmpdir(), 'parley-admin-'));
afterAll(() => rmSync(data, { recursive: true }));

const admin = (...flags: string[]) =>
  promisify(execFile)(process.execPath, ['--import', 'tsx', 'bin/admin.ts', ...flags]).then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    ({ code, stderr }: { code: number; stderr: string }) => ({ code, said: stderr }),
  );

beforeAll(async () => {
  const cloud = await startCloud({ assembly: await ensureAssembly(), port: 0, data });
  const client = await connect(cloud.url);
  for (const name of ['ann', 'bob']) await client.say(`register ${name}`);
  await client.request({ type: 'login', username: 'ann' });
  await client.request({ type: 'SEND_MESSAGE', recipient: 'bob', content: 'hi' });
  expect((await admin('export', 'ann', '--data', data)).said).toMatch(/in use .*stop npm start first/s);
  await client.close();
  await cloud.close();
}, 60_000);

test('exports and erases a user of the service on this machine', async () => {
  const before = await admin('export', 'Ann', '--data', data);
  expect(JSON.parse(before.said)).toMatchObject({ username: 'ann', messages: [{ content: 'hi', seq: 1 }] });
  expect(await admin('erase', 'ann', '--data', data)).toMatchObject({ code: 2 });
  const erased = await admin('erase', 'ann', '--yes', '--data', data);
  expect(erased).toEqual({ code: 0, said: 'Erased ann: 1 messages, 1 chats.\n' });
  const after = await admin('export', 'ann', '--data', data);
  expect(JSON.parse(after.said)).toMatchObject({ chats: [], messages: [{ content: '', deleted: true }] });
}, 60_000);

test.each([
  [['export', 'nobody'], 1, 'There is no user nobody'],
  [['destroy', 'ann'], 2, 'Try: npm run admin -- --help'],
  [['export', 'ann', '--outputs', 'nowhere.json'], 2, 'There is no nowhere.json'],
])('%j ends with %d and says why', async (flags, code, message) => {
  const result = await admin(...flags, '--data', data);
  expect(result.code).toBe(code);
  expect(result.said).toContain(message);
  expect(result.said).not.toContain('    at ');
});
