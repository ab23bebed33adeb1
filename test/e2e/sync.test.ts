import { describe, expect, test } from 'vitest';
import { given } from '../support/given.ts';
import { loginWithPending } from '../support/pending.ts';

interface Seen {
  chat_id: string;
  seq: number;
  content: string;
}

const contents = (frame: unknown) => (frame as { messages: Seen[] }).messages.map(({ content }) => content);

async function aChat() {
  const [ann, bob] = await given.users(2);
  const send = (content: string) => ann.request({ type: 'SEND_MESSAGE', recipient: bob.name, content });
  for (const content of ['one', 'two', 'three']) await send(content);
  await bob.arrived();
  return { ann, bob, chat: [ann.name, bob.name].sort().join(':') };
}

describe('sync', () => {
  test('answers with what came after each cursor, oldest first', async () => {
    const { bob, chat } = await aChat();
    const reply = await bob.request({ type: 'sync', cursors: { [chat]: 1 } });
    expect(reply).toMatchObject({ type: 'sync_response', status: 'sync_success', more: false });
    expect(contents(reply)).toEqual(['two', 'three']);
  });

  test('includes chats without a cursor, and a group from when the user joined it', async () => {
    const { ann, bob, chat } = await aChat();
    const group = await given.aGroup(ann);
    const say = (content: string) => ann.request({ type: 'SEND_GROUP_MESSAGE', groupname: group, content });
    await say('before');
    await bob.request({ type: 'join_group', group_id: group });
    await say('after');
    await bob.arrived();
    expect(contents(await bob.request({ type: 'sync', cursors: { [chat]: 3 } }))).toEqual(['after']);
    const known = { [chat]: 3, [`#${group}`]: 0 };
    expect(contents(await bob.request({ type: 'sync', cursors: known }))).toEqual(['before', 'after']);
  });

  test('leads on by `next`, in frames of at most 32 KB, until each message came once', async () => {
    const { ann, bob } = await aChat();
    for (let index = 0; index < 12; index++) {
      await ann.request({
        type: 'SEND_MESSAGE',
        recipient: bob.name,
        content: `${index} ${'x'.repeat(6_000)}`,
      });
    }
    await bob.arrived();
    const seqs: number[] = [];
    let pages = 0;
    for (let next: object | undefined = {}; next; pages++) {
      const page = (await bob.request({ type: 'sync', ...next })) as unknown as {
        messages: Seen[];
        next?: object;
      };
      expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThanOrEqual(32_768);
      seqs.push(...page.messages.map(({ seq }) => seq));
      next = page.next;
    }
    expect(seqs).toEqual(Array.from({ length: 15 }, (_, index) => index + 1));
    expect(pages).toBeGreaterThan(2);
  });

  test('shows nothing of a chat that the user is not in', async () => {
    const { chat } = await aChat();
    const eve = await given.aUser();
    expect(contents(await eve.request({ type: 'sync', cursors: { [chat]: 0 } }))).toEqual([]);
  });

  test('answers in text with lines', async () => {
    const { ann, bob, chat } = await aChat();
    const reply = await bob.say(`sync ${chat}=2`);
    expect(reply).toMatch(new RegExp(`^sync_success\nreceive ${ann.name} three [\\d-]+T[\\d:.]+Z$`));
    expect(await bob.say(`sync ${chat}=two`)).toMatch(/^sync_fail /);
  });

  test('needs a login', async () => {
    const stranger = await given.aStranger();
    expect(await stranger.request({ type: 'sync' })).toMatchObject({
      status: 'sync_fail',
      code: 'not_logged_in',
    });
  });
});

