import { describe, expect, test } from 'vitest';
import { connect } from '../../support/client.ts';
import { unique } from '../../support/given.ts';
import { violations } from './axe.ts';
import { browsers, type Person, shot } from './browser.ts';

// A phone of the smallest kind, as is a page at 400 %.
const SMALL = { viewport: { width: 320, height: 568 }, hasTouch: true, isMobile: true, bypassCSP: true };
const LONG = 64;
const TITLES = ['Zoë Łukasz', 'محمد بن عبد الرحمن', '王小明', 'Straße', 'W'.repeat(LONG), 'م'.repeat(LONG)];

describe('the list of chats', () => {
  const { person, socketUrl } = browsers();

  /** Groups of these titles, of which the last one has news. */
  async function chatsOf({ name }: Person, titles: readonly string[]): Promise<string[]> {
    const groups = titles.map(() => unique('g'));
    const [device, other] = [await connect(socketUrl), await connect(socketUrl)];
    await device.request({ type: 'login', username: name });
    const writer = unique('writer');
    await other.request({ type: 'register', username: writer });
    await other.request({ type: 'login', username: writer });
    for (const [index, group_name] of groups.entries()) {
      const title = titles[index];
      expect(await device.request({ type: 'create_group', group_name, title })).toMatchObject({
        status: 'create_group_success',
      });
    }
    await other.request({ type: 'join_group', group_id: groups.at(-1) });
    for (let news = 0; news < 120; news++)
      await other.request({ type: 'SEND_GROUP_MESSAGE', group_id: groups.at(-1), content: `${news}` });
    await Promise.all([device.close(), other.close()]);
    return groups;
  }

  test('finds chats by name in any script, and is walked through by arrow keys', async () => {
    const ann = await person('ann');
    const groups = await chatsOf(ann, TITLES);
    const { page } = ann;
    const lines = page.getByRole('navigation', { name: 'Chats' }).getByRole('list').getByRole('button');
    const isFocused = (index: number) => lines.nth(index).and(page.locator(':focus')).waitFor();
    await expect.poll(() => lines.count()).toBe(TITLES.length);
    const field = page.getByRole('searchbox', { name: 'Find a chat' });
    for (const [typed, found] of [
      ['lukasz ZOE', 'Zoë Łukasz'],
      ['محمد', 'محمد بن عبد الرحمن'],
      ['小', '王小明'],
      ['strasse', 'Straße'],
      [groups[0] ?? '', 'Zoë Łukasz'],
    ]) {
      await field.fill(typed ?? '');
      await expect.poll(() => lines.count()).toBe(1);
      await lines.getByText(found ?? '').waitFor();
    }
    await field.fill('nothing like it');
    await page.getByText('No chat is called so.').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    expect(await field.inputValue()).toBe('');
    await expect.poll(() => lines.count()).toBe(TITLES.length);
    await field.fill('strasse');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Straße', level: 2 }).waitFor();
    // One of them is in the order of Tab; the arrows lead to the others.
    await field.focus();
    await page.keyboard.press('ArrowDown');
    await isFocused(0);
    await page.keyboard.press('ArrowDown');
    await isFocused(1);
    await page.keyboard.press('End');
    await isFocused(TITLES.length - 1);
    await page.keyboard.press('ArrowDown');
    await isFocused(TITLES.length - 1);
    await page.keyboard.press('Home');
    await isFocused(0);
    await page.keyboard.press('ArrowDown');
    expect(await page.locator('.chat-line[tabindex="0"]').count()).toBe(1);
    await page.keyboard.press('Enter');
    await page.locator('.chat-line[aria-current="true"]').waitFor();
    expect(ann.complaints).toEqual([]);
  });

  test('has room for long names of any direction, and for what is unread, on the smallest phones', async () => {
    const ann = await person('ann', SMALL);
    await chatsOf(ann, TITLES);
    const { page } = ann;
    await page.locator('.badge').getByText('99+').waitFor();
    const lines = page.locator('.chat-line');
    await lines.getByText(TITLES.at(-1) ?? '').waitFor();
    await shot(page, 'long-names');
    for (const line of await lines.all()) {
      const box = await line.boundingBox();
      expect(box && box.x >= 0 && box.x + box.width <= 320 && box.height >= 44).toBe(true);
    }
    for (const what of [page.locator('.badge'), page.getByRole('button', { name: 'Log out' })]) {
      const box = await what.boundingBox();
      expect(box && box.x >= 0 && box.x + box.width <= 320).toBe(true);
    }
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
    // A name from right to left is cut at its end, which is on the left.
    const name = lines.locator('.name bdi').filter({ hasText: TITLES.at(-1) ?? '' });
    expect(await name.evaluate((each) => each.matches(':dir(rtl)'))).toBe(true);
    expect(await violations(page)).toEqual([]);
  });
});
