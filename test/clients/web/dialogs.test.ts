import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { connect } from '../../support/client.ts';
import { unique } from '../../support/given.ts';
import { violations } from './axe.ts';
import { begin, browsers, enterGroup, type Person, say, shot } from './browser.ts';

// As small as phones get; a keyboard takes half of it.
const SMALL = { viewport: { width: 320, height: 568 }, hasTouch: true, isMobile: true, bypassCSP: true };
const WITH_KEYBOARD = { width: 320, height: 290 };

const dialog = (page: Page) => page.getByRole('dialog');
const focused = (page: Page) => page.evaluate('document.activeElement.textContent');

// In the page, whose types tests don't have.
const overflow = (page: Page) =>
  page.evaluate(
    '(() => { const each = document.querySelector("dialog"); return each.scrollWidth - each.clientWidth; })()',
  );
const sizeOfType = (each: unknown) =>
  Number.parseFloat(
    (globalThis as unknown as { getComputedStyle(each: unknown): { fontSize: string } }).getComputedStyle(
      each,
    ).fontSize,
  );

/** Whether all of the dialog can be used: nothing is wider than the screen, and what one touches is large enough. */
async function isUsable(page: Page): Promise<void> {
  expect(await violations(page)).toEqual([]);
  for (const size of [WITH_KEYBOARD, SMALL.viewport]) {
    await page.setViewportSize(size);
    expect(await overflow(page)).toBe(0);
    const box = await dialog(page).boundingBox();
    expect(box && box.y >= 0 && box.y + box.height <= size.height).toBe(true);
    for (const button of await dialog(page).getByRole('button').all()) {
      await button.scrollIntoViewIfNeeded();
      expect((await button.boundingBox())?.height).toBeGreaterThanOrEqual(44);
    }
  }
  for (const field of await dialog(page).getByRole('textbox').all())
    expect(await field.evaluate(sizeOfType)).toBeGreaterThanOrEqual(16);
}

