import { execFile, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { chromium, type Page } from 'playwright-core';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { register } from '../../clients/sdk/chat.ts';
import { startCloud } from '../../local/cloud.ts';
import { pack } from '../../tools/pack/pack.ts';
import { chromiumPath, LACKING, PATIENCE_MS } from '../clients/web/chromium-path.ts';
import { assemblyIn } from '../support/assembly.ts';
import { freePort } from '../support/free-port.ts';
import { unique } from '../support/given.ts';
import { packed } from './packed.ts';

// As an outsider has it: a folder elsewhere, and packages from their tarballs.

const ROOT = join(import.meta.dirname, '../..');
const folder = await mkdtemp(join(tmpdir(), 'react-'));
const [appsPort, readmesPort] = [await freePort(), await freePort()];
const provided = assemblyIn({ jwtIssuer: originOf(appsPort), jwtAudience: 'chat' });
const registered = assemblyIn({});
const made = [await pack('client', folder), await packed('react', folder)];
const tarballs = made.map(({ tarball }) => tarball);

function originOf(port: number): string {
  return `http://localhost:${port}`;
}

async function run(
  cwd: string,
  command: string,
  args: string[],
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  // `npm test` must not tell these what they are.
  const { NODE_ENV: _, NODE_OPTIONS: __, VITEST: ___, ...rest } = process.env;
  const running = promisify(execFile)(command, args, { cwd, env: { ...rest, ...env } });
  const { stdout } = await running.catch(({ stdout, stderr }) => {
    throw new Error(`${command} ${args.join(' ')}:\n${stdout}${stderr}`);
  });
  return stdout;
}

const install = (cwd: string, ...packages: string[]) =>
  run(cwd, 'npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', ...packages, ...tarballs]);

const browser = chromiumPath()
  ? await chromium.launch({ executablePath: chromiumPath(), args: ['--no-sandbox'] })
  : undefined;
afterAll(() => browser?.close());

/** Somebody's page, and what it complained of. */
async function open(url: string, width: number): Promise<{ page: Page; complaints: string[] }> {
  if (!browser) throw new Error(LACKING);
  const context = await browser.newContext({ viewport: { width, height: 780 } });
  context.setDefaultTimeout(PATIENCE_MS);
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  await page.goto(url);
  return { page, complaints };
}

test('the example app has a chat, from the tarballs', async ({ skip }) => {
  skip(!browser && process.env.CI === undefined, LACKING);
  const app = join(folder, 'app');
  await cp(join(ROOT, 'examples/app'), app, { recursive: true });
  await install(app);
  const origin = originOf(appsPort);
  const cloud = await startCloud({ assembly: provided, port: 0, visitors: { origins: [origin] } });
  onTestFinished(() => cloud.close());
  await run(app, 'npm', ['run', 'build'], { VITE_CHAT_URL: cloud.url });
  const server = spawn(process.execPath, ['server.mjs'], {
    ...{ cwd: app, env: { ...process.env, PORT: `${appsPort}` }, stdio: 'inherit' },
  });
  onTestFinished(() => void server.kill());
  await expect.poll(() => fetch(origin).then(({ status }) => status, String)).toBe(200);

  const signedIn = async (login: string, password: string, width: number) => {
    const { page, complaints } = await open(origin, width);
    const signIn = async () => {
      await page.getByLabel('Name').fill(login);
      await page.getByLabel('Password').fill(password);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('navigation', { name: 'People' }).waitFor();
    };
    await signIn();
    const write = async (text: string) => {
      await page.getByLabel('Message to').fill(text);
      await page.getByRole('button', { name: 'Send' }).click();
    };
    return { page, complaints, signIn, write, log: page.getByRole('log') };
  };
  const alice = await signedIn('alice', 'wonderland', 1200);
  await alice.page.getByRole('button', { name: 'Bob' }).click();
  // He has never been here.
  await alice.page.getByText('There is no user').or(alice.page.getByText('is not a user')).first().waitFor();
  const bob = await signedIn('bob', 'christmas', 390);
  await bob.page.getByRole('button', { name: 'Alice' }).click();
  for (let count = 1; count <= 12; count++) await alice.write(`Chapter ${count}`);
  await bob.log.getByText('Chapter 12').waitFor();
  // She sees that he saw them, who had them all in view one after the other.
  await alice.log.getByText('read', { exact: true }).nth(11).waitFor();
  await bob.log.hover();
  await bob.page.mouse.wheel(0, -400);
  await bob.page.getByRole('button', { name: 'Newest' }).waitFor();
  await alice.write('The end');
  await bob.page.getByRole('button', { name: 'Newest' }).click();
  await bob.log.getByText('The end').waitFor();
  await bob.write('وداعا');
  await alice.log.getByText('وداعا').waitFor();

  await bob.log.getByRole('button', { name: 'Delete' }).click();
  await bob.log.getByRole('button', { name: 'Undo' }).click();
  await bob.log.getByText('وداعا').waitFor();
  await bob.page.reload();
  await bob.page.getByRole('button', { name: 'Alice' }).click();
  await bob.log.getByText('وداعا').waitFor();
  const stored = () => bob.page.evaluate('JSON.stringify(localStorage)');
  expect(await stored()).toContain('The end');
  await bob.page.getByRole('button', { name: 'Sign out' }).click();
  await bob.page.getByLabel('Password').waitFor();
  expect(await stored()).not.toContain('The end');
  expect([alice.complaints, bob.complaints]).toEqual([[], []]);
  const { SHOTS } = process.env;
  if (SHOTS) await alice.page.screenshot({ path: `${SHOTS}/app.png` });
});

