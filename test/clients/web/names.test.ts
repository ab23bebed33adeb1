import { describe, expect, test } from 'vitest';
import { connect } from '../../support/client.ts';
import { unique } from '../../support/given.ts';
import { begin, browsers, enterGroup, type Person, PHONE, say, sees, shot, talkTo } from './browser.ts';

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

  test.each([
    ['beside each other', undefined],
    ['on a phone', PHONE],
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
    const title = alice.page.locator('.title bdi').first();
    expect(await title.textContent()).toBe(NAMES.chinese);
    expect(await title.getAttribute('title')).toBe(bob.name);
    // Where two talk, it is not said again above what the other writes.
    expect(await alice.page.locator('.sender').count()).toBe(0);
    await alice.page.getByRole('textbox', { name: `Message to ${NAMES.chinese}` }).waitFor();
    // Nowhere is there the bare id of who has a name.
    expect(await alice.page.locator('main').textContent()).not.toContain(bob.name);
    const own = alice.page.locator(`.who bdi[title="${alice.name}"]`);
    await expect.poll(() => own.textContent()).toBe(NAMES.arabic);
    expect([...alice.complaints, ...bob.complaints]).toEqual([]);
  });

  test('of the greatest length make nothing wider than a phone', async () => {
    const [alice, bob] = [await person('alice', PHONE), await person('bob')];
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

  test('are set in the account dialog, which also shows the id to pass on', async () => {
    const [alice, bob] = [await person('alice', PHONE), await person('bob')];
    const profile = alice.page.getByRole('button', { name: 'Account' });
    await profile.click();
    const dialog = alice.page.getByRole('dialog', { name: 'Account' });
    await dialog.getByText(`Others write to you by your id: ${alice.name}`).waitFor();
    const field = dialog.getByLabel('The name that others see');
    await field.fill('#team');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByRole('alert').getByText('The name must not begin with #.').waitFor();
    await field.fill(NAMES.arabic);
    await shot(alice.page, 'profile');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    await profile.getByText(NAMES.arabic).waitFor();
    await begin(bob.page, alice.name, `Write to ${alice.name}`);
    await bob.page.getByRole('heading', { name: NAMES.arabic, level: 2 }).waitFor();
    // Without one, the id stands for it again.
    await profile.click();
    expect(await field.inputValue()).toBe(NAMES.arabic);
    await field.fill('');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await profile.getByText(alice.name).waitFor();
    expect([...alice.complaints, ...bob.complaints]).toEqual([]);
  });

  test('of groups, and their topics, are set by the owner alone, and a button accepts an invitation', async () => {
    const [alice, bob] = [await person('alice'), await person('bob', PHONE)];
    const group = unique('crew');
    // What can be no name becomes the title.
    const { page } = alice;
    await begin(page, '山の会', 'Make group');
    const made = page.getByRole('dialog', { name: 'New group' });
    expect(await made.getByLabel('Title').inputValue()).toBe('山の会');
    expect(await made.getByLabel('Name').evaluate((each) => each.matches(':focus'))).toBe(true);
    await made.getByLabel('Name').fill(group);
    await made.getByRole('button', { name: 'Make group' }).click();
    await page.getByRole('heading', { name: '山の会', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Invite people' }).click();
    expect(await page.getByLabel('Invite somebody').evaluate((each) => each.matches(':focus'))).toBe(true);
    await page.getByRole('button', { name: 'Title, topic and picture' }).click();
    const dialog = alice.page.getByRole('dialog', { name: 'About this group' });
    expect(await dialog.getByLabel('Title').inputValue()).toBe('山の会');
    await dialog.getByLabel('Topic').fill('Where we walk on Saturday');
    await shot(alice.page, 'about-group');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await alice.page.getByRole('heading', { name: '山の会', exact: true }).waitFor();
    await alice.page.locator('.presence').getByText('Where we walk on Saturday').waitFor();
    const device = await connect(socketUrl);
    await device.request({ type: 'login', username: alice.name });
    await device.request({ type: 'invite', group_id: group, username: bob.name });
    await device.close();
    const invitation = bob.page.getByRole('region', { name: 'Invitations' });
    await invitation.getByText('invites you to 山の会.').waitFor();
    await shot(bob.page, 'invited');
    await invitation.getByRole('button', { name: `Join ${group}` }).click();
    await bob.page.getByRole('heading', { name: '山の会', exact: true }).waitFor();
    await bob.page.locator('.presence').getByText('Where we walk on Saturday').waitFor();
    await shot(bob.page, 'topic');
    await bob.page.getByRole('button', { name: 'Members' }).click();
    await bob.page.getByRole('button', { name: 'Leave' }).waitFor();
    expect(await bob.page.getByRole('button', { name: 'Title, topic and picture' }).count()).toBe(0);
    expect([...alice.complaints, ...bob.complaints]).toEqual([]);
  });

  async function enterGroupTitled({ page }: Person, group: string, title: string): Promise<void> {
    await page.getByRole('button', { name: 'New', exact: true }).click();
    await page.getByLabel('Name of a user or a group').fill(group);
    await page.getByRole('button', { name: 'Join group' }).click();
    await page.getByRole('heading', { name: title, exact: true }).waitFor();
  }
});
