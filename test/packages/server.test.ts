import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { transform } from 'esbuild';
import { expect, test } from 'vitest';
import { adminOf } from '../support/admin.ts';
import { ownCloud } from '../support/own-cloud.ts';
import { packed } from './packed.ts';

// As a backend has it: the tarball, and Lambda's client.

const { cloud, given } = await ownCloud();
const { home, port } = adminOf(cloud);
const run = promisify(execFile);

const project = await mkdtemp(join(tmpdir(), 'backend-'));
const { tarball } = await packed('server', project);
const own = join(project, 'node_modules/@parley-chat/server');
await mkdir(own, { recursive: true });
await run('tar', ['-xzf', tarball, '-C', own, '--strip-components', '1']);
for (const name of ['@aws-sdk/client-lambda', '@types/node']) {
  const path = join(project, 'node_modules', name);
  await mkdir(dirname(path), { recursive: true });
  await symlink(resolve('node_modules', name), path, 'junction');
}
await writeFile(join(project, 'package.json'), '{"private":true,"type":"module"}');

const readme = await readFile('packages/server/README.md', 'utf8');
const [example = '', ...further] = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code);

/** Runs a program of the project beside the service. @returns what it prints */
async function runs(file: string, source: string): Promise<string[]> {
  const { code } = await transform(source.replaceAll('local()', `local(${port})`), { loader: 'ts' });
  await writeFile(join(project, file), code);
  const env = { ...process.env, HOME: home, NODE_NO_WARNINGS: '1' };
  const { stdout, stderr } = await run(process.execPath, [file], { cwd: project, env });
  expect(stderr).toBe('');
  return stdout.trim().split('\n');
}

test('strict TypeScript takes the examples, as ES modules and as CommonJS, and no mistakes', async () => {
  const rest = `import { serverApi } from '@parley-chat/server';
declare const chat: import('@parley-chat/server').ServerApi;
${further.map((code) => code.replaceAll(/^import .*server';$/gm, '')).join('\n')}`;
  const files = {
    'example.mts': example,
    'further.mts': `import { ServerApiError } from '@parley-chat/server';\n${rest}`,
    'classic.cts': `import { serverApi } from '@parley-chat/server';
export const ask = (functionName: string) => serverApi({ functionName, lambda: { region: 'eu-west-1' } });`,
    'wrong.mts': `declare const chat: import('@parley-chat/server').ServerApi;
await chat.as('ann').request({ type: 'mark_read', chat: 7 });
export {};`,
  };
  const compilerOptions = {
    ...{ target: 'es2022', module: 'nodenext', strict: true, noEmit: true, skipLibCheck: false },
    ...{ exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, types: ['node'] },
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(project, name), text);
  const config = { compilerOptions, files: Object.keys(files) };
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify(config));
  const tsc = resolve('node_modules/typescript/bin/tsc');
  const { stdout } = await run(process.execPath, [tsc, '-p', project]).catch((error) => error);
  const complaints = (stdout as string).trim().split('\n');
  expect(complaints).toEqual([expect.stringMatching(/^.*wrong\.mts\(2,51\): error TS2322/)]);
});

test('its first example creates users, sends as one and hands out a session, and again does no more', async () => {
  expect(await runs('example.mjs', example)).toEqual(['ann:shop 1', '43']);
  const ann = await given.device('ann');
  expect(await ann.request({ type: 'fetch_history', recipient: 'shop' })).toMatchObject({
    messages: [{ sender: 'shop', content: 'Your order 4711 has been shipped.' }],
  });
  await ann.close();
  expect(await runs('example.mjs', example)).toEqual(['ann:shop 1', '43']);
});

test('a program that requires it has errors with codes', async () => {
  const program = `const { serverApi, ServerApiError } = require('@parley-chat/server');
const { local } = require('@parley-chat/server/local');
const failing = async (api) => api.as('nobody').request({ type: 'list_chats' }).catch((error) => error);
(async () => {
  const chat = serverApi(local());
  const unknown = await failing(chat);
  console.log(unknown instanceof ServerApiError, unknown.code);
  chat.close();
  const { lambda } = local();
  console.log((await failing(serverApi({ lambda, functionName: 'another' }))).code);
  const gone = { ...lambda, endpoint: 'http://127.0.0.1:1' };
  console.log((await failing(serverApi({ lambda: gone, functionName: 'x', attempts: 1 }))).code);
  try { local(1); } catch (error) { console.log(error.message); }
})();`;
  expect(await runs('classic.cjs', program)).toEqual([
    'true unknown_recipient',
    'not_invoked',
    'unreachable',
    'No service of yours runs on port 1: start it first, or give its port.',
  ]);
});
