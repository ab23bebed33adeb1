import type { BrowserContext } from 'playwright-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connect } from '../../support/client.ts';
import { unique } from '../../support/given.ts';
import { allStored, browsers, enterGroup, HIDING, open, type Person, say, sees, talkTo } from './browser.ts';

/**
 * A browser's notifications, a page that can be put into the background (`hide`), and a service worker that has notifications of
 * before a reload.
 */
const SCRIPT = `
  window.left = JSON.parse(sessionStorage.getItem('left') ?? '[]').map((tag) => ({
    tag,
    close() { this.isClosed = true; },
  }));
  const registration = {
    get scope() { return new URL('./', location.href).href; },
    active: null,
    getNotifications: async () => left,
  };
  const told = [];
  window.tell = (data) => { for (const listener of told) listener({ data }); };
  Object.defineProperty(navigator, 'serviceWorker', {
    value: {
      register: async () => registration,
      getRegistration: async () => registration,
      addEventListener: (_, listener) => void told.push(listener),
      removeEventListener() {},
    },
  });
  window.notes = [];
  window.Notification = class {
    static get permission() { return localStorage.getItem('permission') ?? 'default'; }
    static async requestPermission() { localStorage.setItem('permission', 'granted'); }
    constructor(title, { body, tag } = {}) {
      this.note = { title, body, tag };
      // Without permission there is none.
      if (Notification.permission === 'granted') notes.push(this);
    }
    close() { this.isClosed = true; }
  };
  ${HIDING}`;

