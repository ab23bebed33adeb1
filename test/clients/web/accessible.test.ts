import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connect } from '../../support/client.ts';
import { unique } from '../../support/given.ts';
import { violations } from './axe.ts';
import {
  begin,
  browsers,
  enterGroup,
  HIDING,
  open,
  type Person,
  PHONE,
  say,
  sees,
  shot,
  talkTo,
} from './browser.ts';

const looks: [string, BrowserContextOptions][] = [
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
  ['a phone', PHONE],
];

/** What a finger can't hit, and fields into whose type a phone zooms. */
const unfit = (page: Page) =>
  page.evaluate(`[...document.querySelectorAll('button, input, textarea')]
    .map((each) => (each.type === 'checkbox' ? each.closest('label') : each))
    .filter((each) => !each.matches('.hidden') && each.checkVisibility())
    .map((each) => [each.getBoundingClientRect(), parseFloat(getComputedStyle(each).fontSize), each])
    .filter(([{ width, height }, size, each]) => width < 44 || height < 44 || (each.matches('input, textarea') && size < 16))
    .map(([{ width, height }, size, each]) => [Math.round(width), Math.round(height), size, each.outerHTML.slice(0, 80)].join(' '))`);

/** What moves by itself, or takes its time to change. */
const moving = (page: Page) =>
  page.evaluate(`[...document.querySelectorAll('*')].filter((each) => {
    const style = getComputedStyle(each);
    return style.scrollBehavior === 'smooth' ||
      ['transitionDuration', 'animationDuration'].some((what) => parseFloat(style[what]) > 0);
  }).length`);

/** Of the first of each: those that nothing but the colour of their surface tells from what is around them. */
const withoutLine = (page: Page, selectors: readonly string[]) =>
  page.evaluate(`${JSON.stringify(selectors)}.filter((selector) => {
    const isSeen = (color) => !/^rgba.*, 0\\)$/.test(color);
    const behind = (each) => {
      const color = getComputedStyle(each).backgroundColor;
      return isSeen(color) || !each.parentElement ? color : behind(each.parentElement);
    };
    const each = document.querySelector(selector);
    const style = getComputedStyle(each);
    return !['border-bottom', 'outline'].some((line) => {
      const [how, width, color] = ['style', 'width', 'color'].map((what) => style.getPropertyValue(line + '-' + what));
      return how !== 'none' && parseFloat(width) >= 1 && isSeen(color) && color !== behind(each.parentElement);
    });
  })`) as Promise<string[]>;

