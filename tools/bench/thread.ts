// `npm run bench:thread`: what a chat of thousands of messages costs the page and the terminal. The view takes messages one by
// one and as pages of history, beside a plain array that takes the same; the browser scrolls through the chat in the page,
// beside a document that holds all of the messages and leaves those out of sight unrendered (`content-visibility: auto`).
// Reports ratios to these baselines of the same run. Exits with 1 if the view's costs grow faster than the messages, or if
// more than one frame in twenty takes longer than two.
import { type Browser, chromium, type Page } from 'playwright-core';
import { ensurePage } from '../../bin/page.ts';
import { number, parseOrExit } from '../../cli/command.ts';
import { reduce } from '../../clients/view/reducer.ts';
import { emptyView, type View } from '../../clients/view/view.ts';
import { startCloud } from '../../local/cloud.ts';
import { ensureAssembly } from '../../local/synth.ts';
import { aMessage } from '../../test/clients/view/views.ts';
import { chromiumPath } from '../../test/clients/web/chromium-path.ts';
import { median, percentile } from '../harness/numbers.ts';
import { fillChats } from './filled.ts';
import { People } from './people.ts';

const { messages: count } = parseOrExit({
  name: 'npm run bench:thread',
  about: 'Measures a long chat in the view and in the page. Needs Chromium for the page.',
  flags: {
    messages: number('messages of the chat', { min: 1_000, max: 50_000, whole: true, default: 10_000 }),
  },
}).values;

const TEXT = 'A message of the usual length, which takes two lines on a phone and one elsewhere.';
const PAGE = 100;
const all = Array.from({ length: count }, (_, index) => aMessage(index + 1, { content: TEXT }));

const timed = (run: () => unknown): number => {
  const started = performance.now();
  run();
  return performance.now() - started;
};

/** The median of five, in milliseconds for each message. */
const perMessage = (size: number, run: (some: typeof all) => unknown): number =>
  median(Array.from({ length: 5 }, () => timed(() => run(all.slice(0, size))))) / size;

const plain = (some: typeof all) => {
  const rest: typeof all = [];
  for (const each of some) rest.push(each);
  return rest.sort((one, other) => one.seq - other.seq);
};
const read = (view: View) => view.logs.get('alice:bob')?.messages.length;
const oneByOne = (some: typeof all) =>
  read(
    some.reduce<View>((view, message) => reduce(view, { what: 'message', message }), emptyView('alice', 0)),
  );
const byPages = (some: typeof all) => {
  let view = emptyView('alice', 0);
  for (let end = some.length; end > 0; end -= PAGE) {
    const page = some.slice(Math.max(0, end - PAGE), end);
    view = reduce(view, { what: 'history', chatId: 'alice:bob', page, before: undefined });
    // As a page that is drawn after each.
    read(view);
  }
};

let isGood = true;
console.log(
  '| view, for each message | to a plain array | of all, to a quarter of them |\n| --- | --- | --- |',
);
for (const [what, run] of [
  ['one by one', oneByOne],
  [`history by pages of ${PAGE}, read after each`, byPages],
] as const) {
  const [quarter, whole, baseline] = [
    perMessage(count / 4, run),
    perMessage(count, run),
    perMessage(count, plain),
  ];
  // Four times as many in less than twelve times the time: pages are merged into an array each.
  if (whole / quarter > 3) isGood = false;
  console.log(`| ${what} | ${(whole / baseline).toFixed(1)} | ${(whole / quarter).toFixed(2)} |`);
}

/** Scrolls up through what is there, one step a frame. @returns the frames' times in milliseconds */
const scrolled = (page: Page, selector: string) =>
  page.evaluate(`new Promise((resolve) => {
    const box = document.querySelector('${selector}');
    const frames = [];
    let last = performance.now();
    const step = (now) => {
      frames.push(now - last);
      last = now;
      box.scrollTop -= 300;
      if (frames.length < 300) requestAnimationFrame(step);
      else resolve(frames.slice(1));
    };
    requestAnimationFrame(step);
  })`) as Promise<number[]>;

