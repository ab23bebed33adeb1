import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { optionsOf } from '../../../clients/server/local.ts';
import { serverApi } from '../../../clients/server/server-api.ts';
import { connect } from '../../support/client.ts';
import { unique } from '../../support/given.ts';
import { violations } from './axe.ts';
import { allStored, browsers, open, type Person, PHONE, say, sees, shot, talkTo } from './browser.ts';

const { person, socketUrl } = browsers();

/** Bob, who writes without a page. */
async function writer(name = unique('bob')) {
  const client = await connect(socketUrl);
  onTestFinished(() => client.close());
  await client.request({ type: 'register', username: name });
  await client.request({ type: 'login', username: name });
  const write = (to: string, content: string) =>
    client.request({ type: 'SEND_MESSAGE', recipient: to, content });
  return {
    name,
    client,
    write,
    async writes(to: string, from: number, upTo: number) {
      for (let index = from; index <= upTo; index++) await write(to, `line ${index}\nand more`);
    },
    /** How far the other has read, as the service knows. */
    async readUpTo(): Promise<number> {
      const { chats } = (await client.request({ type: 'list_chats' })) as unknown as {
        chats: { partner_read?: number }[];
      };
      return chats[0]?.partner_read ?? 0;
    },
  };
}

const box = ({ page }: Person) => page.getByRole('feed', { name: 'Messages' });
/** Runs a script in the page. */
const inPage = <T>({ page }: Person, script: string) => page.evaluate(script) as Promise<T>;
const LIST = `const list = document.querySelector('.messages'); const area = list.getBoundingClientRect();`;
const toEnd = (who: Person) =>
  inPage<number>(who, `{ ${LIST} list.scrollHeight - list.scrollTop - list.clientHeight }`);
/** Scrolls as a user does who is not at the end. */
const scrollUp = async (who: Person, by: number) => {
  await box(who).hover();
  await who.page.mouse.wheel(0, -by);
  await expect.poll(() => toEnd(who)).toBeGreaterThan(by / 2);
};
/** Whether a message that begins so is in view. */
/** Where something is, once the page has stopped moving it. */
async function still(place: () => Promise<number>): Promise<number> {
  let last = await place();
  const moved = async () => {
    const before = last;
    last = await place();
    return last - before;
  };
  await expect.poll(moved).toBe(0);
  return last;
}

const isInView = (who: Person, text: string) =>
  inPage<boolean>(
    who,
    `{ ${LIST} [...document.querySelectorAll('.message .text')].some((each) => {
      const { top, bottom } = each.getBoundingClientRect();
      return each.textContent.startsWith(${JSON.stringify(text)}) && top >= area.top && bottom <= area.bottom;
    }) }`,
  );
/** Takes the window away from its user, or gives it back. */
const look = (who: Person, isThere: boolean) =>
  inPage(
    who,
    `document.hasFocus = () => ${isThere}; dispatchEvent(new Event('${isThere ? 'focus' : 'blur'}'))`,
  );
/** The seqs of the messages that are drawn, from above. */
const seqs = (who: Person) =>
  inPage<number[]>(
    who,
    `[...document.querySelectorAll('[data-seq]')]
    .map((each) => [Number(each.dataset.seq), each.getBoundingClientRect().top])
    .sort((one, other) => one[1] - other[1]).map(([seq]) => seq)`,
  );
/** What the page asks of the service from its next load on. */
async function requestsFor({ page, context }: Person) {
  await context.addInitScript(`{
    const { send } = WebSocket.prototype;
    window.asked = [];
    WebSocket.prototype.send = function (frame) { asked.push(JSON.parse(frame)); return send.call(this, frame); };
  }`);
  return (type: string) =>
    page.evaluate(`asked.filter((each) => each.type === '${type}')`) as Promise<{ limit: number }[]>;
}
const jump = ({ page }: Person) => page.getByRole('button', { name: 'jump to the newest message' });

const above = ({ page }: Person) => page.getByRole('button', { name: 'jump to the first of them' });

