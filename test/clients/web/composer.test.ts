import type { Locator, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { connect } from '../../support/client.ts';
import { violations } from './axe.ts';
import { allStored, browsers, open, type Person, PHONE, say, sees, shot, talkTo, texts } from './browser.ts';

const editor = (page: Page) => page.getByRole('textbox', { name: 'Message to' });
const message = (page: Page, text: string) =>
  page.locator('.message').filter({ has: page.locator('.text').getByText(text, { exact: true }) });
const button = (place: Locator | Page, name: string) => place.getByRole('button', { name, exact: true });
const heightOf = (field: Locator) =>
  field.evaluate((each) => (each as unknown as { offsetHeight: number }).offsetHeight);
const hasFocus = (field: Locator) => field.and(field.page().locator(':focus')).waitFor();

/** A key as an input method or a keyboard sends it. */
const presses = (field: Locator, key: object) =>
  field.evaluate(
    (element, given) =>
      // biome-ignore lint/suspicious/noExplicitAny: the types here are Node's.
      (element as any).dispatchEvent(
        // biome-ignore lint/suspicious/noExplicitAny: as above.
        new (globalThis as any).KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...given }),
      ),
    key,
  );

/** Hovers over a message, as its actions are shown then, and presses one. */
async function act(page: Page, text: string, name: string): Promise<void> {
  const line = message(page, text);
  await line.hover();
  await button(line, name).click();
}