describe('login with cursors', () => {
  test('answers with the messages after them instead of pending ones, and two devices both get everything', async () => {
    const { ann, bob, chat } = await aChat();
    await bob.close();
    await ann.request({ type: 'SEND_MESSAGE', recipient: bob.name, content: 'four' });
    for (const cursor of [2, 0]) {
      const device = await given.aStranger();
      const reply = await device.request({ type: 'login', username: bob.name, cursors: { [chat]: cursor } });
      expect(reply).toMatchObject({ status: 'login_success', pending_messages: [], more: true });
      const page = await device.next({ type: 'sync_response' });
      expect(page).toMatchObject({ status: 'sync_success', more: false });
      expect(contents(page)).toEqual(['one', 'two', 'three', 'four'].slice(cursor));
    }
    const plain = await given.aStranger();
    expect(await plain.request({ type: 'login', username: bob.name })).toMatchObject({
      pending_messages: [],
    });
  });
});

describe('a login with cursors that is more than a page behind', () => {
  interface Page {
    messages: Seen[];
    more: boolean;
    next?: object;
  }

  /** Bob is away, and owed three messages of Ann's, of which a page has room for one; and one of Eve's. */
  async function aCrowdedInbox() {
    const [ann, eve] = await given.users(2);
    const bob = await given.someoneAway();
    const send = (from: typeof ann, content: string) =>
      from.request({ type: 'SEND_MESSAGE', recipient: bob, content });
    for (const letter of ['a', 'b', 'c']) await send(ann, letter.repeat(16_000));
    await send(eve, 'hello');
    const phone = await given.aStranger();
    const cursors = {};
    await phone.request({ type: 'login', username: bob, cursors });
    const first = (await phone.next({ type: 'sync_response' })) as unknown as Page;
    const goOn = async ({ next }: Page) =>
      (await phone.request({ type: 'sync', cursors, ...next })) as unknown as Page;
    /** What another app is handed, that has no cursors. */
    const elsewhere = async () => letters(await loginWithPending(await given.aStranger(), bob));
    return { first, goOn, elsewhere };
  }

  const letters = (messages: readonly { content: string }[]) =>
    messages.map(({ content }) => content[0]).sort();

  test('gets one page, and continues at its own pace; a client that only loops has acknowledged all', async () => {
    const { first, goOn, elsewhere } = await aCrowdedInbox();
    const found = letters(first.messages);
    for (let page = first; page.more; found.push(...letters(page.messages))) page = await goOn(page);
    expect(found.sort()).toEqual(['a', 'b', 'c', 'h']);
    expect(await elsewhere()).toEqual([]);
  });

  test('leaves pending for another app what it has not gone on behind', async () => {
    const { first, goOn, elsewhere } = await aCrowdedInbox();
    const second = await goOn(first);
    const handed = letters([...first.messages, ...second.messages]);
    const left = await elsewhere();
    // The login's page was taken; that the second came, nobody knows.
    expect([...letters(first.messages), ...left].sort()).toEqual(['a', 'b', 'c', 'h']);
    expect(handed.filter((letter) => left.includes(letter))).toEqual(letters(second.messages));
  });
});

describe('list_chats', () => {
  test('shows every chat with its partner or name, and its last seq', async () => {
    const { ann, bob, chat } = await aChat();
    const group = await given.aGroup(bob);
    const last_timestamp = expect.stringMatching(/^[\d-]+T[\d:.]+Z$/);
    expect(await bob.request({ type: 'list_chats' })).toMatchObject({
      type: 'list_chats_response',
      status: 'list_chats_success',
      chats: [
        { chat_id: `#${group}`, kind: 'group', name: group, last_seq: 0, read: 0, unread: 0 },
        {
          chat_id: chat,
          kind: 'private',
          name: ann.name,
          last_seq: 3,
          last_timestamp,
          read: 0,
          unread: 3,
          partner_read: 0,
        },
      ],
    });
    const lines = (await bob.say('list_chats')).split('\n');
    expect(lines).toEqual([
      'list_chats_success',
      `${group} group 0 - 0 unread`,
      expect.stringMatching(new RegExp(`^${ann.name} private 3 \\S+ 3 unread$`)),
    ]);
  });
});
