import type { BrowserContext, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { connect } from '../../support/client.ts';
import { unique } from '../../support/given.ts';
import { allStored, browsers, open, type Person, say, sees, talkTo, texts } from './browser.ts';

const chats = (page: Page) => page.getByRole('navigation', { name: 'Chats' });
const line = ({ page }: Person, name: string) => chats(page).getByRole('button', { name });
const logIn = (page: Page) => page.getByRole('button', { name: 'Log in', exact: true });
const stored = (page: Page) => page.evaluate('JSON.stringify(localStorage)');

describe('two tabs of one browser', () => {
  const { person, visitor, socketUrl } = browsers();
  const at = socketUrl.replace('ws', 'http');

  /** Another tab of somebody's. */
  async function beside(one: Person): Promise<Person> {
    const page = await one.context.newPage();
    page.on('pageerror', ({ message }) => one.complaints.push(message));
    await page.goto(at);
    return { ...one, page };
  }

  test('share a login and a logout, which says why', async () => {
    const [alice, bob] = [await person('alice'), await person('bob')];
    const other = await beside(alice);
    await chats(other.page).waitFor();
    await talkTo(alice, bob.name);
    await say(alice, 'Hello!');
    await allStored(alice);
    await open(other, bob.name);
    await sees(other, 'Hello!');
    await alice.page.getByRole('button', { name: 'Log out' }).click();
    await other.page.getByRole('alert').getByText('You were logged out in another tab.').waitFor();
    expect(other.page.url()).not.toContain(bob.name);
    await open(bob, alice.name);
    await say(bob, 'Secret');
    await allStored(bob);
    await logIn(alice.page).waitFor();
    expect(await stored(other.page)).not.toMatch(/Hello|Secret|session/);
    expect(await other.page.getByText('Secret').count()).toBe(0);
    // Whoever logs in in one is in in both.
    const carol = await connect(socketUrl);
    const name = unique('carol');
    await carol.request({ type: 'register', username: name });
    await carol.close();
    await alice.page.getByLabel('Name').fill(name);
    await logIn(alice.page).click();
    for (const { page } of [alice, other]) await chats(page).getByText(name).waitFor();
    expect(alice.complaints).toEqual([]);
  });

  test('are never of two users: who types is asked, and the first is told', async () => {
    const alice = await person('alice');
    await alice.page.getByRole('button', { name: 'Log out' }).click();
    await logIn(alice.page).waitFor();
    const other = await beside(alice);
    const carol = unique('carol');
    await other.page.getByRole('button', { name: 'New here? Register' }).click();
    await other.page.getByLabel('Name').fill(carol);
    await alice.page.getByLabel('Name').fill(alice.name);
    await logIn(alice.page).click();
    await chats(alice.page).waitFor();
    await other.page.getByRole('button', { name: `Go on as ${alice.name}` }).waitFor();
    await other.page.getByRole('button', { name: 'Register', exact: true }).click();
    await chats(other.page).getByText(carol).waitFor();
    await alice.page.getByRole('alert').getByText('has logged in, in another tab.').waitFor();
    // Alice's tab stays where it is until somebody says otherwise.
    expect(await chats(alice.page).count()).toBe(0);
    await alice.page.reload();
    await chats(alice.page).getByText(carol).waitFor();
    expect(alice.complaints).toEqual([]);
  });

  test('share what was read, what is being written, and what waits to be sent', async () => {
    const [alice, bob] = [await person('alice'), await person('bob')];
    await talkTo(bob, alice.name);
    await say(bob, 'Are you there?');
    await line(alice, bob.name).getByText('1 unread').waitFor();
    const other = await beside(alice);
    await line(other, bob.name).getByText('1 unread').waitFor();
    await open(alice, bob.name);
    await sees(alice, 'Are you there?');
    await line(other, bob.name).getByText('unread').waitFor({ state: 'detached' });
    await alice.goOffline();
    await other.page.getByText('Offline.').waitFor();
    await say(alice, 'From the tunnel');
    await line(other, bob.name).getByText('Sending:').waitFor();
    await alice.page.close();
    await alice.comeBack();
    await sees(bob, 'From the tunnel');
    await line(other, bob.name).getByText('From the tunnel').waitFor();
    await open(other, bob.name);
    expect(await texts(other)).toEqual(['Are you there?', 'From the tunnel']);
    expect(await texts(bob)).toEqual(['Are you there?', 'From the tunnel']);
    expect(alice.complaints).toEqual([]);
  });

  test('send each message once and in order, though both were offline and one is closed in the middle', async () => {
    const [alice, bob] = [await person('alice'), await person('bob')];
    await talkTo(alice, bob.name);
    const other = await beside(alice);
    await chats(other.page).waitFor();
    await talkTo(other, bob.name);
    await alice.goOffline();
    for (const { page } of [alice, other]) await page.getByText('Offline.').waitFor();
    const all: string[] = [];
    for (let round = 0; round < 5; round++)
      for (const [index, tab] of [alice, other].entries()) {
        const text = `${round} ${index}`;
        await say(tab, text);
        all.push(text);
      }
    await alice.comeBack();
    await open(bob, alice.name);
    await bob.page.locator('.message .text').first().waitFor();
    await alice.page.close();
    await expect.poll(() => texts(bob).then((found) => found.toSorted())).toEqual(all.toSorted());
    await allStored(other);
    expect((await texts(other)).toSorted()).toEqual(all.toSorted());
    for (const tab of ['0', '1']) {
      const ofTab = (found: string[]) => found.filter((text) => text.endsWith(tab));
      expect(ofTab(await texts(bob))).toEqual(ofTab(all));
    }
  });

  /** As it is where cookies are blocked, and where there is no room. */
  const withStorage = (script: string) => (context: BrowserContext) => context.addInitScript(script);

  test.each([
    [
      'keeps nothing',
      `Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('', 'SecurityError'); } })`,
      'This browser keeps nothing for this page: after a reload you have to log in again.',
    ],
    [
      'has no room',
      `Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError'); }`,
      'This browser has no room left for this page: after a reload, what is not sent yet is gone.',
    ],
  ])('says once that the browser %s, and works all the same', async (_, script, sentence) => {
    const bob = await person('bob');
    const alice = { ...(await visitor({}, at, withStorage(script))), name: unique('alice') };
    const { page } = alice;
    await page.getByRole('button', { name: 'New here? Register' }).click();
    await page.getByLabel('Name').fill(alice.name);
    await page.getByRole('button', { name: 'Register', exact: true }).click();
    const notice = page.getByRole('alert').getByText(sentence);
    await notice.waitFor();
    expect(await notice.count()).toBe(1);
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await talkTo(alice, bob.name);
    await say(alice, 'Hello!');
    await open(bob, alice.name);
    await sees(bob, 'Hello!');
    await alice.goOffline();
    await page.getByText('Offline.').waitFor();
    await say(alice, 'Later.');
    await alice.comeBack();
    await sees(bob, 'Later.');
    await allStored(alice);
    expect(await notice.count()).toBe(0);
    await page.reload();
    await logIn(page).waitFor();
    expect(alice.complaints).toEqual([]);
  });
});
