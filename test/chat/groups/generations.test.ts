import { beforeEach, describe, expect, test } from 'vitest';
import { login } from '../../../chat/accounts/login.ts';
import { fetchHistory } from '../../../chat/history/fetch-history.ts';
import { listChats } from '../../../chat/history/list-chats.ts';
import { deleteMessage, editMessage } from '../../../chat/messages/change-message.ts';
import { sendGroupMessage } from '../../../chat/messages/send.ts';
import { typing } from '../../../chat/messages/typing.ts';
import type { Caller } from '../../../chat/model.ts';
import { sync } from '../../../chat/sync/sync.ts';
import { type Service, service } from '../../support/chat.ts';

// The log of #team: three messages of a group that is no more, one of its members' that was still under way when
// the name was taken anew, and one of today's group, of which carol is the owner and bob a member.
const [OLD, LATE, NEW] = ['of the old group', 'under way', 'of today'];
const KEY = 'the same key';

let chat: Service;
let alice: Caller;
let bob: Caller;
let carol: Caller;
beforeEach(async () => {
  chat = service();
  chat.users('alice', 'bob', 'carol');
  chat.group('team');
  alice = chat.online('alice', 'a1');
  bob = chat.online('bob', 'b1');
  carol = chat.online('carol', 'c1');
  const write = (sender: string, content: string, more = {}) =>
    chat.write({ chat: '#team', sender, content, ...more });
  await write('alice', OLD);
  await write('bob', OLD, { key: KEY });
  await write('bob', OLD, { edits: 2 });
  await write('alice', LATE);
  await write('carol', NEW, { generation: 1 });
  const row = { chat: '#team', role: 'member', since: 4, generation: 1, first: 4 } as const;
  chat.state.members['#team'] = {
    bob: { ...row, username: 'bob' },
    carol: { ...row, username: 'carol' },
    // Was just joining the old group when it ended.
    alice: { chat: '#team', username: 'alice', role: 'member', since: 4 },
  };
});

interface Wire {
  seq: number;
  content: string;
  deleted?: string;
}
const seen = (messages: readonly unknown[]) =>
  (messages as Wire[]).map(({ seq, content, deleted }) => [
    seq,
    deleted === undefined ? content : '(deleted)',
  ]);

const todays = [
  [4, '(deleted)'],
  [5, NEW],
];
const olds = [
  [1, OLD],
  [2, OLD],
  [4, LATE],
  [5, '(deleted)'],
];

describe('members of a group whose name was taken over see nothing of the old one', () => {
  test.each([
    ['the newest page', {}],
    ['from a seq on', { after_seq: 0 }],
    ['before a seq', { before_seq: 6 }],
    ['from a time on', { start_time: '2000-01-01T00:00:00Z' }],
    ['until a time', { end_time: '2100-01-01T00:00:00Z' }],
  ])('in the history: %s', async (_, bounds) => {
    const page = await fetchHistory(chat.ports, { group_id: 'team', ...bounds }, carol);
    expect(seen(page.messages)).toEqual(todays);
    expect(page.next).toBeUndefined();
    expect(page.oldest).toBe('after_seq' in bounds ? 4 : undefined);
  });

  test('in the history before the takeover, which is empty', async () => {
    for (const bounds of [{ before_seq: 4 }, { before_seq: 3 }, { after_seq: 0, before_seq: 4 }]) {
      const page = await fetchHistory(chat.ports, { group_id: 'team', ...bounds }, carol);
      // A client that waits for what comes next after a seq is told where there is something.
      const oldest = 'after_seq' in bounds ? { oldest: 4 } : {};
      expect(page).toEqual({ recipient: 'team', messages: [], ...oldest });
    }
  });

  test.each([
    ['without a cursor', {}],
    ['with one from nowhere', { '#team': 0 }],
    ['with one of a former member', { '#team': 2 }],
  ])('in a sync %s', async (_, cursors) => {
    const page = await sync(chat.ports, { cursors }, carol);
    expect(seen(page.messages)).toEqual(todays);
    // A client that waits for what comes next after its cursor would wait for ever.
    expect(page.oldest).toEqual('#team' in cursors ? { '#team': 4 } : undefined);
  });

  test('in a sync from the start, before anybody has written', async () => {
    const log = chat.state.history['#team'] ?? [];
    log.length = 3;
    expect(await sync(chat.ports, { cursors: { '#team': 1 } }, carol)).toEqual({
      messages: [],
      more: false,
      oldest: { '#team': 4 },
    });
  });

  test.each([[undefined], [{ '#team': 0 }]])('at a login with cursors %j', async (cursors) => {
    const connection = { ...carol, connectionId: 'c2' };
    chat.state.sockets.c2 = { open: true, frames: [] };
    chat.state.inboxes.carol = { connections: {}, pending: { '#team': 1 } };
    await login(chat.ports, { username: 'carol', cursors }, connection);
    const frames = chat.framesOf('c2') as { pending_messages?: []; messages?: [] }[];
    const messages = frames.flatMap(({ pending_messages = [], messages = [] }) => [
      ...pending_messages,
      ...messages,
    ]);
    expect(seen(messages)).toEqual(todays);
  });

  test('in the list of chats', async () => {
    const log = chat.state.history['#team'] ?? [];
    log.length = 3;
    const { chats } = await listChats(chat.ports, {}, carol);
    expect(chats).toEqual([expect.objectContaining({ chat_id: '#team', unread: 0 })]);
    expect(chats[0]).toHaveProperty('last_timestamp', undefined);
  });
});

test('members of the old group see nothing of the new one', async () => {
  const { messages } = await fetchHistory(chat.ports, { group_id: 'team' }, alice);
  expect(seen(messages)).toEqual(olds);
});

describe('messages and events of a member go to their own group alone', () => {
  const say = (by: Caller, more = {}) =>
    sendGroupMessage(chat.ports, { group_id: 'team', content: 'hi', ...more }, by);

  test('messages', async () => {
    await say(alice);
    expect(chat.framesOf('b1')).toEqual([]);
    expect(chat.framesOf('c1')).toEqual([]);
    await say(bob);
    expect(chat.framesOf('c1')).toMatchObject([{ seq: 7, sender: 'bob' }]);
    expect(chat.framesOf('a1')).toEqual([]);
  });

  test('typing', async () => {
    await typing(chat.ports, { chat: '#team' }, carol);
    expect(chat.framesOf('b1')).toMatchObject([{ type: 'TYPING', username: 'carol' }]);
    expect(chat.framesOf('a1')).toEqual([]);
  });

  test.each([[{}], [{ after_seq: 0 }]])(
    'a key that was used in the old group is new in this one (%j)',
    async (more) => {
      const repeated = { client_message_id: KEY, ...more };
      expect(await say(bob, repeated)).toMatchObject({ seq: 6 });
      expect(await say(bob, repeated)).toMatchObject({ seq: 6 });
      expect(chat.state.history['#team']).toHaveLength(6);
    },
  );

  test('changes of messages in the old group', async () => {
    const old = { chat: 'team', seq: 2 };
    for (const change of [
      editMessage(chat.ports, { ...old, content: 'changed' }, bob),
      deleteMessage(chat.ports, old, bob),
    ])
      await expect(change).rejects.toMatchObject({ code: 'unknown_message' });
    expect(chat.state.history['#team']).toHaveLength(5);
  });
});
