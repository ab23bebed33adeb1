import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BrowserContext, Frame, Page } from 'playwright-core';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { ensurePage } from '../../../bin/page.ts';
import { startCloud } from '../../../local/cloud.ts';
import { privateChat } from '../../../protocol/index.ts';
import { assemblyIn } from '../../support/assembly.ts';
import { connect } from '../../support/client.ts';
import { unique } from '../../support/given.ts';
import { startProvider } from '../../support/provider.ts';
import { violations } from './axe.ts';
import { allStored, browsers, open, PHONE, say, sees, shot, talkTo } from './browser.ts';

const provider = await startProvider('chat');
afterAll(() => provider.close());

/** A service with an identity provider, and its page. @param hosts who may show it in a frame */
async function aService(hosts?: string[]) {
  const context = { jwtIssuer: provider.issuer, jwtAudience: 'chat', jwksUri: provider.jwksUri };
  const pages = await ensurePage({ provider: true, hosts });
  const cloud = await startCloud({ assembly: assemblyIn(context), port: 0, pages });
  return { cloud, page: cloud.url.replace('ws', 'http') };
}

/** An app that shows the page in a frame and hands it tokens, as docs/page.md has it. */
function anApp(pageOf: () => string) {
  const html = () => `<!doctype html><html lang="en">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>An app</title><body style="margin:0">
<script>
  const page = '${pageOf()}';
  addEventListener('message', async ({ data, origin, source }) => {
    if (origin !== page || data?.type !== 'parley:getToken') return;
    const answer = await getToken(data.refused).then(
      (token) => ({ token }),
      (error) => ({ error: error.message }),
    );
    source.postMessage({ type: 'parley:token', id: data.id, ...answer }, origin);
  });
</script>
<iframe src="${pageOf()}" title="Chat" style="border:0;width:100%;height:100vh"></iframe>`;
  return createServer((_, response) => {
    response.setHeader('content-type', 'text/html').end(html());
  }).listen(0);
}

const app = anApp(() => service.page);
const appPort = (app.address() as AddressInfo).port;
const service = await aService([`http://localhost:${appPort}`]);
afterAll(async () => {
  app.close();
  await service.cloud.close();
});

const { visitor } = browsers();

/** What the app's sign-in answers; its `getToken` throws what is an error. */
type SignIn = (refused?: string) => string | Error;

/** Makes `getToken` of the sign-in, in every frame. */
const withSignIn = (signIn: SignIn) => async (context: BrowserContext) => {
  await context.exposeFunction('signIn', (refused?: string) => {
    const answer = signIn(refused);
    return answer instanceof Error ? { error: answer.message } : { token: answer };
  });
  await context.addInitScript(`globalThis.getToken = async (refused) => {
    const { token, error } = await signIn(refused);
    if (error) throw new Error(error);
    return token;
  }`);
};

/** The same, handed over as a script of whoever serves the page does. */
const withParley = (signIn: SignIn) => async (context: BrowserContext) => {
  await withSignIn(signIn)(context);
  await context.addInitScript('window.parley = { getToken }');
};

/** A browser that is subscribed to web push as long as `subscribed` is kept. */
const SUBSCRIBING = `
window.ended = 0;
Object.defineProperty(navigator, 'serviceWorker', {
  value: {
    register: async () => {},
    getRegistration: async () => ({
      scope: new URL('./', location.href).href,
      active: null,
      getNotifications: async () => [],
      pushManager: {
        getSubscription: async () => ({
          unsubscribe: async () => (localStorage.removeItem('subscribed'), ended++),
        }),
      },
    }),
    addEventListener() {},
    removeEventListener() {},
  },
})`;
const isSubscribed = (page: Page) => page.evaluate("localStorage.getItem('subscribed') !== null");

const rooms = (page: Page | Frame) => page.getByRole('navigation', { name: 'Chats' });

/** That nothing is wider than the screen. */
async function fits(page: Page) {
  const [inner, outer] = (await page.evaluate(
    '[document.documentElement.scrollWidth, window.innerWidth]',
  )) as number[];
  expect(inner).toBeLessThanOrEqual(outer ?? 0);
}

