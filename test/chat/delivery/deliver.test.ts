import { beforeEach, describe, expect, test } from 'vitest';
import { Unavailable } from '../../../chat/errors.ts';
import { sendGroupMessage, sendMessage } from '../../../chat/messages/send.ts';
import { type Caller, CONNECTION_LIFE } from '../../../chat/model.ts';
import { type Service, service } from '../../support/chat.ts';

let chat: Service;
let alice: Caller;
beforeEach(() => {
  chat = service();
  chat.users('alice', 'bob', 'carol');
  alice = chat.online('alice', 'a1');
});

const send = (content = 'hi', more = {}) =>
  sendMessage(chat.ports, { recipient: 'bob', content, ...more }, alice);
const inboxOf = (username: string) => chat.state.inboxes[username];

describe('a message to a user', () => {
  test('goes to each of their devices, in the form of its login', async () => {
    chat.online('bob', 'b1');
    chat.online('bob', 'b2', 'text');
    const sent = await send();
    expect(sent).toMatchObject({ chat_id: 'alice:bob', seq: 1 });
    expect(chat.framesOf('b1')).toEqual([
      expect.objectContaining({ type: 'RECEIVE_MESSAGE', message_id: sent.message_id, sender: 'alice' }),
    ]);
    expect(chat.framesOf('b2')).toEqual([`receive alice hi ${sent.timestamp}`]);
    expect(inboxOf('bob')?.pending).toEqual({});
  });

  test("goes to the sender's other devices with the sender's key, and not to the one that sent it", async () => {
    chat.online('bob', 'b1');
    chat.online('alice', 'a2');
    await send('hi', { client_message_id: 'k' });
    expect(chat.framesOf('a2')).toEqual([expect.objectContaining({ client_message_id: 'k' })]);
    expect(chat.framesOf('b1')[0]).not.toHaveProperty('client_message_id');
    expect(chat.framesOf('a1')).toEqual([]);
  });

  test('is marked pending while they are away, from the first message on', async () => {
    await send();
    await send();
    expect(inboxOf('bob')).toEqual({ connections: {}, pending: { 'alice:bob': 1 }, hasPending: true });
  });

  test('with a dead connection is marked pending, and the connection is removed', async () => {
    chat.online('bob', 'b1');
    Object.assign(chat.state.sockets.b1 as object, { open: false });
    await send();
    expect(inboxOf('bob')).toEqual({ connections: {}, pending: { 'alice:bob': 1 }, hasPending: true });
  });

  test('with one dead and one live connection is not marked pending, and only the dead one is removed', async () => {
    chat.online('bob', 'b1');
    chat.online('bob', 'b2');
    Object.assign(chat.state.sockets.b1 as object, { open: false });
    await send();
    expect(Object.keys(inboxOf('bob')?.connections ?? {})).toEqual(['b2']);
    expect(inboxOf('bob')?.pending).toEqual({});
    expect(chat.framesOf('b2')).toHaveLength(1);
  });

  test('with an unreachable connection is marked pending, and the connection is closed, unbound and removed', async () => {
    chat.online('bob', 'b1');
    Object.assign(chat.state.sockets.b1 as object, { unreachable: true });
    await send();
    expect(chat.state.sockets.b1?.open).toBe(false);
    expect(chat.state.connections).not.toHaveProperty('b1');
    expect(inboxOf('bob')).toEqual({ connections: {}, pending: { 'alice:bob': 1 }, hasPending: true });
  });

  test('is not posted to a connection older than any can be, which counts as dead', async () => {
    chat.online('bob', 'b1');
    chat.runtime.at += CONNECTION_LIFE + 1;
    await send();
    expect(chat.framesOf('b1')).toEqual([]);
    expect(inboxOf('bob')).toEqual({ connections: {}, pending: { 'alice:bob': 1 }, hasPending: true });
  });

  test('arrives on the new connection if they log in just before it is marked pending', async () => {
    const late = service(async (call, perform) => {
      if (call.method === 'markPending' && !late.state.sockets.b2) late.online('bob', 'b2');
      return perform();
    });
    late.users('alice', 'bob');
    await sendMessage(late.ports, { recipient: 'bob', content: 'hi' }, late.online('alice', 'a1'));
    expect(late.framesOf('b2')).toHaveLength(1);
    expect(late.state.inboxes.bob?.pending).toEqual({});
  });

  test('goes to all devices of a sender who is the recipient', async () => {
    chat.online('alice', 'a2');
    await sendMessage(chat.ports, { recipient: 'alice', content: 'note' }, alice);
    expect([chat.framesOf('a1'), chat.framesOf('a2')].map(({ length }) => length)).toEqual([1, 1]);
  });

  test('is delivered again when it is sent again, since the first attempt may have died', async () => {
    chat.online('bob', 'b1');
    const first = await send('hi', { client_message_id: 'k' });
    expect(await send('hi', { client_message_id: 'k' })).toEqual(first);
    expect(chat.framesOf('b1')).toHaveLength(2);
  });

  test('is refused if they do not exist, and stores nothing', async () => {
    const attempt = sendMessage(chat.ports, { recipient: 'nobody', content: 'hi' }, alice);
    await expect(attempt).rejects.toMatchObject({ code: 'unknown_recipient' });
    expect(chat.state.history).toEqual({});
    expect(chat.state.members).toEqual({});
  });

  test('after a seq that does not exist is refused, and creates no chat', async () => {
    const attempt = send('hi', { client_message_id: 'k', after_seq: 7 });
    await expect(attempt).rejects.toMatchObject({ code: 'bad_request' });
    expect(chat.state.members).toEqual({});
  });

  test('that was stored but not delivered is not busy, which would say that nothing was stored', async () => {
    const failing = service(async (call, perform) => {
      if (call.method === 'getMany' && call.port === 'inboxes') throw new Unavailable('throttled');
      return perform();
    });
    failing.users('alice', 'bob');
    const attempt = sendMessage(
      failing.ports,
      { recipient: 'bob', content: 'hi' },
      failing.online('alice', 'a1'),
    );
    await expect(attempt).rejects.not.toBeInstanceOf(Unavailable);
    expect(failing.state.history['alice:bob']).toHaveLength(1);
  });
});

