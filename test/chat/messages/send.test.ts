import { beforeEach, describe, expect, test } from 'vitest';
import { createGroup, leaveGroup } from '../../../chat/groups/groups.ts';
import { deleteMessage, editMessage } from '../../../chat/messages/change-message.ts';
import { sendGroupMessage, sendMessage } from '../../../chat/messages/send.ts';
import type { Caller } from '../../../chat/model.ts';
import { checkFields, sendGroupMessage as command } from '../../../protocol/index.ts';
import { callerAt, type Service, service } from '../../support/chat.ts';

let chat: Service;
let alice: Caller;
let bob: Caller;
beforeEach(() => {
  chat = service();
  chat.users('alice', 'bob');
  chat.group('team', 'alice', 'bob');
  alice = chat.online('alice', 'a1');
  bob = chat.online('bob', 'b1');
});

describe('a message between two users', () => {
  test('is in one chat, whoever sends it, and has the names of both', async () => {
    const there = await sendMessage(chat.ports, { recipient: 'bob', content: 'hi' }, alice);
    const back = await sendMessage(chat.ports, { recipient: 'alice', content: 'hello' }, bob);
    expect([there.chat_id, there.seq, back.chat_id, back.seq]).toEqual(['alice:bob', 1, 'alice:bob', 2]);
    expect(chat.framesOf('b1')).toEqual([
      {
        type: 'RECEIVE_MESSAGE',
        message_id: there.message_id,
        chat_id: 'alice:bob',
        seq: 1,
        sender: 'alice',
        recipient: 'bob',
        content: 'hi',
        timestamp: there.timestamp,
      },
    ]);
    expect(chat.framesOf('a1')).toEqual([expect.objectContaining({ sender: 'bob', recipient: 'alice' })]);
  });

  test('on another device of the sender has the name of the recipient', async () => {
    chat.online('bob', 'b2');
    await sendMessage(chat.ports, { recipient: 'alice', content: 'hello' }, bob);
    expect(chat.framesOf('b2')).toEqual([expect.objectContaining({ sender: 'bob', recipient: 'alice' })]);
  });

  test('may have content of any bytes, which arrives unchanged', async () => {
    const content = ' \u0000 "\\ \r\n\t 👍 é e\u0301 \u2028 ';
    await sendMessage(chat.ports, { recipient: 'bob', content }, alice);
    expect(chat.framesOf('b1')).toEqual([expect.objectContaining({ content })]);
  });

  test('to a group is refused in JSON, with the command to use instead', async () => {
    const attempt = sendMessage(chat.ports, { recipient: 'team', content: 'hi' }, alice);
    await expect(attempt).rejects.toMatchObject({
      code: 'unknown_recipient',
      message: 'team is a group: use SEND_GROUP_MESSAGE.',
    });
  });

  test('needs a login', async () => {
    const stranger = callerAt('x');
    for (const attempt of [
      sendMessage(chat.ports, { recipient: 'bob', content: 'hi' }, stranger),
      sendGroupMessage(chat.ports, { group_id: 'team', content: 'hi' }, stranger),
    ])
      await expect(attempt).rejects.toMatchObject({ code: 'not_logged_in' });
    expect(chat.state.history).toEqual({});
  });
});

describe.each([
  [
    'to a user',
    (more: object) => sendMessage(chat.ports, { recipient: 'bob', content: 'hi', ...more }, alice),
  ],
  [
    'to a group',
    (more: object) => sendGroupMessage(chat.ports, { group_id: 'team', content: 'hi', ...more }, alice),
  ],
])('a message %s', (_, send) => {
  test('with after_seq is recognised however late it is repeated', async () => {
    const first = await send({ client_message_id: 'k', after_seq: 0 });
    for (let index = 0; index < 150; index++) await send({});
    expect(await send({ client_message_id: 'k', after_seq: 0 })).toEqual(first);
  });

  test('with an after_seq that does not exist is refused', async () => {
    const attempt = send({ client_message_id: 'k', after_seq: 7 });
    await expect(attempt).rejects.toMatchObject({ code: 'bad_request' });
    expect(chat.state.history).toEqual({});
  });
});

