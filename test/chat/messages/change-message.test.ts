import { beforeEach, describe, expect, test } from 'vitest';
import { Unavailable } from '../../../chat/errors.ts';
import { leaveGroup } from '../../../chat/groups/groups.ts';
import { fetchHistory } from '../../../chat/history/fetch-history.ts';
import { deleteMessage, editMessage } from '../../../chat/messages/change-message.ts';
import { sendGroupMessage, sendMessage } from '../../../chat/messages/send.ts';
import type { Caller, LogEntry } from '../../../chat/model.ts';
import type { History } from '../../../chat/ports.ts';
import { sync } from '../../../chat/sync/sync.ts';
import { limits } from '../../../protocol/index.ts';
import { type Service, service } from '../../support/chat.ts';

let chat: Service;
let alice: Caller;
beforeEach(async () => {
  chat = service();
  chat.users('alice', 'bob');
  alice = chat.online('alice', 'a1');
  await sendMessage(chat.ports, { recipient: 'bob', content: 'one' }, alice);
});

type Ports = typeof chat.ports;

const edit = (content: string, ports: Ports = chat.ports, more: object = {}) =>
  editMessage(ports, { chat: 'bob', seq: 1, content, ...more }, alice);
const remove = (ports: Ports = chat.ports) => deleteMessage(ports, { chat: 'bob', seq: 1 }, alice);
const log = () => chat.state.history['alice:bob'] ?? [];
const texts = () => log().map(({ content }) => content);
const over = (history: Partial<History>): Ports => ({
  ...chat.ports,
  history: { ...chat.ports.history, ...history },
});
const failing = (method: keyof History): Ports =>
  over({ [method]: async () => Promise.reject(new Unavailable('throttled')) });

/** What somebody has who asks for the whole chat, as messages stand. */
async function seenBy(who: Caller, recipient: string) {
  const { messages } = await sync(chat.ports, { cursors: {} }, who);
  const page = await fetchHistory(chat.ports, { recipient }, who);
  return { entries: messages, history: page.messages };
}

describe('the text of an edit', () => {
  test('is in the message that it changes, and in no entry of its own', async () => {
    await edit('two');
    expect(texts()).toEqual(['two', '']);
    expect(log()[1]).toMatchObject({ edits: 1 });
  });

  test('goes out with the entry, to members online and to those who return later', async () => {
    chat.online('bob', 'b1');
    await edit('two');
    expect(chat.framesOf('b1')).toMatchObject([{ type: 'MESSAGE_EDITED', edits: 1, content: 'two' }]);
    const { entries } = await seenBy(alice, 'bob');
    expect(entries).toMatchObject([{ content: 'two' }, { edits: 1, content: 'two' }]);
  });

  test("can only be changed by the author, even with the key of the author's edit", async () => {
    const key = { client_message_id: '1' };
    await edit('two', chat.ports, key);
    const bob = chat.online('bob', 'b1');
    const forged = editMessage(chat.ports, { chat: 'alice', seq: 1, content: 'three', ...key }, bob);
    await expect(forged).rejects.toMatchObject({ code: 'unknown_message' });
    expect(texts()).toEqual(['two', '']);
    expect(chat.framesOf('a1')).toEqual([]);
  });

  test('of an edit that got no answer goes out with the repeat, and counts once', async () => {
    const key = { client_message_id: 'k', after_seq: 1 };
    await expect(edit('two', failing('put'), key)).rejects.not.toBeInstanceOf(Unavailable);
    expect(texts()).toEqual(['two']);
    chat.online('bob', 'b1');
    const first = await edit('two', chat.ports, key);
    const second = await edit('two', chat.ports, key);
    expect([first.seq, second]).toEqual([2, first]);
    expect(log()[0]?.editIds).toEqual(['k']);
    expect(chat.framesOf('b1')).toMatchObject([
      { seq: 2, content: 'two' },
      { seq: 2, content: 'two' },
    ]);
  });

  test('that was repeated after a later edit is that of the later one', async () => {
    const key = { client_message_id: 'k', after_seq: 1 };
    await edit('two', failing('put'), key).catch(() => {});
    await edit('three');
    chat.online('bob', 'b1');
    await edit('two', chat.ports, key);
    expect(chat.framesOf('b1')).toMatchObject([{ seq: 3, edits: 1, content: 'three' }]);
    expect(texts()).toEqual(['three', '', '']);
  });

  test('is the newest in each entry, though the later of two edits reached the log first', async () => {
    chat.online('bob', 'b1');
    const late: LogEntry[] = [];
    const slow = over({
      put: async (entry) => {
        if (late.push(entry) === 1) await edit('three');
        return chat.ports.history.put(entry);
      },
    });
    await edit('two', slow);
    expect(chat.framesOf('b1')).toMatchObject([
      { seq: 2, edits: 1, content: 'three' },
      { seq: 3, edits: 1, content: 'three' },
    ]);
  });
});