/** Another user, by the bare protocol. */
async function other(): Promise<{ name: string; read(): Promise<unknown[]> }> {
  const name = unique('google-oauth2|O:#%ther');
  const client = await connect(service.cloud.url);
  onTestFinished(() => client.close());
  const login = await client.request({ type: 'login', token: provider.tokenOf({ sub: name }) });
  expect(login.status).toBe('login_success');
  const read = async () => {
    const { chats } = (await client.request({ type: 'list_chats' })) as unknown as { chats: unknown[] };
    return chats;
  };
  return { name, read };
}

describe('the page of a service with an identity provider', () => {
  test('has no password, and says what is missing and how it is given', async () => {
    const { page, complaints } = await visitor({ ...PHONE, bypassCSP: true }, service.page);
    await page.getByRole('alert').getByText('This page has no sign-in.').waitFor();
    expect(await page.locator('input').count()).toBe(0);
    const text = await page.locator('main').textContent();
    for (const part of ['window.parley', 'postMessage', `http://localhost:${appPort}`, 'docs/page.md'])
      expect(text).toContain(part);
    await fits(page);
    expect(await violations(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await shot(page, 'no-token');
  });

  test('lets in whom the token of window.parley names', async () => {
    const name = unique('Auth0|Ann');
    const person = await visitor(
      {},
      service.page,
      withParley(() => provider.tokenOf({ sub: name })),
    );
    await rooms(person.page).waitFor();
    const bob = await other();
    await talkTo(person, bob.name);
    await say(person, 'Hello!');
    await expect.poll(bob.read).toMatchObject([{ chat_id: privateChat(name, bob.name) }]);
    expect(person.complaints).toEqual([]);
    // Signed out in the app around it.
    await person.page.evaluate('parley.logout()');
    await person.page.getByText('You are logged out.').waitFor();
    expect(await person.page.evaluate('JSON.stringify(localStorage)')).not.toContain('Hello!');
  });

  test('gets its token from the app around it, on a phone, too', async () => {
    const name = unique('Auth0|Ann');
    const { page } = await visitor(
      PHONE,
      `http://localhost:${appPort}`,
      withSignIn(() => provider.tokenOf({ sub: name })),
    );
    const frame = page.frames().find((each) => each.url().startsWith(service.page)) as Frame;
    await rooms(frame).waitFor();
    await frame.getByText(name).first().waitFor();
    await fits(page);
    await shot(page, 'framed');
  });

  test('believes neither another app, which may not even show it, nor a window that is not around it', async () => {
    // The same app under an origin that nobody named.
    const signIn = withSignIn(() => provider.tokenOf({ sub: unique('Auth0|Ann') }));
    const stranger = await visitor({}, `http://127.0.0.1:${appPort}`, signIn);
    const refused = () => stranger.complaints.some((each) => each.includes('frame-ancestors'));
    await expect.poll(refused).toBe(true);
    // A window beside it that answers first.
    let answer: (token: string) => void = () => {};
    const token = new Promise<string>((resolve) => {
      answer = resolve;
    });
    const { page } = await visitor({}, `http://localhost:${appPort}`, async (context) => {
      await context.exposeFunction('getToken', () => token);
    });
    const frame = page.frames().find((each) => each.url().startsWith(service.page)) as Frame;
    await frame.getByText('Signing in …').waitFor();
    const forged = provider.tokenOf({ sub: unique('mallory') });
    await frame.evaluate(`for (let id = 1; id < 5; id++)
      window.postMessage({ type: 'parley:token', id, token: '${forged}' }, '*')`);
    const name = unique('Auth0|Ann');
    answer(provider.tokenOf({ sub: name }));
    await rooms(frame).waitFor();
    await frame.getByText(name).first().waitFor();
  });

  test('tells that there is no token yet, and why, and goes on by itself', async () => {
    let calls = 0;
    const name = unique('Auth0|Ann');
    const { page } = await visitor(
      PHONE,
      service.page,
      withParley(() => (++calls < 4 ? new Error('You are not signed in.') : provider.tokenOf({ sub: name }))),
    );
    await page.getByRole('status').getByText('There is no sign-in yet. You are not signed in.').waitFor();
    await shot(page, 'waiting');
    await rooms(page).waitFor();
  });

  test('tells that its token was refused, and why', async () => {
    const tokens: (string | undefined)[] = [];
    const { page } = await visitor(
      PHONE,
      service.page,
      withParley((refused) => {
        tokens.push(refused);
        return tokens.length > 2
          ? provider.tokenOf({ sub: unique('Auth0|Ann') })
          : provider.tokenOf({ aud: 'other' });
      }),
    );
    await page.getByRole('alert').getByText('The service refused your sign-in.').waitFor();
    expect(tokens.slice(1)).toEqual(['invalid_token']);
    await fits(page);
    await shot(page, 'refused');
    await page.getByRole('button', { name: 'Sign in again' }).click();
    await rooms(page).waitFor();
  });

  test('tells that its user logged out everywhere, and ends what nobody is there for any more', async () => {
    const name = unique('Auth0|Ann');
    const { page } = await visitor({}, service.page, async (context) => {
      await withParley(() => provider.tokenOf({ sub: name }))(context);
      await context.addInitScript(SUBSCRIBING);
    });
    await rooms(page).waitFor();
    // Nobody was here before, and there is no backend.
    await expect.poll(() => page.evaluate('ended')).toBe(2);
    await page.evaluate("localStorage.setItem('subscribed', '1')");
    const client = await connect(service.cloud.url);
    onTestFinished(() => client.close());
    await client.request({ type: 'login', token: provider.tokenOf({ sub: name }) });
    await client.request({ type: 'logout', everywhere: true });
    await page.getByRole('alert').getByText('You were logged out everywhere, on another device.').waitFor();
    await expect.poll(() => isSubscribed(page)).toBe(false);
  });

  test('shows the chats of its user before there is a connection, and nobody else', async () => {
    const [ann, mallory, bob] = [unique('Auth0|Ann'), unique('Mallory'), await other()];
    let sub = ann;
    const person = await visitor(
      PHONE,
      service.page,
      withParley(() => provider.tokenOf({ sub })),
    );
    const { page } = person;
    await rooms(page).waitFor();
    await talkTo(person, bob.name);
    await say(person, 'Hello!');
    await sees(person, 'Hello!');
    await allStored(person);
    await page.reload();
    await sees(person, 'Hello!');
    await page.goBack();
    await rooms(page).getByRole('button', { name: bob.name }).waitFor();
    await person.loseSocket();
    await page.reload();
    await page.getByText('Offline. What you write is sent').waitFor();
    await open(person, bob.name);
    await sees(person, 'Hello!');
    await say(person, 'Later.');
    await page.locator('.is-pending').waitFor();
    await shot(page, 'offline-start');
    // Somebody else signs in at this browser.
    sub = mallory;
    await page.reload();
    await page.getByRole('status').getByText('Trying again …').waitFor();
    expect(await page.content()).not.toContain(bob.name);
    sub = ann;
    await person.comeBack();
    await page.reload();
    await sees(person, 'Later.');
    await allStored(person);
  });

  test('says that a sign-in has run out, and why, and sends what was written once there is a token', async () => {
    const [name, bob] = [unique('Auth0|Ann'), await other()];
    let isSignedIn = true;
    const person = await visitor(
      {},
      service.page,
      withParley(() => {
        const exp = Math.floor(Date.now() / 1000) + 20;
        return isSignedIn ? provider.tokenOf({ sub: name, exp }) : new Error('Your session is over.');
      }),
    );
    const { page } = person;
    await rooms(page).waitFor();
    isSignedIn = false;
    await talkTo(person, bob.name);
    await page.getByRole('status').getByText('Your sign-in has run out. Your session is over.').waitFor();
    await shot(page, 'run-out');
    await say(person, 'Wait for me.');
    isSignedIn = true;
    await allStored(person);
    await sees(person, 'Wait for me.');
    expect(await page.getByText('Your sign-in has run out.').count()).toBe(0);
  });
});