describe('the editor', () => {
  const { person } = browsers();

  /** Two who have begun to talk. */
  async function pair(look?: Parameters<typeof person>[1]): Promise<[Person, Person]> {
    const [alice, bob] = [await person('alice', look), await person('bob')];
    await talkTo(alice, bob.name);
    await say(alice, 'Hello!');
    await sees(alice, 'Hello!');
    await open(bob, alice.name);
    await sees(bob, 'Hello!');
    return [alice, bob];
  }

  test('sends on Enter and on Control+Enter, and begins a line on Shift+Enter', async () => {
    const [alice] = await pair();
    const field = editor(alice.page);
    await hasFocus(field);
    await alice.page.keyboard.type('one');
    await alice.page.keyboard.press('Shift+Enter');
    await alice.page.keyboard.type('more');
    expect(await field.inputValue()).toBe('one\nmore');
    await alice.page.keyboard.press('Enter');
    await sees(alice, 'one\nmore');
    await hasFocus(field);
    expect(await field.inputValue()).toBe('');
    await alice.page.keyboard.type('two');
    await alice.page.keyboard.press('Control+Enter');
    await sees(alice, 'two');
    await field.fill('\n\n  three  \n');
    await button(alice.page, 'Send').click();
    await expect.poll(() => texts(alice)).toEqual(['Hello!', 'one\nmore', 'two', '  three']);
    await hasFocus(field);
    await field.fill(' \n ');
    await field.press('Enter');
    expect(await field.inputValue()).toBe(' \n ');
  });

  test('leaves the keys of an input method to it', async () => {
    const [alice] = await pair();
    const field = editor(alice.page);
    await field.fill('にほん');
    await presses(field, { key: 'Enter', isComposing: true });
    // As Safari ends a composition.
    await presses(field, { key: 'Enter', keyCode: 229 });
    expect(await field.inputValue()).toBe('にほん');
    await presses(field, { key: 'Enter', keyCode: 13 });
    expect(await field.inputValue()).toBe('');
    await sees(alice, 'にほん');
    for (const key of ['ArrowUp', 'Escape']) await presses(field, { key, isComposing: true });
    expect(await button(alice.page, 'Cancel').count()).toBe(0);
  });

  test('begins a line on Enter of a touch keyboard, and has a button that is large enough', async () => {
    const [alice, bob] = await pair({ ...PHONE, bypassCSP: true });
    const field = editor(alice.page);
    await field.tap();
    await alice.page.keyboard.type('one');
    await alice.page.keyboard.press('Enter');
    await alice.page.keyboard.type('more');
    expect(await field.inputValue()).toBe('one\nmore');
    // Smaller, and iOS zooms in.
    const size = "parseFloat(getComputedStyle(document.querySelector('textarea')).fontSize)";
    expect(await alice.page.evaluate(size)).toBeGreaterThanOrEqual(16);
    const send = button(alice.page, 'Send');
    const box = await send.boundingBox();
    expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(44);
    await shot(alice.page, 'composer-phone');
    await send.tap();
    await sees(bob, 'one\nmore');
    // The keyboard stays.
    await hasFocus(field);
    await allStored(alice);
    /** What opens is beside the message or above it, and the button can be touched again. */
    const coversNoOther = async (each: Locator) => {
      const boxOf = async (one: Locator) => {
        const { x = 0, y = 0, width = 0, height = 0 } = (await one.boundingBox()) ?? {};
        return { left: x, right: x + width, top: y, bottom: y + height };
      };
      const [row, acts, opener] = [
        await boxOf(each),
        await boxOf(each.locator('.acts')),
        await boxOf(button(each, 'Edit or delete')),
      ];
      expect(acts.left).toBeGreaterThanOrEqual(row.left);
      expect(acts.right).toBeLessThanOrEqual(row.right + 1);
      expect(acts.top).toBeGreaterThanOrEqual(row.top);
      expect(acts.bottom).toBeLessThanOrEqual(row.bottom + 1);
      expect(acts.right <= opener.left || acts.left >= opener.right).toBe(true);
    };
    // What can be done stands behind one button.
    const line = message(alice.page, 'one\nmore');
    const dots = button(line, 'Edit or delete');
    await dots.waitFor();
    // Its second tick makes the message wider.
    await line.getByLabel('read', { exact: true }).waitFor();
    const isLarge = async (each: Locator) =>
      expect((await each.boundingBox())?.height).toBeGreaterThanOrEqual(44);
    await isLarge(dots);
    expect(await button(line, 'Edit').isVisible()).toBe(false);
    const place = await dots.boundingBox();
    await dots.tap();
    for (const name of ['Edit', 'Delete']) await isLarge(button(line, name));
    // What one has touched is still there, to be touched again.
    expect(await dots.boundingBox()).toEqual(place);
    await coversNoOther(line);
    await shot(alice.page, 'actions-phone');
    expect(await violations(alice.page)).toEqual([]);
    // Back by the keyboard, and by a touch elsewhere.
    await hasFocus(button(line, 'Edit'));
    await alice.page.keyboard.press('Escape');
    await hasFocus(dots);
    expect(await button(line, 'Delete').isVisible()).toBe(false);
    await alice.page.keyboard.press('Enter');
    await hasFocus(button(line, 'Edit'));
    await alice.page.keyboard.press('Tab');
    await alice.page.keyboard.press('Tab');
    await button(line, 'Delete').waitFor({ state: 'hidden' });
    await dots.tap();
    await alice.page.locator('.title').tap();
    await button(line, 'Delete').waitFor({ state: 'hidden' });
    await dots.tap();
    await button(line, 'Delete').tap();
    await button(alice.page, 'Undo').tap();
    await dots.tap();
    await button(line, 'Edit').tap();
    await hasFocus(field);
    expect(await field.inputValue()).toBe('one\nmore');
    await line.getByText('editing below').waitFor();
    await button(alice.page, 'Cancel').tap();
    await line.getByText('editing below').waitFor({ state: 'detached' });
    // Beside a long one there is no room.
    const long = 'one that is as wide as the screen lets it be, and a little more than that';
    await field.fill(long);
    await send.tap();
    const wide = message(alice.page, long);
    await wide.waitFor();
    // Once it is stored, it is another line, whose menu is closed.
    await allStored(alice);
    await button(wide, 'Edit or delete').tap();
    await button(wide, 'Edit').waitFor();
    await coversNoOther(wide);
  });

  test.each([
    ['by itself', false],
    ['where style sheets can not make it', true],
  ])('grows with wrapped text up to two fifths of the window, %s', async (_, isOld) => {
    const [alice] = await pair();
    const { page } = alice;
    if (isOld) {
      await page.evaluate('CSS.supports = () => false');
      await editor(page).evaluate((each) => {
        (each as unknown as { style: Record<string, string> }).style.fieldSizing = 'fixed';
      });
    }
    const field = editor(page);
    await field.fill('a');
    const one = await heightOf(field);
    await field.fill('word '.repeat(80));
    const wrapped = await heightOf(field);
    expect(wrapped).toBeGreaterThan(one * 1.8);
    await field.fill('line\n'.repeat(200));
    const most = await heightOf(field);
    expect(most).toBeGreaterThan(wrapped);
    expect(most).toBeLessThanOrEqual(0.41 * 720);
    await field.fill('');
    expect(await heightOf(field)).toBe(one);
  });

  test('edits the last message on Up, and gives the draft back on Escape and on Cancel', async () => {
    const [alice, bob] = await pair();
    const { page } = alice;
    const field = editor(page);
    await field.fill('half a thou');
    await field.press('ArrowUp');
    expect(await field.inputValue()).toBe('half a thou');
    await act(page, 'Hello!', 'Edit');
    await hasFocus(field);
    expect(await field.inputValue()).toBe('Hello!');
    await page.keyboard.type(' Again');
    expect(await field.inputValue()).toBe('Hello! Again');
    await field.press('Escape');
    expect(await field.inputValue()).toBe('half a thou');
    await hasFocus(field);
    await field.fill('');
    await field.press('ArrowUp');
    expect(await field.inputValue()).toBe('Hello!');
    await button(page, 'Cancel').click();
    expect(await field.inputValue()).toBe('');
    await hasFocus(field);
    await page.keyboard.press('ArrowUp');
    await field.fill('Hello, Bob!');
    await page.keyboard.press('Enter');
    await sees(bob, 'Hello, Bob!');
    await sees(alice, 'Hello, Bob!');
    await hasFocus(field);
    expect([...alice.complaints, ...bob.complaints]).toEqual([]);
  });

  test('has an edit that was begun after a reload, too, beside the draft', async () => {
    const [alice, bob] = await pair();
    const { page } = alice;
    await editor(page).fill('half a thou');
    await act(page, 'Hello!', 'Edit');
    await editor(page).fill('Hello, B');
    await page.reload();
    await page.getByText('Changing a message').waitFor();
    expect(await editor(page).inputValue()).toBe('Hello, B');
    await hasFocus(editor(page));
    await page.keyboard.type('ob!');
    await button(page, 'Save').click();
    expect(await editor(page).inputValue()).toBe('half a thou');
    await sees(bob, 'Hello, Bob!');
  });

  test('says before it is sent how much too long a text is, and keeps all of it', async () => {
    const [alice] = await pair();
    const { page } = alice;
    const field = editor(page);
    await field.fill('a'.repeat(15_500));
    await page.getByText('94 % of the longest message').waitFor();
    const long = `\n${'b'.repeat(17_000)}\n`;
    await field.fill(long);
    await page.getByRole('alert').getByText('Too long by about 616 characters.').waitFor();
    await field.press('Enter');
    expect([await field.inputValue(), await button(page, 'Send').isDisabled()]).toEqual([long, true]);
    await page.reload();
    expect(await field.inputValue()).toBe(long);
    await field.fill(long.slice(700));
    await button(page, 'Send').click();
    await button(page, 'Show more').click();
    await sees(alice, long.slice(700).trim());
  });

  test('shows in one tab what was typed in another, and does not bring back what that one sent', async () => {
    const [alice] = await pair();
    const other = await alice.context.newPage();
    await other.goto(alice.page.url());
    await editor(alice.page).fill('half a thou');
    await expect.poll(() => editor(other).inputValue()).toBe('half a thou');
    await editor(other).press('Enter');
    await expect.poll(() => editor(alice.page).inputValue()).toBe('');
    await sees(alice, 'half a thou');
  });
});

