import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type Browser, chromium } from 'playwright-core';
import type { Counts, Device, World } from '../sdk/exactly-once.ts';
import { chromiumPath, LACKING } from './chromium-path.ts';
import type { Given } from './chromium-program.ts';

const program = fileURLToPath(new URL('chromium-program.ts', import.meta.url));

/** A browser of one's own. @throws Error if there is none */
export async function launched(): Promise<Browser> {
  const executablePath = chromiumPath();
  if (!executablePath) throw new Error(LACKING);
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}

/** Programs in a browser: each a window with the SDK and a store of its own; a restart loads the window again. */
export const inChromium =
  (browser: Browser) =>
  ({ url, cutEvery, timing, tokensOf }: World) =>
  async (username: string): Promise<Device> => {
    const context = await browser.newContext();
    const page = await context.newPage();
    // From this machine, or Chromium lets the page connect to nothing here.
    const server = createServer((_, response) => {
      response.setHeader('content-type', 'text/html').end('<!doctype html>');
    }).listen(0, 'localhost');
    await once(server, 'listening');
    const address = `http://localhost:${(server.address() as AddressInfo).port}`;
    const getToken = tokensOf?.(username);
    await context.exposeFunction('signIn', async (refused?: 'invalid_token') => {
      try {
        return { token: await getToken?.(refused) };
      } catch (error) {
        return { error: (error as Error).message };
      }
    });
    const { outputFiles } = await build({
      ...{ entryPoints: [program], bundle: true, write: false, format: 'iife', target: 'es2022' },
    });
    const given: Given = { url, cutEvery, username, timing, hasTokens: getToken !== undefined };
    const script = `globalThis.given = ${JSON.stringify(given)};${outputFiles[0]?.text}`;
    const start = async () => {
      await page.goto(address);
      await page.addScriptTag({ content: script });
    };
    await start();
    const kept = async (key: string) =>
      JSON.parse((await page.evaluate(`localStorage.getItem('${key}')`)) ?? 'null');
    return {
      ready: page.waitForFunction('window.wasOnline', null, { timeout: 0 }).then(() => {}),
      send: (content) =>
        page.evaluate(
          `chat.send('${username === 'ann' ? 'bob' : 'ann'}', ${JSON.stringify(content)}), undefined`,
        ),
      told: async () => ((await kept('told')) as string[] | null) ?? [],
      restart: start,
      counts: async () => (await kept('counts')) as Counts,
      async close() {
        server.close();
        await context.close();
      },
    };
  };
