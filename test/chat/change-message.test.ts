import { beforeEach, expect, test } from 'vitest';
import { changeMessage } from '../../chat/change-message.ts';
import { type Caller, type History, Unavailable } from '../../chat/ports.ts';
import { sendGroupMessage, sendMessage } from '../../chat/send.ts';
import { limits } from '../../protocol/index.ts';
import { type Service, service } from '../support/chat.ts';

let chat: Service;
let alice: Caller;
beforeEach(async () => {
  chat = service();
  chat.users('alice', 'bob');
  alice = chat.online('alice', 'a1');
  await sendMessage(chat.ports, { recipient: 'bob', content: 'one' }, alice);
});

type Ports = typeof chat.ports;

const edit = (content: string, ports: Ports = chat.ports) =>
  changeMessage(ports, { chat: 'bob', seq: 1, content }, alice);
const remove = (ports: Ports = chat.ports) => changeMessage(ports, { chat: 'bob', seq: 1 }, alice);
const texts = () => (chat.state.history['alice:bob'] ?? []).map(({ content }) => content);
const failing = (method: keyof History): Ports => ({
  ...chat.ports,
  history: {
    ...chat.ports.history,
    [method]: async () => Promise.reject(new Unavailable('throttled')),
  },
});

test('what fails after a change was stored is not answered as if nothing was', async () => {
  const refused = edit('two', failing('change'));
  await expect(refused).rejects.toThrow('Stored as alice:bob 2');
  await expect(refused).rejects.not.toBeInstanceOf(Unavailable);
  expect(texts()).toEqual(['one', 'two']);
});

test('a deletion takes the text of an edit, too, that was stored and never shown', async () => {
  await edit('secret', failing('change')).catch(() => {});
  await remove();
  expect(texts()).toEqual(['', '', '']);
});

test.each(['editsOf', 'change', 'erase'] as const)(
  'a deletion that dies at its %s is finished by the next',
  async (method) => {
    await edit('secret');
    await expect(remove(failing(method))).rejects.toThrow('Stored as');
    await remove();
    expect(texts().every((text) => text === '')).toBe(true);
    expect(chat.state.history['alice:bob']?.[0]?.changed?.kind).toBe('deleted');
  },
);

test('a message that was changed as often as it may be can still be deleted', async () => {
  for (let times = 0; times < limits.changes; times++) await edit(`text ${times}`);
  await expect(edit('one more')).rejects.toMatchObject({ code: 'limit_reached' });
  await remove();
  expect(texts().every((text) => text === '')).toBe(true);
});

test('a key that was given to something else is refused, and changes nothing', async () => {
  const key = { client_message_id: 'k' };
  await sendMessage(chat.ports, { recipient: 'bob', content: 'two', ...key }, alice);
  const before = structuredClone(chat.state.history);
  const refused = changeMessage(chat.ports, { chat: 'bob', seq: 2, ...key }, alice);
  await expect(refused).rejects.toMatchObject({ code: 'bad_request' });
  expect(chat.state.history).toEqual(before);
});

test('who is not in a group learns nothing of its log, however far back they ask', async () => {
  chat.group('team', 'bob');
  const looks: unknown[] = [];
  const from: History['from'] = async (...of) => {
    looks.push(of);
    return chat.ports.history.from(...of);
  };
  const ports = { ...chat.ports, history: { ...chat.ports.history, from } };
  const request = { group_id: 'team', content: 'x', client_message_id: 'k', after_seq: 0 };
  await expect(sendGroupMessage(ports, request, alice)).rejects.toMatchObject({ code: 'not_a_member' });
  expect(looks).toEqual([]);
});
