import { describe, expect, test } from 'vitest';
import { connect } from '../../support/client.ts';
import { unique } from '../../support/given.ts';
import { allStored, browsers, enterGroup, open, say, sees, talkTo, texts } from './browser.ts';

describe('people with browsers', () => {
  const { person, visitor, socketUrl } = browsers();

  test('chat in pairs, and see what was read', async () => {
    const [alice, bob] = [await person('alice'), await person('bob')];
    await talkTo(alice, bob.name);
    await say(alice, 'Hello!');
    await open(bob, alice.name);
    await sees(bob, 'Hello!');
    await say(bob, 'Hi there.');
    await sees(alice, 'Hi there.');
    await alice.page.getByRole('img', { name: 'read' }).first().waitFor();
    expect(await texts(alice)).toEqual(['Hello!', 'Hi there.']);
    expect(await texts(bob)).toEqual(['Hello!', 'Hi there.']);
    // Nobody tells it again: it is known from the list of chats.
    await alice.page.reload();
    await open(alice, bob.name);
    await alice.page.getByRole('img', { name: 'read' }).first().waitFor();
    expect([...alice.complaints, ...bob.complaints]).toEqual([]);
  });

  test('get the messages they missed, once, when they come online again, and send those they wrote meanwhile', async () => {
    const [alice, bob] = [await person('alice'), await person('bob')];
    await talkTo(alice, bob.name);
    await say(alice, 'before');
    await open(bob, alice.name);
    await sees(bob, 'before');
    await bob.goOffline();
    await bob.page.getByText('Offline.').waitFor();
    for (const text of ['one', 'two', 'three']) await say(alice, text);
    await sees(alice, 'three');
    // Stored, and so before what comes later.
    await allStored(alice);
    await say(bob, 'from the tunnel');
    await bob.page.locator('.is-pending').getByText('from the tunnel').waitFor();
    await bob.comeBack();
    for (const text of ['one', 'two', 'three']) await sees(bob, text);
    await sees(alice, 'from the tunnel');
    await allStored(bob);
    const all = ['before', 'one', 'two', 'three', 'from the tunnel'];
    expect(await texts(bob)).toEqual(all);
    expect(await texts(alice)).toEqual(all);
  });

  test('chat in a group of three', async () => {
    const [ann, ben, cid] = [await person('ann'), await person('ben'), await person('cid')];
    const group = unique('crew');
    await enterGroup(ann, group, 'Make group');
    await enterGroup(ben, group, 'Join group');
    await enterGroup(cid, group, 'Join group');
    await say(ann, 'Everybody here?');
    for (const each of [ben, cid]) await sees(each, 'Everybody here?');
    await say(cid, 'I am.');
    for (const each of [ann, ben]) await sees(each, 'I am.');
    await ben.page.getByRole('button', { name: 'Members' }).click();
    await ben.page.getByRole('button', { name: 'Leave group' }).click();
    await ben.page.getByRole('dialog').getByRole('button', { name: 'Leave' }).click();
    await ben.page.getByText('Pick a chat, or start one.').waitFor();
    await say(ann, 'Gone.');
    await sees(cid, 'Gone.');
    expect(await ben.page.getByText('Gone.').count()).toBe(0);
  });

  test('see the messages of others as text, whatever is in them', async () => {
    const [alice, bob] = [await person('alice'), await person('bob')];
    const hostile =
      '<img src=x onerror="document.title=1"><script>document.title=2</script> &amp; **bold** javascript:1';
    await talkTo(alice, bob.name);
    await say(alice, hostile);
    await open(bob, alice.name);
    await sees(bob, hostile);
    expect(await bob.page.locator('.message img, .message script, .message a').count()).toBe(0);
    await expect.poll(() => bob.page.title()).toBe(`${alice.name} – Parley`);
  });

  test('keep their session and their messages over a reload', async () => {
    const [alice, bob] = [await person('alice'), await person('bob')];
    await talkTo(alice, bob.name);
    await say(alice, 'Remember this.');
    await sees(alice, 'Remember this.');
    await alice.page.reload();
    await open(alice, bob.name);
    await sees(alice, 'Remember this.');
    expect(await texts(alice)).toEqual(['Remember this.']);
  });

  /** The same user on another device, who sets a first password there. */
  async function setPassword(name: string, password: string): Promise<void> {
    const device = await connect(socketUrl);
    await device.request({ type: 'login', username: name });
    const reply = await device.request({ type: 'change_password', new_password: password });
    expect(reply.status).toBe('change_password_success');
    await device.close();
  }

  test('are told when a new password logs them out, and need not type their name again', async () => {
    const alice = await person('alice');
    await setPassword(alice.name, 'new-secret');
    await alice.page.getByRole('alert').getByText('Your password was changed on another device.').waitFor();
    expect(await alice.page.getByLabel('Name').inputValue()).toBe(alice.name);
  });

  test('are told when a session ended while they were away, and unsent messages go out after the next login', async () => {
    const [alice, bob] = [await person('alice'), await person('bob')];
    await talkTo(alice, bob.name);
    await alice.goOffline();
    await alice.page.getByText('Offline.').waitFor();
    await say(alice, 'not lost');
    await setPassword(alice.name, 'new-secret');
    await alice.comeBack();
    await alice.page.getByRole('alert').getByText('Your session has ended.').waitFor();
    await alice.page.getByLabel('Password').fill('new-secret');
    await alice.page.getByRole('button', { name: 'Log in', exact: true }).click();
    await open(bob, alice.name);
    await sees(bob, 'not lost');
  });

  test('are told of a wrong password, and not let in', async () => {
    const { page } = await visitor();
    await page.getByLabel('Name').fill(unique('nobody'));
    await page.getByLabel('Password').fill('wrong');
    await page.getByRole('button', { name: 'Log in', exact: true }).click();
    await page.getByRole('alert').getByText('Wrong username or password.').waitFor();
    expect(await page.getByText('Welcome back.').count()).toBe(0);
  });
});