describe('a deleted message', () => {
  test.each(['put', 'edit'] as const)('stays deleted, whatever edit was at its %s', async (method) => {
    const bob = chat.online('bob', 'b1');
    const ports = over({
      [method]: async (...args: unknown[]) => {
        await remove();
        return (chat.ports.history[method] as (...args: unknown[]) => Promise<never>)(...args);
      },
    });
    const outcome = await edit('secret', ports).catch((error: unknown) => error);
    if (method === 'edit') expect(outcome).toMatchObject({ code: 'unknown_message' });
    expect(texts().join('')).toBe('');
    const { entries, history } = await seenBy(bob, 'alice');
    expect(history).toMatchObject([{ content: '', deleted: expect.any(String) }]);
    for (const { edits, deletes, content } of entries.slice(1))
      expect([edits, deletes, content]).toEqual([undefined, 1, '']);
    expect(JSON.stringify(chat.framesOf('b1'))).not.toContain('secret');
  });

  test.each(['put', 'edit'] as const)(
    'stays deleted for a duplicate of an edit that was slow at its %s',
    async (method) => {
      const key = { client_message_id: 'k', after_seq: 1 };
      chat.online('bob', 'b1');
      let told = 0;
      const slow = over({
        [method]: async (...args: unknown[]) => {
          await edit('secret', chat.ports, key);
          await remove();
          told = chat.framesOf('b1').length;
          return (chat.ports.history[method] as (...args: unknown[]) => Promise<never>)(...args);
        },
      });
      expect(await edit('secret', slow, key)).toMatchObject({ seq: 2 });
      const late = chat.framesOf('b1').slice(told);
      expect(late).toMatchObject([{ type: 'MESSAGE_DELETED', seq: 2, deletes: 1, content: '' }]);
      expect(texts().join('')).toBe('');
    },
  );

  test('has no text in its edits either, each of which says that it is deleted', async () => {
    await edit('secret');
    await edit('a better secret');
    await remove();
    expect(texts()).toEqual(['', '', '', '']);
    const { entries } = await seenBy(alice, 'bob');
    expect(entries).toMatchObject([
      { seq: 1, content: '', deleted: expect.any(String) },
      { seq: 2, content: '', deletes: 1 },
      { seq: 3, content: '', deletes: 1 },
      { seq: 4, content: '', deletes: 1 },
    ]);
  });

  test('keeps its text if the deletion dies halfway, until the next deletion removes it', async () => {
    await edit('secret');
    await expect(remove(failing('erase'))).rejects.toThrow('Stored as alice:bob 3');
    await remove();
    expect(texts().join('')).toBe('');
    await expect(remove()).rejects.toMatchObject({ code: 'unknown_message' });
  });

  test('costs no more reads than the end of the log', async () => {
    const asked: string[] = [];
    const counting = service(async ({ port, method }, perform) => {
      if (port === 'history') asked.push(method);
      return perform();
    });
    counting.users('alice', 'bob');
    const who = counting.online('alice', 'a1');
    await sendMessage(counting.ports, { recipient: 'bob', content: 'one' }, who);
    asked.length = 0;
    await deleteMessage(counting.ports, { chat: 'bob', seq: 1 }, who);
    expect(asked.toSorted()).toEqual(['erase', 'get', 'newest', 'put']);
  });
});

test.each([
  ['edit', []],
  ['put', ['k']],
] as const)('an error at the %s of an edit is answered as what it is', async (method, editIds) => {
  const refused = edit('two', failing(method), { client_message_id: 'k' });
  if (method === 'edit') await expect(refused).rejects.toBeInstanceOf(Unavailable);
  else await expect(refused).rejects.toThrow('Edited alice:bob 1');
  expect(log()[0]?.editIds ?? []).toEqual(editIds);
});

