import { describe, expect, test } from 'vitest';
import { messageOf } from '../support/frame.ts';
import { type Client, given } from '../support/given.ts';
import { TIME } from '../support/shapes.ts';

const say = (user: Client, recipient: string, content: string) =>
  user.request({ type: 'SEND_MESSAGE', recipient, content });

const contentsOf = (messages: { content?: string }[] = []) => messages.map(({ content }) => content);

describe('a private message', () => {
  test('reaches every device of the recipient, and the other devices of the sender', async () => {
    const [ann, bob] = await given.users(2);
    const [phone, pad, laptop] = [
      await given.device(bob.name),
      await given.device(bob.name),
      await given.device(ann.name),
    ];
    const sent = await ann.request({
      type: 'SEND_MESSAGE',
      recipient: bob.name,
      content: 'hi',
      client_message_id: 'one',
    });
    const push = {
      type: 'RECEIVE_MESSAGE',
      message_id: sent.message_id,
      chat_id: sent.chat_id,
      seq: sent.seq,
      sender: ann.name,
      recipient: bob.name,
      content: 'hi',
      timestamp: sent.timestamp,
    };
    for (const device of [bob, phone, pad])
      expect(await device.next({ type: 'RECEIVE_MESSAGE' })).toEqual(push);
    expect(await laptop.next({ type: 'RECEIVE_MESSAGE' })).toEqual({ ...push, client_message_id: 'one' });
  });

  test("carries client_message_id in the sender's history, and not in the recipient's", async () => {
    const [ann, bob] = await given.users(2);
    await ann.request({ type: 'SEND_MESSAGE', recipient: bob.name, content: 'x', client_message_id: 'mine' });
    const push = await bob.next({ type: 'RECEIVE_MESSAGE' });
    expect(push).not.toHaveProperty('client_message_id');
    const hers = await ann.request({ type: 'fetch_history', recipient: bob.name });
    const his = await bob.request({ type: 'fetch_history', recipient: ann.name });
    expect(his.messages).toEqual([messageOf(push)]);
    expect(hers.messages).toEqual([{ ...messageOf(push), client_message_id: 'mine' }]);
  });

  test('reaches nobody else', async () => {
    const [ann, bob, eve] = await given.users(3);
    const stranger = await given.aStranger();
    await say(ann, bob.name, 'secret');
    await bob.next({ type: 'RECEIVE_MESSAGE' });
    expect(await eve.arrived()).toEqual([]);
    expect(await stranger.arrived()).toEqual([]);
    expect((await eve.request({ type: 'fetch_history', recipient: ann.name })).messages).toEqual([]);
  });

  test("to oneself reaches all of one's devices, the sending one too, and is stored once", async () => {
    const ann = await given.aUser();
    const phone = await given.device(ann.name);
    const sent = await say(ann, ann.name, 'note');
    for (const device of [ann, phone]) {
      expect(await device.next({ type: 'RECEIVE_MESSAGE' })).toMatchObject({
        message_id: sent.message_id,
        sender: ann.name,
        recipient: ann.name,
      });
    }
    const { messages } = await ann.request({ type: 'fetch_history', recipient: ann.name });
    expect(contentsOf(messages)).toEqual(['note']);
  });

  test('is in one log with messages in the other direction', async () => {
    const [ann, bob] = await given.users(2);
    const one = await say(ann, bob.name, 'ping');
    const two = await say(bob, ann.name, 'pong');
    expect([one.seq, two.seq, one.chat_id === two.chat_id]).toEqual([1, 2, true]);
    const hers = await ann.request({ type: 'fetch_history', recipient: bob.name });
    const his = await bob.request({ type: 'fetch_history', recipient: ann.name });
    expect(hers.messages).toEqual(his.messages);
    expect(hers.messages).toMatchObject([{ recipient: bob.name }, { recipient: ann.name }]);
    await Promise.all([ann, bob].map((user) => user.next({ type: 'RECEIVE_MESSAGE' })));
  });

  test('of one chat is apart from other chats, each with its own seq', async () => {
    const [ann, bob, eve] = await given.users(3);
    const group = await given.aGroup(bob, ann);
    await Promise.all([
      say(bob, ann.name, 'from bob'),
      say(eve, ann.name, 'from eve'),
      bob.request({ type: 'SEND_GROUP_MESSAGE', groupname: group, content: 'to all' }),
    ]);
    const pushes = (await ann.arrived()).map((frame) => JSON.parse(frame));
    expect(pushes.map(({ seq }) => seq)).toEqual([1, 1, 1]);
    expect(contentsOf(pushes).sort()).toEqual(['from bob', 'from eve', 'to all']);
    expect(new Set(pushes.map(({ chat_id }) => chat_id)).size).toBe(3);
  });
});

