import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { ensurePage } from '../../../bin/page.ts';
import { announce } from '../../../bin/running.ts';
import { type Cloud, startCloud } from '../../../local/cloud.ts';
import { ensureAssembly } from '../../../local/synth.ts';
import { connect } from '../../support/client.ts';
import { unique } from '../../support/given.ts';
import { pushBackend } from '../../support/push-backend.ts';
import type { Subscriber } from '../../support/push-service.ts';
import { browsers, HIDING, PHONE, shot } from './browser.ts';

/**
 * What headless Chromium has not: leave for notifications, and a push service. The subscription of this browser is one at
 * the test's own push service, which refuses the next push once it has ended.
 * @param endings takes for each end whether the user's chats were shown then
 */
const allowing =
  (browser: Subscriber, endings: boolean[] = []) =>
  async (context: BrowserContext) => {
    await context.exposeFunction('ended', (isIn: boolean) => {
      endings.push(isIn);
      browser.answers.push(410);
    });
    await context.addInitScript(`
  Object.defineProperty(Notification, 'permission', { get: () => localStorage.getItem('permission') ?? 'default' });
  Notification.requestPermission = async () => (localStorage.setItem('permission', 'granted'), 'granted');
  // It is the browser's: no page takes it along.
  const current = () => localStorage.getItem('subscribed') && {
    toJSON: () => (${JSON.stringify(browser.subscription)}),
    unsubscribe: async () => (localStorage.removeItem('subscribed'), await ended(document.querySelector('nav') !== null), true),
  };
  PushManager.prototype.getSubscription = async () => current();
  PushManager.prototype.subscribe = async () => (localStorage.setItem('subscribed', '1'), current());`);
  };

/** A service worker says what it would show, and which page it would open. */
const RECORDING = `
  self.shown = [];
  self.opened = [];
  self.registration.showNotification = async (title, options) => void shown.push({ title, ...options });
  self.clients.openWindow = async (url) => void opened.push(url);`;

/** As when a user clicks on the last notification. */
const CLICK = `
  const click = new ExtendableEvent('notificationclick');
  click.notification = { ...shown.at(-1), close() { this.isClosed = true; } };
  let work;
  click.waitUntil = (promise) => { work = promise; };
  self.dispatchEvent(click);
  work.then(() => click.notification.isClosed)`;

const SUBSCRIBED = `navigator.serviceWorker.ready
  .then(({ pushManager }) => pushManager.getSubscription())
  .then((subscription) => subscription !== null)`;

