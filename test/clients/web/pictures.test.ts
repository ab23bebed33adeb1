import type { BrowserContext, Route } from 'playwright-core';
import { afterAll, describe, expect, test } from 'vitest';
import { ensurePage } from '../../../bin/page.ts';
import { hintFor } from '../../../clients/web/src/picture-hint.ts';
import { changesOf } from '../../../clients/web/src/use-changes.ts';
import { startCloud } from '../../../local/cloud.ts';
import { ensureAssembly } from '../../../local/synth.ts';
import { connect } from '../../support/client.ts';
import { unique } from '../../support/given.ts';
import { browsers, enterGroup, open, type Person, say, talkTo } from './browser.ts';

test('the field says what this page does not show', () => {
  const hosts = ['https://a.example', 'https://b.example:8443'];
  const address = 'https://a.example/ada.png';
  expect(hintFor(address)).toContain('letters instead of pictures');
  expect(hintFor('')).toContain('letters instead of pictures');
  expect(hintFor('', hosts)).toBe('This page shows pictures at a.example, b.example:8443.');
  expect(hintFor(address, hosts)).toBe(hintFor('', hosts));
  expect(hintFor('https://c.example/ada.png', hosts)).toContain(
    'does not show it, only pictures at a.example',
  );
  expect(hintFor('http://a.example/ada.png', hosts)).toContain('begins with https://');
});

test('of a form only what was changed is sent, so that what came meanwhile stays', () => {
  const before = { display_name: 'Ada', avatar_url: '' };
  expect(changesOf(before, before)).toEqual({});
  expect(changesOf(before, { ...before, avatar_url: ' https://a.example/ada.png ' })).toEqual({
    avatar_url: 'https://a.example/ada.png',
  });
  expect(changesOf(before, { display_name: ' ', avatar_url: '' })).toEqual({ display_name: '' });
  expect(changesOf(before, { display_name: 'Ada ', avatar_url: ' ' })).toEqual({});
});

const host = 'https://pictures.example';
const SQUARE =
  '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8"/></svg>';

/** A service whose page shows pictures of the host. */
const [assembly, pages] = await Promise.all([ensureAssembly(), ensurePage({ pictures: [host] })]);
const cloud = await startCloud({ assembly, port: 0, pages });
afterAll(() => cloud.close());

