import { beforeEach, describe, expect, test } from 'vitest';
import { INBOX_POINTERS } from '../../chat/model.ts';
import type { BusEvent } from '../../protocol/index.ts';
import { type Told, wrongEvents } from './check-events.ts';
import { emptyRecord, type Record, type Sending } from './record.ts';

let record: Record;
let told: Told;

const chat_id = 'alice:bob';
const time = (seq: number) => `2026-01-01T00:00:0${seq}.000Z`;
const of = (seq: number) => ({ chat_id, seq, sender: 'alice', timestamp: time(seq) });
const created = (seq: number, content: string): BusEvent => ({
  ...of(seq),
  type: 'message.created',
  id: `message.created ${chat_id} ${seq}`,
  message_id: `id-${seq}`,
  content,
});
const away = (seq: number, username = 'bob'): BusEvent => ({
  type: 'recipient.away',
  id: `recipient.away ${username} ${chat_id} ${seq} 0 9`,
  username,
  chat_id,
  seq,
  timestamp: time(seq),
});
const sending = (key: string, seq: number, more: Partial<Sending> = {}): Sending => ({
  ...{ key, sender: 'alice', to: 'bob', isGroup: false, began: 1, attempts: 1 },
  sent: { message_id: `id-${seq}`, chat_id, seq, at: 2 },
  ...more,
});

/** Two messages, an edit of the first and a deletion of the second; one record was poison. */
beforeEach(() => {
  record = emptyRecord();
  record.kinds.set('alice', 'plain');
  record.sendings.push(
    sending('m1', 1),
    sending('m2', 2),
    sending('e3', 3, { change: { kind: 'edits', chat_id, seq: 1 } }),
    sending('d4', 4, { change: { kind: 'deletes', chat_id, seq: 2 } }),
    // Refused: it has no event.
    sending('m5', 5, { sent: undefined }),
  );
  const stored = (seq: number, more: object = {}) => ({
    ...of(seq),
    message_id: `id-${seq}`,
    content: '',
    ...more,
  });
  record.history.set(chat_id, [stored(1), stored(2), stored(3, { edits: 1 }), stored(4, { deletes: 2 })]);
  // Bob was away, and logged in.
  record.kinds.set('bob', 'plain');
  for (const seq of [1, 2])
    record.deliveries.push({
      ...{ user: 'bob', device: 'bob/0', message_id: `id-${seq}`, chat_id, seq, content: `m${seq}` },
      ...{ via: 'login', at: 5, asked: 4 },
    });
  record.sessions.push({ id: 'bob/0 1', user: 'bob', from: 1, to: 2 });
  told = {
    events: [
      { type: 'user.created', id: 'user.created bob', username: 'bob', timestamp: time(0) },
      away(1),
      { type: 'user.created', id: 'user.created alice', username: 'alice', timestamp: time(0) },
      // In any order, and more than once.
      created(2, 'm2'),
      created(1, 'm1'),
      created(2, 'm2'),
      {
        ...of(1),
        type: 'message.edited',
        id: `message.edited ${chat_id} 1 1`,
        message_id: 'id-1',
        revision: 1,
        content: 'e3',
      },
      { ...of(2), type: 'message.deleted', id: `message.deleted ${chat_id} 2 9` },
    ],
    poisoned: 1,
    // Named twice: the process was killed in between.
    givenUp: [
      { record: '7', batchSize: 1 },
      { record: '7', batchSize: 1 },
    ],
  };
});

test('a correct run has no violations', () => {
  expect(wrongEvents(record, told)).toEqual([]);
});

const without = (type: BusEvent['type']) => {
  told.events = told.events.filter((event) => event.type !== type);
};
const change = (type: BusEvent['type'], more: object) => {
  told.events = told.events.map((event) =>
    event.type === type ? ({ ...event, ...more } as BusEvent) : event,
  );
};

test('what continues an earlier delivery has no event of its own', () => {
  told.events = told.events.filter(({ type }) => type !== 'recipient.away').concat(away(3));
  record.deliveries.splice(0, 1);
  expect(wrongEvents(record, told)).toHaveLength(1);
  record.accepted.push({ session: 'bob/0 1', message_ids: ['id-1'] });
  expect(wrongEvents(record, told)).toEqual([]);
});

