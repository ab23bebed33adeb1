import { describe, expect, test } from 'vitest';
import type { Client } from '../support/client.ts';
import { given } from '../support/given.ts';

interface Shown {
  seq: number;
  content: string;
  edited?: string;
  deleted?: string;
  edits?: number;
  deletes?: number;
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

async function two() {
  const [ann, bob] = await given.users(2);
  await ann.request({ type: 'SEND_MESSAGE', recipient: bob.name, content: 'one' });
  await ann.request({ type: 'SEND_MESSAGE', recipient: bob.name, content: 'two' });
  await bob.arrived();
  return [ann, bob] as const;
}

async function history(client: Client, recipient: string, more: object = {}): Promise<Shown[]> {
  const reply = await client.request({ type: 'fetch_history', recipient, ...more });
  return (reply.messages ?? []) as unknown as Shown[];
}

const edit = (client: Client, chat: string, seq: number, content: string, more: object = {}) =>
  client.request({ type: 'edit_message', chat, seq, content, ...more });

const remove = (client: Client, chat: string, seq: number) =>
  client.request({ type: 'delete_message', chat, seq });

describe('a message that is edited', () => {
  test('is told to the others, as an entry of the log, and shows in the history', async () => {
    const [ann, bob] = await two();
    const phone = await given.device(ann.name);
    const reply = await edit(ann, bob.name, 1, 'ONE');
    expect(reply).toMatchObject({ status: 'edit_message_success', seq: 3 });
    for (const client of [bob, phone]) {
      expect(await client.next({ type: 'MESSAGE_EDITED' })).toMatchObject({
        ...{ message_id: reply.message_id, chat_id: reply.chat_id, seq: 3, edits: 1 },
        ...{ sender: ann.name, recipient: bob.name, content: 'ONE' },
      });
    }
    for (const client of [ann, bob]) {
      const other = client === ann ? bob.name : ann.name;
      expect(await history(client, other)).toMatchObject([
        { seq: 1, content: 'ONE', edited: expect.stringMatching(TIME) },
        { seq: 2, content: 'two' },
      ]);
    }
  });

  test('twice shows the newest text, also in its entries in a history with changes', async () => {
    const [ann, bob] = await two();
    await edit(ann, bob.name, 1, 'ONE');
    await edit(ann, `${[ann.name, bob.name].sort().join(':')}`, 1, 'Uno');
    await bob.arrived();
    expect((await history(bob, ann.name)).map(({ content }) => content)).toEqual(['Uno', 'two']);
    expect(await history(bob, ann.name, { changes: true })).toMatchObject([
      { seq: 1, content: 'Uno' },
      { seq: 2, content: 'two' },
      { seq: 3, content: 'Uno', edits: 1 },
      { seq: 4, content: 'Uno', edits: 1 },
    ]);
  });

  test('while a recipient was away reaches them at their login', async () => {
    const [ann, bob] = await two();
    const { name } = bob;
    await bob.close();
    await expect
      .poll(
        async () =>
          (
            (await ann.request({ type: 'presence', usernames: [name] })) as never as {
              users: { online: boolean }[];
            }
          ).users[0]?.online,
      )
      .toBe(false);
    await edit(ann, name, 2, 'TWO');
    const phone = await given.aStranger();
    const { pending_messages } = await phone.request({ type: 'login', username: name });
    expect(pending_messages).toMatchObject([{ seq: 3, edits: 2, content: 'TWO' }]);
  });

  test('by a repeated request is edited once', async () => {
    const [ann, bob] = await two();
    const key = { client_message_id: 'change-1', after_seq: 2 };
    const first = await edit(ann, bob.name, 1, 'ONE', key);
    await edit(ann, bob.name, 2, 'TWO');
    const again = await edit(ann, bob.name, 1, 'ONE', key);
    expect([again.seq, again.message_id]).toEqual([first.seq, first.message_id]);
    expect(await history(ann, bob.name, { changes: true })).toHaveLength(4);
    await bob.arrived();
  });

  test('in a group reaches its members', async () => {
    const [ann, bob] = await given.users(2);
    const group = await given.aGroup(ann, bob);
    await bob.request({ type: 'SEND_GROUP_MESSAGE', group_id: group, content: 'hi' });
    await ann.next({ type: 'RECEIVE_GROUP_MESSAGE' });
    expect(await edit(bob, `#${group}`, 1, 'hello')).toMatchObject({ status: 'edit_message_success' });
    expect(await ann.next({ type: 'MESSAGE_EDITED' })).toMatchObject({
      group_id: group,
      edits: 1,
      content: 'hello',
    });
    expect(await edit(ann, group, 1, 'mine now')).toMatchObject({ code: 'unknown_message' });
  });
});

describe('a message that is deleted', () => {
  test('leaves its place in the log, and its text nowhere, nor those of its edits', async () => {
    const [ann, bob] = await two();
    await edit(ann, bob.name, 1, 'a better secret');
    expect(await remove(ann, bob.name, 1)).toMatchObject({ status: 'delete_message_success', seq: 4 });
    await bob.next({ type: 'MESSAGE_EDITED' });
    expect(await bob.next({ type: 'MESSAGE_DELETED' })).toMatchObject({ seq: 4, deletes: 1, content: '' });
    const all = await history(bob, ann.name, { changes: true });
    expect(all).toMatchObject([
      { seq: 1, content: '', deleted: expect.stringMatching(TIME) },
      { seq: 2, content: 'two' },
      { seq: 3, content: '', deletes: 1 },
      { seq: 4, content: '', deletes: 1 },
    ]);
    expect(await edit(ann, bob.name, 1, 'back')).toMatchObject({ code: 'unknown_message' });
    expect(await remove(ann, bob.name, 1)).toMatchObject({ code: 'unknown_message' });
  });
});

test.each([
  ["another's", async ([, bob]: readonly [Client, Client], ann: string) => edit(bob, ann, 1, 'x')],
  [
    'one that is not there',
    async ([ann]: readonly [Client, Client], _: string, bob: string) => edit(ann, bob, 9, 'x'),
  ],
  [
    'a change',
    async ([ann]: readonly [Client, Client], _: string, bob: string) => {
      await edit(ann, bob, 1, 'ONE');
      return edit(ann, bob, 3, 'x');
    },
  ],
])('nobody edits or deletes %s', async (_, attempt) => {
  const pair = await two();
  const reply = await attempt(pair, pair[0].name, pair[1].name);
  expect(reply).toMatchObject({ status: 'edit_message_fail', code: 'unknown_message' });
  await pair[1].arrived();
});

test('pages without changes miss no message', async () => {
  const [ann, bob] = await two();
  for (let change = 0; change < 12; change++) await edit(ann, bob.name, 1, `version ${change}`);
  await ann.request({ type: 'SEND_MESSAGE', recipient: bob.name, content: 'three' });
  await bob.arrived();
  for (const start of [{}, { after_seq: 0 }]) {
    const seen: number[] = [];
    for (let next: object | undefined = start; next; ) {
      const page = await bob.request({ type: 'fetch_history', recipient: ann.name, limit: 2, ...next });
      expect(page.messages?.length).toBeGreaterThan(0);
      seen.push(...(page.messages ?? []).map(({ seq }) => seq));
      next = page.next;
    }
    expect(seen.toSorted((one, other) => one - other)).toEqual([1, 2, 15]);
  }
});

test('in text, an edit and a deletion are lines', async () => {
  const [ann, bob] = [await given.aUser('text'), await given.aUser('text')];
  await ann.say(`send ${bob.name} hello`);
  await bob.line('receive ');
  expect(await ann.say(`edit_message ${bob.name} 1 hello there`)).toBe('edit_message_success');
  expect(await bob.line('edited ')).toMatch(new RegExp(`^edited ${ann.name} hello there \\d{4}-`));
  expect(await bob.say(`fetch_history ${ann.name}`)).toMatch(/ hello there \(edited\)$/);
  expect(await ann.say(`delete_message ${bob.name} 1`)).toBe('delete_message_success');
  expect(await bob.line('deleted ')).toMatch(new RegExp(`^deleted ${ann.name} \\d{4}-`));
  expect(await bob.say(`fetch_history ${ann.name}`)).toMatch(/ \(deleted\)$/);
  expect(await ann.say(`edit_message ${bob.name} first hello`)).toMatch(/^edit_message_fail "seq" must be/);
});