describe('the page', () => {
  const { person, visitor, socketUrl } = browsers();

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
    const door = await visitor(PHONE);
    await door.page.getByRole('button', { name: 'Log in' }).waitFor();
    expect(await unfit(door.page)).toEqual([]);
    const [alice, bob] = [await person('alice', PHONE), await person('bob')];
    const { page } = alice;
    await talkTo(alice, bob.name);
    await say(alice, 'Hello!');
    await sees(alice, 'Hello!');
    expect(await unfit(page)).toEqual([]);
    await page.getByRole('button', { name: 'Back to chats' }).click();
    expect(await unfit(page)).toEqual([]);
    await page.getByRole('button', { name: 'New', exact: true }).click();
    await page.getByRole('dialog').waitFor();
    expect(await unfit(page)).toEqual([]);
  });

  test('is as fit for fingers, and passes the checks, with invitations, notices, members and offers', async () => {
    const prepare = (context: BrowserContext) =>
      context.addInitScript(`${HIDING}
        Object.defineProperty(Notification, 'permission', { get: () => 'default' });`);
    const ann = {
      ...(await visitor({ ...PHONE, bypassCSP: true }, undefined, prepare)),
      name: unique('ann'),
    };
    const { page } = ann;
    const isFit = async (name: string) => {
      await shot(page, `fit-${name}`);
      expect(await violations(page)).toEqual([]);
      expect(await unfit(page)).toEqual([]);
    };
    await page.getByRole('button', { name: 'New here? Register' }).click();
    await page.getByLabel('Name').fill(ann.name);
    await isFit('register');
    await page.getByRole('button', { name: 'Register', exact: true }).click();
    await page.getByRole('navigation', { name: 'Chats' }).waitFor();
    const [crew, club] = [unique('crew'), unique('club')];
    const ben = await connect(socketUrl);
    onTestFinished(() => ben.close());
    const username = unique('ben');
    await ben.request({ type: 'register', username });
    await ben.request({ type: 'login', username });
    await ben.request({ type: 'create_group', group_name: crew });
    expect(await ben.request({ type: 'invite', group_id: crew, username: ann.name })).toMatchObject({
      status: 'invite_success',
    });
    await page.getByRole('region', { name: 'Invitations' }).getByText(`invites you to ${crew}`).waitFor();
    await isFit('invitation');
    await page.getByRole('button', { name: `Join ${crew}` }).click();
    await page.getByText('You joined.').waitFor();
    // So many that there is a field to find one.
    for (let index = 0; index < 10; index++) {
      const other = unique('z');
      const one = await connect(socketUrl);
      for (const request of [
        { type: 'register', username: other },
        { type: 'login', username: other },
        { type: 'join_group', group_id: crew },
      ])
        expect((await one.request(request)).status).toMatch(/_success$/);
      await one.close();
    }
    await page.getByRole('button', { name: 'Members', exact: true }).click();
    await page.getByLabel('Find a member').waitFor();
    await isFit('members');
    await page.getByRole('button', { name: 'Close the list' }).click();
    // Of a group of her own there is more to decide.
    await page.getByRole('button', { name: 'Back to chats' }).click();
    await enterGroup(ann, club, 'Make group');
    await page.getByRole('button', { name: 'Members', exact: true }).click();
    await page.getByLabel('Invite somebody by name').waitFor();
    await isFit('own members');
    await page.getByRole('button', { name: 'Close the list' }).click();
    await page.evaluate('hide(true)');
    await ben.request({ type: 'SEND_GROUP_MESSAGE', group_id: crew, content: 'News.' });
    await page.getByRole('button', { name: 'Notify me' }).waitFor();
    await isFit('offer');
    await page.evaluate('hide(false)');
    await ben.request({ type: 'remove_member', group_id: crew, username: ann.name });
    await page.getByRole('alert').getByText('removed you from').waitFor();
    await isFit('notice');
    await page.getByRole('button', { name: 'Back to chats' }).click();
    await page.getByLabel('Find a chat').fill('nothing like it');
    await page.getByText('No chat is called so.').waitFor();
    await isFit('search');
  });

  const LINED = [
    '.is-mine .bubble',
    '.message:not(.is-mine) .bubble',
    '.chat-line[aria-current]',
    '.chat-line .badge',
    '.chat-line .avatar',
    '.members .danger',
    '.composer textarea',
    '.composer [type="submit"]',
  ];

  /** Alice in a group with Bob, whose members are listed, and with news of another chat. */
  async function aFullPage(options: BrowserContextOptions): Promise<Person> {
    // What fades would be looked at half-way.
    const look: BrowserContextOptions = { bypassCSP: true, reducedMotion: 'reduce', ...options };
    const [alice, bob] = [await person('alice', look), await person('bob')];
    const group = unique('crew');
    await enterGroup(alice, group, 'Make group');
    await enterGroup(bob, group, 'Join group');
    await say(alice, 'Hello!');
    await sees(bob, 'Hello!');
    await say(bob, 'Hi.');
    await sees(alice, 'Hi.');
    await talkTo(bob, alice.name);
    await say(bob, 'News.');
    await alice.page.locator('.badge').first().waitFor({ state: 'attached' });
    return alice;
  }

  test('tells by lines what it else tells by colours, where those are the user’s or must differ more', async () => {
    const alice = await aFullPage({});
    const { page } = alice;
    await page.getByRole('button', { name: 'Members', exact: true }).click();
    await page.locator('.dot.is-on').first().waitFor();
    await page.getByRole('textbox', { name: 'Message to' }).fill('Half a thou');
    expect(await withoutLine(page, LINED)).toEqual([
      '.is-mine .bubble',
      '.chat-line[aria-current]',
      '.chat-line .badge',
      '.chat-line .avatar',
      '.composer [type="submit"]',
    ]);
    const lookOf = (selector: string, what: string) =>
      page.evaluate(
        `getComputedStyle(document.querySelector(${JSON.stringify(selector)}))[${JSON.stringify(what)}]`,
      );
    for (const media of [
      { forcedColors: 'active', colorScheme: 'light' },
      { forcedColors: 'active', colorScheme: 'dark' },
      { contrast: 'more', colorScheme: 'light' },
      { contrast: 'more', colorScheme: 'dark' },
    ] as const) {
      await page.emulateMedia({ forcedColors: 'none', contrast: 'no-preference', ...media });
      const which = Object.values(media).join('-');
      // The button is lined while it can be pressed, too.
      expect(await withoutLine(page, LINED), which).toEqual([]);
      // Only one chat is open.
      const others = ['.chat-line:not([aria-current])'];
      expect(await withoutLine(page, others), which).toEqual(others);
      // Who is there is told from who is away, and both are seen; so are the ticks.
      const [there, line, ground] = [
        await lookOf('.dot.is-on', 'backgroundColor'),
        await lookOf('.dot.is-on', 'borderBottomColor'),
        await lookOf('.members', 'backgroundColor'),
      ];
      expect(there, which).not.toBe(ground);
      expect(line, which).not.toBe(ground);
      await page.evaluate(`document.querySelector('.dot.is-on').classList.replace('is-on', 'was-on')`);
      expect(await lookOf('.dot.was-on', 'backgroundColor'), which).not.toBe(there);
      await page.evaluate(`document.querySelector('.dot.was-on').classList.replace('was-on', 'is-on')`);
      expect(await lookOf('.mark', 'color'), which).not.toBe(
        await lookOf('.is-mine .bubble', 'backgroundColor'),
      );
      // Where the keyboard is, also in the list and on the chat that is open.
      for (const place of ['.chat-line[aria-current]', '.member', '.composer textarea']) {
        await page.keyboard.press('Tab');
        await page.locator(place).first().focus();
        expect(await lookOf(':focus-visible', 'outlineStyle'), `${which} ${place}`).toBe('solid');
        expect(await lookOf(':focus-visible', 'outlineWidth'), `${which} ${place}`).toBe('3px');
      }
      await shot(page, `contrast-${which}`);
      if (media.contrast === undefined) continue;
      expect(await violations(page), which).toEqual([]);
      // Seven to one, as WCAG's AAA has it.
      expect(await violations(page, ['color-contrast-enhanced']), which).toEqual([]);
    }
  });

  test('differs more on a phone, too, where one wants it so', async () => {
    const { page } = await aFullPage(PHONE);
    for (const media of [{ forcedColors: 'active' }, { contrast: 'more' }] as const) {
      await page.emulateMedia({ forcedColors: 'none', contrast: 'no-preference', ...media });
      await shot(page, `contrast-phone-${Object.values(media)}`);
      expect(
        await withoutLine(page, ['.is-mine .bubble', '.message:not(.is-mine) .bubble', '.back .badge']),
      ).toEqual([]);
    }
    expect(await violations(page, ['color-contrast-enhanced'])).toEqual([]);
    await page.getByRole('button', { name: 'Back to chats' }).click();
    await page.locator('.chat-line .badge').waitFor();
    await shot(page, 'contrast-phone-list');
    expect(await violations(page)).toEqual([]);
    expect(await violations(page, ['color-contrast-enhanced'])).toEqual([]);
  });

  test('moves nothing for who wants it so', async () => {
    const [still, other] = [await visitor({ reducedMotion: 'reduce' }), await visitor()];
    for (const { page } of [still, other]) await page.getByRole('button', { name: 'Log in' }).waitFor();
    expect(await moving(still.page)).toBe(0);
    expect(await moving(other.page)).toBeGreaterThan(0);
    const [ann, ben] = [await person('ann', { reducedMotion: 'reduce' }), await person('ben')];
    const group = unique('crew');
    await enterGroup(ann, group, 'Make group');
    await enterGroup(ben, group, 'Join group');
    await say(ben, 'Hello!');
    for (const one of [ann, ben]) {
      await sees(one, 'Hello!');
      await one.page.getByRole('button', { name: 'Members', exact: true }).click();
      await one.page.locator('.member').first().waitFor();
    }
    expect(await moving(ann.page)).toBe(0);
    expect(await moving(ben.page)).toBeGreaterThan(0);
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
