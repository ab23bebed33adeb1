// `npm run bench:page`: how long the web page of `npm start` takes until the user can type into the first chat: after a reload
// while logged in, and after a click on "Log in". Uses a real browser on the local cloud and reports the median of several
// tries. Exits with 1 if a median is above one second.
import { type Browser, chromium, type Page } from 'playwright-core';
import { ensurePage } from '../../bin/page.ts';
import { number, parseOrExit } from '../../cli/command.ts';
import { startCloud } from '../../local/cloud.ts';
import { ensureAssembly } from '../../local/synth.ts';
import { chromiumPath, LACKING } from '../../test/clients/web/chromium-path.ts';
import { median } from '../harness/numbers.ts';
import { People } from './people.ts';

const { tries } = parseOrExit({
  name: 'npm run bench:page',
  about:
    'Measures how long the web page takes to become usable. Needs Chromium, at $CHROMIUM or where Debian installs it.',
  flags: { tries: number('number of measurements', { min: 1, max: 100, whole: true, default: 9 }) },
}).values;

const MOST_MS = 1_000;
const executablePath = chromiumPath();

/** Resolves when the user can type into the open chat. */
const usable = (page: Page) => page.getByRole('textbox', { name: 'Message to' }).waitFor();

async function firstVisit(browser: Browser, url: string, name: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(url);
  await page.getByLabel('Name').fill(name);
  return page;
}

async function logIn(page: Page, partner: string): Promise<void> {
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
  await page.getByRole('navigation', { name: 'Chats' }).getByRole('button', { name: partner }).click();
  await usable(page);
}

async function reload(page: Page, partner: string): Promise<void> {
  await page.reload();
  await page.getByRole('navigation', { name: 'Chats' }).getByRole('button', { name: partner }).click();
  await usable(page);
}

const timed = async (run: () => Promise<void>): Promise<number> => {
  const started = performance.now();
  await run();
  return performance.now() - started;
};

async function main(): Promise<void> {
  if (executablePath === undefined) throw new Error(LACKING);
  const [assembly, pages] = await Promise.all([ensureAssembly(), ensurePage()]);
  const cloud = await startCloud({ assembly, port: 0, pages });
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  const people = new People(cloud.url);
  const [ann, ben] = [await people.user(), await people.user()];
  await ann.request({ type: 'SEND_MESSAGE', recipient: ben.name, content: 'hello' });
  const [logins, reloads]: number[][] = [[], []];
  for (let index = 0; index < tries; index++) {
    const page = await firstVisit(browser, cloud.url.replace('ws', 'http'), ben.name);
    logins?.push(await timed(() => logIn(page, ann.name)));
    reloads?.push(await timed(() => reload(page, ann.name)));
    await page.context().close();
  }
  await people.leave();
  await browser.close();
  await cloud.close();
  const rows = [
    ['log in, to the first chat', logins ?? []] as const,
    ['reload, to the first chat', reloads ?? []] as const,
  ];
  console.log(`| | ms, median of ${tries} | slowest |\n| --- | --- | --- |`);
  for (const [what, times] of rows)
    console.log(`| ${what} | ${Math.round(median(times))} | ${Math.round(Math.max(...times))} |`);
  process.exitCode = rows.every(([, times]) => median(times) <= MOST_MS) ? 0 : 1;
}

await main();
