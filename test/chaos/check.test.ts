import { beforeEach, describe, expect, test } from 'vitest';
import type { FanOut } from '../../chat/model.ts';
import { check } from './check.ts';
import { type Delivery, emptyRecord, type Record, type Sending, type Stored } from './record.ts';

const forever = Number.POSITIVE_INFINITY;
let record: Record;
let alice: Sending;
let toBob: Delivery;

const stored = (seq: number, content: string, more: Partial<Stored> = {}): Stored => ({
  message_id: `id-${content}`,
  chat_id: 'alice:bob',
  seq,
  sender: 'alice',
  content,
  timestamp: `2026-01-01T00:00:0${seq}.000Z`,
  ...more,
});

/** A record without violations: Alice has sent a message to Bob; both are plain, and Cleo keeps cursors. */
beforeEach(() => {
  record = emptyRecord();
  for (const user of ['alice', 'bob']) record.kinds.set(user, 'plain');
  record.kinds.set('cleo', 'cursor');
  alice = {
    key: 'm1',
    sender: 'alice',
    to: 'bob',
    isGroup: false,
    began: 1_000,
    attempts: 1,
    sent: { message_id: 'id-m1', chat_id: 'alice:bob', seq: 1, at: 1_100 },
  };
  record.sendings.push(alice);
  toBob = {
    user: 'bob',
    device: 'bob/0',
    message_id: 'id-m1',
    chat_id: 'alice:bob',
    seq: 1,
    content: 'm1',
    via: 'push',
    at: 1_090,
  };
  record.deliveries.push(toBob);
  record.history.set('alice:bob', [stored(1, 'm1')]);
});

const nothing = {
  violations: [],
  lostWithSocket: 0,
  inDeadLetters: 0,
  leftBefore: 0,
  duplicates: 0,
  otherDuplicates: 0,
};
const violations = () => check(record).violations;

test('a correct run has no violations', () => {
  expect(check(record)).toEqual(nothing);
});

describe('the check finds', () => {
  test('an acknowledged message that is missing from the history', () => {
    record.history.set('alice:bob', []);
    expect(violations()).toEqual([expect.stringContaining('m1 was acknowledged at alice:bob 1')]);
  });

  test('an acknowledged message that is stored with another id', () => {
    record.history.set('alice:bob', [stored(1, 'm1', { message_id: 'other' })]);
    expect(violations()).toHaveLength(1);
  });

  test('an acknowledged message that is stored twice', () => {
    record.history.get('alice:bob')?.push(stored(2, 'm1', { message_id: 'again' }));
    expect(violations()).toEqual([expect.stringContaining('m1 at 1 and 2')]);
  });

  test('a hole, and a decreasing timestamp', () => {
    record.history.get('alice:bob')?.push(stored(3, 'm3', { timestamp: '2025-01-01T00:00:00.000Z' }));
    expect(violations()).toEqual([
      expect.stringContaining('entry 2 has the seq'),
      expect.stringContaining('older than the entry before it'),
    ]);
  });

  test('a message that its recipient never received', () => {
    record.deliveries = [];
    expect(violations()).toEqual([expect.stringContaining('bob never got m1')]);
  });

  test('… unless the gateway accepted it for a socket of theirs that ended, which is counted separately', () => {
    record.deliveries = [];
    const cut = { id: 'bob/0 1', user: 'bob', from: 0, to: 1_050 };
    record.sessions.push(cut);
    expect(violations()).toHaveLength(1);
    record.accepted.push({ session: 'bob/0 1', message_ids: ['id-m0', 'id-m1'] });
    expect(check(record)).toMatchObject({ violations: [], lostWithSocket: 1 });
    for (const wrong of [{ to: forever }, { id: 'bob/0 2' }, { user: 'alice' }]) {
      record.sessions = [{ ...cut, ...wrong }];
      expect(check(record)).toMatchObject({ violations: [expect.any(String)], lostWithSocket: 0 });
    }
    record.sessions = [cut];
    record.accepted = [{ session: 'bob/0 1', message_ids: ['id-m0'] }];
    expect(check(record)).toMatchObject({ violations: [expect.any(String)], lostWithSocket: 0 });
  });

  test('… or it is in the dead-letter queue, for this member or for a page that covers them', () => {
    record.deliveries = [];
    const part = { chat: 'alice:bob', seq: 1, copy: 'one' };
    const windowOfIt = Date.parse(stored(1, 'm1').timestamp) / 1_000;
    const explained: Partial<FanOut>[] = [
      { names: ['bob'] },
      { after: 'alice' },
      {},
      { seqs: [0, 1], after: 'alice' },
      { seqs: [9], window: windowOfIt },
    ];
    const others: Partial<FanOut>[] = [
      { names: ['cleo'] },
      { after: 'bob' },
      { seq: 2 },
      { chat: '#team' },
      { seqs: [0, 2], after: 'alice' },
      { seqs: [2], window: windowOfIt + 1 },
    ];
    for (const more of explained) {
      record.deadLetters = [{ ...part, ...more }];
      expect(check(record)).toMatchObject({ violations: [], inDeadLetters: 1 });
    }
    for (const more of others) {
      record.deadLetters = [{ ...part, ...more }];
      expect(check(record)).toMatchObject({ violations: [expect.any(String)], inDeadLetters: 0 });
    }
  });

  test('a message that reached the wrong user, or that nobody sent', () => {
    record.deliveries.push({ ...toBob, user: 'cleo', device: 'cleo/0' });
    record.deliveries.push({ ...toBob, content: 'm9', message_id: 'id-m9' });
    expect(violations()).toEqual([
      expect.stringContaining('cleo got alice:bob 1, which was not for them'),
      expect.stringContaining('nobody sent m9'),
    ]);
  });

  test('entries that a device with cursors lacks, has twice, has out of order, or must not have', () => {
    record.history.set(
      'bob:cleo',
      ['c1', 'c2'].map((key, index) => stored(index + 1, key, { chat_id: 'bob:cleo' })),
    );
    const [first, second] = ['c1', 'c2'].map((key, index) => ({
      chat_id: 'bob:cleo',
      seq: index + 1,
      message_id: `id-${key}`,
    })) as [
      { chat_id: string; seq: number; message_id: string },
      { chat_id: string; seq: number; message_id: string },
    ];
    const judged = (entries: (typeof first)[]) => {
      record.applied.set('cleo/0', entries);
      return violations().length;
    };
    expect(judged([first, second])).toBe(0);
    for (const wrong of [[first], [first, first, second], [second, first], [first, second, second]]) {
      expect(judged(wrong)).toBe(1);
    }
    expect(judged([first, second, { ...first, chat_id: 'alice:bob' }])).toBe(1);
  });
});

