import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, inject } from 'vitest';
import { unique } from '../../support/given.ts';
import { LACKING, PATIENCE_MS } from './chromium-path.ts';

// Where CI runs, there must be one.
const hasBrowser = inject('browserEndpoint') !== '' || process.env.CI !== undefined;

export const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 780 },
  hasTouch: true,
  isMobile: true,
};

/** Runs in a page before it loads: lets a test put it into the background, by `hide(true)`. */
export const HIDING = `
  let isHidden = false;
  Object.defineProperty(document, 'hidden', { get: () => isHidden });
  Object.defineProperty(document, 'visibilityState', { get: () => (isHidden ? 'hidden' : 'visible') });
  window.hide = (is) => {
    isHidden = is;
    document.dispatchEvent(new Event('visibilitychange'));
  };`;

/** Takes a picture, where SHOTS names a folder for them. */
export async function shot(page: Page, name: string): Promise<void> {
  const { SHOTS } = process.env;
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/${name}.png` });
}

/** Somebody in front of a browser of their own. */
export interface Person {
  name: string;
  page: Page;
  context: BrowserContext;
  /** What the page complained of. */
  complaints: string[];
  /** Cuts the socket, and lets none be opened. */
  loseSocket(): Promise<void>;
  /** Loses the socket and all else. */
  goOffline(): Promise<void>;
  comeBack(): Promise<void>;
}

/** People who look at the page of the service (shared-browser.ts). What a file opens, its end closes; without a browser, its tests are skipped. */
export function browsers() {
  let browser: Browser;
  const contexts: BrowserContext[] = [];
  const socketUrl = inject('pageCloudUrl');
  const url = socketUrl.replace('ws', 'http');

  beforeAll(async () => {
    if (!hasBrowser) return;
    const endpoint = inject('browserEndpoint');
    if (endpoint === '') throw new Error(LACKING);
    browser = await chromium.connect(endpoint);
  });
  beforeEach(({ skip }) => skip(!hasBrowser, LACKING));
  // Pages that nobody looks at any more go on working, and slow down those of the next tests.
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()));
  });
  afterAll(() => browser?.close());

  /** Somebody at the door. @param at the page, if it is not the shared service's @param prepare runs before it loads */
  async function visitor(
    options: BrowserContextOptions = {},
    at = url,
    prepare: (context: BrowserContext) => unknown = () => {},
  ): Promise<Person> {
    const context = await browser.newContext({
      viewport: { width: 1100, height: 720 },
      // Its requests would only slow the tests down.
      serviceWorkers: 'block',
      ...options,
    });
    context.setDefaultTimeout(PATIENCE_MS);
    contexts.push(context);
    await prepare(context);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    const network = await controlled(context);
    await page.goto(at);
    return { name: '', page, context, complaints, ...network };
  }

  /** Somebody who registered and is in. */
  const person = (what: string, options?: BrowserContextOptions) => personCalled(unique(what), options);

  /** Somebody of this very name. */
  async function personCalled(name: string, options?: BrowserContextOptions): Promise<Person> {
    const one = { ...(await visitor(options)), name };
    await one.page.getByRole('button', { name: 'New here? Register' }).click();
    await one.page.getByLabel('Name').fill(name);
    await one.page.getByRole('button', { name: 'Register', exact: true }).click();
    await one.page.getByRole('navigation', { name: 'Chats' }).waitFor();
    return one;
  }

  return { visitor, person, personCalled, socketUrl };
}

/** A network that a test can take away. */
async function controlled(context: BrowserContext) {
  let isOffline = false;
  const sockets = new Set<{ close(): Promise<void> }>();
  await context.routeWebSocket(/.*/, (socket) => {
    if (isOffline) return void socket.close();
    socket.connectToServer();
    sockets.add(socket);
  });
  const loseSocket = async () => {
    isOffline = true;
    for (const socket of sockets) await socket.close();
    sockets.clear();
  };
  return {
    loseSocket,
    async goOffline() {
      await context.setOffline(true);
      await loseSocket();
    },
    async comeBack() {
      isOffline = false;
      await context.setOffline(false);
    },
  };
}

/** Opens a chat with somebody by name. */
export async function talkTo({ page }: Person, name: string): Promise<void> {
  await begin(page, name, `Write to ${name}`);
  // Once the service has found them.
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

/** Joins a group, or makes it. */
export async function enterGroup(
  { page }: Person,
  name: string,
  how: 'Join group' | 'Make group',
): Promise<void> {
  await begin(page, name, how);
  if (how === 'Make group') await page.getByRole('button', { name: how }).click();
  await page.getByRole('heading', { name, exact: true }).waitFor();
}

/** Fills in the dialog for a new chat. */
export async function begin(page: Page, name: string, how: string): Promise<void> {
  await page.getByRole('button', { name: 'New', exact: true }).click();
  await page.getByLabel('Name of a user or a group').fill(name);
  await page.getByRole('button', { name: how }).click();
}

/** Opens a chat from the list. */
export async function open({ page }: Person, name: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Chats' }).getByRole('button', { name }).click();
}

export async function say({ page }: Person, text: string): Promise<void> {
  const field = page.getByRole('textbox', { name: 'Message to' });
  await field.fill(text);
  // Wherever a dialog that has just closed put the focus meanwhile.
  await field.press('Control+Enter');
}

/** Until nothing that this person wrote is still on its way: all of it is stored. */
export const allStored = ({ page }: Person): Promise<void> =>
  page.locator('.is-pending').first().waitFor({ state: 'detached' });

/** The messages of the open chat, as they read. */
export const texts = ({ page }: Person): Promise<string[]> =>
  page.locator('.message .text').allTextContents();

/** Waits until a message is shown. */
export const sees = ({ page }: Person, text: string): Promise<void> =>
  page.locator('.message .text').getByText(text, { exact: true }).waitFor();