test('a message takes no more edits than the limit, however many are sent at once', async () => {
  const asked = Array.from({ length: limits.changes + 6 }, (_, index) => edit(`text ${index}`));
  const answers = await Promise.allSettled(asked);
  const refused = answers.filter(({ status }) => status === 'rejected');
  expect(refused).toEqual(
    Array(6).fill({ status: 'rejected', reason: expect.objectContaining({ code: 'limit_reached' }) }),
  );
  // What was refused is in no log, and is refused again.
  expect(log()).toHaveLength(1 + limits.changes);
  const again = { client_message_id: 'k', after_seq: 1 };
  for (let times = 0; times < 2; times++)
    await expect(edit('one more', chat.ports, again)).rejects.toMatchObject({ code: 'limit_reached' });
  await remove();
  expect(texts().join('')).toBe('');
});

describe('an edit that is repeated', () => {
  const atTheEnd = (key: string) => ({ client_message_id: key, after_seq: log().length });

  test('has one entry, whatever after_seq its sender gives, even twice at once', async () => {
    const firsts = new Map<string, number>();
    for (const key of ['K', 'L']) firsts.set(key, (await edit(key, chat.ports, atTheEnd(key))).seq);
    for (let times = 0; times < limits.changes; times++)
      for (const key of ['K', 'L']) {
        const both = [1, 2].map(() => edit('other', chat.ports, atTheEnd(key)));
        for (const { seq } of await Promise.all(both)) expect(seq).toBe(firsts.get(key));
      }
    expect(texts()).toEqual(['L', '', '']);
  });

  test('has one entry, though without "after_seq" nobody reads so far back', async () => {
    const key = { client_message_id: 'K' };
    const { seq } = await edit('two', chat.ports, key);
    for (let index = 0; index <= limits.retryWindow; index++)
      await sendMessage(chat.ports, { recipient: 'bob', content: 'hi' }, alice);
    expect(await edit('two', chat.ports, key)).toMatchObject({ seq });
    expect(log()).toHaveLength(2 + limits.retryWindow + 1);
  });

  test('has one entry, though its message got its key while the repeat was running', async () => {
    const [unmarked] = log();
    const { seq } = await edit('two', chat.ports, atTheEnd('K'));
    for (let times = 0; times < 3; times++)
      await sendMessage(chat.ports, { recipient: 'bob', content: 'hi' }, alice);
    const slow = over({ get: async () => unmarked });
    expect(await edit('two', slow, atTheEnd('K'))).toMatchObject({ seq });
    expect(log()).toHaveLength(5);
  });

  test('gets its one entry if the first attempt died before it, however many messages came since', async () => {
    const key = { client_message_id: 'K', after_seq: 1 };
    await edit('two', failing('put'), key).catch(() => {});
    for (let times = 0; times < 3; times++)
      await sendMessage(chat.ports, { recipient: 'bob', content: 'hi' }, alice);
    for (const after_seq of [4, 1, 5])
      expect(await edit('two', chat.ports, { ...key, after_seq })).toMatchObject({ seq: 5 });
    expect(log()).toHaveLength(5);
  });

  test('of a message that is deleted meanwhile is answered with its entry, or refused if it has none', async () => {
    const { seq } = await edit('two', chat.ports, atTheEnd('K'));
    await edit('three', failing('put'), atTheEnd('L')).catch(() => {});
    await remove();
    expect(await edit('two', chat.ports, atTheEnd('K'))).toMatchObject({ seq });
    await expect(edit('three', chat.ports, atTheEnd('L'))).rejects.toMatchObject({ code: 'unknown_message' });
    expect(texts()).toEqual(['', '', '']);
  });

  test('of an expired message is refused if it has no entry', async () => {
    await edit('two', failing('put'), atTheEnd('K')).catch(() => {});
    Object.assign(log()[0] ?? {}, { expired: true });
    await expect(edit('two', chat.ports, atTheEnd('K'))).rejects.toMatchObject({ code: 'unknown_message' });
    expect(log()).toHaveLength(1);
  });
});

test('with a key that something else has is refused, and changes nothing', async () => {
  const key = { client_message_id: 'k' };
  await sendMessage(chat.ports, { recipient: 'bob', content: 'two', ...key }, alice);
  const before = structuredClone(chat.state.history);
  const refused = deleteMessage(chat.ports, { chat: 'bob', seq: 2, ...key }, alice);
  await expect(refused).rejects.toMatchObject({ code: 'bad_request' });
  expect(chat.state.history).toEqual(before);
});

