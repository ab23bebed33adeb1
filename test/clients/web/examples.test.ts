import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { ensurePage } from '../../../bin/page.ts';
import { startCloud } from '../../../local/cloud.ts';
import { freePort } from '../../support/free-port.ts';
import { program } from '../../support/programs.ts';
import { synthesize } from '../../support/synthesize.ts';
import { browsers, PHONE, shot } from './browser.ts';

const { visitor, socketUrl } = browsers();
const path = (file: string) => fileURLToPath(new URL(`../../../examples/${file}`, import.meta.url));

/** Runs an example until the test ends. */
function run(file: string, ...args: string[]) {
  const child = spawn(process.execPath, [program(`examples/${file}`), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill());
  let printed = '';
  child.stdout.on('data', (data) => {
    printed += data;
  });
  return { child, printed: () => printed };
}

test('the bot echoes every message to the page without a build step', async () => {
  const bot = run('bot.ts', 'parrot', socketUrl);
  await expect.poll(bot.printed).toContain('parrot is online');
  const { page, complaints } = await visitor();
  await page.goto(`file://${path('page.html')}?url=${encodeURIComponent(socketUrl)}`);
  await page.getByLabel('Your name').fill('polly');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByLabel('To').fill('parrot');
  await page.getByLabel('Message').fill('<b>hello</b>');
  await page.getByRole('button', { name: 'Send' }).click();
  await expect.poll(() => page.locator('output').textContent()).toContain('parrot: polly said: <b>hello</b>');
  expect(complaints).toEqual([]);
  bot.child.kill('SIGINT');
  await once(bot.child, 'exit');
});

test('the example backend shows the chat in a frame, hands it tokens, and signs its users out', async () => {
  const docs = readFileSync(new URL('../../../docs/identity.md', import.meta.url), 'utf8');
  const [, flags = ''] = /^npm start --( -c .*localhost.*)$/m.exec(docs) ?? [];
  const issuer = `http://localhost:${await freePort()}`;
  const context = Object.fromEntries(
    [...flags.replaceAll('http://localhost:8080', issuer).matchAll(/ -c (\w+)=(\S+)/g)].map(
      ([, key, value]) => [key, value],
    ),
  );
  const { pageHosts, ...settings } = context;
  const pages = await ensurePage({ provider: true, hosts: [pageHosts] });
  const { folder: assembly, remove } = synthesize(settings);
  onTestFinished(remove);
  const cloud = await startCloud({ assembly, port: 0, pages });
  onTestFinished(() => cloud.close());
  const page = cloud.url.replace('ws', 'http');
  run('backend.ts', new URL(issuer).port, page);
  await expect
    .poll(() =>
      fetch(issuer).then(
        ({ ok }) => ok,
        () => false,
      ),
    )
    .toBe(true);
  const bob = run('client.ts', 'bob@example.com', 'builder', cloud.url, issuer);

  const [, user = '', password = ''] = /sign in as `(.+?)` with the password `(.+?)`/.exec(docs) ?? [];
  const alice = await visitor(PHONE, issuer);
  const signIn = async (word: string) => {
    await alice.page.getByLabel('Name').fill(user);
    await alice.page.getByLabel('Password').fill(word);
    await alice.page.getByRole('button', { name: 'Sign in' }).click();
  };
  await signIn('a guess');
  await alice.page.getByText('Not signed in: Sign in first.').waitFor();
  await signIn(password);
  const chat = alice.page.frameLocator('iframe');
  await chat.getByRole('button', { name: 'New', exact: true }).click();
  await chat.getByLabel('Name of a user or a group').fill('bob@example.com');
  await chat.getByRole('button', { name: 'Write to bob@example.com' }).click();
  await chat.getByRole('textbox', { name: 'Message to' }).fill('Hello, Bob.');
  await chat.getByRole('button', { name: 'Send' }).click();
  await expect.poll(bob.printed).toContain(`${user}: Hello, Bob.`);
  bob.child.stdin?.write(`${user} Hello!\n`);
  await chat.locator('.message .text').getByText('Hello!').waitFor();
  await shot(alice.page, 'own-backend');

  const stored = () => alice.page.frames().at(-1)?.evaluate('JSON.stringify(localStorage)');
  expect(await stored()).toContain('Hello, Bob.');
  await alice.page.getByRole('button', { name: 'Sign out' }).click();
  await expect.poll(stored).not.toContain('Hello, Bob.');
  await signIn(password);
  await chat.getByRole('button', { name: 'bob@example.com' }).waitFor();
});