test('the README’s first example is a chat, with React 18, too', async ({ skip }) => {
  const readme = await readFile(join(ROOT, 'packages/react/README.md'), 'utf8');
  const [, example = ''] = /```tsx\n(.*?)```/s.exec(readme) ?? [];
  expect(example.trim().split('\n').length).toBeLessThanOrEqual(34);
  const app = join(folder, 'readme');
  await mkdir(app);
  const origin = originOf(readmesPort);
  const cloud = await startCloud({ assembly: registered, port: 0, visitors: { origins: [origin] } });
  onTestFinished(() => cloud.close());
  const [ann, bob] = [unique('ann'), unique('bob')];
  for (const username of [ann, bob])
    await register({ url: cloud.url, username, password: 'secret', webSocket: WebSocket });
  const asBob = example
    .replace('ws://localhost:3001', cloud.url)
    .replace('"ann"', `"${ann}"`)
    .replace('"bob"', `"${bob}"`);
  const compilerOptions = {
    ...{ target: 'es2022', lib: ['es2022', 'dom'], module: 'esnext', moduleResolution: 'bundler' },
    ...{ jsx: 'react-jsx', strict: true, noEmit: true, skipLibCheck: false, types: [] },
  };
  const files = {
    'package.json': JSON.stringify({ type: 'module', private: true }),
    'tsconfig.json': JSON.stringify({ compilerOptions, files: ['main.tsx'] }),
    'index.html': '<!doctype html><body><script type="module" src="main.tsx"></script></body>',
    'main.tsx': asBob,
    'server.mjs': `
      import { ChatProvider, useChats } from '@parley-chat/react';
      import { createElement } from 'react';
      import { renderToString } from 'react-dom/server';
      const Chats = () => createElement('p', null, String(useChats().isLoading));
      const open = () => { throw new Error('A server connects nobody.'); };
      console.log(renderToString(createElement(ChatProvider, { url: 'ws://x', getToken: open }, createElement(Chats))));
    `,
    'server.cjs': `console.log(typeof require('@parley-chat/react').useMessages);`,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(app, name), text);
  const { devDependencies } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  const types = ['vite', 'typescript', '@types/react', '@types/react-dom'];
  await install(
    app,
    'react@18.3.1',
    'react-dom@18.3.1',
    ...types.map((each) => `${each}@${devDependencies[each]}`),
  );
  await run(app, 'npx', ['tsc']);
  expect(await run(app, process.execPath, ['server.mjs'])).toBe('<p>true</p>\n');
  expect(await run(app, process.execPath, ['server.cjs'])).toBe('function\n');
  await run(app, 'npx', ['vite', 'build']);

  skip(!browser && process.env.CI === undefined, LACKING);
  const server = createServer(async ({ url = '/' }, response) => {
    const type = url.endsWith('.js') ? 'text/javascript' : 'text/html';
    const file = await readFile(join(app, 'dist', url === '/' ? 'index.html' : url)).catch(() => '');
    response.setHeader('Content-Type', type).end(file);
  }).listen(readmesPort, '127.0.0.1');
  onTestFinished(() => void server.close());
  const { page, complaints } = await open(origin, 390);
  await page.getByLabel('Message').fill('Hello, Bob.');
  await page.getByLabel('Message').press('Enter');
  await page.getByText(`${ann} Hello, Bob. sent`).waitFor();
  expect(complaints).toEqual([]);
});