describe('every dialog', () => {
  const { person, visitor, socketUrl } = browsers();

  /** Opens and closes it by keyboard. */
  async function isOneOf(page: Page, open: string, name: string, isInner = false): Promise<void> {
    const button = page.getByRole('button', { name: open }).last();
    await button.focus();
    const opener = await focused(page);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name }).waitFor();
    // Whatever one types goes into it.
    expect(await dialog(page).locator(':focus').count()).toBe(1);
    await isUsable(page);
    await shot(page, name);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog', { name }).waitFor({ state: 'detached' });
    // What opened it from another dialog went with that.
    if (await button.isVisible()) expect(await focused(page)).toBe(isInner ? '' : opener);
  }

  test('of the list of chats takes the focus and gives it back, and fits a small phone', async () => {
    const { page, complaints } = await person('ann', SMALL);
    await isOneOf(page, 'New', 'New chat');
    await isOneOf(page, 'Account', 'Account');
    await page.getByRole('button', { name: 'Account' }).click();
    await isOneOf(page, 'Change password', 'Change password', true);
    await isOneOf(page, 'Log out everywhere', 'Log out everywhere?', true);
    await isOneOf(page, 'Delete my account', 'Delete my account?', true);
    expect(complaints).toEqual([]);
  });

  test('of a group does, too', async () => {
    const ann = await person('ann', SMALL);
    const { page } = ann;
    const ben = await person('ben');
    const group = unique('crew');
    await enterGroup(ann, group, 'Make group');
    await enterGroup(ben, group, 'Join group');
    await page.getByRole('button', { name: 'Members', exact: true }).click();
    await page.getByRole('heading', { name: '2 members' }).waitFor();
    expect(await violations(page)).toEqual([]);
    await isOneOf(page, 'Title, topic and picture', 'About this group');
    await isOneOf(page, 'Leave', 'Leave this group?');
    await isOneOf(page, ben.name, 'Member');
    await page.getByRole('complementary').getByRole('button', { name: ben.name }).click();
    await isOneOf(page, 'Remove from the group', 'Remove from the group?');
    expect(ann.complaints).toEqual([]);
  });

  test('for a new chat leads to whoever has the name, and leaves no chat behind with nobody', async () => {
    const [ann, ben] = [await person('ann'), await person('ben')];
    const { page } = ann;
    const group = unique('crew');
    await enterGroup(ben, group, 'Make group');
    const nobody = unique('nobody');
    const alert = dialog(page).getByRole('alert');
    await begin(page, nobody, `Write to ${nobody}`);
    await alert.getByText(`There is nobody called ${nobody}, and no group.`).waitFor();
    const field = page.getByLabel('Name of a user or a group');
    await field.fill('zoë');
    await page.keyboard.press('Enter');
    await alert.getByText('A name has up to 32 letters').waitFor();
    await field.fill(`#${nobody}`);
    await page.keyboard.press('Enter');
    await alert.getByText(`There is no group ${nobody}.`).waitFor();
    await field.fill(ann.name);
    await dialog(page).getByText('This is you.').waitFor();
    await field.fill(group);
    await page.keyboard.press('Enter');
    await alert.getByText(`${group} is a group, and you are not in it.`).waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('No chats yet.').waitFor();
    // As a group's name is written, it is joined at once.
    await begin(page, `#${group}`, `Join #${group}`);
    await page.getByRole('heading', { name: group, exact: true }).waitFor();
    // Who can type at once.
    await page.keyboard.type('Hello!');
    await page.keyboard.press('Enter');
    await page.locator('.message').getByText('Hello!').waitFor();
    // Once one is in it, its name alone is enough.
    await begin(page, group, `Write to ${group}`);
    await dialog(page).waitFor({ state: 'detached' });
    await page.getByRole('heading', { name: group, exact: true }).waitFor();
    // A title that is typed where a name goes makes one.
    const title = `Zoë’s ${group}`;
    await begin(page, title, 'Make group');
    expect(await page.getByLabel('Name').inputValue()).toBe(`zoes-${group}`);
    await page.getByLabel('Name').fill(`My ${group}`);
    await dialog(page).getByText(`by the name my-${group}.`).waitFor();
    await page.getByRole('button', { name: 'Make group' }).click();
    await page.getByRole('heading', { name: title, exact: true }).waitFor();
    expect(ann.complaints).toEqual([]);
  });

  test('says that there is no connection, and leads to what is in the list without one', async () => {
    const [ann, ben] = [await person('ann'), await person('ben')];
    const { page } = ann;
    await begin(page, ben.name, `Write to ${ben.name}`);
    await dialog(page).waitFor({ state: 'detached' });
    await say(ann, 'Hello!');
    await ann.goOffline();
    await page.getByText('Offline.').waitFor();
    await page.getByRole('button', { name: 'New', exact: true }).click();
    await dialog(page).getByRole('status').getByText('You are offline.').waitFor();
    await page.keyboard.press('Escape');
    await begin(page, ben.name, `Write to ${ben.name}`);
    await dialog(page).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Account' }).click();
    await dialog(page).getByLabel('The name that others see').fill('Ann');
    await dialog(page).getByRole('button', { name: 'Save' }).click();
    const offline = dialog(page).getByRole('alert').getByText('You are offline.');
    await offline.waitFor();
    // It is said for as long as it is so.
    await ann.comeBack();
    await offline.waitFor({ state: 'detached' });
  });

  test('for the password says what is wrong with which, and logs other devices out', async () => {
    const ann = await person('ann');
    const { page } = ann;
    const phone = await connect(socketUrl);
    await phone.request({ type: 'login', username: ann.name });
    await page.getByRole('button', { name: 'Account' }).click();
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.getByRole('button', { name: 'Change', exact: true }).click();
    await dialog(page).getByRole('alert').getByText('Choose a new password.').waitFor();
    await page.getByLabel('New password').fill('first-secret');
    await page.getByRole('button', { name: 'Change', exact: true }).click();
    await dialog(page).getByText('Your other devices are logged out').waitFor();
    expect(await phone.next({ type: 'SESSION_ENDED' })).toMatchObject({ code: 'password_changed' });
    await phone.close();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.getByLabel('Current password').fill('wrong');
    await page.getByLabel('New password').fill('second-secret');
    await page.getByRole('button', { name: 'Change', exact: true }).click();
    await dialog(page).getByRole('alert').getByText('This is not your current password.').waitFor();
    await page.getByRole('button', { name: 'Show password' }).first().click();
    expect(await page.getByLabel('Current password').getAttribute('type')).toBe('text');
  });

  test('to log out everywhere does so', async () => {
    const ann = await person('ann');
    const phone = await connect(socketUrl);
    await phone.request({ type: 'login', username: ann.name });
    await ann.page.getByRole('button', { name: 'Account' }).click();
    await ann.page.getByRole('button', { name: 'Log out everywhere' }).click();
    await dialog(ann.page).getByRole('button', { name: 'Log out everywhere' }).click();
    await ann.page.getByRole('button', { name: 'Log in', exact: true }).waitFor();
    expect(await phone.next({ type: 'SESSION_ENDED' })).toMatchObject({ code: 'logged_out_everywhere' });
    await phone.close();
    expect(await ann.page.evaluate('JSON.stringify(localStorage)')).not.toContain(ann.name);
  });

  test('to delete the account asks for id and password, and leaves nothing of its user', async () => {
    const [ann, ben] = [await person('ann'), await person('ben')];
    const { page } = ann;
    await begin(page, ben.name, `Write to ${ben.name}`);
    await dialog(page).waitFor({ state: 'detached' });
    await say(ann, 'Forget me.');
    await page.locator('.message:not(.is-pending)').waitFor();
    const device = await connect(socketUrl);
    await device.request({ type: 'login', username: ann.name });
    await device.request({ type: 'change_password', new_password: 'first-secret' });
    await device.close();
    await page.getByLabel('Password').fill('first-secret');
    await page.getByRole('button', { name: 'Log in', exact: true }).click();
    await page.getByRole('button', { name: 'Account' }).click();
    await page.getByRole('button', { name: 'Delete my account' }).click();
    const alert = dialog(page).getByRole('alert');
    const remove = dialog(page).getByRole('button', { name: 'Delete my account' });
    await page.getByLabel('To confirm').fill(ben.name);
    await remove.click();
    await alert.getByText('This is not your id.').waitFor();
    await page.getByLabel('To confirm').fill(ann.name.toUpperCase());
    await page.getByLabel('Password').fill('wrong');
    await remove.click();
    await alert.getByText('This is not your password.').waitFor();
    await page.getByLabel('Password').fill('first-secret');
    await remove.click();
    await page.getByRole('button', { name: 'Log in', exact: true }).waitFor();
    expect(await page.evaluate('JSON.stringify(localStorage)')).not.toContain(ann.name);
    await page.getByLabel('Name').fill(ann.name);
    await page.getByLabel('Password').fill('first-secret');
    await page.getByRole('button', { name: 'Log in', exact: true }).click();
    await page.getByRole('alert').getByText('Wrong username or password.').waitFor();
  });

  describe('the login page', () => {
    /** A service that has these settings, as `config.json` says them. */
    const withSettings = (settings: object) => (context: Person['context']) =>
      context.route('**/config.json', async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, json: { ...(await response.json()), ...settings } });
      });

    test('says beside the field what is wrong with it', async () => {
      const ann = await person('ann');
      const { page } = await visitor();
      const alert = page.getByRole('alert');
      await page.getByText('If you have one.').waitFor();
      await page.getByRole('button', { name: 'Log in', exact: true }).click();
      await alert.getByText('Type your name.').waitFor();
      await page.getByRole('button', { name: 'New here? Register' }).click();
      expect(await alert.count()).toBe(0);
      await page.getByText('Without one, whoever knows your name').waitFor();
      await page.getByLabel('Name').fill('Zoë');
      await page.getByRole('button', { name: 'Register', exact: true }).click();
      await alert.getByText('A name has up to 32 letters').waitFor();
      await page.getByLabel('Name').fill(ann.name);
      await page.getByRole('button', { name: 'Register', exact: true }).click();
      await alert.getByText('This name is taken. If it is yours, log in.').waitFor();
      expect(await page.getByLabel('Name').getAttribute('aria-invalid')).toBe('true');
      expect(await page.getByLabel('Password').getAttribute('autocomplete')).toBe('new-password');
    });

    test('asks for a password where the service does', async () => {
      const { page } = await visitor(
        {},
        undefined,
        withSettings({ passwords: 'required', passwordLength: 8 }),
      );
      const alert = page.getByRole('alert');
      await page.getByLabel('Name').fill(unique('ann'));
      expect(await page.getByText('If you have one.').count()).toBe(0);
      await page.getByRole('button', { name: 'Log in', exact: true }).click();
      await alert.getByText('Type your password.').waitFor();
      await page.getByRole('button', { name: 'New here? Register' }).click();
      await page.getByText('At least 8 characters.').waitFor();
      await page.getByRole('button', { name: 'Register', exact: true }).click();
      await alert.getByText('Choose a password.').waitFor();
      await page.getByLabel('Password').fill('short');
      await page.getByRole('button', { name: 'Register', exact: true }).click();
      await alert.getByText('A password has at least 8 characters.').waitFor();
      await page.getByLabel('Password').fill('long enough');
      await page.getByRole('button', { name: 'Register', exact: true }).click();
      await page.getByRole('navigation', { name: 'Chats' }).waitFor();
    });

    test('offers no registration where nobody can register, and says who adds users', async () => {
      const { page } = await visitor(SMALL, undefined, withSettings({ registration: 'closed' }));
      await page.getByText('Whoever runs this service adds its users.').waitFor();
      const buttons = await page.getByRole('button').allTextContents();
      expect(buttons.filter((each) => /log in|register/i.test(each))).toEqual(['Log in']);
      expect(await violations(page)).toEqual([]);
    });
  });
});