describe('who is not in the group any more', () => {
  const request = { group_id: 'team', content: 'hi', client_message_id: 'k', after_seq: 0 };
  const leave = () => leaveGroup(chat.ports, { group_id: 'team' }, alice);

  test.each([0, undefined])(
    'gets the receipt of what they stored before, with after_seq %s',
    async (after) => {
      const sent = { ...request, after_seq: after };
      const first = await sendGroupMessage(chat.ports, sent, alice);
      await leave();
      const before = structuredClone(chat.state.history);
      expect(await sendGroupMessage(chat.ports, sent, alice)).toEqual(first);
      expect(chat.state.history).toEqual(before);
      // Whoever had not got it gets it, as from any repeat.
      const frames = chat.framesOf('b1').filter((frame) => 'seq' in (frame as object));
      expect(frames).toMatchObject([{ seq: 1 }, { seq: 1 }]);
    },
  );

  test('gets the receipt alone when it is long ago: what they said is not shown once more', async () => {
    const first = await sendGroupMessage(chat.ports, request, alice);
    const edit = { chat: '#team', seq: 1, content: 'changed', client_message_id: 'e', after_seq: 1 };
    const edited = await editMessage(chat.ports, edit, alice);
    const erase = { chat: '#team', seq: 1, client_message_id: 'd', after_seq: 2 };
    const deleted = await deleteMessage(chat.ports, erase, alice);
    await leave();
    const before = chat.framesOf('b1');
    chat.runtime.at += 16 * 60_000;
    expect(await sendGroupMessage(chat.ports, request, alice)).toEqual(first);
    expect(await editMessage(chat.ports, edit, alice)).toEqual(edited);
    expect(await deleteMessage(chat.ports, erase, alice)).toEqual(deleted);
    expect(chat.framesOf('b1')).toEqual(before);
  });

  test("gets nothing for another's key, a new one or none, and nothing is stored", async () => {
    await sendGroupMessage(chat.ports, request, bob);
    await leave();
    for (const key of ['k', 'new', undefined])
      await expect(
        sendGroupMessage(chat.ports, { ...request, client_message_id: key }, alice),
      ).rejects.toMatchObject({ code: 'not_a_member' });
    expect(chat.state.history['#team']).toHaveLength(1);
  });

  test('gets it though the group has ended and another has its name, whose members get nothing', async () => {
    const first = await sendGroupMessage(chat.ports, request, alice);
    await leave();
    await leaveGroup(chat.ports, { group_id: 'team' }, bob);
    expect(await sendGroupMessage(chat.ports, request, alice)).toEqual(first);
    chat.users('carol');
    await createGroup(chat.ports, { group_name: 'team' }, chat.online('carol', 'c1'));
    expect(await sendGroupMessage(chat.ports, request, alice)).toEqual(first);
    expect(chat.framesOf('c1')).toEqual([]);
  });

  test('asks for no more than its membership and the end of the log while they are in', async () => {
    let calls: string[] = [];
    const counted = service(async ({ method }, perform) => {
      calls.push(method);
      return perform();
    });
    counted.users('alice', 'bob');
    counted.group('team', 'alice', 'bob');
    const caller = counted.online('alice', 'a1');
    calls = [];
    await sendGroupMessage(counted.ports, request, caller);
    expect(calls.filter((method) => ['from', 'newest'].includes(method))).toEqual(['from']);
  });
});

test("a group accepts the sender's own name in any case", async () => {
  const request = checkFields(command, { group_id: 'team', sender: 'ALICE', content: 'hi' });
  await expect(sendGroupMessage(chat.ports, request, alice)).resolves.toMatchObject({ seq: 1 });
});

test('a mistake of ours during a delivery is thrown as it is', async () => {
  const mistake = new Error('403');
  const broken = service(async (call, perform) => {
    if (call.method === 'post') throw mistake;
    return perform();
  });
  broken.users('alice', 'bob');
  broken.online('bob', 'b1');
  const attempt = sendMessage(
    broken.ports,
    { recipient: 'bob', content: 'hi' },
    broken.online('alice', 'a1'),
  );
  await expect(attempt).rejects.toBe(mistake);
});