describe('a change', () => {
  const { person, socketUrl } = browsers();

  async function pair(): Promise<[Person, Person]> {
    const [alice, bob] = [await person('alice'), await person('bob')];
    await talkTo(alice, bob.name);
    for (const text of ['one', 'two']) await say(alice, text);
    await sees(alice, 'two');
    await open(bob, alice.name);
    await sees(bob, 'two');
    // Without a connection, a reload shows the chats that were listed before.
    await alice.page.reload();
    await sees(alice, 'two');
    await alice.page.locator('.presence').getByText('online', { exact: true }).waitFor();
    return [alice, bob];
  }

  test('without a connection is shown as it will be, survives a reload, and reaches others once', async () => {
    const [alice, bob] = await pair();
    const { page } = alice;
    await alice.loseSocket();
    await page.getByRole('status').getByText('Offline.').waitFor();
    await act(page, 'one', 'Edit');
    await editor(page).fill('one, better');
    await editor(page).press('Enter');
    await message(page, 'one, better').getByText('saving …').waitFor();
    await act(page, 'two', 'Delete');
    await page.locator('.gone').waitFor();
    await shot(page, 'changes-offline');
    await page.reload();
    await message(page, 'one, better').getByText('saving …').waitFor();
    await page.locator('.gone').waitFor();
    expect(await texts(bob)).toEqual(['one', 'two']);
    await alice.comeBack();
    await sees(bob, 'one, better');
    await bob.page.locator('.gone').waitFor();
    await page.getByText('saving …').waitFor({ state: 'detached' });
    expect([await texts(alice), await texts(bob)]).toEqual([['one, better'], ['one, better']]);
    expect(await page.evaluate('JSON.stringify(localStorage)')).not.toContain('two');
  });

  test('of a message that is not sent yet changes or removes it', async () => {
    const [alice, bob] = await pair();
    const { page } = alice;
    await alice.loseSocket();
    for (const text of ['three', 'four']) await say(alice, text);
    await act(page, 'three', 'Edit');
    await editor(page).fill('3');
    await editor(page).press('Enter');
    await act(page, 'four', 'Delete');
    await button(page, 'Undo').waitFor();
    await shot(page, 'changes-unsent');
    expect(await texts(alice)).toEqual(['one', 'two', '3']);
    await alice.comeBack();
    await sees(bob, '3');
    // The end of its time for an undo.
    await page.locator('.gone').waitFor({ state: 'detached' });
    await say(alice, 'five');
    await sees(bob, 'five');
    expect(await texts(bob)).toEqual(['one', 'two', '3', 'five']);
  });

  test('that was refused keeps its text until its author has it back', async () => {
    const [alice, bob] = await pair();
    const { page } = alice;
    await alice.loseSocket();
    await act(page, 'two', 'Edit');
    await editor(page).fill('two, at length');
    await editor(page).press('Enter');
    await message(page, 'two, at length').getByText('saving …').waitFor();
    const device = await connect(socketUrl);
    await device.request({ type: 'login', username: alice.name });
    const deleted = await device.request({ type: 'delete_message', chat: bob.name, seq: 2 });
    expect(deleted).toMatchObject({ status: 'delete_message_success' });
    await device.close();
    await alice.comeBack();
    const refused = page.locator('.message').filter({ hasText: 'Not saved' });
    await refused.getByText('two, at length').waitFor();
    await refused.locator('.gone').waitFor();
    await shot(page, 'changes-refused');
    await button(refused, 'Take the text back').click();
    await refused.waitFor({ state: 'detached' });
    expect(await editor(page).inputValue()).toBe('two, at length');
  });
});

