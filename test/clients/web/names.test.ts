import { describe, expect, test } from 'vitest';
import { connect } from '../../support/client.ts';
import { unique } from '../../support/given.ts';
import { browsers, enterGroup, type Person, say, sees, talkTo } from './browser.ts';

// Whoever is named is isolated: what stands beside it stays where it is.
const NAMES = { latin: 'Zoë Łukasz', arabic: 'محمد علي', chinese: '王小明' };

describe('names', () => {
  const { person, socketUrl } = browsers();

  /** Sets this person's name on another device, as an application would. */
  async function calls({ name }: Person, display_name: string): Promise<void> {
    const device = await connect(socketUrl);
    await device.request({ type: 'login', username: name });
    const reply = await device.request({ type: 'set_profile', display_name });
    expect(reply).toMatchObject({ status: 'set_profile_success', display_name });
    await device.close();
  }

  /** After a reload, so that nothing of before is cached. */
  async function comesBack({ page }: Person): Promise<void> {
    await page.reload();
    await page.getByRole('navigation', { name: 'Chats' }).waitFor();
  }

  const phone = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true };
  test.each([
    ['beside each other', undefined],
    ['on a phone', phone],
  ])('in any script replace ids, which are shown on hover, %s', async (_, look) => {
    const [alice, bob] = [await person('alice', look), await person('bob')];
    await calls(alice, NAMES.arabic);
    await calls(bob, NAMES.chinese);
    await talkTo(bob, alice.name);
    await say(bob, 'Hello!');
    await comesBack(alice);
    await alice.page
      .getByRole('navigation', { name: 'Chats' })
      .getByRole('button', { name: NAMES.chinese })
      .click();
    await sees(alice, 'Hello!');
    await alice.page.getByRole('heading', { name: NAMES.chinese, level: 2 }).waitFor();
    const sender = alice.page.locator('.sender bdi').first();
    expect(await sender.textContent()).toBe(NAMES.chinese);
    expect(await sender.getAttribute('title')).toBe(bob.name);
    await alice.page.getByRole('textbox', { name: `Message to ${NAMES.chinese}` }).waitFor();
    // Nowhere is there the bare id of who has a name.
    expect(await alice.page.locator('main').textContent()).not.toContain(bob.name);
    const own = alice.page.locator(`.who bdi[title="${alice.name}"]`);
    expect(await own.textContent()).toBe(NAMES.arabic);
    expect([...alice.complaints, ...bob.complaints]).toEqual([]);
  });

  test('of the greatest length make nothing wider than a phone', async () => {
    const [alice, bob] = [await person('alice', phone), await person('bob')];
    await calls(alice, 'W'.repeat(100));
    await calls(bob, '王'.repeat(100));
    await comesBack(alice);
    const group = unique('crew');
    await enterGroup(bob, group, 'Make group');
    await enterGroup(alice, group, 'Join group');
    await say(bob, 'Hello!');
    await sees(alice, 'Hello!');
    await alice.page.locator('.sender').getByText('王'.repeat(100)).waitFor();
    await alice.page.getByRole('button', { name: 'Members' }).click();
    await alice.page.getByRole('complementary').getByText('W'.repeat(100)).waitFor();
    const overflow = () =>
      alice.page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    expect(await overflow()).toBe(0);
    await alice.page.getByRole('button', { name: 'Back to chats' }).click();
    await alice.page.locator('.who').getByText('W'.repeat(100)).waitFor();
    expect(await overflow()).toBe(0);
  });

  test('a group is called by its title, and markup in it is text', async () => {
    const [alice, bob] = [await person('alice'), await person('bob')];
    const group = unique('crew');
    const title = 'Наша <b>команда</b> &amp;';
    await enterGroup(alice, group, 'Make group');
    const device = await connect(socketUrl);
    await device.request({ type: 'login', username: alice.name });
    expect(await device.request({ type: 'update_group', group_id: group, title })).toMatchObject({ title });
    await device.close();
    await comesBack(alice);
    await alice.page.getByRole('navigation', { name: 'Chats' }).getByRole('button', { name: title }).click();
    await alice.page.getByRole('heading', { name: title, exact: true }).waitFor();
    expect(await alice.page.locator(`h2 bdi[title="${group}"]`).textContent()).toBe(title);
    // Who is not in it, and who joins by its name.
    expect(await bob.page.getByText(title).count()).toBe(0);
    await enterGroupTitled(bob, group, title);
    expect(await alice.page.locator('b').count()).toBe(0);
  });

  async function enterGroupTitled({ page }: Person, group: string, title: string): Promise<void> {
    await page.getByRole('button', { name: 'New', exact: true }).click();
    await page.getByLabel('Name of a user or a group').fill(group);
    await page.getByRole('button', { name: 'Join group' }).click();
    await page.getByRole('heading', { name: title, exact: true }).waitFor();
  }
});