describe('pictures', () => {
  const { visitor } = browsers();

  /** Somebody of this service, and the pictures that their page asks for. */
  async function looker(what: string) {
    const asked: string[] = [];
    const waiting: Route[] = [];
    const prepare = (context: BrowserContext) =>
      context.route(/^https:/, (route) => {
        const request = route.request();
        asked.push(`${request.url()} ${request.headers().referer ?? 'nowhere'}`);
        if (request.url().endsWith('/gone.svg')) return route.abort();
        if (request.url().endsWith('/slow.svg')) return void waiting.push(route);
        return answer(route);
      });
    const at = cloud.url.replace('ws', 'http');
    const one = { ...(await visitor({}, at, prepare)), name: unique(what), asked, waiting };
    await one.page.getByRole('button', { name: 'New here? Register' }).click();
    await one.page.getByLabel('Name').fill(one.name);
    await one.page.getByRole('button', { name: 'Register', exact: true }).click();
    await one.page.getByRole('navigation', { name: 'Chats' }).waitFor();
    return one;
  }

  const answer = (route: Route) => route.fulfill({ contentType: 'image/svg+xml', body: SQUARE });

  const dialog = ({ page }: Person) => page.getByRole('dialog');
  const field = (one: Person) => dialog(one).getByLabel('Web address of a picture');
  const save = (one: Person) => dialog(one).getByRole('button', { name: 'Save' }).click();
  const ofAccount = ({ page }: Person) => page.getByRole('button', { name: 'Account' });

  test('of the hosts that the page shows stand for users, letters where there is none, and no other host is asked', async () => {
    const alice = await looker('alice');
    const own = alice.page.locator('.who .avatar');
    await own.getByText('A', { exact: true }).waitFor();
    const box = await own.boundingBox();
    await ofAccount(alice).click();
    await field(alice).fill(`${host}/alice.svg`);
    // One sees it before one saves it.
    await dialog(alice).getByRole('img', { name: 'The picture, as others see it' }).waitFor();
    await save(alice);
    await dialog(alice).waitFor({ state: 'detached' });
    await expect.poll(() => own.textContent()).toBe('');
    expect(await own.boundingBox()).toEqual(box);
    await ofAccount(alice).click();
    expect(await field(alice).inputValue()).toBe(`${host}/alice.svg`);
    await field(alice).fill(`${host}/gone.svg`);
    await save(alice);
    await dialog(alice).getByText('No picture can be loaded from this address.').waitFor();
    await field(alice).fill('javascript:alert(1)');
    await dialog(alice).getByText('An address that begins with https://').waitFor();
    await save(alice);
    await dialog(alice)
      .getByRole('alert')
      .getByText('The address of the picture must be an https URL')
      .waitFor();
    await field(alice).fill(`https://elsewhere.example/alice.svg`);
    await dialog(alice).getByText('This page does not show it, only pictures at pictures.example.').waitFor();
    await save(alice);
    await dialog(alice).waitFor({ state: 'detached' });
    await own.getByText('A', { exact: true }).waitFor();
    expect(await own.boundingBox()).toEqual(box);
    expect([...new Set(alice.asked)]).toEqual([`${host}/alice.svg nowhere`, `${host}/gone.svg nowhere`]);
  });

  test('stand for others and for groups, and a letter for one that is gone', async () => {
    const [alice, bob] = [await looker('alice'), await looker('bob')];
    const { page } = alice;
    const device = await connect(cloud.url);
    await device.request({ type: 'login', username: bob.name });
    await device.request({ type: 'set_profile', avatar_url: `${host}/gone.svg` });
    await device.close();
    await talkTo(bob, alice.name);
    await say(bob, 'Hello!');
    await open(alice, bob.name);
    await page.locator('.conversation header .avatar').getByText('B', { exact: true }).waitFor();
    const group = unique('crew');
    await enterGroup(alice, group, 'Make group');
    await page.getByRole('button', { name: 'Invite people' }).click();
    const members = page.getByRole('complementary');
    await members.getByRole('button', { name: 'Title, topic and picture' }).click();
    await field(alice).fill(`${host}/crew.svg`);
    await dialog(alice).getByLabel('Topic').fill('Where we walk');
    await save(alice);
    await dialog(alice).waitFor({ state: 'detached' });
    await page.locator('.presence').getByText('Where we walk').waitFor();
    const inList = page.locator('.chat-line', { hasText: group }).locator('.avatar');
    const inHeader = page.locator('.conversation header .avatar').first();
    for (const each of [inList, inHeader]) await expect.poll(() => each.textContent()).toBe('');
    // None again: what else was said of the group stays.
    await members.getByRole('button', { name: 'Title, topic and picture' }).click();
    await field(alice).fill('');
    await save(alice);
    await dialog(alice).waitFor({ state: 'detached' });
    await inHeader.getByText('#', { exact: true }).waitFor();
    expect(await page.locator('.presence').textContent()).toContain('Where we walk');
    expect(new Set(alice.asked)).toEqual(new Set([`${host}/gone.svg nowhere`, `${host}/crew.svg nowhere`]));
  });

  test('are not set by who closes the dialog while one is looked for, nor does that close another dialog', async () => {
    const alice = await looker('alice');
    await ofAccount(alice).click();
    await field(alice).fill(`${host}/slow.svg`);
    await save(alice);
    await expect.poll(() => alice.waiting.length).toBeGreaterThan(0);
    const given = alice.page.waitForEvent('requestfailed', (request) => request.url().endsWith('/slow.svg'));
    await dialog(alice).getByRole('button', { name: 'Close' }).click();
    await dialog(alice).waitFor({ state: 'detached' });
    // Nobody wants it any more.
    await given;
    await alice.page.getByRole('button', { name: 'New', exact: true }).click();
    const nobody = unique('nobody');
    const name = alice.page.getByLabel('Name of a user or a group');
    await name.fill(nobody);
    // Whatever that would set is asked before this, and answered.
    await dialog(alice)
      .getByRole('button', { name: `Write to ${nobody}` })
      .click();
    await dialog(alice).getByText(`There is nobody called ${nobody}`).waitFor();
    expect(await name.inputValue()).toBe(nobody);
    const device = await connect(cloud.url);
    await device.request({ type: 'login', username: alice.name });
    const reply = await device.request({ type: 'get_profiles', usernames: [alice.name] });
    expect(reply).toMatchObject({ profiles: [] });
    await device.close();
  });
});
