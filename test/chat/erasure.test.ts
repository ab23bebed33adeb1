import { beforeEach, expect, test } from 'vitest';
import { eraseUser, exportUser, type RecordPorts } from '../../chat/erasure.ts';
import { fetchHistory } from '../../chat/fetch-history.ts';
import { login } from '../../chat/login.ts';
import type { Caller } from '../../chat/ports.ts';
import { register } from '../../chat/register.ts';
import { sendGroupMessage, sendMessage } from '../../chat/send.ts';
import { type Service, service } from '../support/chat.ts';

let chat: Service;
let ports: RecordPorts;
let alice: Caller;
let bob: Caller;
beforeEach(async () => {
  chat = service();
  chat.users('alice', 'bob');
  chat.group('team', 'alice', 'bob');
  ports = {
    ...chat.ports,
    async *entriesBy(username) {
      yield* Object.values(chat.state.history).flatMap((log) =>
        log.filter(({ sender }) => sender === username),
      );
    },
  };
  alice = chat.online('alice', 'a1');
  bob = chat.online('bob', 'b1');
  await sendMessage(chat.ports, { recipient: 'bob', content: 'secret' }, alice);
  await sendMessage(chat.ports, { recipient: 'alice', content: "bob's" }, bob);
  await sendGroupMessage(chat.ports, { group_id: 'team', content: 'secret too' }, alice);
});

test('an export has who a user is, their chats, and all that they wrote; nothing of others, no secret', async () => {
  const record = await exportUser(ports, 'alice');
  expect(record).toMatchObject({ username: 'alice', hasPassword: false, connections: 1 });
  expect(record?.chats.map(({ chat: id }) => id).toSorted()).toEqual(['#team', 'alice:bob']);
  expect(record?.messages.map(({ content }) => content)).toEqual(['secret', 'secret too']);
  expect(await exportUser(ports, 'nobody')).toBeUndefined();
  expect(await exportUser(ports, 'team')).toBeUndefined();
});

test('who is erased is nowhere, in no log, and cannot be logged in as or registered again', async () => {
  expect(await eraseUser(ports, 'alice')).toEqual({ messages: 2, chats: 2 });
  expect(JSON.stringify(chat.state.history)).not.toContain('secret');
  expect(chat.state.inboxes.alice).toMatchObject({ connections: {}, pending: {} });
  expect(chat.state.connections).not.toHaveProperty('a1');
  expect(chat.state.members['#team']).toEqual({ bob: expect.anything() });
  const back = { ...alice, connectionId: 'a2' };
  await expect(login(chat.ports, { username: 'alice' }, back)).rejects.toHaveProperty(
    'code',
    'invalid_credentials',
  );
  await expect(register(chat.ports, { username: 'alice' }, back)).rejects.toHaveProperty(
    'code',
    'name_taken',
  );
});

test('the others see that messages were deleted, in their places, and keep their own', async () => {
  await eraseUser(ports, 'alice');
  const { messages } = await fetchHistory(chat.ports, { recipient: 'alice' }, bob);
  expect(messages).toEqual([
    expect.objectContaining({ seq: 1, content: '', deleted: expect.anything() }),
    expect.objectContaining({ seq: 2, content: "bob's" }),
  ]);
});

test('a second time changes nothing more', async () => {
  await eraseUser(ports, 'alice');
  const before = JSON.stringify([chat.state.history, chat.state.members]);
  expect(await eraseUser(ports, 'alice')).toMatchObject({ chats: 0 });
  expect(JSON.stringify([chat.state.history, chat.state.members])).toBe(before);
});
