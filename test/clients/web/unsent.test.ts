import type { Locator, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { unique } from '../../support/given.ts';
import { begin, browsers, enterGroup, open, say, sees, talkTo } from './browser.ts';

const editor = (page: Page) => page.getByRole('textbox', { name: 'Message to' });
const chats = (page: Page) => page.getByRole('navigation', { name: 'Chats' });
const phone = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true };

describe('an unsent text', () => {
  const { person } = browsers();

  test('is kept over another chat, an edit and a reload, and removed when it is sent or its user logs out', async () => {
    const [alice, bob] = [await person('alice'), await person('bob')];
    const group = unique('crew');
    const { page } = alice;
    await talkTo(alice, bob.name);
    await say(alice, 'Hello!');
    await sees(alice, 'Hello!');
    await editor(page).fill('half a thou');
    await enterGroup(alice, group, 'Make group');
    expect(await editor(page).inputValue()).toBe('');
    await open(alice, bob.name);
    expect(await editor(page).inputValue()).toBe('half a thou');
    await page.locator('.message').hover();
    await page.getByRole('button', { name: 'Edit' }).click();
    expect(await editor(page).inputValue()).toBe('Hello!');
    await page.getByRole('button', { name: 'Cancel' }).click();
    expect(await editor(page).inputValue()).toBe('half a thou');
    await page.reload();
    await open(alice, bob.name);
    expect(await editor(page).inputValue()).toBe('half a thou');
    await say(alice, 'half a thought');
    await sees(alice, 'half a thought');
    await editor(page).fill('secret');
    await open(alice, group);
    await open(alice, bob.name);
    expect(await editor(page).inputValue()).toBe('secret');
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByRole('button', { name: 'Log in' }).waitFor();
    expect(await page.evaluate('JSON.stringify(localStorage)')).not.toContain('secret');
  });

  test('to an unknown user is in the list after a reload, until it is discarded', async () => {
    const { page, ...alice } = await person('alice');
    const nobody = unique('nobody');
    // With a connection, nobody can begin a chat with them.
    await alice.goOffline();
    await page.getByText('Offline.').waitFor();
    await begin(page, nobody, `Write to ${nobody}`);
    await page.getByRole('dialog').getByText('it can’t be checked').waitFor();
    await page.getByRole('button', { name: `Write to ${nobody} anyway` }).click();
    await say({ page, ...alice }, 'Hello?');
    await alice.comeBack();
    await page.getByText('There is no user of this name.').waitFor();
    await page.reload();
    const line = chats(page).getByRole('button', { name: nobody });
    await line.getByText('Not sent:').waitFor();
    await line.click();
    await page.getByRole('button', { name: 'Discard' }).click();
    await page.locator('.has-failed').waitFor({ state: 'detached' });
    await page.reload();
    await page.getByText('No chats yet.').waitFor();
    expect(await line.count()).toBe(0);
  });
});

describe('without a connection', () => {
  const { person } = browsers();

  test.each([
    ['beside each other', undefined],
    ['on a phone', phone],
  ])('the list of chats says so, and shows nobody as online, %s', async (_, look) => {
    const [alice, bob] = [await person('alice', look), await person('bob')];
    const { page } = alice;
    const offline = page.getByRole('status').getByText('Offline.');
    await talkTo(alice, bob.name);
    const online = page.locator('.presence').getByText('online', { exact: true });
    await online.waitFor();
    await page.evaluate(`window.said = [];
      const banner = document.querySelector('.banner');
      new MutationObserver(() => banner.textContent && said.push(banner.textContent))
        .observe(banner, { childList: true, characterData: true, subtree: true });`);
    await alice.goOffline();
    await offline.waitFor();
    expect(await online.count()).toBe(0);
    await say(alice, 'Hello!');
    const back = page.getByRole('button', { name: 'Back to chats' });
    if (await back.isVisible()) await back.click();
    await offline.waitFor();
    await chats(page).getByRole('button', { name: bob.name }).getByText('Sending:').waitFor();
    // Every attempt to connect says what becomes of what is written.
    const said = () => page.evaluate('said') as Promise<string[]>;
    await expect.poll(async () => (await said()).some((each) => each.startsWith('Connecting …'))).toBe(true);
    for (const each of await said()) expect(each).toContain('What you write is sent');
    await alice.comeBack();
    await chats(page).getByRole('button', { name: bob.name }).getByText('Hello!').waitFor();
    expect(await offline.count()).toBe(0);
  });
});

