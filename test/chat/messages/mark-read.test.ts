import { beforeEach, describe, expect, test } from 'vitest';
import { Unavailable } from '../../../chat/errors.ts';
import { listChats } from '../../../chat/history/list-chats.ts';
import { markRead } from '../../../chat/messages/mark-read.ts';
import { sendMessage } from '../../../chat/messages/send.ts';
import type { Caller } from '../../../chat/model.ts';
import { type Service, service } from '../../support/chat.ts';

let chat: Service;
let alice: Caller;
beforeEach(async () => {
  chat = service();
  chat.users('alice', 'bob', 'carol');
  alice = chat.online('alice', 'a1');
  for (const content of ['one', 'two', 'three'])
    await sendMessage(chat.ports, { recipient: 'bob', content }, alice);
});

const mark = (where: string, seq?: number) => markRead(chat.ports, { chat: where, seq }, alice);
const READ = (seq: number) => ({ type: 'READ', chat_id: 'alice:bob', username: 'alice', seq });
const pushed = (id: string) =>
  chat.framesOf(id).filter((frame) => !JSON.stringify(frame).includes('RECEIVE'));

describe('mark_read', () => {
  test('tells the other devices and the partner, each in its own form, and not the one that sent it', async () => {
    chat.online('alice', 'a2');
    chat.online('bob', 'b1', 'text');
    expect(await mark('bob', 2)).toEqual({ chat_id: 'alice:bob', seq: 2 });
    expect(pushed('a1')).toEqual([]);
    expect(pushed('a2')).toEqual([READ(2)]);
    expect(pushed('b1')).toEqual(['read alice alice 2']);
  });

  test('never goes back, and tells nobody if nothing has changed', async () => {
    chat.online('bob', 'b1');
    await mark('bob', 2);
    expect(await mark('bob', 1)).toEqual({ chat_id: 'alice:bob', seq: 2 });
    expect(await mark('bob', 2)).toEqual({ chat_id: 'alice:bob', seq: 2 });
    expect(pushed('b1')).toEqual([READ(2)]);
  });

  test('takes a chat by its id as well, and without a seq marks it to the end', async () => {
    expect(await mark('alice:bob')).toEqual({ chat_id: 'alice:bob', seq: 3 });
    expect(await mark('bob:alice')).toEqual({ chat_id: 'alice:bob', seq: 3 });
    chat.group('team', 'alice', 'bob');
    expect(await mark('#team')).toEqual({ chat_id: '#team', seq: 0 });
    expect(await mark('team')).toEqual({ chat_id: '#team', seq: 0 });
  });

  test('in a group is told to nobody else', async () => {
    chat.group('team', 'alice', 'bob');
    await chat.write({ chat: '#team', sender: 'bob', content: 'hi' });
    chat.online('alice', 'a2');
    chat.online('bob', 'b1');
    expect(await mark('team', 1)).toEqual({ chat_id: '#team', seq: 1 });
    expect(pushed('a2')).toEqual([{ type: 'READ', chat_id: '#team', username: 'alice', seq: 1 }]);
    expect(pushed('b1')).toEqual([]);
  });

  test('beyond the end, or in an unknown or foreign chat, is refused', async () => {
    await expect(mark('bob', 4)).rejects.toMatchObject({ code: 'bad_request' });
    await expect(mark('carol', 1)).rejects.toMatchObject({ code: 'bad_request' });
    await expect(mark('nobody')).rejects.toMatchObject({ code: 'unknown_recipient' });
    await expect(mark('#nothing')).rejects.toMatchObject({ code: 'unknown_group' });
    await expect(mark('bob:carol')).rejects.toMatchObject({ code: 'not_a_member' });
    chat.group('theirs', 'bob');
    await expect(mark('theirs')).rejects.toMatchObject({ code: 'not_a_member' });
    await expect(mark('#theirs')).rejects.toMatchObject({ code: 'not_a_member' });
    expect(await mark('carol')).toEqual({ chat_id: 'alice:carol', seq: 0 });
    expect(chat.state.members['alice:carol']).toBeUndefined();
  });

  test('finds dead devices and removes them, and marks nothing pending', async () => {
    chat.online('bob', 'b1');
    Object.assign(chat.state.sockets.b1 as object, { open: false });
    chat.state.inboxes.bob = { connections: chat.state.inboxes.bob?.connections ?? {}, pending: {} };
    await mark('bob');
    expect(chat.state.inboxes.bob).toEqual({ connections: {}, pending: {} });
  });

  test('succeeds though nobody could be told', async () => {
    const busy = { ...chat.ports.inboxes, getMany: () => Promise.reject(new Unavailable('a fault')) };
    const marked = markRead({ ...chat.ports, inboxes: busy }, { chat: 'bob' }, alice);
    await expect(marked).resolves.toEqual({ chat_id: 'alice:bob', seq: 3 });
    expect(chat.state.members['alice:bob']?.alice).toHaveProperty('read', 3);
  });

  test('that another device has overtaken is answered with the later mark, and told to nobody', async () => {
    chat.online('bob', 'b1');
    const { getMany } = chat.ports.members;
    const members = { ...chat.ports.members, getMany, markRead: async () => 3 };
    const marked = markRead({ ...chat.ports, members }, { chat: 'bob', seq: 2 }, alice);
    await expect(marked).resolves.toEqual({ chat_id: 'alice:bob', seq: 3 });
    expect(pushed('b1')).toEqual([]);
  });

  test('of a user who was removed from the group meanwhile is refused', async () => {
    chat.group('team', 'alice');
    await chat.write({ chat: '#team', sender: 'alice', content: 'hi' });
    const members = {
      ...chat.ports.members,
      getMany: chat.ports.members.getMany,
      markRead: async () => undefined,
    };
    const marked = markRead({ ...chat.ports, members }, { chat: 'team' }, alice);
    await expect(marked).rejects.toMatchObject({ code: 'not_a_member' });
  });
});

test('does not count an expired entry as unread', async () => {
  const expired = (chat.state.history['alice:bob'] ?? []).map((entry) => ({
    ...entry,
    expired: true as const,
  }));
  chat.state.history['alice:bob'] = expired;
  expect((await listChats(chat.ports, {}, alice)).chats).toMatchObject([
    { last_seq: expired.length, unread: 0 },
  ]);
});

test('makes list_chats count what is unread; messages from before a join count as read', async () => {
  const unread = async () =>
    Object.fromEntries(
      (await listChats(chat.ports, {}, alice)).chats.map(({ name, read, unread: left }) => [
        name,
        [read, left],
      ]),
    );
  chat.group('team', 'bob');
  for (let count = 0; count < 4; count++) await chat.write({ chat: '#team', sender: 'bob', content: 'hi' });
  chat.state.members['#team'] = { alice: { chat: '#team', username: 'alice', role: 'member', since: 3 } };
  // What one wrote oneself is none, and makes nothing read.
  expect(await unread()).toEqual({ team: [2, 2], bob: [0, 0] });
  await chat.write({ chat: 'alice:bob', sender: 'bob', content: 'four' });
  expect(await unread()).toMatchObject({ bob: [0, 1] });
  await chat.write({ chat: 'alice:bob', sender: 'alice', content: 'five' });
  await mark('bob', 2);
  await mark('team');
  expect(await unread()).toEqual({ team: [4, 0], bob: [2, 1] });
});