describe('order', () => {
  test('seq has no holes and timestamps never decrease, whoever writes at once', async () => {
    const [ann, bob] = await given.users(2);
    const writers = [ann, bob, await given.device(ann.name), await given.device(bob.name)];
    const replies = await Promise.all(
      writers.flatMap((writer, at) =>
        Array.from({ length: 10 }, (_, index) =>
          say(writer, at % 2 === 0 ? bob.name : ann.name, `${at}/${index}`),
        ),
      ),
    );
    const seqs = replies.map(({ seq }) => seq ?? 0).sort((a, b) => a - b);
    expect(seqs).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
    const { messages = [] } = await ann.request({ type: 'fetch_history', recipient: bob.name });
    expect(messages.map(({ seq }) => seq)).toEqual(seqs);
    const times = messages.map(({ timestamp }) => timestamp);
    expect(times).toEqual([...times].sort());
    for (const time of times) expect(time).toMatch(TIME);
    expect(new Set(messages.map(({ message_id }) => message_id)).size).toBe(40);
    for (const writer of writers) expect(await writer.arrived()).toHaveLength(30);
  });

  test('a receipt says exactly what history says', async () => {
    const [ann, bob] = [await given.aUser(), await given.someoneAway()];
    const { type, status, request_id, ...receipt } = await say(ann, bob, 'x');
    const { messages } = await ann.request({ type: 'fetch_history', recipient: bob });
    expect(messages?.[0]).toMatchObject(receipt);
  });
});

describe('a group message', () => {
  test('reaches all members online, and the other devices of the sender', async () => {
    const [ann, bob, eve] = await given.users(3);
    const phone = await given.device(ann.name);
    const group = await given.aGroup(ann, bob);
    await phone.next({ type: 'JOINED' });
    const sent = await ann.request({
      type: 'SEND_GROUP_MESSAGE',
      group_id: group,
      content: 'all',
      client_message_id: 'g1',
    });
    const push = {
      type: 'RECEIVE_GROUP_MESSAGE',
      message_id: sent.message_id,
      chat_id: sent.chat_id,
      seq: 1,
      groupname: group,
      group_id: group,
      sender: ann.name,
      content: 'all',
      timestamp: sent.timestamp,
    };
    expect(await bob.next({ type: 'RECEIVE_GROUP_MESSAGE' })).toEqual(push);
    expect(await phone.next({ type: 'RECEIVE_GROUP_MESSAGE' })).toEqual({ ...push, client_message_id: 'g1' });
    expect(await eve.arrived()).toEqual([]);
  });

  test('may name the sender, in any case', async () => {
    const [ann, bob] = await given.users(2);
    const group = await given.aGroup(ann, bob);
    const request = { type: 'SEND_GROUP_MESSAGE', groupname: group, content: 'x' };
    expect(await ann.request({ ...request, sender: ann.name })).toHaveProperty('status', 'send_success');
    expect(await ann.request({ ...request, sender: ann.name.toUpperCase() })).toHaveProperty('seq', 2);
    expect(await bob.arrived()).toHaveLength(2);
  });
});
