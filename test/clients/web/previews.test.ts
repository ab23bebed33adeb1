import { describe, expect, test } from 'vitest';
import { connect } from '../../support/client.ts';
import { unique } from '../../support/given.ts';
import { allStored, browsers, open, say, sees, talkTo } from './browser.ts';

describe('the list of chats', () => {
  const { person, visitor, socketUrl } = browsers();

  test('has the last messages after a reload, offline too, and says which texts were not sent', async () => {
    const [alice, bob, cid] = [await person('alice'), await person('bob'), await person('cid')];
    const { page } = alice;
    const line = (name: string) => page.getByRole('navigation').getByRole('button', { name });
    await talkTo(alice, bob.name);
    await say(alice, 'Hello Bob!');
    await allStored(alice);
    await talkTo(alice, cid.name);
    await say(alice, 'Hello Cid!');
    await allStored(alice);
    await page.reload();
    await line(bob.name).getByText('Hello Bob!').waitFor();
    await sees(alice, 'Hello Cid!');
    await page.getByRole('textbox', { name: 'Message to' }).fill('half a thou');
    expect(await line(cid.name).getByText('Draft:').count()).toBe(0);
    await open(alice, bob.name);
    await line(cid.name).getByText('Draft: half a thou').waitFor();
    // The list is kept a moment after it changed.
    const kept = () => page.evaluate('JSON.stringify(localStorage)') as Promise<string>;
    await expect.poll(kept).toMatch(/last_timestamp/);
    await alice.loseSocket();
    await page.reload();
    await page.getByText('Offline.').waitFor();
    await sees(alice, 'Hello Bob!');
    await line(cid.name).getByText('Draft: half a thou').waitFor();
    await line(bob.name).getByText('Hello Bob!').waitFor();
    expect(alice.complaints).toEqual([]);
  });

  test('on a new device asks the service for those in view alone', async () => {
    const name = unique('alice');
    const device = await connect(socketUrl);
    await device.request({ type: 'register', username: name });
    const partners = Array.from({ length: 14 }, () => unique('bob'));
    for (const username of partners) await device.request({ type: 'register', username });
    await device.request({ type: 'login', username: name });
    for (const recipient of partners) {
      const reply = await device.request({ type: 'SEND_MESSAGE', recipient, content: `Hello ${recipient}!` });
      expect(reply).toMatchObject({ seq: 1 });
    }
    await device.close();
    const { page, complaints } = await visitor({ viewport: { width: 1000, height: 400 } });
    await page.getByLabel('Name').fill(name);
    await page.getByRole('button', { name: 'Log in', exact: true }).click();
    const previews = page.locator('.preview');
    await expect.poll(() => previews.count()).toBe(partners.length);
    await previews.first().getByText('Hello').waitFor();
    expect(await previews.last().textContent()).toBe('…');
    await previews.last().scrollIntoViewIfNeeded();
    await previews.last().getByText('Hello').waitFor();
    expect(complaints).toEqual([]);
  });
});
