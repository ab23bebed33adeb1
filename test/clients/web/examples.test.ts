import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { browsers } from './browser.ts';

const { visitor, socketUrl } = browsers();
const path = (file: string) => fileURLToPath(new URL(`../../../examples/${file}`, import.meta.url));

test('the bot echoes every message to the page without a build step', async () => {
  const bot = spawn(process.execPath, ['--import', 'tsx', path('bot.ts'), 'parrot', socketUrl], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void bot.kill());
  let said = '';
  bot.stdout.on('data', (data) => {
    said += data;
  });
  await expect.poll(() => said, { timeout: 60_000 }).toContain('parrot is online');
  const { page, complaints } = await visitor();
  await page.goto(`file://${path('page.html')}?url=${encodeURIComponent(socketUrl)}`);
  await page.getByLabel('Your name').fill('polly');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByLabel('To').fill('parrot');
  await page.getByLabel('Message').fill('<b>hello</b>');
  await page.getByRole('button', { name: 'Send' }).click();
  await expect
    .poll(() => page.locator('output').textContent(), { timeout: 60_000 })
    .toContain('parrot: polly said: <b>hello</b>');
  expect(complaints).toEqual([]);
  bot.kill('SIGINT');
  await once(bot, 'exit');
});
