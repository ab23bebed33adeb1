import type { BrowserContextOptions, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { unique } from '../../support/given.ts';
import { violations } from './axe.ts';
import { begin, browsers, open, say, sees, talkTo } from './browser.ts';

const looks: [string, BrowserContextOptions][] = [
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
  ['a phone', { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true }],
];

describe('the page', () => {
  const { person, visitor } = browsers();

  test.each(looks)('passes the checks of axe, in %s', async (_, look) => {
    const options = { ...look, bypassCSP: true };
    const door = await visitor(options);
    expect(await violations(door.page)).toEqual([]);
    const [alice, bob] = [await person('alice', options), await person('bob')];
    await talkTo(alice, bob.name);
    await say(alice, 'Hello!');
    await open(bob, alice.name);
    await say(bob, 'Hi.');
    await sees(alice, 'Hi.');
    expect(await violations(alice.page)).toEqual([]);
    const back = alice.page.getByRole('button', { name: 'Back to chats' });
    if (await back.isVisible()) {
      await back.click();
      expect(await violations(alice.page)).toEqual([]);
    }
    await alice.page.getByRole('button', { name: 'New', exact: true }).click();
    expect(await violations(alice.page)).toEqual([]);
  });

  test('lets one register and log in by typing alone', async () => {
    const { page } = await visitor({});
    const name = unique('alice');
    await page.getByText('Log in, or register').waitFor();
    await page.keyboard.type(name);
    await page.getByRole('button', { name: 'New here? Register' }).press('Enter');
    await page.getByText('Choose a name').waitFor();
    // The name is there: the password is next.
    await page.keyboard.type('secret');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByText('Welcome back.').or(page.getByText('Log in, or register')).waitFor();
    await page.getByLabel('Name').fill(name);
    await page.getByLabel('Password', { exact: true }).fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByText('Wrong username or password.').waitFor();
    await page.keyboard.type('secret');
    await page.keyboard.press('Enter');
    await page.getByText('No chats yet.').waitFor();
  });

  test('passes them while it is empty, and with messages that were edited, deleted and refused', async () => {
    const [alice, bob] = [await person('alice', { bypassCSP: true }), await person('bob')];
    const { page } = alice;
    await page.getByText('No chats yet.').waitFor();
    expect(await violations(page)).toEqual([]);
    await talkTo(alice, bob.name);
    for (const text of ['one', 'two']) {
      await say(alice, text);
      await sees(alice, text);
    }
    const message = (text: string) => page.locator('.message', { hasText: text });
    await message('one').hover();
    await message('one').getByRole('button', { name: 'Edit' }).click();
    expect(await violations(page)).toEqual([]);
    await say(alice, 'three');
    await message('three').getByText('edited').waitFor();
    await message('two').hover();
    await message('two').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Undo' }).waitFor();
    expect(await violations(page)).toEqual([]);
    await alice.goOffline();
    const nobody = unique('nobody');
    await page.getByText('Offline.').waitFor();
    await begin(page, nobody, `Write to ${nobody}`);
    await page.getByRole('button', { name: `Write to ${nobody} anyway` }).click();
    await say(alice, 'Hello?');
    expect(await violations(page)).toEqual([]);
    await alice.comeBack();
    await page.getByText('There is no user of this name.').waitFor();
    expect(await violations(page)).toEqual([]);
  });

  test('has nothing to touch that is smaller than a finger', async () => {
    const look = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true };
    const door = await visitor(look);
    const small = (page: Page) =>
      page.evaluate(`[...document.querySelectorAll('button, input, textarea')]
        .map((each) => (each.type === 'checkbox' ? each.closest('label') : each))
        .filter((each) => !each.matches('.hidden') && each.checkVisibility())
        .map((each) => [each.getBoundingClientRect(), each.outerHTML.slice(0, 80)])
        .filter(([{ width, height }]) => width < 44 || height < 44)
        .map(([{ width, height }, html]) => [Math.round(width), Math.round(height), html].join(' '))`);
    await door.page.getByRole('button', { name: 'Log in' }).waitFor();
    expect(await small(door.page)).toEqual([]);
    const [alice, bob] = [await person('alice', look), await person('bob')];
    const { page } = alice;
    await talkTo(alice, bob.name);
    await say(alice, 'Hello!');
    await sees(alice, 'Hello!');
    expect(await small(page)).toEqual([]);
    await page.getByRole('button', { name: 'Back to chats' }).click();
    expect(await small(page)).toEqual([]);
    await page.getByRole('button', { name: 'New', exact: true }).click();
    await page.getByRole('dialog').waitFor();
    expect(await small(page)).toEqual([]);
  });

  test('moves nothing for who wants it so', async () => {
    const moving = (page: Page) =>
      page.evaluate(`[...document.querySelectorAll('*')].filter((each) =>
        ['transitionDuration', 'animationDuration'].some((what) => parseFloat(getComputedStyle(each)[what]) > 0),
      ).length`);
    const [still, other] = [await visitor({ reducedMotion: 'reduce' }), await visitor()];
    for (const { page } of [still, other]) await page.getByRole('button', { name: 'Log in' }).waitFor();
    expect(await moving(still.page)).toBe(0);
    expect(await moving(other.page)).toBeGreaterThan(0);
  });

  test('can be used with the keyboard alone', async () => {
    const [alice, bob] = [await person('alice'), await person('bob')];
    await talkTo(bob, alice.name);
    await say(bob, 'Can you hear me?');
    const line = alice.page.getByRole('navigation').getByRole('button', { name: bob.name });
    await line.waitFor();
    for (let tabs = 0; tabs < 10; tabs++) {
      if (await line.evaluate((element) => element.matches(':focus'))) break;
      await alice.page.keyboard.press('Tab');
    }
    await alice.page.keyboard.press('Enter');
    await sees(alice, 'Can you hear me?');
    await alice.page.keyboard.type('Yes.');
    await alice.page.keyboard.press('Enter');
    await sees(bob, 'Yes.');
  });
});