describe('a closed page', () => {
  const { visitor } = browsers();
  let backend: Awaited<ReturnType<typeof pushBackend>>;
  let cloud: Cloud;
  let at = '';
  beforeAll(async () => {
    backend = await pushBackend();
    const [assembly, pages] = await Promise.all([
      ensureAssembly({ context: { events: 'true' } }),
      ensurePage({ push: backend.url }),
    ]);
    cloud = await startCloud({ assembly, port: 0, pages, eventsTo: backend.events });
    at = cloud.url.replace('ws', 'http');
    announce(Number(new URL(at).port), cloud.invoker('ApiFunction'), backend.home);
    await backend.start(at);
  });
  afterAll(async () => {
    backend.close();
    await cloud.close();
  });

  /** A device without a page. */
  async function device(username: string) {
    const client = await connect(cloud.url);
    onTestFinished(() => client.close());
    await client.request({ type: 'register', username });
    await client.request({ type: 'login', username });
    return client;
  }

  /** Writes until something is so: what a dying connection takes, nobody is told to be away for. */
  async function written(by: Awaited<ReturnType<typeof device>>, recipient: string, isSo: () => boolean) {
    const again = async () => {
      await by.request({ type: 'SEND_MESSAGE', recipient, content: 'Are you there?' });
      return isSo();
    };
    await expect.poll(again, { interval: 500 }).toBe(true);
  }

  /** Closes a page. @returns hands its service worker what came through the push service */
  async function closed(page: Page) {
    const context = page.context();
    const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker'));
    await worker.evaluate(RECORDING);
    // A tab that shows nothing is all that is left.
    const devtools = await context.newCDPSession(await context.newPage());
    const found = new Promise<string>((resolve) => {
      devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
        for (const { registrationId, scopeURL } of registrations)
          if (worker.url().startsWith(scopeURL)) resolve(registrationId);
      });
    });
    await devtools.send('ServiceWorker.enable');
    const registrationId = await found;
    await page.close();
    const { origin } = new URL(worker.url());
    return {
      worker,
      push: (data: string) =>
        devtools.send('ServiceWorker.deliverPushMessage', { origin, registrationId, data }),
    };
  }

  test('shows what the backend pushes when something waits, and a click opens the chat', async () => {
    const browser = backend.service.subscribe();
    const [alice, bob] = [await device('alice'), await device('bob')];
    const { page, complaints } = await visitor({ serviceWorkers: 'allow' }, backend.url, allowing(browser));
    await page.getByLabel('Name').fill('alice');
    await page.getByLabel('Password').fill('wonderland');
    await page.getByRole('button', { name: 'Notify me' }).click();
    await page.getByText('You are notified of what waits for you while you are away.').waitFor();
    await shot(page, 'web-push-example');
    const { worker, push } = await closed(page);
    await alice.close();
    await written(bob, 'alice', () => browser.got.length > 0);
    await push(browser.got[0] ?? '');
    const shown = {
      title: 'bob',
      body: 'Something new waits for you.',
      tag: 'alice:bob',
      data: { url: `${at}/#/alice%3Abob` },
    };
    await expect.poll(() => worker.evaluate('shown')).toEqual([shown]);
    expect(await worker.evaluate(CLICK)).toBe(true);
    expect(await worker.evaluate('opened')).toEqual([shown.data.url]);
    expect(complaints).toEqual([]);
  });

  test('of the service itself does so, too, and leads to what was written; a logout ends it', async () => {
    const browser = backend.service.subscribe();
    const [carol, dave] = [unique('carol'), unique('dave')];
    const endings: boolean[] = [];
    const sender = await device(dave);
    const { page, context, complaints } = await visitor(
      { ...PHONE, serviceWorkers: 'allow' },
      at,
      async (context) => {
        await allowing(browser, endings)(context);
        await context.addInitScript(HIDING);
      },
    );
    await page.getByRole('button', { name: 'New here? Register' }).click();
    await page.getByLabel('Name').fill(carol);
    await page.getByRole('button', { name: 'Register', exact: true }).click();
    await page.getByRole('navigation', { name: 'Chats' }).waitFor();
    await page.evaluate('hide(true)');
    await sender.request({ type: 'SEND_MESSAGE', recipient: carol, content: 'Hello!' });
    await page.evaluate('navigator.serviceWorker.ready');
    const told = page.waitForResponse((response) => response.url() === `${backend.url}/subscriptions`);
    await page.getByRole('button', { name: 'Notify me' }).click();
    expect((await told).status()).toBe(204);
    const { worker, push } = await closed(page);
    await written(sender, carol, () => browser.got.length > 0);
    await push(browser.got[0] ?? '');
    const shown = {
      title: dave,
      body: 'Something new waits for you.',
      tag: `${carol}:${dave}`,
      icon: `${at}/icon.svg`,
    };
    await expect.poll(() => worker.evaluate('shown')).toEqual([shown]);
    expect(await worker.evaluate(CLICK)).toBe(true);
    const [opened] = (await worker.evaluate('opened')) as string[];
    const again = await context.newPage();
    // Its logout gets no answer before the page is closed.
    await again.routeWebSocket(/.*/, (socket) => {
      const server = socket.connectToServer();
      socket.onMessage((frame) => String(frame).includes('"logout"') || server.send(frame));
    });
    const renewed = again.waitForResponse((response) => response.url() === `${backend.url}/subscriptions`);
    await again.goto(opened ?? '');
    await again.locator('.message .text').getByText('Are you there?').last().waitFor();
    await renewed;
    expect(await again.evaluate(SUBSCRIBED)).toBe(true);
    await shot(again, 'web-push');
    await again.getByRole('button', { name: 'Back to chats' }).click();
    await again.getByRole('button', { name: 'Log out' }).click();
    await expect.poll(() => browser.answers).toEqual([410]);
    expect(endings).toEqual([true]);
    const { length } = browser.got;
    await again.close();
    await written(sender, carol, () => browser.answers.length === 0);
    expect(browser.got).toHaveLength(length);
    // One that a page could not end any more, as somebody closed it.
    const last = await context.newPage();
    await last.goto(at);
    const field = last.getByLabel('Name');
    await field.waitFor();
    await last.evaluate("localStorage.setItem('subscribed', '1')");
    await last.reload();
    await field.waitFor();
    await expect.poll(() => last.evaluate(SUBSCRIBED)).toBe(false);
    expect(complaints).toEqual([]);
  });
});