describe('notifications', () => {
  const { person, visitor, socketUrl } = browsers();
  const at = socketUrl.replace('ws', 'http');
  const prepare = (context: BrowserContext) => context.addInitScript(SCRIPT);

  async function prepared(): Promise<Person> {
    const one = { ...(await visitor({}, at, prepare)), name: unique('alice') };
    await one.page.getByRole('button', { name: 'New here? Register' }).click();
    await one.page.getByLabel('Name').fill(one.name);
    await one.page.getByRole('button', { name: 'Register', exact: true }).click();
    await one.page.getByRole('navigation', { name: 'Chats' }).waitFor();
    return one;
  }

  const notes = ({ page }: Person) => page.evaluate('notes.map(({ note }) => note)') as Promise<object[]>;
  const hide = ({ page }: Person, is: boolean) => page.evaluate(`hide(${is})`);
  const icon = ({ page }: Person) => page.locator('link[rel=icon]').getAttribute('href');
  const isClosed = ({ page }: Person, all: 'notes' | 'left') =>
    page.evaluate(`${all}.map((each) => each.isClosed === true)`) as Promise<boolean[]>;
  const arrived = (one: Person, name: string, text: string) =>
    one.page.getByRole('navigation').getByRole('button', { name }).getByText(text).waitFor();

  test('come after asking, for what others write to a hidden page, and lead to the chat', async () => {
    const [alice, bob] = [await prepared(), await person('bob')];
    const { page } = alice;
    await hide(alice, true);
    await talkTo(bob, alice.name);
    await say(bob, 'One');
    await arrived(alice, bob.name, 'One');
    await expect.poll(() => page.title()).toBe('(1) Parley');
    expect(await icon(alice)).toBe('./icon-unread.svg');
    // Nobody has been asked.
    expect(await notes(alice)).toEqual([]);
    await page.getByRole('button', { name: 'Notify me' }).click();
    await page.getByRole('button', { name: 'Notify me' }).waitFor({ state: 'detached' });
    await say(bob, '<b>Two</b>');
    await arrived(alice, bob.name, '<b>Two</b>');
    const chat = [alice.name, bob.name].sort().join(':');
    const two = { title: bob.name, body: '<b>Two</b>', tag: chat };
    await expect.poll(() => notes(alice)).toEqual([two]);
    await page.evaluate('notes[0].onclick()');
    await hide(alice, false);
    await sees(alice, '<b>Two</b>');
    await expect.poll(() => page.title()).toBe(`${bob.name} – Parley`);
    expect(await icon(alice)).toBe('./icon.svg');
    expect(await page.evaluate('notes[0].isClosed')).toBe(true);
    // Visible.
    await say(bob, 'Three');
    await sees(alice, 'Three');
    // Her own, and a change.
    await hide(alice, true);
    await say(alice, 'Mine');
    await allStored(alice);
    await bob.page.locator('.message').getByText('Three').hover();
    await bob.page.getByRole('button', { name: 'Delete' }).last().click();
    await say(bob, 'Four');
    await arrived(alice, bob.name, 'Four');
    await expect.poll(() => notes(alice)).toEqual([two, { ...two, body: 'Four' }]);
    expect(alice.complaints).toEqual([]);
  });

  test('name who wrote to a group, and are silent while another tab of the user is visible', async () => {
    const [alice, bob] = [await prepared(), await person('bob')];
    const group = unique('crew');
    await enterGroup(alice, group, 'Make group');
    await enterGroup(bob, group, 'Join group');
    await alice.page.evaluate('Notification.requestPermission()');
    const other = { ...alice, page: await alice.context.newPage() };
    await other.page.goto(at);
    await other.page.getByRole('navigation', { name: 'Chats' }).waitFor();
    await hide(alice, true);
    await say(bob, 'Seen in the other tab');
    await arrived(alice, group, 'Seen in the other tab');
    await hide(other, true);
    await say(bob, 'Hello all!');
    await arrived(alice, group, 'Hello all!');
    const note = { title: group, body: `\u2068${bob.name}\u2069: Hello all!`, tag: `#${group}` };
    await expect.poll(() => notes(alice)).toEqual([note]);
    // Read on another device: the notification goes.
    const device = await visitor({}, at);
    await device.page.getByLabel('Name').fill(alice.name);
    await device.page.getByRole('button', { name: 'Log in', exact: true }).click();
    await open(device, group);
    await sees(device, 'Hello all!');
    await expect.poll(() => alice.page.evaluate('notes[0].isClosed')).toBe(true);
    expect(alice.complaints).toEqual([]);
  });

  /** A group whose owner has no page. Nobody may invite the same user twice within seconds, so each has one of their own. */
  async function aGroup() {
    const [group, owner] = [unique('crew'), unique('owner')];
    const device = await connect(socketUrl);
    onTestFinished(() => device.close());
    await device.request({ type: 'register', username: owner });
    await device.request({ type: 'login', username: owner });
    await device.request({ type: 'create_group', group_name: group });
    const does = (type: string) => async (username: string) =>
      expect(await device.request({ type, group_id: group, username })).toMatchObject({
        status: `${type}_success`,
      });
    return { group, owner, invites: does('invite'), removes: does('remove_member') };
  }

  test('come for invitations, also for one of a time without a connection, and go with them', async () => {
    const [alice, bob] = [await prepared(), await person('bob')];
    const { page } = alice;
    const [crew, club] = [await aGroup(), await aGroup()];
    await page.evaluate('Notification.requestPermission()');
    await hide(alice, true);
    const invitation = ({ group }: typeof crew) => page.getByRole('button', { name: `Join ${group}` });
    const noteOf = ({ group, owner }: typeof crew) => ({
      title: group,
      body: `\u2068${owner}\u2069 invites you to this group.`,
      tag: `#${group}`,
    });
    await crew.invites(alice.name);
    await expect.poll(() => notes(alice)).toEqual([noteOf(crew)]);
    await alice.loseSocket();
    await page.getByText('Offline.').waitFor();
    await club.invites(alice.name);
    await alice.comeBack();
    await expect.poll(() => notes(alice)).toEqual([noteOf(crew), noteOf(club)]);
    // On a click, the page shows the list, where they are.
    await hide(alice, false);
    await talkTo(alice, bob.name);
    await page.evaluate('notes[1].onclick()');
    await page.getByText('Pick a chat, or start one.').waitFor();
    await invitation(club).waitFor();
    expect(await isClosed(alice, 'notes')).toEqual([false, true]);
    await crew.removes(alice.name);
    await expect.poll(() => isClosed(alice, 'notes')).toEqual([true, true]);
    await invitation(crew).waitFor({ state: 'detached' });
  });

  test('go with whoever logs out, also if the page is closed before the service has answered', async () => {
    const alice = await prepared();
    const { page } = alice;
    // Its logout gets no answer.
    await page.routeWebSocket(/.*/, (socket) => {
      const server = socket.connectToServer();
      socket.onMessage((frame) => String(frame).includes('"logout"') || server.send(frame));
    });
    await page.reload();
    await page.getByRole('navigation', { name: 'Chats' }).waitFor();
    await page.evaluate("left.push({ tag: '#of-alice', close() { this.isClosed = true; } })");
    await page.getByRole('button', { name: 'Log out' }).click();
    await expect.poll(() => isClosed(alice, 'left')).toEqual([true]);
    // What she left, all the same, closes when the page is opened next.
    await page.evaluate("localStorage.clear(); sessionStorage.setItem('left', '[\"#of-alice\"]')");
    await page.reload();
    await page.getByLabel('Name').waitFor();
    await expect.poll(() => isClosed(alice, 'left')).toEqual([true]);
    expect(alice.complaints).toEqual([]);
  });

  test('of before a reload stay while what they tell of waits for an answer', async () => {
    const [alice, bob] = [await prepared(), await person('bob')];
    const { page } = alice;
    const crew = await aGroup();
    await crew.invites(alice.name);
    await page.getByRole('button', { name: `Join ${crew.group}` }).waitFor();
    await page.evaluate(`sessionStorage.setItem('left', '["#${crew.group}", "#gone"]')`);
    // The chats are listed before the invitations are.
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.routeWebSocket(/.*/, (socket) => {
      const server = socket.connectToServer();
      server.onMessage(async (data) => {
        if (String(data).includes('"invitations":')) await held;
        socket.send(data);
      });
    });
    await page.reload();
    await talkTo(bob, alice.name);
    await say(bob, 'Hello!');
    await arrived(alice, bob.name, 'Hello!');
    expect(await isClosed(alice, 'left')).toEqual([false, false]);
    release();
    await expect.poll(() => isClosed(alice, 'left')).toEqual([false, true]);
    await crew.removes(alice.name);
    await expect.poll(() => isClosed(alice, 'left')).toEqual([true, true]);
    // A push comes when its chat was read already.
    await hide(alice, false);
    await open(alice, bob.name);
    await sees(alice, 'Hello!');
    await expect.poll(() => page.title()).not.toContain('(1)');
    const chat = [alice.name, bob.name].sort().join(':');
    await page.evaluate(
      `left.push({ tag: '${chat}', close() { this.isClosed = true; } }); tell({ pushed: '${chat}' })`,
    );
    await expect.poll(() => isClosed(alice, 'left')).toEqual([true, true, true]);
  });
});