/** Alice, who has read the first lines of Bob's, and has a chat with somebody else open. */
async function aliceAway(read: number) {
  const [alice, bob] = [await person('alice'), await writer()];
  await bob.writes(alice.name, 1, read);
  await open(alice, bob.name);
  await sees(alice, `line ${read}\nand more`);
  // More than is in view.
  if (read > 5) await alice.page.getByRole('button', { name: 'Mark as read' }).click();
  await expect.poll(() => bob.readUpTo()).toBe(read);
  await talkTo(alice, (await writer(unique('cid'))).name);
  return { alice, bob };
}

describe('a chat', () => {
  test('opens at the first of many unread messages, and is read as far as one scrolls', async () => {
    const { alice, bob } = await aliceAway(20);
    await bob.writes(alice.name, 21, 150);
    await alice.page.reload();
    await alice.page.getByRole('navigation', { name: 'Chats' }).waitFor();
    await open(alice, bob.name);
    await alice.page.locator('.news').waitFor();
    await expect.poll(() => isInView(alice, 'line 21\n')).toBe(true);
    expect(await isInView(alice, 'line 20\n')).toBe(true);
    await jump(alice)
      .getByText(/\d new/)
      .waitFor();
    const read = await bob.readUpTo();
    expect(read).toBeGreaterThanOrEqual(20);
    expect(read).toBeLessThan(60);
    expect(await violations(alice.page)).toEqual([]);
    await jump(alice).click();
    await expect.poll(() => isInView(alice, 'line 150\n')).toBe(true);
    await jump(alice).waitFor({ state: 'detached' });
    // What was passed over was not seen: it is above, and not read.
    await above(alice)
      .getByText(/\b1?\d\d new/)
      .waitFor();
    expect(await bob.readUpTo()).toBeLessThan(60);
    await above(alice).click();
    await expect.poll(() => isInView(alice, 'line 21\n')).toBe(false);
    await jump(alice).click();
    await alice.page.getByRole('button', { name: 'Mark as read' }).click();
    await expect.poll(() => bob.readUpTo()).toBe(150);
    // The focus is where its user looks.
    expect(await inPage(alice, 'document.activeElement.matches("article")')).toBe(true);
    // The line is still there, above; and gone once one has answered.
    await say(alice, 'I read all of it.');
    await allStored(alice);
    expect(await alice.page.locator('.news').count()).toBe(0);
  });

  test('with news further up than a page opens there with one request, and goes on from there to the newest', async () => {
    const { alice, bob } = await aliceAway(20);
    await bob.writes(alice.name, 21, 180);
    const asked = await requestsFor(alice);
    await alice.page.reload();
    // It is online.
    await expect.poll(() => asked('list_chats')).not.toEqual([]);
    await open(alice, bob.name);
    await expect.poll(() => isInView(alice, 'line 21\n')).toBe(true);
    expect(await isInView(alice, 'line 20\n')).toBe(true);
    await expect.poll(() => bob.readUpTo()).toBeGreaterThan(20);
    // The newest page is in the browser's store, so one request is left: around the first that was not seen.
    const pages = async () => (await asked('fetch_history')).filter(({ limit }) => limit > 1);
    expect(await pages()).toMatchObject([{ after_seq: 5, limit: 100 }]);
    // What comes is counted, announced and the preview, but is not what follows.
    await jump(alice)
      .getByText(/\b1[456]\d new/)
      .waitFor();
    await bob.write(alice.name, 'live');
    await alice.page.getByRole('navigation', { name: 'Chats' }).getByText('live').waitFor();
    const said = alice.page.locator('.thread [aria-live]');
    await expect.poll(() => said.textContent()).toBe(`${bob.name}: live`);
    expect(await violations(alice.page)).toEqual([]);
    await shot(alice.page, 'cut');
    // Down to it, without a gap and without a jump past what was not seen.
    const seen = new Set<number>();
    await box(alice).hover();
    await expect
      .poll(async () => {
        for (const seq of await seqs(alice)) seen.add(seq);
        await alice.page.mouse.wheel(0, 600);
        return isInView(alice, 'live');
      })
      .toBe(true);
    for (const seq of await seqs(alice)) seen.add(seq);
    const all = [...seen].sort((one, other) => one - other);
    expect(all).toEqual(Array.from({ length: all.length }, (_, index) => (all[0] ?? 0) + index));
    expect(all.at(-1)).toBe(181);
    await expect.poll(() => bob.readUpTo()).toBe(181);
    await jump(alice).waitFor({ state: 'detached' });
    expect(await pages()).toHaveLength(2);
  });

  test.each(['End', 'say'])('with news further up than a page shows the newest after %s', async (how) => {
    const { alice, bob } = await aliceAway(20);
    await bob.writes(alice.name, 21, 180);
    const asked = await requestsFor(alice);
    await alice.page.reload();
    // It is online.
    await expect.poll(() => asked('list_chats')).not.toEqual([]);
    await open(alice, bob.name);
    await expect.poll(() => isInView(alice, 'line 21\n')).toBe(true);
    await alice.page.locator('.later').waitFor({ state: 'attached' });
    await bob.write(alice.name, 'live');
    await alice.page.getByRole('navigation', { name: 'Chats' }).getByText('live').waitFor();
    expect(await isInView(alice, 'line 21\n')).toBe(true);
    if (how === 'say') await say(alice, 'mine');
    else {
      await alice.page.locator('[data-seq="21"] article').focus();
      await alice.page.keyboard.press('End');
    }
    await expect.poll(() => isInView(alice, 'live')).toBe(true);
    expect(await alice.page.locator('.news').count()).toBe(0);
    // What was passed over was not seen, also by whoever answers.
    await above(alice)
      .getByText(/\b1[456]\d new/)
      .waitFor();
    const before = await bob.readUpTo();
    expect(before).toBeLessThan(60);
    const badge = alice.page.locator('[aria-current] .badge');
    const left = Number.parseInt((await above(alice).textContent())?.replace(/\D+/, '') ?? '', 10);
    await expect.poll(() => badge.textContent()).toBe(`${left > 99 ? '99+' : left} unread`);
    if (how === 'End') {
      await above(alice).click();
      // What takes the place of the newest is read from the first of what was passed over, not from where it comes in view.
      await alice.page.locator('.news').waitFor();
      await expect.poll(() => bob.readUpTo()).toBeGreaterThan(before);
      await jump(alice).click();
      await expect.poll(() => isInView(alice, 'live')).toBe(true);
      await above(alice)
        .getByText(/\b1[2-6]\d new/)
        .waitFor();
      expect(await bob.readUpTo()).toBeLessThan(60);
    }
    // All that is above it is there, in order.
    await box(alice).hover();
    await expect
      .poll(async () => {
        await alice.page.mouse.wheel(0, -900);
        return (await seqs(alice))[0];
      })
      .toBeLessThan(100);
    // What has the focus stays drawn.
    const shown = (await seqs(alice)).filter((seq) => seq < 181);
    expect(shown).toEqual(shown.map((_, index) => (shown[0] ?? 0) + index));
  });

  test('that was never read opens at its newest, and leads to the first of what is above', async () => {
    const [alice, bob] = [await person('alice'), await writer()];
    await bob.writes(alice.name, 1, 60);
    await open(alice, bob.name);
    await expect.poll(() => isInView(alice, 'line 60\n')).toBe(true);
    const up = above(alice);
    await up.getByText(/\b[45]\d new/).waitFor();
    expect(await bob.readUpTo()).toBe(0);
    // What was seen at the end is so after a reload, too: more than comes in view again.
    const passed = async () => Number.parseInt((await up.textContent())?.replace(/\D+/, '') ?? '', 10);
    const seenLess = (await passed()) - 5;
    await scrollUp(alice, 600);
    await expect.poll(passed).toBeLessThan(seenLess);
    await alice.page.reload();
    await expect.poll(() => isInView(alice, 'line 60\n')).toBe(true);
    await expect.poll(passed).toBeLessThan(seenLess);
    expect(await bob.readUpTo()).toBe(0);
    expect(await violations(alice.page)).toEqual([]);
    await up.click();
    await expect.poll(() => isInView(alice, 'line 1\n')).toBe(true);
    await jump(alice)
      .getByText(/\b[2-4]\d new/)
      .waitFor();
    await expect.poll(() => bob.readUpTo()).toBeGreaterThan(0);
    expect(await bob.readUpTo()).toBeLessThan(30);
  });

  test('that was read opens at its end, and leads back to where one was before a jump there', async () => {
    const { alice, bob } = await aliceAway(60);
    await open(alice, bob.name);
    await expect.poll(() => isInView(alice, 'line 60\n')).toBe(true);
    expect(await alice.page.locator('.news').count()).toBe(0);
    const back = alice.page.getByRole('button', { name: 'Back to where you were' });
    await scrollUp(alice, 2_000);
    // Some that are drawn are not in view.
    const drawn = await seqs(alice);
    const at = drawn[Math.floor(drawn.length / 2)];
    await expect.poll(() => isInView(alice, `line ${at}\n`)).toBe(true);
    const top = () =>
      inPage<number>(alice, `document.querySelector('[data-seq="${at}"]')?.getBoundingClientRect().top ?? 0`);
    const before = await top();
    await jump(alice).click();
    await expect.poll(() => isInView(alice, 'line 60\n')).toBe(true);
    await back.click();
    await expect.poll(() => isInView(alice, `line ${at}\n`)).toBe(true);
    await back.waitFor({ state: 'detached' });
    // To the very place.
    await expect.poll(async () => Math.abs((await top()) - before)).toBeLessThan(2);
    // Whoever writes is done with it.
    await jump(alice).click();
    await back.waitFor();
    await say(alice, 'mine');
    await back.waitFor({ state: 'detached' });
  });

  test('keeps its place and says what is new below, and own messages come into sight', async () => {
    const { alice, bob } = await aliceAway(60);
    await open(alice, bob.name);
    await expect.poll(() => isInView(alice, 'line 60\n')).toBe(true);
    await scrollUp(alice, 900);
    const top = () => inPage<number>(alice, `{ ${LIST} list.scrollTop }`);
    const before = await top();
    await bob.write(alice.name, 'news');
    await jump(alice).getByText('1 new').waitFor();
    expect(await top()).toBe(before);
    expect(await bob.readUpTo()).toBe(60);
    await say(alice, 'my answer');
    await expect.poll(() => isInView(alice, 'my answer')).toBe(true);
    await expect.poll(() => bob.readUpTo()).toBeGreaterThan(60);
    // Of a text that is longer than the screen, the end.
    await scrollUp(alice, 900);
    await say(alice, Array.from({ length: 35 }, (_, index) => `row ${index}`).join('\n'));
    await allStored(alice);
    await expect.poll(() => toEnd(alice)).toBeLessThan(3);
    const end = `[...document.querySelectorAll('.message')].at(-1).querySelector('footer').getBoundingClientRect()`;
    expect(await inPage(alice, `{ ${LIST} const { bottom } = ${end}; bottom <= area.bottom }`)).toBe(true);
  });

  test('is not read while nobody looks, and shows then where the news begin', async () => {
    const { alice, bob } = await aliceAway(5);
    await open(alice, bob.name);
    await sees(alice, 'line 5\nand more');
    await look(alice, false);
    await bob.write(alice.name, 'while away');
    await sees(alice, 'while away');
    await alice.page.locator('.news').waitFor();
    expect(await bob.readUpTo()).toBe(5);
    await look(alice, true);
    await expect.poll(() => bob.readUpTo()).toBe(6);
    expect(await alice.page.locator('.news').count()).toBe(1);
  });

  test('that comes up with what was missed begins there, and is read as it is in view', async () => {
    const { alice, bob } = await aliceAway(60);
    await open(alice, bob.name);
    await expect.poll(() => isInView(alice, 'line 60\n')).toBe(true);
    await alice.page.goto('about:blank');
    await bob.writes(alice.name, 61, 100);
    await alice.page.goBack();
    // It is drawn from what the browser keeps before anything has come.
    await alice.page.locator('.news').waitFor();
    await expect.poll(() => isInView(alice, 'line 61\n')).toBe(true);
    const first = `document.querySelector('.news').closest('[data-seq]').dataset.seq`;
    expect(await inPage(alice, first)).toBe('61');
    await expect.poll(() => bob.readUpTo()).toBeGreaterThan(60);
    expect(await bob.readUpTo()).toBeLessThan(90);
    expect(await inPage(alice, first)).toBe('61');
  });

  test('behind a dialog is not read', async () => {
    const { alice, bob } = await aliceAway(5);
    await open(alice, bob.name);
    await sees(alice, 'line 5\nand more');
    await alice.page.getByRole('button', { name: 'New', exact: true }).click();
    await bob.write(alice.name, 'behind it');
    await alice.page.locator('.message .text').getByText('behind it').waitFor();
    expect(await bob.readUpTo()).toBe(5);
    await alice.page.keyboard.press('Escape');
    await expect.poll(() => bob.readUpTo()).toBe(6);
  });

  test('is followed while nobody looks only as far as the first message that was not seen', async () => {
    const { alice, bob } = await aliceAway(5);
    await open(alice, bob.name);
    await sees(alice, 'line 5\nand more');
    await look(alice, false);
    await bob.writes(alice.name, 6, 40);
    await jump(alice).getByText('35 new').waitFor();
    expect(await isInView(alice, 'line 6\n')).toBe(true);
    await look(alice, true);
    await jump(alice)
      .getByText(/\d\d new/)
      .waitFor();
    expect(await isInView(alice, 'line 6\n')).toBe(true);
    expect(await bob.readUpTo()).toBeLessThan(40);
  });

  test('stays where it is when earlier messages load above, and when one above is edited, also while one scrolls', async () => {
    const { alice, bob } = await aliceAway(130);
    await alice.page.reload();
    await open(alice, bob.name);
    await expect.poll(() => isInView(alice, 'line 130\n')).toBe(true);
    await scrollUp(alice, 1_500);
    // The first message in view, and where it is.
    const places = (which: string) =>
      inPage<[seq: string, y: number] | undefined>(
        alice,
        `{ ${LIST} [...document.querySelectorAll('[data-seq]')]
          .map((each) => [each.dataset.seq, each.getBoundingClientRect().top - area.top])
          .find(([seq, y]) => ${which}) }`,
      );
    await expect.poll(() => places('y >= 0')).toBeTruthy();
    const [seq, y = 0] = (await places('y >= 0')) ?? [];
    const at = async () => (await places(`seq === '${seq}'`))?.[1] ?? Number.NaN;
    const target = Number(seq) - 3;
    // It goes on being scrolled up in the very frame in which the edit is drawn.
    await inPage(
      alice,
      `{ ${LIST} new MutationObserver((_, watch) => { watch.disconnect(); list.scrollTop -= 1; })
          .observe(list.querySelector('[data-seq="${target}"]'), { subtree: true, childList: true, characterData: true }); }`,
    );
    await bob.client.request({
      type: 'edit_message',
      chat: alice.name,
      seq: target,
      content: 'edited\n'.repeat(9),
    });
    await alice.page.locator(`[data-seq="${target}"]`).getByText('edited').first().waitFor();
    await expect.poll(async () => Math.abs((await at()) - y)).toBeLessThan(3);
  });
});