describe('in a group', () => {
  beforeEach(() => {
    Object.assign(alice, { to: 'team', isGroup: true });
    if (alice.sent) alice.sent.chat_id = '#team';
    record.history = new Map([['#team', [stored(1, 'm1', { chat_id: '#team' })]]]);
    toBob.chat_id = '#team';
    record.memberships.push({
      user: 'bob',
      group: 'team',
      joining: 0,
      joined: 1,
      leaving: forever,
      left: forever,
    });
  });
  const stay = () => record.memberships[0] as Record['memberships'][number];

  test('a member must receive every message that is sent while they are certainly a member', () => {
    expect(violations()).toEqual([]);
    record.deliveries = [];
    expect(violations()).toHaveLength(1);
    stay().leaving = 1_200;
    expect(check(record)).toMatchObject({ violations: [], leftBefore: 1 });
    stay().leaving = 1_050;
    expect(check(record)).toMatchObject({ violations: [], leftBefore: 0 });
  });

  test('a user who has left must receive nothing that is sent afterwards', () => {
    Object.assign(stay(), { leaving: 900, left: 950 });
    expect(violations()).toEqual([expect.stringContaining('not for them')]);
    stay().left = 1_001;
    expect(violations()).toEqual([]);
  });

  test('… but a message sent before may carry the text of an edit made since', () => {
    const edit = (key: string, seq: number, began: number): Sending => ({
      ...alice,
      ...{ key, began },
      change: { kind: 'edits', chat_id: '#team', seq: 1 },
      sent: { message_id: `id-${key}`, chat_id: '#team', seq, at: began + 50 },
    });
    const [before, since] = [edit('e1', 2, 1_200), edit('e2', 3, 1_400)];
    record.sendings.push(before, since);
    const entries = [stored(1, 'e2'), ...[2, 3].map((seq) => stored(seq, 'e2', { edits: 1 }))];
    const ids = ['id-m1', 'id-e1', 'id-e2'];
    record.history.set(
      '#team',
      entries.map((entry, index) => ({ ...entry, chat_id: '#team', message_id: ids[index] ?? '' })),
    );
    Object.assign(stay(), { leaving: 1_300, left: 1_350 });
    const late = { ...toBob, chat_id: '#team', seq: 2, edits: 1, message_id: 'id-e1', content: 'e2' };
    record.deliveries.push(late);
    expect(violations()).toEqual([]);
    Object.assign(late, { seq: 3, message_id: 'id-e2' });
    expect(violations()).toEqual([expect.stringContaining('not for them')]);
  });
});

