import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { isolated } from '../../../clients/view/words.ts';
import { unique } from '../../support/given.ts';
import { browsers, enterGroup, open, type Person, PHONE, say, sees, talkTo } from './browser.ts';

const heading = (page: Page, name: string) => page.getByRole('heading', { level: 2, name });
const chats = (page: Page) => page.getByRole('navigation', { name: 'Chats' });
const nothingOpen = (page: Page) => page.getByText('Pick a chat, or start one.').waitFor();
const entries = (page: Page) => page.evaluate('history.length') as Promise<number>;

describe('the address', () => {
  const { person, visitor, socketUrl } = browsers();
  const at = (chat: string) => `${socketUrl.replace('ws', 'http')}/#/${encodeURIComponent(chat)}`;
  /** Follows a link to a chat. */
  const follow = async ({ page }: Person, chat: string) => {
    await page.goto('about:blank');
    await page.goto(at(chat));
  };

  test('is that of the open chat: Back and Forward go through chats, and a reload comes back', async () => {
    const [alice, bob, cid] = [await person('alice'), await person('bob'), await person('cid')];
    const { page } = alice;
    await expect.poll(() => page.title()).toBe('Parley');
    const before = await entries(page);
    await talkTo(alice, bob.name);
    await say(alice, 'Hello!');
    await sees(alice, 'Hello!');
    await talkTo(alice, cid.name);
    await heading(page, cid.name).waitFor();
    await open(alice, cid.name);
    await open(alice, bob.name);
    await heading(page, bob.name).waitFor();
    expect(await entries(page)).toBe(before + 3);
    await expect.poll(() => page.title()).toBe(`${bob.name} – Parley`);
    await page.goBack();
    await heading(page, cid.name).waitFor();
    await page.goBack();
    await heading(page, bob.name).waitFor();
    await page.goBack();
    await nothingOpen(page);
    await expect.poll(() => page.title()).toBe('Parley');
    await page.goForward();
    await sees(alice, 'Hello!');
    await page.reload();
    await heading(page, bob.name).waitFor();
    await sees(alice, 'Hello!');
    expect(await entries(page)).toBe(before + 3);
    // A page that is opened anew begins where its user was.
    const another = await alice.context.newPage();
    await another.goto(socketUrl.replace('ws', 'http'));
    await heading(another, bob.name).waitFor();
    expect(alice.complaints).toEqual([]);
  });

  test('lets Back lead from a chat to the list on a phone, and so does its arrow', async () => {
    const [alice, bob] = [await person('alice', PHONE), await person('bob')];
    const { page } = alice;
    await talkTo(alice, bob.name);
    await say(alice, 'Hello!');
    await sees(alice, 'Hello!');
    const before = await entries(page);
    await page.goBack();
    await chats(page).waitFor();
    await page.reload();
    await chats(page).waitFor();
    await open(alice, bob.name);
    await heading(page, bob.name).waitFor();
    await page.getByRole('button', { name: 'Back to chats' }).click();
    await chats(page).waitFor();
    await page.goForward();
    await heading(page, bob.name).waitFor();
    expect(await entries(page)).toBe(before);
    // Called up again at the list, it begins with the chat above it.
    await page.goBack();
    await chats(page).waitFor();
    await page.goto(socketUrl.replace('ws', 'http'));
    await heading(page, bob.name).waitFor();
    await page.goBack();
    await chats(page).waitFor();
    // As from elsewhere.
    await follow(alice, [alice.name, bob.name].sort().join(':'));
    await heading(page, bob.name).waitFor();
    await page.goBack();
    await chats(page).waitFor();
  });

  test('lets Back close a dialog first', async () => {
    const [alice, bob] = [await person('alice', PHONE), await person('bob')];
    const { page } = alice;
    await talkTo(alice, bob.name);
    await heading(page, bob.name).waitFor();
    await page.getByRole('button', { name: 'Back to chats' }).click();
    await open(alice, bob.name);
    await page.goBack();
    await page.getByRole('button', { name: 'New', exact: true }).click();
    await page.getByRole('dialog').waitFor();
    await page.goForward();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await chats(page).waitFor();
  });

  test('of a chat leads there after the login, and back to the chat after a session that ended', async () => {
    const [alice, bob] = [await person('alice'), await person('bob')];
    await talkTo(alice, bob.name);
    const address = alice.page.url();
    const { page } = await visitor({}, address);
    const carol = unique('carol');
    await page.getByRole('button', { name: 'New here? Register' }).click();
    await page.getByLabel('Name').fill(carol);
    await page.getByRole('button', { name: 'Register', exact: true }).click();
    await page.getByRole('alert').getByText('This address leads to no chat of yours.').waitFor();
    await nothingOpen(page);
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByRole('button', { name: 'Log in' }).waitFor();
    expect(page.url()).not.toContain(bob.name);
    await page.goto(address);
    await page.getByLabel('Name').fill(bob.name);
    await page.getByRole('button', { name: 'Log in' }).click();
    await heading(page, alice.name).waitFor();
  });

  test('of a group is an invitation for who is not in it, and nobody has a chat with nobody', async () => {
    const [alice, bob] = [await person('alice'), await person('bob')];
    const [group, nobody] = [unique('crew'), unique('nobody')];
    await enterGroup(alice, group, 'Make group');
    const { page } = bob;
    await page.goto(alice.page.url());
    await page
      .getByRole('alert')
      .getByText(`You are not a member of ${isolated(group)}.`)
      .waitFor();
    await page.getByRole('button', { name: 'Join', exact: true }).click();
    await heading(page, group).waitFor();
    await follow(bob, `#${group}`);
    await heading(page, group).waitFor();
    await follow(bob, [nobody, bob.name].sort().join(':'));
    await page
      .getByRole('alert')
      .getByText(`There is no user ${isolated(nobody)}.`)
      .waitFor();
    await nothingOpen(page);
    expect(await chats(page).getByRole('button', { name: nobody }).count()).toBe(0);
    for (const wrong of ['#', ':', 'x', '%']) {
      await follow(bob, wrong);
      await page.getByRole('alert').getByText('This address leads to').waitFor();
    }
    expect(bob.complaints).toEqual([]);
  });

  test('that could not be opened is not come back to when a chat is left', async () => {
    const [alice, bob] = [await person('alice'), await person('bob', PHONE)];
    const [group, nothing] = [unique('crew'), unique('nothing')];
    await enterGroup(alice, group, 'Make group');
    const { page } = bob;
    await follow(bob, `#${nothing}`);
    await page.getByRole('alert').getByText('You are not a member of').waitFor();
    await enterGroup(bob, group, 'Join group');
    await page.getByRole('button', { name: 'Members', exact: true }).click();
    await page.getByRole('button', { name: 'Leave group' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Leave' }).click();
    await chats(page).waitFor();
    await expect.poll(() => new URL(page.url()).hash).toBe('');
    expect(await page.getByRole('alert').count()).toBe(0);
    expect(bob.complaints).toEqual([]);
  });
});