describe('the list', () => {
  test('takes the arrow keys, and the actions of a message the tab key', async () => {
    const { alice, bob } = await aliceAway(40);
    await open(alice, bob.name);
    await say(alice, 'mine');
    await allStored(alice);
    const { keyboard } = alice.page;
    const focused = () => inPage<string>(alice, 'document.activeElement.textContent');
    await keyboard.press('Shift+Tab');
    while (!(await inPage(alice, `document.activeElement.matches('article, body')`)))
      await keyboard.press('Shift+Tab');
    await expect.poll(focused).toContain('mine');
    await keyboard.press('Tab');
    expect(await focused()).toBe('Edit');
    await keyboard.press('ArrowUp');
    await expect.poll(focused).toContain('line 40');
    await keyboard.press('PageUp');
    await expect.poll(focused).not.toContain('line 40');
    await keyboard.press('Home');
    await expect.poll(focused).toContain('line 1\n');
    await keyboard.press('End');
    await expect.poll(focused).toContain('mine');
    expect(await violations(alice.page)).toEqual([]);
  });

  test('says what others write, once, and nothing that one wrote or that was there', async () => {
    const { alice, bob } = await aliceAway(3);
    await open(alice, bob.name);
    await sees(alice, 'line 3\nand more');
    const said = alice.page.locator('.thread [aria-live]');
    expect(await said.textContent()).toBe('');
    await bob.write(alice.name, 'Can you hear me?');
    await expect.poll(() => said.textContent()).toBe(`${bob.name}: Can you hear me?`);
    // The same once more is said once more: by another element.
    await inPage(alice, `window.spoken = document.querySelector('.thread [aria-live] span')`);
    await bob.write(alice.name, 'Can you hear me?');
    await expect.poll(() => inPage(alice, 'window.spoken.isConnected')).toBe(false);
    expect(await said.textContent()).toBe(`${bob.name}: Can you hear me?`);
    await say(alice, 'Yes.');
    await allStored(alice);
    expect(await said.textContent()).toBe(`${bob.name}: Can you hear me?`);
  });

  test('has what the service itself says in the middle, by System, as nobody else’s', async () => {
    const [alice, bob] = [await person('alice', { bypassCSP: true }), await writer()];
    const backend = serverApi(optionsOf(inject('pageBackend')));
    onTestFinished(() => backend.close());
    const chat = [alice.name, bob.name].sort().join(':');
    const says = (content: string) => backend.request({ type: 'send_system_message', chat, content });
    await bob.write(alice.name, 'Hello!');
    await open(alice, bob.name);
    await sees(alice, 'Hello!');
    await says('Matched.');
    await says('Be kind.');
    await sees(alice, 'Be kind.');
    const lines = box(alice).locator('.message.is-system');
    expect(await lines.locator('.text').allTextContents()).toEqual(['Matched.', 'Be kind.']);
    // Said once for what is said in a row.
    expect(await box(alice).getByRole('heading', { level: 3 }).allTextContents()).toEqual(['System']);
    for (const line of await lines.all()) {
      expect(await line.getAttribute('aria-label')).toMatch(/^System, /);
      // It is nobody's to change here.
      expect(await line.getByRole('button').count()).toBe(0);
    }
    const middles = await inPage<number[]>(
      alice,
      `['.is-system .bubble', '.sizer'].map((each) => document.querySelector(each).getBoundingClientRect())
        .map(({ left, right }) => (left + right) / 2)`,
    );
    expect(Math.abs((middles[0] ?? 0) - (middles[1] ?? 1_000))).toBeLessThan(2);
    const inList = alice.page.getByRole('navigation', { name: 'Chats' }).locator('.preview');
    await expect.poll(() => inList.textContent()).toBe('System: Be kind.');
    await shot(alice.page, 'system');
    expect(await violations(alice.page)).toEqual([]);
    // It is the same after a reload, from the history.
    await alice.page.reload();
    await sees(alice, 'Be kind.');
    expect(await lines.locator('.text').allTextContents()).toEqual(['Matched.', 'Be kind.']);
    expect(alice.complaints).toEqual([]);
  });

  test('cuts a long message, and shows all of it once asked, also after an edit and out of sight', async () => {
    const { alice, bob } = await aliceAway(1);
    const long = (first: string) =>
      [first, ...Array.from({ length: 60 }, (_, index) => `row ${index}`)].join('\n');
    await bob.write(alice.name, long('long'));
    await open(alice, bob.name);
    const more = alice.page.getByRole('button', { name: 'Show more' });
    await more.waitFor();
    const message = alice.page.locator('[data-seq="2"] .bubble');
    expect(await message.locator('.text').first().textContent()).toMatch(/row \d+$/);
    // All that is shown of it, and the button, fit into the list.
    const heightOf = (what: string) =>
      inPage<number>(alice, `document.querySelector('${what}').getBoundingClientRect().height`);
    expect(await heightOf('[data-seq="2"]')).toBeLessThan(await heightOf('.messages'));
    const widthOf = (what: string) =>
      inPage<number>(alice, `document.querySelector('[data-seq="2"] ${what}').getBoundingClientRect().width`);
    expect(await widthOf('.more')).toBeGreaterThanOrEqual(await widthOf('.text'));
    const hidden = () => message.locator('[hidden]').count();
    expect(await hidden()).toBe(1);
    expect(await violations(alice.page)).toEqual([]);
    await shot(alice.page, 'cut-message');
    // A search in the page finds what is not shown.
    expect(await message.textContent()).toContain('row 59');
    await message.locator('[hidden]').dispatchEvent('beforematch');
    const less = alice.page.getByRole('button', { name: 'Show less' });
    expect(await less.getAttribute('aria-expanded')).toBe('true');
    expect(await hidden()).toBe(0);
    await less.click();
    await more.waitFor();
    // Whoever opens it goes on reading where it was cut.
    const place = () =>
      inPage<number>(alice, `document.querySelector('[data-seq="2"]').getBoundingClientRect().top`);
    const before = await still(place);
    await more.click();
    await less.waitFor();
    await expect.poll(() => toEnd(alice)).toBeGreaterThan(300);
    expect(Math.abs((await still(place)) - before)).toBeLessThan(3);
    await bob.client.request({ type: 'edit_message', chat: alice.name, seq: 2, content: long('longer') });
    await message.getByText('longer').waitFor();
    expect(await hidden()).toBe(0);
    // So far that it is not drawn any more; where the focus is stays drawn.
    await alice.page.getByRole('textbox', { name: 'Message to' }).focus();
    await bob.writes(alice.name, 3, 45);
    await jump(alice)
      .getByText(/\d new/)
      .waitFor();
    await jump(alice).click();
    await expect.poll(() => isInView(alice, 'line 45\n')).toBe(true);
    await message.waitFor({ state: 'detached' });
    await box(alice).hover();
    await expect
      .poll(async () => {
        await alice.page.mouse.wheel(0, -900);
        return (await seqs(alice))[0];
      })
      .toBeLessThanOrEqual(2);
    expect(await hidden()).toBe(0);
    await less.click();
    await more.waitFor();
    expect(await hidden()).toBe(1);
  });

  test('links what begins like an address, shows code, and takes nothing else for markup', async () => {
    const { alice, bob } = await aliceAway(1);
    await open(alice, bob.name);
    const text = '<b>see</b> (https://example.org/a_b?c=1&d). `npm start` *x* javascript:alert(1)';
    await bob.write(alice.name, text);
    await bob.write(alice.name, '```\nlet a;\n  let b;\n```');
    await bob.write(alice.name, '👍🏽 🎉');
    await bob.write(alice.name, 'ok 👍🏽');
    await sees(alice, 'ok 👍🏽');
    const sizeOf = (text: string) =>
      inPage<number>(
        alice,
        `parseFloat(getComputedStyle([...document.querySelectorAll('.text')]
          .find((each) => each.textContent.startsWith('${text}'))).fontSize)`,
      );
    // A few emoji and nothing else are as large as pictures.
    expect(await sizeOf('👍')).toBeGreaterThanOrEqual(2 * (await sizeOf('ok')));
    const link = alice.page.locator('.text a');
    expect(await link.count()).toBe(1);
    expect(await link.textContent()).toBe('https://example.org/a_b?c=1&d');
    expect(await link.getAttribute('href')).toBe('https://example.org/a_b?c=1&d');
    expect(await link.getAttribute('rel')).toBe('noopener noreferrer');
    expect(await link.getAttribute('target')).toBe('_blank');
    expect(await alice.page.locator('.text b').count()).toBe(0);
    expect(await alice.page.locator('.text code').textContent()).toBe('npm start');
    expect(await alice.page.locator('pre').textContent()).toBe('let a;\n  let b;');
    expect(await violations(alice.page)).toEqual([]);
  });

  test('holds what is hostile in its bubble, on the narrowest screen', async () => {
    const alice = await person('alice', { ...PHONE, viewport: { width: 320, height: 640 } });
    const bob = await writer(unique('b').padEnd(32, 'w'));
    const hostile = [
      'x'.repeat(16 * 1024),
      `https://example.org/${'y'.repeat(400)}`,
      `${'\u202E'.repeat(20)}desrever`,
      `a${'\u0301\u0489'.repeat(400)}`,
      '\u202E'.repeat(3),
      `\`${'z'.repeat(300)}\``,
      `مرحبا room-42 ${'ن'.repeat(200)}`,
    ];
    for (const each of hostile) await bob.write(alice.name, each);
    await open(alice, bob.name);
    await bob.write(alice.name, 'plain');
    await sees(alice, 'plain');
    const wide = () =>
      inPage<string[]>(
        alice,
        `[...document.querySelectorAll('.conversation *:not(.hidden, .hidden *)')]
          .filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
          .map((each) => each.outerHTML.slice(0, 80) + each.parentElement.className)`,
      );
    expect(await wide()).toEqual([]);
    // What was turned in one message is not turned in the next.
    const direction = `getComputedStyle([...document.querySelectorAll('.text')].at(-1)).direction`;
    expect(await inPage(alice, direction)).toBe('ltr');
  });
});