test('duplicates are counted, and explained by a repeated send or a login during the push', () => {
  record.deliveries.push({ ...toBob });
  expect(check(record)).toMatchObject({ violations: [], duplicates: 1, otherDuplicates: 1 });
  alice.attempts = 2;
  expect(check(record)).toMatchObject({ duplicates: 1, otherDuplicates: 0 });
  alice.attempts = 1;
  record.deliveries.push({ ...toBob, via: 'login' });
  expect(check(record)).toMatchObject({ duplicates: 2, otherDuplicates: 0 });
});

describe('with edits and deletions', () => {
  let first: Sending;
  let second: Sending;
  let deletion: Sending;

  const changing = (key: string, kind: 'edits' | 'deletes', seq: number, began: number): Sending => ({
    ...{ key, sender: 'alice', to: 'bob', isGroup: false, began, attempts: 1 },
    change: { kind, chat_id: 'alice:bob', seq: 1 },
    sent: { message_id: `id-${key}`, chat_id: 'alice:bob', seq, at: began + 100 },
  });
  const told = (key: string, seq: number, content: string, more: Partial<Delivery>): Delivery => ({
    ...toBob,
    ...{ message_id: `id-${key}`, seq, content, at: seq * 1_000 },
    ...more,
  });
  const change = (key: string, seq: number, content: string, more: Partial<Stored>): Stored =>
    stored(seq, content, { message_id: `id-${key}`, ...more });
  const log = () => record.history.get('alice:bob') as Stored[];
  const replace = (seq: number, entry: Partial<Stored>) =>
    log().splice(seq - 1, 1, { ...(log()[seq - 1] as Stored), ...entry });

  /** Alice edits her message twice while Bob is online. */
  beforeEach(() => {
    [first, second] = [changing('e1', 'edits', 2, 2_000), changing('e2', 'edits', 3, 3_000)];
    record.sendings.push(first, second);
    record.deliveries.push(told('e1', 2, 'e1', { edits: 1 }), told('e2', 3, 'e2', { edits: 1 }));
    replace(1, { content: 'e2' });
    log().push(change('e1', 2, 'e2', { edits: 1 }), change('e2', 3, 'e2', { edits: 1 }));
  });

  /** Alice deletes it, too. */
  function isDeleted(): void {
    deletion = changing('d1', 'deletes', 4, 4_000);
    record.sendings.push(deletion);
    record.deliveries.push(told('d1', 4, '', { deletes: 1 }));
    replace(1, { content: '', deleted: '2026-01-01T00:00:04.000Z' });
    for (const seq of [2, 3]) replace(seq, { content: '', edits: undefined, deletes: 1 });
    log().push(change('d1', 4, '', { deletes: 1 }));
  }

  test('a correct run has no violations, even if a push arrives late', () => {
    expect(check(record)).toEqual(nothing);
    isDeleted();
    expect(violations()).toEqual([]);
    record.deliveries.reverse();
    expect(violations()).toEqual([]);
  });

  test('a change without an acknowledgement may have taken effect at any time, or not at all', () => {
    second.sent = undefined;
    expect(violations()).toEqual([]);
    for (const seq of [1, 2]) replace(seq, { content: 'e1' });
    log().pop();
    record.deliveries.pop();
    expect(violations()).toEqual([]);
    second.sent = changing('e2', 'edits', 3, 3_000).sent;
    second.began = first.began;
    // An acknowledged edit must be stored and delivered.
    expect(violations()).toEqual([
      expect.stringContaining('e2 was acknowledged at alice:bob 3'),
      expect.stringContaining('bob never got e2'),
    ]);
  });

  describe('the check finds', () => {
    test('an acknowledged edit that is missing from the history or a device', () => {
      for (const seq of [1, 2, 3]) replace(seq, { content: 'e1' });
      expect(violations()).toEqual(
        [1, 2, 3].map(
          (seq) =>
            `alice:bob 1 has the text e1, but e2 was acknowledged later, in entry ${seq} of the history`,
        ),
      );
      for (const seq of [1, 2, 3]) replace(seq, { content: 'e2' });
      Object.assign(record.deliveries.at(-1) as Delivery, { content: 'e1' });
      expect(violations()).toEqual([expect.stringContaining('e2 was acknowledged later, on bob/0')]);
    });

    test('the original text after an edit was acknowledged', () => {
      for (const seq of [1, 2, 3]) replace(seq, { content: 'm1' });
      expect(violations()).toHaveLength(3);
    });

    test('an edit whose text differs from that of its message', () => {
      replace(2, { content: 'e1' });
      second.began = first.began;
      expect(violations()).toEqual(['alice:bob 1 has the text e2, but its edit 2 has e1']);
    });

    test('an acknowledged edit that has no entry, a wrong one, or two', () => {
      log().pop();
      expect(violations()).toContain(
        'e2 was acknowledged at alice:bob 3, but the history has undefined there',
      );
      log().push(change('e2', 3, 'e2', { message_id: 'id-e2', edits: 2 }));
      expect(violations()).toContain('e2 was acknowledged at alice:bob 3, but the history has e2 there');
      log().splice(2, 1, change('e2', 3, 'e2', { edits: 1 }));
      expect(violations()).toEqual([]);
      log().push(change('e2', 4, 'e2', { edits: 1, message_id: 'again' }));
      expect(violations()).toEqual(['alice:bob 1 has 3 changes, but only 2 were requested']);
    });

    test('an edit that only its author received', () => {
      record.deliveries.splice(-1);
      expect(violations()).toEqual([expect.stringContaining('bob never got e2')]);
    });

    test("another message's text, and a deletion that nobody requested", () => {
      record.deliveries.push(told('x', 9, 'e1', {}));
      record.deliveries.push(told('y', 9, 'm1', { edits: 1 }));
      record.deliveries.push(told('z', 9, '', { deletes: 1 }));
      expect(violations()).toEqual([
        expect.stringContaining('with the text e1, which belongs to another'),
        expect.stringContaining('with the text m1, which belongs to another'),
        expect.stringContaining('nobody deleted it'),
        expect.stringContaining('has no text, but nobody deleted it, on bob/0'),
      ]);
      record.deliveries = record.deliveries.filter(
        ({ message_id }) => !['id-x', 'id-y', 'id-z'].includes(message_id),
      );
      replace(1, { content: '' });
      expect(violations()).toContain('alice:bob 1 has no text, but is not deleted');
    });

    test('the text of a deleted message: in the message, in an edit, on a device', () => {
      isDeleted();
      replace(1, { content: 'e2', deleted: undefined });
      expect(violations()).toEqual([
        expect.stringContaining('its deletion was acknowledged, in entry 1 of the history'),
      ]);
      isDeletedAgain();
      replace(3, { content: 'e2', edits: 1, deletes: undefined });
      expect(violations()).toContain(
        'alice:bob 1 has the text e2, but its deletion was acknowledged, in entry 3 of the history',
      );
      isDeletedAgain();
      replace(3, { edits: 1, deletes: undefined });
      expect(violations()).toEqual(['alice:bob 1 is deleted, but its edit 3 does not show that']);
      isDeletedAgain();
      Object.assign(record.deliveries.at(-1) as Delivery, { content: 'e2', deletes: undefined, edits: 1 });
      expect(violations()).toContain(
        'alice:bob 1 has the text e2, but its deletion was acknowledged, on bob/0',
      );
    });

    function isDeletedAgain(): void {
      replace(1, { content: '', deleted: '2026-01-01T00:00:04.000Z' });
      for (const seq of [2, 3]) replace(seq, { content: '', edits: undefined, deletes: 1 });
    }

    test('a text that a request returned after the deletion, and an edit that succeeded after it', () => {
      isDeleted();
      const late = told('e2', 3, 'e2', { edits: 1, via: 'sync', asked: 4_050 });
      record.deliveries.push(late);
      expect(check(record)).toMatchObject({ violations: [] });
      late.asked = 4_101;
      expect(violations()).toEqual([
        expect.stringContaining('bob/0 requested and got e2 of alice:bob 1 after its deletion'),
      ]);
      record.deliveries.pop();
      second.began = 4_200;
      expect(violations()).toEqual([expect.stringContaining('the edit e2 succeeded after the deletion')]);
    });
  });
});
