import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { listChats } from '../../../chat/history/list-chats.ts';
import { markRead } from '../../../chat/messages/mark-read.ts';
import type { Caller, LogEntry } from '../../../chat/model.ts';
import { type Service, service } from '../../support/chat.ts';

let chat: Service;
let alice: Caller;
beforeEach(() => {
  chat = service();
  chat.users('alice', 'bob');
  alice = chat.online('alice', 'a1');
});

/** What happens in a chat: a message, an edit or a deletion of the latest message of the same user's. */
type Step = readonly ['says' | 'edits' | 'deletes', 'alice' | 'bob'];

const steps = fc.array(
  fc.tuple(fc.constantFrom('says', 'says', 'edits', 'deletes'), fc.constantFrom('alice', 'bob')),
  { maxLength: 90 },
) as fc.Arbitrary<Step[]>;

/** A fresh chat of both, in which this happened. */
async function played(where: string, happened: readonly Step[]): Promise<LogEntry[]> {
  for (const username of ['alice', 'bob']) await chat.ports.members.addPeer(where, username);
  chat.state.history[where] = [];
  for (const [what, sender] of happened) {
    const latest = logOf(where).findLast(
      (each) => each.sender === sender && isMessage(each) && (what === 'edits' || !each.changed),
    );
    if (what === 'says' || latest === undefined) {
      await chat.write({ chat: where, sender, content: 'hi' });
    } else if (what === 'edits') {
      await chat.write({ chat: where, sender, content: '', edits: latest.seq });
    } else {
      const { at } = await chat.write({ chat: where, sender, content: '', deletes: latest.seq });
      replace(where, { ...latest, content: '', changed: { kind: 'deleted', at } as LogEntry['changed'] });
    }
  }
  return logOf(where);
}

const times = (count: number, step: Step): Step[] => Array.from({ length: count }, () => step);
const said = (count: number) => times(count, ['says', 'bob']);
const own = (count: number) => times(count, ['says', 'alice']);
const deleted = (count: number, who: 'alice' | 'bob' = 'bob') => times(count, ['deletes', who]);

const logOf = (where: string): LogEntry[] => chat.state.history[where] ?? [];
const isMessage = ({ edits, deletes }: LogEntry) => edits === undefined && deletes === undefined;

function replace(where: string, entry: LogEntry): void {
  logOf(where)[entry.seq - 1] = entry;
}

/** By the definition: messages of others, which are there still. */
const unreadAmong = (entries: readonly LogEntry[]) =>
  entries.filter(
    (each) => each.sender !== 'alice' && isMessage(each) && each.changed?.kind !== 'deleted' && !each.expired,
  ).length;

async function shown(where: string) {
  const { chats } = await listChats(chat.ports, {}, alice);
  return chats.find(({ chat_id }) => chat_id === where);
}

