import type { BrowserContextOptions } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { violations } from './axe.ts';
import { browsers, open, say, sees, talkTo } from './browser.ts';

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