describe('a deletion', () => {
  const { person, visitor } = browsers();

  /** Two of whom one has said something, on a page that has the time that a test says. */
  async function pair(): Promise<[Person, Person]> {
    const [alice, bob] = [await person('alice'), await person('bob')];
    await talkTo(alice, bob.name);
    await say(alice, 'one');
    await sees(alice, 'one');
    await allStored(alice);
    await open(bob, alice.name);
    await sees(bob, 'one');
    await alice.page.clock.install();
    await alice.page.reload();
    await sees(alice, 'one');
    await alice.page.clock.pauseAt(Date.now() + 60_000);
    await act(alice.page, 'one', 'Delete');
    return [alice, bob];
  }

  test('can be undone, and is not sent then', async () => {
    const [alice, bob] = await pair();
    const { page } = alice;
    await page.locator('.gone').waitFor();
    await hasFocus(button(page, 'Undo'));
    await shot(page, 'undo');
    await page.keyboard.press('Enter');
    await message(page, 'one').waitFor();
    await page.clock.resume();
    await page.clock.fastForward(60_000);
    await say(alice, 'two');
    await sees(bob, 'two');
    expect(await texts(bob)).toEqual(['one', 'two']);
  });

  test('that is not undone is sent when its time is over', async () => {
    const [alice, bob] = await pair();
    const { page } = alice;
    await button(page, 'Undo').waitFor();
    await sees(bob, 'one');
    await page.clock.fastForward(60_000);
    await page.clock.resume();
    await bob.page.locator('.gone').waitFor();
    await button(page, 'Undo').waitFor({ state: 'detached' });
  });

  test.each([
    ['closes the page', ({ page }: Person) => page.close()],
    ['loads it anew', ({ page }: Person) => page.reload()],
    ['goes elsewhere', ({ page }: Person) => page.goto('about:blank')],
  ])('is sent when its author %s', async (_, parts) => {
    const [alice, bob] = await pair();
    await button(alice.page, 'Undo').waitFor();
    await parts(alice);
    // A page that is closed may not get round to it; the next one does.
    const again = await visitor({ storageState: await alice.context.storageState() });
    await bob.page.locator('.gone').waitFor();
    await again.context.close();
  });
});
