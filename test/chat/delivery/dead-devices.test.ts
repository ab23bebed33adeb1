import { expect, test } from 'vitest';
import { sendMessage } from '../../../chat/messages/send.ts';
import { CONNECTION_LIFE } from '../../../chat/model.ts';
import { type Service, service } from '../../support/chat.ts';
import type { Gate, PortCall } from '../../support/memory.ts';

/** Alice with a device, and a note of each call of a port. */
function withAlice(gate?: (call: PortCall, chat: Service) => void) {
  const calls: string[] = [];
  const watching: Gate = async (call, perform) => {
    calls.push(`${call.port}.${call.method}`);
    gate?.(call, chat);
    return perform();
  };
  const chat: Service = service(watching);
  chat.users('alice', 'bob');
  const alice = chat.online('alice', 'a1');
  const send = (recipient = 'bob', client_message_id?: string) =>
    sendMessage(chat.ports, { recipient, content: 'hi', client_message_id }, alice);
  const count = (call: string) => calls.filter((each) => each === call).length;
  return { chat, send, calls, count };
}

const cut = (chat: Service, connectionId: string) => {
  chat.state.sockets[connectionId] = { open: false, frames: [] };
};

test('a user who reconnects while the old connection is found dead gets the message on the new one, and it is not marked pending', async () => {
  const { chat, send, count } = withAlice((call, at) => {
    if (call.method === 'disconnect') at.online('bob', 'b2');
  });
  chat.online('bob', 'b1');
  cut(chat, 'b1');
  await send();
  expect(chat.framesOf('b2')).toHaveLength(1);
  expect(Object.keys(chat.state.inboxes.bob?.connections ?? {})).toEqual(['b2']);
  expect(chat.state.inboxes.bob?.pending).toEqual({});
  expect(count('inboxes.markPending')).toBe(0);
});

test('the message is marked pending for a user who keeps reconnecting and is cut each time', async () => {
  let logins = 0;
  const { chat, send } = withAlice((call, at) => {
    if (call.method !== 'disconnect' || ++logins > 5) return;
    at.online('bob', `again-${logins}`);
    cut(at, `again-${logins}`);
  });
  chat.online('bob', 'b1');
  cut(chat, 'b1');
  await send();
  expect(chat.state.inboxes.bob).toEqual({ connections: {}, pending: { 'alice:bob': 1 }, hasPending: true });
});

test('all dead devices are removed, and the message is marked pending once', async () => {
  const { chat, send, count } = withAlice();
  for (const device of ['b1', 'b2', 'b3']) {
    chat.online('bob', device);
    cut(chat, device);
  }
  await send();
  expect(count('inboxes.disconnect')).toBe(3);
  expect(count('inboxes.markPending')).toBe(1);
  expect(chat.state.inboxes.bob).toEqual({ connections: {}, pending: { 'alice:bob': 1 }, hasPending: true });
});

test('a dead device is neither closed nor unbound, since API Gateway reports its end', async () => {
  const { chat, send, count } = withAlice();
  chat.online('bob', 'b1');
  cut(chat, 'b1');
  await send();
  expect([count('gateway.close'), count('connections.unbind')]).toEqual([0, 0]);
});

test("the sender's own dead device is removed, and nothing is marked pending for the sender, who has the reply", async () => {
  const { chat, send } = withAlice();
  chat.online('alice', 'a2');
  cut(chat, 'a2');
  await send();
  expect(Object.keys(chat.state.inboxes.alice?.connections ?? {})).toEqual(['a1']);
  expect(chat.state.inboxes.alice?.pending).toEqual({});
});

test('a note to oneself that no device accepts is marked pending', async () => {
  const { chat, send } = withAlice();
  cut(chat, 'a1');
  await send('alice');
  expect(chat.state.inboxes.alice).toEqual({
    connections: {},
    pending: { 'alice:alice': 1 },
    hasPending: true,
  });
});

test('a connection counts as alive for 2 hours and 10 minutes, and not a moment longer', async () => {
  const { chat, send } = withAlice();
  chat.online('bob', 'b1');
  chat.runtime.at += CONNECTION_LIFE;
  await send();
  expect(chat.framesOf('b1')).toHaveLength(1);
  chat.runtime.at += 1;
  await send();
  expect(chat.framesOf('b1')).toHaveLength(1);
  expect(CONNECTION_LIFE).toBe(130 * 60_000);
});

test('the message is in the log before its recipients are looked up', async () => {
  const { chat, send, calls } = withAlice();
  chat.online('bob', 'b1');
  await send();
  const steps = ['history.put', 'inboxes.getMany', 'gateway.post'];
  expect(calls.filter((call) => steps.includes(call))).toEqual(steps);
});

test('an absent user costs one write per absence, not one per message or repeat', async () => {
  const { send, count } = withAlice();
  for (let index = 0; index < 3; index++) await send('bob', 'k');
  for (let index = 0; index < 3; index++) await send();
  expect(count('inboxes.markPending')).toBe(1);
});

test('both rows of a chat exist before its first message, and are not written again', async () => {
  const { chat, send, calls, count } = withAlice();
  await send();
  expect(calls.lastIndexOf('members.addPeer')).toBeLessThan(calls.indexOf('history.put'));
  expect(Object.keys(chat.state.members['alice:bob'] ?? {})).toEqual(['alice', 'bob']);
  await send();
  expect(count('members.addPeer')).toBe(2);
  expect(count('directory.get')).toBe(1);
});
