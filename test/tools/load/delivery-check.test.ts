import { expect, test } from 'vitest';
import { DeliveryCheck, type Place, type Stored } from '../../../tools/load/delivery-check.ts';

const chat = 'group';
const place = (seq: number): Place => ({ chat, seq, id: `id ${seq}` });
const stored = (seq: number, index?: number, timestamp = '2026'): Stored => ({
  seq,
  id: `id ${seq}`,
  timestamp,
  index,
});

/** Messages 0, 1, … of user 0 to users 1 and 2, one after another, each acknowledged. */
function judged(messages: number, { deliver = true } = {}): DeliveryCheck {
  const deliveries = new DeliveryCheck();
  for (let index = 0; index < messages; index++) {
    deliveries.send({ index, sender: 0, recipients: [1, 2], to: chat, at: index * 10 });
    deliveries.acknowledge(index, { ...place(index + 1), at: index * 10 + 5 });
    if (deliver) for (const user of [1, 2]) deliveries.receive(user, index, place(index + 1));
  }
  return deliveries;
}

const counts = (deliveries: DeliveryCheck) => {
  const { examples, ...rest } = deliveries.verdict();
  expect(examples).toHaveLength(Object.values(rest).reduce((sum, count) => sum + count, 0));
  return rest;
};
const clean = { lost: 0, duplicated: 0, misordered: 0, unexpected: 0 };

test('a run without faults has no findings', () => {
  const deliveries = judged(3);
  deliveries.compare(chat, [stored(1, 0), stored(2, 1), stored(3, 2)]);
  expect(counts(deliveries)).toEqual(clean);
  expect([deliveries.received, deliveries.expected, deliveries.overtaken]).toEqual([6, 6, 0]);
});

test('an acknowledged message that a recipient never gets is lost', () => {
  const deliveries = judged(1, { deliver: false });
  deliveries.receive(1, 0, place(1));
  expect(counts(deliveries)).toEqual({ ...clean, lost: 1 });
  expect(deliveries.verdict().examples).toEqual(['lost: user 2 never got message 0']);
});

test('a message without acknowledgement may be stored and delivered, or not', () => {
  const deliveries = new DeliveryCheck();
  deliveries.send({ index: 0, sender: 0, recipients: [1], to: chat, at: 0 });
  deliveries.send({ index: 1, sender: 0, recipients: [1], to: chat, at: 1 });
  deliveries.receive(1, 0, place(1));
  expect(counts(deliveries)).toEqual(clean);
});

test('a message that arrives twice is duplicated, unless its recipient lost the connection before', () => {
  const deliveries = judged(1);
  expect(deliveries.receive(1, 0, place(1), true)).toBeUndefined();
  expect(counts(deliveries)).toEqual(clean);
  expect(deliveries.receive(2, 0, place(1))).toBeUndefined();
  expect(counts(deliveries)).toEqual({ ...clean, duplicated: 1 });
});

test('a message that reaches another user is unexpected', () => {
  const deliveries = judged(1);
  deliveries.receive(0, 0, place(1));
  expect(counts(deliveries)).toEqual({ ...clean, unexpected: 1 });
});

test('a copy must have the acknowledged place', () => {
  const deliveries = judged(1, { deliver: false });
  deliveries.receive(1, 0, place(2));
  deliveries.receive(2, 0, place(1));
  expect(counts(deliveries)).toEqual({ ...clean, misordered: 1 });
});

test('an overtaking message is counted, and is no fault', () => {
  const deliveries = judged(2, { deliver: false });
  for (const index of [1, 0]) for (const user of [1, 2]) deliveries.receive(user, index, place(index + 1));
  expect(deliveries.overtaken).toBe(2);
  expect(counts(deliveries)).toEqual(clean);
});

test('a message that was acknowledged before another was sent must precede it', () => {
  const deliveries = new DeliveryCheck();
  deliveries.send({ index: 0, sender: 0, recipients: [], to: chat, at: 0 });
  deliveries.acknowledge(0, { ...place(2), at: 5 });
  deliveries.send({ index: 1, sender: 1, recipients: [], to: chat, at: 6 });
  deliveries.acknowledge(1, { ...place(1), at: 7 });
  expect(counts(deliveries)).toEqual({ ...clean, misordered: 1 });
});

test('of two concurrent messages, either may come first', () => {
  const deliveries = new DeliveryCheck();
  deliveries.send({ index: 0, sender: 0, recipients: [], to: chat, at: 0 });
  deliveries.send({ index: 1, sender: 1, recipients: [], to: chat, at: 4 });
  deliveries.acknowledge(0, { ...place(2), at: 5 });
  deliveries.acknowledge(1, { ...place(1), at: 7 });
  expect(counts(deliveries)).toEqual(clean);
});

test.each<[what: string, history: Stored[], wrong: object]>([
  ['lacks one', [stored(1, 0)], { lost: 1 }],
  ['has a hole', [stored(1, 0), stored(3, 1)], { lost: 2 }],
  ['has one twice', [stored(1, 0), stored(2, 1), stored(3, 1)], { duplicated: 1 }],
  ['goes back', [stored(2, 1), stored(1, 0)], { misordered: 1 }],
  ['has a time before the one before', [stored(1, 0, '2026'), stored(2, 1, '2025')], { misordered: 1 }],
  ['has another in its place', [stored(1, 1), stored(2, 0)], { lost: 2 }],
  ['has what others wrote meanwhile', [stored(1, 0), stored(2, 1), stored(3)], {}],
])('a history that %s', (_, history, wrong) => {
  const deliveries = judged(2);
  deliveries.compare(chat, history);
  expect(counts(deliveries)).toEqual({ ...clean, ...wrong });
});

test.each([
  ['busy', 1],
  ['rate_limited', 1],
  ['internal_error', 0],
])('a message that was refused as %s but is stored: %d unexpected', (code, unexpected) => {
  const deliveries = judged(1);
  deliveries.send({ index: 1, sender: 0, recipients: [1], to: chat, at: 10 });
  deliveries.refuse(1, code);
  deliveries.compare(chat, [stored(1, 0), stored(2, 1)]);
  expect(counts(deliveries)).toEqual({ ...clean, unexpected });
});

test('a message that was refused but delivered is unexpected', () => {
  const deliveries = judged(1);
  deliveries.send({ index: 1, sender: 0, recipients: [1, 2], to: chat, at: 10 });
  expect(deliveries.expected).toBe(4);
  deliveries.refuse(1, 'busy');
  expect(deliveries.expected).toBe(2);
  deliveries.receive(1, 1, place(2));
  expect(counts(deliveries)).toEqual({ ...clean, unexpected: 1 });
});

test('deliveries to a user who never reconnected are not checked, those to others are', () => {
  const deliveries = judged(1, { deliver: false });
  const verdict = deliveries.verdict(new Set([1]));
  expect(verdict.examples).toEqual(['lost: user 2 never got message 0']);
});

test('the history of a long run may be missing completely, which is reported', () => {
  const deliveries = new DeliveryCheck();
  for (let index = 0; index < 130_000; index++) {
    deliveries.send({ index, sender: 0, recipients: [], to: chat, at: index });
    deliveries.acknowledge(index, { ...place(index + 1), at: index });
  }
  deliveries.compare(chat, []);
  expect(deliveries.verdict()).toMatchObject({ lost: 130_000 });
});
