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

/** Alice, who is plain, has sent one message to Bob, who is plain, and Cleo keeps cursors. All is well. */
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

test('where all is well it finds nothing', () => {
  expect(check(record)).toEqual(nothing);
});

describe('it finds', () => {
  test('an acknowledged message that is not in the history', () => {
    record.history.set('alice:bob', []);
    expect(violations()).toEqual([expect.stringContaining('m1 was acknowledged at alice:bob 1')]);
  });

  test('one that is there as another', () => {
    record.history.set('alice:bob', [stored(1, 'm1', { message_id: 'other' })]);
    expect(violations()).toHaveLength(1);
  });

  test('one that is there twice', () => {
    record.history.get('alice:bob')?.push(stored(2, 'm1', { message_id: 'again' }));
    expect(violations()).toEqual([expect.stringContaining('m1 at 1 and 2')]);
  });

  test('a hole, and time that runs backwards', () => {
    record.history.get('alice:bob')?.push(stored(3, 'm3', { timestamp: '2025-01-01T00:00:00.000Z' }));
    expect(violations()).toEqual([
      expect.stringContaining('stands at 2'),
      expect.stringContaining('backwards'),
    ]);
  });

  test('a message that its recipient never got', () => {
    record.deliveries = [];
    expect(violations()).toEqual([expect.stringContaining('bob never got m1')]);
  });

  test('… unless the gateway took it for a socket of theirs that ended, which is told apart', () => {
    record.deliveries = [];
    const cut = { id: 'bob/0 1', user: 'bob', from: 0, to: 1_050 };
    record.sessions.push(cut);
    expect(violations()).toHaveLength(1);
    record.taken.push({ session: 'bob/0 1', message_ids: ['id-m0', 'id-m1'] });
    expect(check(record)).toMatchObject({ violations: [], lostWithSocket: 1 });
    for (const wrong of [{ to: forever }, { id: 'bob/0 2' }, { user: 'alice' }]) {
      record.sessions = [{ ...cut, ...wrong }];
      expect(check(record)).toMatchObject({ violations: [expect.any(String)], lostWithSocket: 0 });
    }
    record.sessions = [cut];
    record.taken = [{ session: 'bob/0 1', message_ids: ['id-m0'] }];
    expect(check(record)).toMatchObject({ violations: [expect.any(String)], lostWithSocket: 0 });
  });

  test('… or it waits in the dead-letter queue, by name or behind one', () => {
    record.deliveries = [];
    const part = { chat: 'alice:bob', seq: 1, copy: 'one' };
    const explained: Partial<FanOut>[] = [{ names: ['bob'] }, { after: 'alice' }, {}];
    const others: Partial<FanOut>[] = [{ names: ['cleo'] }, { after: 'bob' }, { seq: 2 }, { chat: '#team' }];
    for (const more of explained) {
      record.deadLetters = [{ ...part, ...more }];
      expect(check(record)).toMatchObject({ violations: [], inDeadLetters: 1 });
    }
    for (const more of others) {
      record.deadLetters = [{ ...part, ...more }];
      expect(check(record)).toMatchObject({ violations: [expect.any(String)], inDeadLetters: 0 });
    }
  });

  test('a message that reached somebody else, or that nobody sent', () => {
    record.deliveries.push({ ...toBob, user: 'cleo', device: 'cleo/0' });
    record.deliveries.push({ ...toBob, content: 'm9', message_id: 'id-m9' });
    expect(violations()).toEqual([
      expect.stringContaining('cleo got alice:bob 1, which is not theirs'),
      expect.stringContaining('nobody sent m9'),
    ]);
  });

  test('what a device with cursors lacks, has twice, has in the wrong order, or should not have', () => {
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

  test('a member must get what is sent while they surely are one', () => {
    expect(violations()).toEqual([]);
    record.deliveries = [];
    expect(violations()).toHaveLength(1);
    stay().leaving = 1_200;
    expect(check(record)).toMatchObject({ violations: [], leftBefore: 1 });
    stay().leaving = 1_050;
    expect(check(record)).toMatchObject({ violations: [], leftBefore: 0 });
  });

  test('who has left must not get what is begun to be sent after that', () => {
    Object.assign(stay(), { leaving: 900, left: 950 });
    expect(violations()).toEqual([expect.stringContaining('not theirs')]);
    stay().left = 1_001;
    expect(violations()).toEqual([]);
  });

  test('… but a text of an edit since may go out with what was sent before', () => {
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
    expect(violations()).toEqual([expect.stringContaining('not theirs')]);
  });
});

test('copies are counted, and explained by a repeat or by a login beside the push', () => {
  record.deliveries.push({ ...toBob });
  expect(check(record)).toMatchObject({ violations: [], duplicates: 1, otherDuplicates: 1 });
  alice.attempts = 2;
  expect(check(record)).toMatchObject({ duplicates: 1, otherDuplicates: 0 });
  alice.attempts = 1;
  record.deliveries.push({ ...toBob, via: 'login' });
  expect(check(record)).toMatchObject({ duplicates: 2, otherDuplicates: 0 });
});

describe('where messages are edited and deleted', () => {
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

  /** Alice edits her message twice; Bob is there. */
  beforeEach(() => {
    [first, second] = [changing('e1', 'edits', 2, 2_000), changing('e2', 'edits', 3, 3_000)];
    record.sendings.push(first, second);
    record.deliveries.push(told('e1', 2, 'e1', { edits: 1 }), told('e2', 3, 'e2', { edits: 1 }));
    replace(1, { content: 'e2' });
    log().push(change('e1', 2, 'e2', { edits: 1 }), change('e2', 3, 'e2', { edits: 1 }));
  });

  /** … and deletes it. */
  function isDeleted(): void {
    deletion = changing('d1', 'deletes', 4, 4_000);
    record.sendings.push(deletion);
    record.deliveries.push(told('d1', 4, '', { deletes: 1 }));
    replace(1, { content: '', deleted: '2026-01-01T00:00:04.000Z' });
    for (const seq of [2, 3]) replace(seq, { content: '', edits: undefined, deletes: 1 });
    log().push(change('d1', 4, '', { deletes: 1 }));
  }

  test('and all is well, it finds nothing; nor where a push of before comes late', () => {
    expect(check(record)).toEqual(nothing);
    isDeleted();
    expect(violations()).toEqual([]);
    record.deliveries.reverse();
    expect(violations()).toEqual([]);
  });

  test('it lets one that was never acknowledged have taken effect at any time, or not at all', () => {
    second.sent = undefined;
    expect(violations()).toEqual([]);
    for (const seq of [1, 2]) replace(seq, { content: 'e1' });
    log().pop();
    record.deliveries.pop();
    expect(violations()).toEqual([]);
    second.sent = changing('e2', 'edits', 3, 3_000).sent;
    second.began = first.began;
    // … but what was acknowledged is there, and was told.
    expect(violations()).toEqual([
      expect.stringContaining('e2 was acknowledged at alice:bob 3'),
      expect.stringContaining('bob never got e2'),
    ]);
  });

  describe('it finds', () => {
    test('an acknowledged edit that is not shown, in the history or on a device', () => {
      for (const seq of [1, 2, 3]) replace(seq, { content: 'e1' });
      expect(violations()).toEqual(
        [1, 2, 3].map(
          (seq) => `alice:bob 1 has the text e1, and e2 was acknowledged later, says ${seq} of the history`,
        ),
      );
      for (const seq of [1, 2, 3]) replace(seq, { content: 'e2' });
      Object.assign(record.deliveries.at(-1) as Delivery, { content: 'e1' });
      expect(violations()).toEqual([expect.stringContaining('e2 was acknowledged later, shows bob/0')]);
    });

    test('the first text after an edit was acknowledged', () => {
      for (const seq of [1, 2, 3]) replace(seq, { content: 'm1' });
      expect(violations()).toHaveLength(3);
    });

    test('an edit that tells another text than its message has', () => {
      replace(2, { content: 'e1' });
      second.began = first.began;
      expect(violations()).toEqual(['alice:bob 1 is e2, and its edit 2 says e1']);
    });

    test('an acknowledged edit that is no entry, or another one, and one that is there twice', () => {
      log().pop();
      expect(violations()).toContain('e2 was acknowledged at alice:bob 3; there is undefined');
      log().push(change('e2', 3, 'e2', { message_id: 'id-e2', edits: 2 }));
      expect(violations()).toContain('e2 was acknowledged at alice:bob 3; there is e2');
      log().splice(2, 1, change('e2', 3, 'e2', { edits: 1 }));
      expect(violations()).toEqual([]);
      log().push(change('e2', 4, 'e2', { edits: 1, message_id: 'again' }));
      expect(violations()).toEqual(['alice:bob 1 was changed 3 times, and 2 were asked for']);
    });

    test('an edit that nobody but its author was told of', () => {
      record.deliveries.splice(-1);
      expect(violations()).toEqual([expect.stringContaining('bob never got e2')]);
    });

    test("a text that is another message's, and a deletion that nobody asked for", () => {
      record.deliveries.push(told('x', 9, 'e1', {}));
      record.deliveries.push(told('y', 9, 'm1', { edits: 1 }));
      record.deliveries.push(told('z', 9, '', { deletes: 1 }));
      expect(violations()).toEqual([
        expect.stringContaining('with the text e1, which is another'),
        expect.stringContaining('with the text m1, which is another'),
        expect.stringContaining('nobody deleted it'),
        expect.stringContaining('has no text, and nobody deleted it, shows bob/0'),
      ]);
      record.deliveries = record.deliveries.filter(
        ({ message_id }) => !['id-x', 'id-y', 'id-z'].includes(message_id),
      );
      replace(1, { content: '' });
      expect(violations()).toContain('alice:bob 1 has no text, and is not deleted');
    });

    test('a text of what was deleted: in the message, in an edit, on a device', () => {
      isDeleted();
      replace(1, { content: 'e2', deleted: undefined });
      expect(violations()).toEqual([
        expect.stringContaining('its deletion was acknowledged, says 1 of the history'),
      ]);
      isDeletedAgain();
      replace(3, { content: 'e2', edits: 1, deletes: undefined });
      expect(violations()).toContain(
        'alice:bob 1 has the text e2, and its deletion was acknowledged, says 3 of the history',
      );
      isDeletedAgain();
      replace(3, { edits: 1, deletes: undefined });
      expect(violations()).toEqual(['alice:bob 1 is deleted, and its edit 3 does not tell that']);
      isDeletedAgain();
      Object.assign(record.deliveries.at(-1) as Delivery, { content: 'e2', deletes: undefined, edits: 1 });
      expect(violations()).toContain(
        'alice:bob 1 has the text e2, and its deletion was acknowledged, shows bob/0',
      );
    });

    function isDeletedAgain(): void {
      replace(1, { content: '', deleted: '2026-01-01T00:00:04.000Z' });
      for (const seq of [2, 3]) replace(seq, { content: '', edits: undefined, deletes: 1 });
    }

    test('a text that was handed out to who asked after the deletion, and an edit that was granted', () => {
      isDeleted();
      const late = told('e2', 3, 'e2', { edits: 1, via: 'sync', asked: 4_050 });
      record.deliveries.push(late);
      expect(check(record)).toMatchObject({ violations: [] });
      late.asked = 4_101;
      expect(violations()).toEqual([
        expect.stringContaining('bob/0 was handed e2 of alice:bob 1 after its deletion'),
      ]);
      record.deliveries.pop();
      second.began = 4_200;
      expect(violations()).toEqual([expect.stringContaining('was given the text e2 after its deletion')]);
    });
  });
});