describe('a message to a group', () => {
  beforeEach(() => chat.group('team', 'alice', 'bob', 'carol'));
  const say = (more = {}) =>
    sendGroupMessage(chat.ports, { group_id: 'team', content: 'hi', ...more }, alice);

  test('goes to the members online, is marked pending for the others, and goes to nobody else', async () => {
    chat.online('bob', 'b1');
    chat.online('dave', 'd1');
    await say();
    expect(chat.framesOf('b1')).toEqual([
      expect.objectContaining({ type: 'RECEIVE_GROUP_MESSAGE', group_id: 'team' }),
    ]);
    expect(inboxOf('carol')?.pending).toEqual({ '#team': 1 });
    expect([chat.framesOf('d1'), chat.framesOf('a1')]).toEqual([[], []]);
    expect(inboxOf('alice')?.pending).toEqual({});
  });

  test('reaches a user who joined before its place in the log, though after it was begun', async () => {
    const joining = service(async (call, perform) => {
      if (call.method === 'put') joining.group('team', 'alice', 'bob');
      return perform();
    });
    joining.users('alice', 'bob');
    joining.group('team', 'alice');
    await sendGroupMessage(joining.ports, { group_id: 'team', content: 'hi' }, joining.online('alice', 'a1'));
    expect(joining.state.inboxes.bob?.pending).toEqual({ '#team': 1 });
  });

  test('is refused to non-members, with a wrong sender, and in unknown groups', async () => {
    await expect(say({ sender: 'bob' })).rejects.toMatchObject({ code: 'sender_mismatch' });
    await expect(say({ group_id: 'bob' })).rejects.toMatchObject({ code: 'unknown_group' });
    chat.group('team', 'bob');
    await expect(say()).rejects.toMatchObject({ code: 'not_a_member' });
    expect(chat.state.history).toEqual({});
  });

  test('in text, `send` finds the group by its name, and in JSON SEND_MESSAGE is for users', async () => {
    const byHand = chat.online('alice', 'a2', 'text');
    expect(await sendMessage(chat.ports, { recipient: 'team', content: 'hi' }, byHand)).toMatchObject({
      chat_id: '#team',
    });
    const json = sendMessage(chat.ports, { recipient: 'team', content: 'hi' }, alice);
    await expect(json).rejects.toMatchObject({ code: 'unknown_recipient' });
  });
});