describe('the number of unread messages', () => {
  test.each(['alice:bob', '#team'])(
    'of %s counts what others wrote and did not delete, from any position',
    async (where) => {
      const property = fc.asyncProperty(steps, fc.nat(90), async (happened, position) => {
        const log = await played(where, happened);
        const read = Math.min(position, log.length);
        const row = { chat: where, username: 'alice', role: 'peer', since: 1, read } as const;
        Object.assign(chat.state.members, { [where]: { ...chat.state.members[where], alice: row } });
        const behind = log.slice(read);
        const found = await shown(where);
        if (where !== '#team') expect(found).toMatchObject({ read, last_seq: log.length });
        if (behind.length <= 50) {
          expect(found?.unread).toBe(unreadAmong(behind));
          expect(found).not.toHaveProperty('unread_more');
        } else if (where === '#team') {
          expect(found).toMatchObject({ unread: unreadAmong(behind.slice(-50)), unread_more: true });
        } else {
          // Of a private chat all are counted. Which messages older deletions are of, nobody looked.
          const older = behind.slice(0, -50).filter(({ deletes }) => deletes !== undefined).length;
          const actual = unreadAmong(behind);
          if (found?.unread_more) {
            expect(older).toBeGreaterThan(0);
            expect(found.unread).toBeLessThanOrEqual(actual);
            expect(found.unread).toBeGreaterThanOrEqual(
              Math.max(unreadAmong(behind.slice(-50)), actual - older),
            );
          } else expect(found?.unread).toBe(actual);
        }
      });
      await fc.assert(property, { numRuns: 200 });
    },
  );

  test.each<[string, Step[], object]>([
    ['among the newest 50 is known', [...said(60), ...deleted(3)], { unread: 57 }],
    [
      'of older messages is known if the deletions are new',
      [...said(1), ...own(60), ...deleted(1)],
      { unread: 0 },
    ],
    [
      'further back may be of any that is older: then it is at least so many',
      [...said(30), ...deleted(3), ...said(60)],
      { unread: 87, unread_more: true },
    ],
    [
      "of one's own is no more than that: what is there of the newest 50 is there",
      [...own(30), ...deleted(30, 'alice'), ...said(52)],
      { unread: 50, unread_more: true },
    ],
  ])('does not count a message that was deleted %s', async (_, happened, expected) => {
    await played('alice:bob', happened);
    const { unread, unread_more } = (await shown('alice:bob')) ?? {};
    expect({ unread, ...(unread_more && { unread_more }) }).toEqual(expected);
  });

  test.each(['alice:bob', '#team'])('of %s stops at expired messages', async (where) => {
    const log = await played(
      where,
      Array.from({ length: 9 }, () => ['says', 'bob'] as const),
    );
    for (const entry of log.slice(0, 4)) replace(where, { ...entry, expired: true });
    expect(await shown(where)).toMatchObject({ last_seq: 9, read: 0, unread: 5 });
    await markRead(chat.ports, { chat: where, seq: 3 }, alice);
    expect(await shown(where)).toMatchObject({ read: 3, unread: 5 });
    await markRead(chat.ports, { chat: where, seq: 6 }, alice);
    expect(await shown(where)).toMatchObject({ read: 6, unread: 3 });
    for (const entry of log.slice(4)) replace(where, { ...entry, expired: true });
    expect(await shown(where)).toMatchObject({ last_seq: 9, unread: 0 });
  });

  test('is counted again where an entry with a count has gone from the table', async () => {
    await played(
      'alice:bob',
      Array.from({ length: 9 }, () => ['says', 'bob'] as const),
    );
    await markRead(chat.ports, { chat: 'bob', seq: 2 }, alice);
    const gone = { ...chat.ports, history: { ...chat.ports.history, getMany: async () => [] } };
    expect((await listChats(gone, {}, alice)).chats).toMatchObject([{ read: 2, unread: 7 }]);
  });

  test('counts nothing of an earlier group of the same name', async () => {
    chat.group('team', 'alice', 'bob');
    await chat.write({ chat: '#team', sender: 'bob', content: 'old' });
    const row = {
      chat: '#team',
      username: 'alice',
      role: 'member',
      since: 2,
      first: 2,
      generation: 1,
    } as const;
    chat.state.members['#team'] = { alice: row };
    await chat.write({ chat: '#team', sender: 'bob', content: 'late' });
    await chat.write({ chat: '#team', sender: 'carol', content: 'new', generation: 1 });
    expect(await shown('#team')).toMatchObject({ read: 1, last_seq: 3, unread: 1 });
  });

  test('is 0 in a chat with oneself', async () => {
    await chat.ports.members.addPeer('alice:alice', 'alice');
    await chat.write({ chat: 'alice:alice', sender: 'alice', content: 'note' });
    const found = await shown('alice:alice');
    expect(found).toMatchObject({ read: 0, last_seq: 1, unread: 0 });
    expect(found).not.toHaveProperty('partner_read');
  });

  test('in a group of thousands is reported as more than what was read', async () => {
    await played(
      '#team',
      Array.from({ length: 400 }, () => ['says', 'bob'] as const),
    );
    expect(await shown('#team')).toMatchObject({ unread: 50, unread_more: true });
  });
});

test('comes with how far the partner has read', async () => {
  await played('alice:bob', [
    ['says', 'alice'],
    ['says', 'alice'],
  ]);
  expect(await shown('alice:bob')).toMatchObject({ partner_read: 0 });
  await chat.ports.members.markRead('alice:bob', 'bob', 2);
  expect(await shown('alice:bob')).toMatchObject({ read: 0, unread: 0, partner_read: 2 });
  chat.group('team', 'alice', 'bob');
  expect(await shown('#team')).not.toHaveProperty('partner_read');
});

test('reads a limited amount for a page, however large the messages are', async () => {
  for (let index = 0; index < 60; index++) {
    const where = `#group-${String(index).padStart(2, '0')}`;
    chat.group(where.slice(1), 'alice', 'bob');
    for (let count = 0; count < 12; count++)
      await chat.write({ chat: where, sender: 'bob', content: 'x'.repeat(16_384) });
  }
  const pages: string[][] = [];
  for (let request: { after_chat?: string } | undefined = {}; request; ) {
    const reply: Awaited<ReturnType<typeof listChats>> = await listChats(chat.ports, request, alice);
    pages.push(reply.chats.map(({ name }) => name));
    for (const each of reply.chats) expect(each.unread).toBe(12);
    request = reply.next;
  }
  expect(pages.length).toBeGreaterThan(5);
  expect(pages.flat()).toHaveLength(60);
  expect(new Set(pages.flat()).size).toBe(60);
});

test('comes for a limited number of chats in a request, which leads on to the others', async () => {
  const all = Array.from({ length: 301 }, (_, index) => `#g${String(index).padStart(3, '0')}`);
  for (const id of all)
    chat.state.members[id] = { alice: { chat: id, username: 'alice', role: 'member', since: 1 } };
  const page = async (after?: object) => {
    const { chats, next } = await listChats(chat.ports, { ...after }, alice);
    return { ids: chats.map(({ chat_id }) => chat_id), next };
  };
  const first = await page();
  expect(first).toEqual({ ids: all.slice(0, 300), next: { after_chat: '#g299' } });
  expect(await page(first.next)).toEqual({ ids: ['#g300'], next: undefined });
});