describe('a page that is loaded without a connection', () => {
  const { person } = browsers();

  test('is there, with what was written meanwhile', async () => {
    const [alice, bob] = [await person('alice', { serviceWorkers: 'allow' }), await person('bob')];
    await talkTo(alice, bob.name);
    await alice.page.waitForFunction('navigator.serviceWorker.controller !== null');
    await alice.goOffline();
    await say(alice, 'From the tunnel');
    await alice.page.reload();
    await sees(alice, 'From the tunnel');
    await alice.page.getByText('Offline.').waitFor();
    await alice.comeBack();
    await open(bob, alice.name);
    await sees(bob, 'From the tunnel');
  });

  test('shows of a longer chat what the browser keeps, with changes that wait, and then the rest', async () => {
    const [alice, bob] = [await person('alice', { serviceWorkers: 'allow' }), await person('bob')];
    const { page } = alice;
    const group = unique('crew');
    await enterGroup(bob, group, 'Make group');
    // Alice’s browser is not brought what was before her.
    await say(bob, 'Long ago');
    await sees(bob, 'Long ago');
    await enterGroup(alice, group, 'Join group');
    await say(alice, 'Hello!');
    await page.locator('.message', { hasText: 'Hello!' }).getByText('✓').waitFor();
    await page.waitForFunction('navigator.serviceWorker.controller !== null');
    await alice.goOffline();
    await page.getByText('Offline.').waitFor();
    const own = page.locator('.message', { hasText: 'Hello!' });
    await own.hover();
    await own.getByRole('button', { name: 'Edit' }).click();
    await editor(page).fill('Hello from the tunnel');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.reload();
    await page.getByText('Offline.').waitFor();
    await page.locator('.message', { hasText: 'Hello from the tunnel' }).getByText('saving …').waitFor();
    await alice.comeBack();
    await sees(alice, 'Long ago');
    await sees(bob, 'Hello from the tunnel');
  });
});

describe('a logout', () => {
  const { person } = browsers();
  const out = (page: Page | Locator) => page.getByRole('button', { name: 'Log out', exact: true });

  test('sends a deletion that waits for an undo', async () => {
    const [alice, bob] = [await person('alice'), await person('bob')];
    await talkTo(alice, bob.name);
    await say(alice, 'Oops');
    await open(bob, alice.name);
    await sees(bob, 'Oops');
    await alice.page.locator('.message').hover();
    await alice.page.getByRole('button', { name: 'Delete' }).click();
    await alice.page.getByRole('button', { name: 'Undo' }).waitFor();
    await out(alice.page).click();
    await bob.page.locator('.message').getByText('Deleted').waitFor();
    const login = alice.page.getByRole('button', { name: 'Log in' });
    const anyway = out(alice.page.getByRole('dialog'));
    await login.or(anyway).waitFor();
    // On a busy machine it takes longer than somebody waits who logs out.
    if (await anyway.isVisible()) await anyway.click();
    await login.waitFor();
  });

  test('asks before it loses what is not sent', async () => {
    const [alice, bob] = [await person('alice'), await person('bob')];
    const { page } = alice;
    await talkTo(alice, bob.name);
    await alice.goOffline();
    await page.getByText('Offline.').waitFor();
    await say(alice, 'from the tunnel');
    await out(page).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('is not sent yet').waitFor();
    await dialog.getByRole('button', { name: 'Stay' }).click();
    await page.locator('.is-pending').getByText('from the tunnel').waitFor();
    await out(page).click();
    await dialog.getByRole('button', { name: 'Log out' }).click();
    await page.getByRole('button', { name: 'Log in' }).waitFor();
    expect(await page.evaluate('JSON.stringify(localStorage)')).not.toContain('tunnel');
  });
});

describe('what the browser keeps of somebody', () => {
  const { person } = browsers();

  test('is not shown to who only knows their name', async () => {
    const [alice, bob] = [await person('alice'), await person('bob')];
    const { page } = alice;
    await talkTo(alice, bob.name);
    await alice.loseSocket();
    await page.getByText('Offline.').waitFor();
    await say(alice, 'a secret');
    // As when the session has ended, by a new password for one.
    await page.evaluate(
      `for (const key of Object.keys(localStorage)) if (key.endsWith('/session')) localStorage.removeItem(key)`,
    );
    await page.reload();
    await page.getByLabel('Name').fill(alice.name);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByText('Offline.').waitFor();
    const text = String(await page.locator('body').textContent());
    expect([text.includes('a secret'), text.includes(bob.name)]).toEqual([false, false]);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Log in' }).waitFor();
    expect(await page.evaluate('JSON.stringify(localStorage)')).toContain('a secret');
  });
});

describe('text', () => {
  const { person } = browsers();

  test('runs in the direction of its own script', async () => {
    const [alice, bob] = [await person('alice'), await person('bob')];
    await talkTo(alice, bob.name);
    await say(alice, 'שלום bob!');
    await say(alice, 'Hello שלום!');
    await sees(alice, 'Hello שלום!');
    const directions = await alice.page.evaluate(
      `[...document.querySelectorAll('.message .text')].map((each) => getComputedStyle(each).direction)`,
    );
    expect(directions).toEqual(['rtl', 'ltr']);
  });

  test('is typed and previewed in that direction, too', async () => {
    const [alice, bob] = [await person('alice'), await person('bob')];
    const { page } = alice;
    const directionOf = (selector: string) =>
      page.evaluate(`getComputedStyle(document.querySelector(${JSON.stringify(selector)})).direction`);
    await talkTo(bob, alice.name);
    for (const [content, direction] of [
      ['שלום alice!', 'rtl'],
      ['Hello אליס!', 'ltr'],
    ] as const) {
      await say(bob, content);
      await page.locator('.preview', { hasText: content }).waitFor();
      expect(await directionOf('.preview')).toBe(direction);
    }
    await open(alice, bob.name);
    for (const [typed, direction] of [
      ['مرحبا bob', 'rtl'],
      ['Hello بوب', 'ltr'],
    ] as const)
      for (const field of ['.composer textarea', '.filter input']) {
        await page.locator(field).fill(typed);
        expect(await directionOf(field), field).toBe(direction);
      }
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Account:' }).click();
    const name = 'dialog input';
    await page.locator(name).first().fill('مريم');
    expect(await directionOf(name)).toBe('rtl');
  });
});
