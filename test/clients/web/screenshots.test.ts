import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { connect } from '../../support/client.ts';
import { begin, browsers, say as sayAs, sees } from './browser.ts';

const { personCalled, socketUrl } = browsers();
const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Where they go: where the README shows them, for `npm run screenshots`. */
function folder(): string {
  const { SCREENSHOTS } = process.env;
  if (SCREENSHOTS) return join(root, SCREENSHOTS);
  const scratch = mkdtempSync(join(tmpdir(), 'parley-screenshots-'));
  onTestFinished(() => rmSync(scratch, { recursive: true }));
  return scratch;
}

/** Others who write without a page, and the names that they show. */
async function other(name: string, display_name: string) {
  const client = await connect(socketUrl);
  await client.say(`register ${name}`);
  await client.request({ type: 'login', username: name });
  await client.request({ type: 'set_profile', display_name });
  onTestFinished(() => client.close());
  return client;
}

const SHOTS: [name: string, viewport: { width: number; height: number }, colorScheme: 'light' | 'dark'][] = [
  ['light', { width: 1100, height: 700 }, 'light'],
  ['dark', { width: 1100, height: 700 }, 'dark'],
  ['phone', { width: 390, height: 780 }, 'light'],
];

test('a conversation looks the same in light, in dark and on a phone, and the README shows it', async () => {
  const target = folder();
  const nora = await personCalled('nora');
  const [aiko, tom, omar] = [
    await other('aiko', '山本 愛子'),
    await other('tom', 'Tomás'),
    await other('omar', 'عمر'),
  ];
  const group = 'saturday-hike';
  await aiko.request({ type: 'create_group', group_name: group });
  await aiko.request({
    type: 'update_group',
    group_id: group,
    title: 'Saturday hike',
    topic: 'Ridge or lake',
  });
  await tom.request({ type: 'join_group', group_id: group });
  await begin(nora.page, group, 'Join group');
  await nora.page.getByRole('heading', { name: 'Saturday hike' }).waitFor();
  const say = (by: typeof aiko, content: string) =>
    by.request({ type: 'SEND_GROUP_MESSAGE', group_id: group, content });
  await say(aiko, 'The weather looks good until four. Shall we take the ridge?');
  await say(tom, 'Ridge, please. I can drive three people.');
  await say(aiko, '了解！ Then I am in your car. The map: https://maps.example/ridge');
  const write = async (text: string) => {
    await sayAs(nora, text);
    // Stored: in its place before what others write next.
    await nora.page.locator('.message', { hasText: text }).getByText('✓').waitFor();
  };
  await write('Me too. Train gets in at 8:40, is that early enough?');
  await say(tom, 'Easily. I wait at the north exit, by the bakery.');
  await write('Then I bring breakfast for everybody.');
  const old = await say(tom, 'Bring a rain jacket anyway');
  await tom.request({
    type: 'edit_message',
    chat: group,
    seq: old.seq,
    content: 'Bring a rain jacket anyway, it is the ridge after all',
  });
  await aiko.request({ type: 'SEND_MESSAGE', recipient: 'nora', content: '地図、まだ持ってる？' });
  await omar.request({ type: 'SEND_MESSAGE', recipient: 'nora', content: 'هل نلتقي مساء الأحد؟' });
  await tom.request({ type: 'SEND_MESSAGE', recipient: 'nora', content: 'Photos are up.' });
  await tom.request({
    type: 'SEND_MESSAGE',
    recipient: 'nora',
    content: 'The one at the lake is for your wall',
  });
  await sees(nora, 'Bring a rain jacket anyway, it is the ridge after all');
  const { page } = nora;
  for (const [name, viewport, colorScheme] of SHOTS) {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme });
    const path = join(target, `${name}.png`);
    await page.screenshot({ path, animations: 'disabled' });
    expect(statSync(path).size).toBeGreaterThan(10_000);
    expect(existsSync(join(root, 'docs/images', `${name}.png`)), name).toBe(true);
  }
});
