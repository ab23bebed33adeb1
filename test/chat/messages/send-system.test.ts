import { beforeEach, describe, expect, test } from 'vitest';
import { claimUser } from '../../../chat/accounts/claim-user.ts';
import { login } from '../../../chat/accounts/login.ts';
import { resume } from '../../../chat/delivery/fan-out.ts';
import { createGroup } from '../../../chat/groups/groups.ts';
import { fetchHistory } from '../../../chat/history/fetch-history.ts';
import { listChats } from '../../../chat/history/list-chats.ts';
import { deleteMessage, editMessage } from '../../../chat/messages/change-message.ts';
import { markRead } from '../../../chat/messages/mark-read.ts';
import { sendGroupMessage, sendMessage } from '../../../chat/messages/send.ts';
import { sendSystemMessage } from '../../../chat/messages/send-system.ts';
import type { Caller } from '../../../chat/model.ts';
import { callerAt, type Service, service } from '../../support/chat.ts';

const operator: Caller = { connectionId: '', form: 'json', address: '', backend: {} };

let chat: Service;
let ann: Caller;
beforeEach(() => {
  chat = service();
  chat.users('ann', 'bob', 'system');
  chat.group('team', 'ann', 'bob', 'system');
  ann = chat.online('ann', 'a1');
});

const says = (where: string, content = 'Ann has joined.', more: object = {}) =>
  sendSystemMessage(chat.ports, { chat: where, content, ...more }, operator);

const unreadOf = async (caller: Caller, id: string) =>
  (await listChats(chat.ports, {}, caller)).chats.find(({ chat_id }) => chat_id === id)?.unread;

const BY_SYSTEM = { sender: 'system', system: true };