const heapOf = async (page: Page) =>
  (await page.evaluate('performance.memory.usedJSHeapSize / 2 ** 20')) as number;
const nodesOf = async (page: Page) =>
  (await page.evaluate('document.querySelectorAll("*").length')) as number;

function report(what: string, openMs: number, frames: number[], nodes: number, heap: number): void {
  const [middle, high] = [median(frames), percentile(frames, 0.95)];
  console.log(
    `| ${[what, Math.round(openMs), middle.toFixed(1), high.toFixed(1), nodes, heap.toFixed(1)].join(' | ')} |`,
  );
}

async function inDocument(browser: Browser): Promise<number> {
  const page = await browser.newPage({ viewport: { width: 390, height: 780 } });
  await page.setContent('<main style="height:100vh;overflow:auto"></main>');
  const open = (await page.evaluate(`(() => {
    const started = performance.now();
    const box = document.querySelector('main');
    for (let n = 0; n < ${count}; n++) {
      const line = document.createElement('article');
      line.style.cssText = 'content-visibility:auto;contain-intrinsic-size:auto 60px;padding:8px';
      line.innerHTML = '<div><p></p><footer><time>09:41</time></footer></div>';
      line.querySelector('p').textContent = ${JSON.stringify(TEXT)};
      box.append(line);
    }
    box.scrollTop = box.scrollHeight;
    return performance.now() - started;
  })()`)) as number;
  const frames = await scrolled(page, 'main');
  report('all in the document', open, frames, await nodesOf(page), await heapOf(page));
  await page.close();
  return percentile(frames, 0.95);
}

async function inPage(browser: Browser): Promise<void> {
  const [assembly, pages] = await Promise.all([ensureAssembly(), ensurePage()]);
  const cloud = await startCloud({ assembly, port: 0, pages });
  const people = new People(cloud.url);
  const user = await people.user();
  const [chat] = await fillChats(cloud, user.name, 1, { messages: count, content: TEXT });
  // All but the first is new: the page loads everything back to it.
  await user.request({ type: 'mark_read', chat: chat?.id ?? '', seq: 1 });
  const page = await browser.newPage({ viewport: { width: 390, height: 780 } });
  await page.goto(cloud.url.replace('ws', 'http'));
  await page.getByLabel('Name').fill(user.name);
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
  await page.getByRole('navigation', { name: 'Chats' }).getByRole('button', { name: chat?.partner }).click();
  const feed = page.locator('.messages[aria-busy="false"]');
  await feed.waitFor({ timeout: 300_000 });
  await page.getByRole('button', { name: 'Back to chats' }).click();
  const started = performance.now();
  await page.getByRole('navigation', { name: 'Chats' }).getByRole('button', { name: chat?.partner }).click();
  await feed.waitFor();
  const open = performance.now() - started;
  await page.evaluate(
    `{ const box = document.querySelector('.messages'); box.scrollTop = box.scrollHeight; }`,
  );
  const frames = await scrolled(page, '.messages');
  report('in the page', open, frames, await nodesOf(page), await heapOf(page));
  if (percentile(frames, 0.95) > 2 * (1_000 / 60) + 1) isGood = false;
  await people.leave();
  await cloud.close();
}

const executablePath = chromiumPath();
if (executablePath) {
  const args = ['--no-sandbox', '--enable-precise-memory-info'];
  const browser = await chromium.launch({ executablePath, args });
  console.log(
    `\n| ${count} messages | open, ms | frame, ms | slowest of 20 | elements | heap, MB |\n| --- | --- | --- | --- | --- | --- |`,
  );
  await inDocument(browser);
  await inPage(browser);
  await browser.close();
}
process.exitCode = isGood ? 0 : 1;
