import { expect, test } from 'vitest';
import { type Client, given } from '../support/given.ts';

/** Two users, the second of whom has been sent so many messages and taken them. */
async function aTalk(count: number): Promise<{ ann: Client; bob: Client; chat: string }> {
  const [ann, bob] = await given.users(2);
  for (let index = 0; index < count; index++)
    await ann.request({ type: 'SEND_MESSAGE', recipient: bob.name, content: `${index}` });
  await bob.arrived();
  return { ann, bob, chat: [ann.name, bob.name].sort().join(':') };
}

test("mark_read tells the partner and the user's other device, and list_chats counts what is left", async () => {
  const { ann, bob, chat } = await aTalk(3);
  const phone = await given.device(bob.name);
  expect(await bob.request({ type: 'mark_read', chat: ann.name, seq: 2 })).toMatchObject({
    type: 'mark_read_response',
    status: 'mark_read_success',
    chat_id: chat,
    seq: 2,
  });
  const read = { type: 'READ', chat_id: chat, username: bob.name, seq: 2 };
  expect(await ann.next({ type: 'READ' })).toEqual(read);
  expect(await phone.next({ type: 'READ' })).toEqual(read);
  expect(await phone.request({ type: 'list_chats' })).toMatchObject({ chats: [{ read: 2, unread: 1 }] });
  expect(await phone.request({ type: 'mark_read', chat_id: chat, seq: 1 })).toMatchObject({ seq: 2 });
  expect(await phone.request({ type: 'mark_read', recipient: ann.name, seq: 4 })).toMatchObject({
    status: 'mark_read_fail',
    code: 'bad_request',
  });
});

test('a login does not deliver read marks that were set while its user was away', async () => {
  const { ann, bob } = await aTalk(1);
  await ann.request({ type: 'logout' });
  await bob.request({ type: 'mark_read', chat: ann.name });
  const again = await given.device(ann.name);
  expect(await again.arrived()).toEqual([]);
});

test('in text it is a line, pushed as a line', async () => {
  const [ann, bob] = [await given.aUser('text'), await given.aUser('text')];
  await ann.say(`send ${bob.name} hi`);
  await bob.line('receive ');
  expect(await bob.say(`mark_read ${ann.name} 1`)).toBe('mark_read_success 1');
  expect(await ann.line('read ')).toBe(`read ${bob.name} ${bob.name} 1`);
  expect(await bob.say(`mark_read ${ann.name}`)).toBe('mark_read_success 1');
  expect(await bob.say(`mark_read ${ann.name} two`)).toMatch(/^mark_read_fail .*seq/);
  expect(await bob.say('mark_read')).toMatch(/^mark_read_fail .*chat/);
});