describe('an event without a seq', () => {
  const { seq: _, ...full } = away(1) as Extract<BusEvent, { type: 'recipient.away' }>;
  const noSeq = () => {
    told.events = told.events.map((event) => (event.type === 'recipient.away' ? full : event));
  };

  /** Bob's login brought a message of as many others, too, and each had its event. */
  function othersWait(many: number): void {
    for (let n = 1; n <= many; n++) {
      const [key, chat] = [`u${n}`, `bob:u${n}`];
      const place = { chat_id: chat, seq: 1 };
      const message = { ...place, sender: key, message_id: `id-${key}`, timestamp: time(1) };
      record.sendings.push(sending(key, 1, { sender: key }));
      record.history.set(chat, [{ ...message, content: '' }]);
      const delivery = { ...place, user: 'bob', device: 'bob/0', message_id: `id-${key}`, content: key };
      record.deliveries.push({ ...delivery, via: 'login', at: 5, asked: 4 });
      told.events.push(
        { ...message, type: 'message.created', id: `message.created ${chat} 1`, content: key },
        { ...full, ...place, id: `recipient.away bob ${chat} 1 0` },
      );
    }
  }

  test('is that of a full inbox', () => {
    noSeq();
    othersWait(INBOX_POINTERS);
    expect(wrongEvents(record, told)).toEqual([]);
    told.events.push({ ...full, username: 'eve' });
    expect(wrongEvents(record, told)).toContainEqual(expect.stringMatching(/calls eve to what is not/));
  });

  test('is wrong where there was room, and tells of nothing', () => {
    noSeq();
    othersWait(INBOX_POINTERS - 1);
    expect(wrongEvents(record, told)).toEqual([
      expect.stringMatching(/1 waited for bob, but no event/),
      expect.stringMatching(/names no seq, though the inbox of bob had room/),
    ]);
  });

  test('tells of no other absence, from fewer chats', () => {
    noSeq();
    othersWait(INBOX_POINTERS);
    const [first] = record.deliveries;
    const later = { message_id: 'id-3', seq: 3, at: 15, asked: 14 };
    record.deliveries.push({ ...(first as NonNullable<typeof first>), ...later });
    expect(wrongEvents(record, told)).toEqual([expect.stringMatching(/3 waited for bob, but no event/)]);
  });
});

test.each<[string, () => unknown, RegExp]>([
  ['an absence without an event', () => without('recipient.away'), /1 waited for bob, but no event/],
  ['an event of another absence', () => change('recipient.away', { seq: 3 }), /1 waited for bob/],
  ['an event of what is not there', () => told.events.push(away(9)), /9 0 9 calls bob to what is not/],
  ['an event to the sender', () => told.events.push(away(1, 'alice')), /calls alice to what is not/],
  ['an event to a stranger', () => told.events.push(away(1, 'eve')), /calls eve to what is not/],
  ['a message without an event', () => without('message.created'), /1 is stored, but no event/],
  ['an acknowledged edit without one', () => without('message.edited'), /e3 was acknowledged, but no event/],
  [
    'an acknowledged deletion without one',
    () => without('message.deleted'),
    /d4 was acknowledged, but no event/,
  ],
  ['a user without one', () => without('user.created'), /no event tells of (alice|bob)/],
  ['an event of a refused message', () => told.events.push(created(5, 'm5')), /5, which is not stored/],
  [
    'an event of another message',
    () => change('message.created', { message_id: 'other' }),
    /another message at/,
  ],
  ['an event with another text', () => change('message.created', { content: 'e3' }), /belongs elsewhere/],
  [
    'an edit with the text of another',
    () => change('message.edited', { content: 'm1' }),
    /belongs elsewhere/,
  ],
  ['a deletion by somebody else', () => change('message.deleted', { sender: 'bob' }), /nobody asked for/],
  [
    'an id that comes with another event',
    () => told.events.push({ ...created(1, 'm1'), timestamp: time(9) } as BusEvent),
    /came as/,
  ],
  ['poison that was not given up', () => told.givenUp.splice(0), /names 0 records, and 1 were poison/],
  [
    'what was given up, and is no poison',
    () => told.givenUp.push({ record: '8', batchSize: 1 }),
    /names 2 records/,
  ],
  [
    'a batch that was given up',
    () => told.givenUp.push({ record: '7', batchSize: 3 }),
    /3 records were given up/,
  ],
])('the check finds %s', (_, break_, expected) => {
  break_();
  expect(wrongEvents(record, told)).toContainEqual(expect.stringMatching(expected));
});