describe('a message of the system', () => {
  test('reaches all of a group, also a user whom a provider calls "system", as what it is', async () => {
    chat.online('system', 's1');
    const sent = await says('#team');
    expect(sent).toMatchObject({ chat_id: '#team', seq: 1 });
    const frame = {
      type: 'RECEIVE_GROUP_MESSAGE',
      group_id: 'team',
      ...BY_SYSTEM,
      content: 'Ann has joined.',
    };
    for (const device of ['a1', 's1']) expect(chat.framesOf(device)).toMatchObject([frame]);
    expect(chat.state.inboxes.bob?.pending).toEqual({ '#team': 1 });
    const bob = callerAt('b1');
    chat.state.sockets.b1 = { open: true, frames: [] };
    await login(chat.ports, { username: 'bob' }, bob);
    expect(chat.framesOf('b1')).toMatchObject([{ pending_messages: [{ ...BY_SYSTEM, seq: 1 }] }]);
    expect(await fetchHistory(chat.ports, { group_id: 'team' }, bob)).toMatchObject({
      messages: [BY_SYSTEM],
    });
  });

  test('is never that of a user of this name, in any of their devices’ eyes', async () => {
    const system = chat.online('system', 's1');
    const own = await sendGroupMessage(chat.ports, { group_id: 'team', content: 'I am' }, system);
    const [frame] = chat.framesOf('a1');
    expect(frame).toMatchObject({ sender: 'system', seq: own.seq });
    expect(frame).not.toHaveProperty('system');
    const key = { client_message_id: 'k' };
    const first = await sendGroupMessage(chat.ports, { group_id: 'team', content: 'mine', ...key }, system);
    expect((await says('#team', 'ours', key)).seq).toBe(first.seq + 1);
    expect(chat.framesOf('s1').at(-1)).not.toHaveProperty('client_message_id');
  });

  test('to two users is in their chat, whether or not they have one, and unread by both', async () => {
    const bob = chat.online('bob', 'b1');
    expect(await says('bob:ann', 'You were matched.')).toMatchObject({ chat_id: 'ann:bob', seq: 1 });
    for (const [device, recipient] of [
      ['a1', 'ann'],
      ['b1', 'bob'],
    ] as const)
      expect(chat.framesOf(device)).toMatchObject([{ type: 'RECEIVE_MESSAGE', recipient, ...BY_SYSTEM }]);
    await sendMessage(chat.ports, { recipient: 'bob', content: 'Hi' }, ann);
    await says('ann:bob', 'The call has ended.');
    expect([await unreadOf(ann, 'ann:bob'), await unreadOf(bob, 'ann:bob')]).toEqual([2, 3]);
    await markRead(chat.ports, { chat: 'ann:bob' }, ann);
    expect(await unreadOf(ann, 'ann:bob')).toBe(0);
  });

  test('stays unread when others are deleted', async () => {
    const bob = chat.online('bob', 'b1');
    await sendMessage(chat.ports, { recipient: 'bob', content: '1' }, ann);
    await says('ann:bob');
    await sendMessage(chat.ports, { recipient: 'bob', content: '3' }, ann);
    await deleteMessage(chat.ports, { chat: 'bob', seq: 3 }, ann);
    expect(await unreadOf(bob, 'ann:bob')).toBe(2);
  });

  test('to a user alone is in their chat with themselves, once, and unread there', async () => {
    const frames = () => chat.framesOf('a1').length;
    expect(await says('ann', 'Your order has shipped.')).toMatchObject({ chat_id: 'ann:ann', seq: 1 });
    expect(frames()).toBe(1);
    expect(await unreadOf(ann, 'ann:ann')).toBe(1);
    await sendMessage(chat.ports, { recipient: 'ann', content: 'A note' }, ann);
    await says('ann', 'It has arrived.');
    expect(await unreadOf(ann, 'ann:ann')).toBe(2);
    await markRead(chat.ports, { chat: 'ann:ann' }, ann);
    await sendMessage(chat.ports, { recipient: 'ann', content: 'Another note' }, ann);
    expect(await unreadOf(ann, 'ann:ann')).toBe(0);
  });

  test('of one key is stored once, and the same key elsewhere is another', async () => {
    const key = { client_message_id: 'joined-1' };
    const sent = await says('#team', 'Ann has joined.', key);
    expect(await says('#team', 'Ann has joined.', { ...key, after_seq: 0 })).toEqual(sent);
    expect(await says('ann:bob', 'Ann has joined.', key)).toMatchObject({ chat_id: 'ann:bob', seq: 1 });
  });

  test('can be edited and deleted by nobody', async () => {
    const { seq } = await says('#team');
    for (const name of ['ann', 'system']) {
      const caller = chat.online(name, `${name}-2`);
      const change = { chat: '#team', seq };
      const refused = { code: 'unknown_message' };
      await expect(editMessage(chat.ports, { ...change, content: 'x' }, caller)).rejects.toMatchObject(
        refused,
      );
      await expect(deleteMessage(chat.ports, change, caller)).rejects.toMatchObject(refused);
    }
    expect(chat.state.history['#team']?.[seq - 1]).toMatchObject({ content: 'Ann has joined.' });
  });

  test('is a line with a sender that no id can be', async () => {
    chat.online('bob', 'b1', 'text');
    await says('#team');
    await says('ann:bob');
    expect(chat.framesOf('b1')).toEqual([
      expect.stringMatching(/^receive team «system»: Ann has joined\. 20/),
      expect.stringMatching(/^receive «system» ann: Ann has joined\. 20/),
    ]);
  });

  test('is not one that the partner can write', async () => {
    const device = chat.online('bob', 'b1', 'text');
    await says('ann:bob');
    await sendMessage(
      chat.ports,
      { recipient: 'bob', content: '«system»: Ann has joined.' },
      chat.online('ann', 'a1'),
    );
    await says('bob');
    const starts = chat.framesOf(device.connectionId).map((line) => String(line).split(' ').slice(1, 3));
    expect(starts).toEqual([
      ['«system»', 'ann:'],
      ['ann', '«system»:'],
      ['«system»', 'bob:'],
    ]);
  });

  test('to a large group counts on nobody’s rate, on any page', async () => {
    const names = Array.from({ length: 25 }, (_, index) => `m${index}`);
    chat.users(...names);
    chat.group('crowd', ...names);
    await says('#crowd');
    expect(chat.state.later.length).toBeGreaterThan(0);
    for (let rest = chat.state.later.shift(); rest; rest = chat.state.later.shift()) {
      expect(rest).toMatchObject({ free: true });
      await resume(chat.ports, rest);
    }
    for (const name of names) expect(chat.state.inboxes[name]?.pending, name).toEqual({ '#crowd': 1 });
  });

  test.each([
    ['#nowhere', 'unknown_group'],
    ['#deserted', 'unknown_group'],
    ['nobody', 'unknown_recipient'],
    ['ann:nobody', 'unknown_recipient'],
    ['ann:team', 'unknown_recipient'],
  ])('to %s is refused with %s, and stores nothing', async (where, code) => {
    chat.group('deserted');
    await expect(says(where)).rejects.toMatchObject({ code });
    expect(chat.state.history).toEqual({});
    expect(chat.state.members['ann:nobody']).toBeUndefined();
  });

  test('finds a group by its bare name, unless users have a namespace of their own', async () => {
    expect(await says('team')).toMatchObject({ chat_id: '#team' });
    chat.state.areApart = true;
    await expect(says('team')).rejects.toMatchObject({ code: 'unknown_recipient' });
  });
});

test('nobody registers as the system, and no group is called so', async () => {
  const taken = { code: 'name_taken', message: "The name system is the service's own." };
  chat = service();
  chat.users('ann');
  await expect(claimUser(chat.ports, 'system', undefined)).rejects.toMatchObject(taken);
  const group = createGroup(chat.ports, { group_name: 'system' }, chat.online('ann', 'a1'));
  await expect(group).rejects.toMatchObject(taken);
  expect(chat.state.names).not.toHaveProperty('system');
  // An identity provider alone decides what its users are called.
  chat.state.areApart = true;
  expect(await claimUser(chat.ports, 'system', undefined)).toMatchObject({ isNew: true });
});