test('a user who is not a member learns nothing about a group’s log, however far back they ask', async () => {
  chat.group('team', 'bob');
  const bob = chat.online('bob', 'b1');
  const request = { group_id: 'team', content: 'x', client_message_id: 'k' };
  await sendGroupMessage(chat.ports, request, bob);
  for (let index = 0; index < 150; index++)
    await sendGroupMessage(chat.ports, { group_id: 'team', content: 'x' }, bob);
  const looks: unknown[] = [];
  const from: History['from'] = async (...of) => {
    looks.push(of);
    return chat.ports.history.from(...of);
  };
  const refused = {
    code: 'not_a_member',
    message: 'You are not in the group team: join it first.',
    after: undefined,
  };
  for (const after_seq of [0, 100, 5_000])
    await expect(sendGroupMessage(over({ from }), { ...request, after_seq }, alice)).rejects.toMatchObject(
      refused,
    );
  // Nor do they cause a long read.
  expect(looks).toEqual([0, 100, 5_000].map((seq) => ['#team', seq, limits.retryWindow]));
});

describe('a member who leaves while an edit is under way', () => {
  const inGroup = (content: string, ports: Ports) =>
    editMessage(ports, { chat: '#team', seq: 1, content, client_message_id: content }, alice);
  const textsAt = (connection: string) =>
    chat.framesOf(connection).map((frame) => (frame as { content: string }).content);

  beforeEach(async () => {
    chat.users('carol');
    chat.group('team', 'alice', 'bob', 'carol');
    chat.online('carol', 'c1');
    await chat.write({ chat: '#team', sender: 'alice', content: 'first' });
  });

  test.each(['with a device', 'with one that is gone, and a new one'])(
    'gets no text written after they left: %s',
    async (device) => {
      const [log, { bob: row }] = [chat.state.history['#team'], chat.state.members['#team'] as never];
      for (let nth = 0, done = false; !done; nth++) {
        chat.state.history['#team'] = structuredClone(log) as LogEntry[];
        Object.assign(chat.state.members['#team'] ?? {}, { bob: row });
        const bob = chat.online('bob', `b${nth}`);
        if (device !== 'with a device') Object.assign(chat.state.sockets[`b${nth}`] ?? {}, { open: false });
        chat.state.sockets.c1 = { open: true, frames: [] };
        const { ports, calls } = chat.interrupted(nth, async () => {
          chat.online('bob', `new${nth}`);
          await leaveGroup(chat.ports, { group_id: 'team' }, bob);
          await inGroup('later', chat.ports);
        });
        await inGroup('edited', ports);
        done = calls() <= nth;
        const [old, late] = [textsAt(`b${nth}`), done ? [] : textsAt(`new${nth}`)];
        expect([...old, ...late], `call ${nth}`).not.toContain('later');
        if (!done) expect(textsAt('c1')).toContain('later');
        expect(nth).toBeLessThan(50);
        chat.state.inboxes.bob = { connections: {}, pending: {} };
      }
    },
  );

  test('costs no extra read unless the message was edited again', async () => {
    const asked: string[] = [];
    const watched = service(async ({ port, method }, perform) => {
      asked.push(`${port}.${method}`);
      return perform();
    });
    Object.assign(watched.state, chat.state);
    await inGroup('edited', { ...watched.ports });
    expect(textsAt('c1')).toEqual(['edited']);
    // The first is that of the author.
    expect(asked.filter((call) => call === 'members.getMany')).toHaveLength(1);
  });
});

describe('an edit or deletion whose reply was lost', () => {
  const key = { client_message_id: 'k', after_seq: 1 };
  const inGroup = { chat: '#team', seq: 1, ...key };
  beforeEach(async () => {
    chat.group('team', 'alice', 'bob');
    await sendGroupMessage(chat.ports, { group_id: 'team', content: 'one' }, alice);
  });

  test.each([
    ['an edit', () => editMessage(chat.ports, { ...inGroup, content: 'two' }, alice)],
    ['a deletion', () => deleteMessage(chat.ports, inGroup, alice)],
  ])('is confirmed to who is not in the group any more: %s', async (_, change) => {
    const first = await change();
    await leaveGroup(chat.ports, { group_id: 'team' }, alice);
    expect(await change()).toEqual(first);
    expect(chat.state.history['#team']).toHaveLength(2);
    await expect(
      editMessage(chat.ports, { ...inGroup, content: 'three', client_message_id: 'other' }, alice),
    ).rejects.toMatchObject({ code: 'not_a_member' });
  });
});
