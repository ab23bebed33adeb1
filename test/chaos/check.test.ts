import { beforeEach, describe, expect, test } from 'vitest';
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

const violations = () => check(record).violations;

test('where all is well it finds nothing', () => {
  expect(check(record)).toEqual({ violations: [], lostWithSocket: 0, duplicates: 0, otherDuplicates: 0 });
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

  test('… unless a socket of theirs ended just then, which is told apart', () => {
    record.deliveries = [];
    record.sessions.push({ user: 'bob', from: 0, to: 1_050, isHandedOver: true });
    expect(check(record)).toMatchObject({ violations: [], lostWithSocket: 1 });
    record.sessions = [{ user: 'bob', from: 0, to: 900, isHandedOver: true }];
    expect(check(record)).toMatchObject({ violations: [expect.any(String)], lostWithSocket: 0 });
  });

  test('… or the frame of the next login was lost with its socket; not that of a login after a whole one', () => {
    record.deliveries = [];
    const cut = { user: 'bob', from: 70_000, to: 71_000, isHandedOver: false };
    const whole = { user: 'bob', from: 80_000, to: Number.POSITIVE_INFINITY, isHandedOver: true };
    record.sessions = [cut, whole];
    expect(check(record)).toMatchObject({ violations: [], lostWithSocket: 1 });
    record.sessions = [{ ...whole, from: 60_000, to: 65_000 }, cut, whole];
    expect(check(record)).toMatchObject({ violations: [expect.any(String)], lostWithSocket: 0 });
    record.sessions = [whole];
    expect(check(record)).toMatchObject({ violations: [expect.any(String)], lostWithSocket: 0 });
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
    stay().leaving = 1_050;
    expect(violations()).toEqual([]);
  });

  test('who has left must not get what is begun to be sent after that', () => {
    Object.assign(stay(), { leaving: 900, left: 950 });
    expect(violations()).toEqual([expect.stringContaining('not theirs')]);
    stay().left = 1_001;
    expect(violations()).toEqual([]);
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
