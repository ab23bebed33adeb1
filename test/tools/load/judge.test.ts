import { expect, test } from 'vitest';
import { Judge, type Place, type Stored } from '../../../tools/load/judge.ts';

const chat = 'group';
const place = (seq: number): Place => ({ chat, seq, id: `id ${seq}` });
const stored = (seq: number, index?: number, timestamp = '2026'): Stored => ({
  seq,
  id: `id ${seq}`,
  timestamp,
  index,
});

/** Messages 0, 1, … of user 0 to users 1 and 2, one after another, each acknowledged. */
function judged(messages: number, { deliver = true } = {}): Judge {
  const judge = new Judge();
  for (let index = 0; index < messages; index++) {
    judge.send({ index, sender: 0, recipients: [1, 2], to: chat, at: index * 10 });
    judge.acknowledge(index, { ...place(index + 1), at: index * 10 + 5 });
    if (deliver) for (const user of [1, 2]) judge.receive(user, index, place(index + 1));
  }
  return judge;
}

const counts = (judge: Judge) => {
  const { examples, ...rest } = judge.verdict();
  expect(examples).toHaveLength(Object.values(rest).reduce((sum, count) => sum + count, 0));
  return rest;
};
const clean = { lost: 0, duplicated: 0, misordered: 0, unexpected: 0 };

test('a run without faults has no findings', () => {
  const judge = judged(3);
  judge.compare(chat, [stored(1, 0), stored(2, 1), stored(3, 2)]);
  expect(counts(judge)).toEqual(clean);
  expect([judge.received, judge.expected, judge.overtaken]).toEqual([6, 6, 0]);
});

test('an acknowledged message that a recipient never gets is lost', () => {
  const judge = judged(1, { deliver: false });
  judge.receive(1, 0, place(1));
  expect(counts(judge)).toEqual({ ...clean, lost: 1 });
  expect(judge.verdict().examples).toEqual(['lost: user 2 never got message 0']);
});

test('a message without acknowledgement may be stored and delivered, or not', () => {
  const judge = new Judge();
  judge.send({ index: 0, sender: 0, recipients: [1], to: chat, at: 0 });
  judge.send({ index: 1, sender: 0, recipients: [1], to: chat, at: 1 });
  judge.receive(1, 0, place(1));
  expect(counts(judge)).toEqual(clean);
});

test('a message that arrives twice is duplicated, unless its recipient lost the connection before', () => {
  const judge = judged(1);
  expect(judge.receive(1, 0, place(1), true)).toBeUndefined();
  expect(counts(judge)).toEqual(clean);
  expect(judge.receive(2, 0, place(1))).toBeUndefined();
  expect(counts(judge)).toEqual({ ...clean, duplicated: 1 });
});

test('a message that reaches another user is unexpected', () => {
  const judge = judged(1);
  judge.receive(0, 0, place(1));
  expect(counts(judge)).toEqual({ ...clean, unexpected: 1 });
});

test('a copy must have the acknowledged place', () => {
  const judge = judged(1, { deliver: false });
  judge.receive(1, 0, place(2));
  judge.receive(2, 0, place(1));
  expect(counts(judge)).toEqual({ ...clean, misordered: 1 });
});

test('an overtaking message is counted, and is no fault', () => {
  const judge = judged(2, { deliver: false });
  for (const index of [1, 0]) for (const user of [1, 2]) judge.receive(user, index, place(index + 1));
  expect(judge.overtaken).toBe(2);
  expect(counts(judge)).toEqual(clean);
});

test('a message that was acknowledged before another was sent must precede it', () => {
  const judge = new Judge();
  judge.send({ index: 0, sender: 0, recipients: [], to: chat, at: 0 });
  judge.acknowledge(0, { ...place(2), at: 5 });
  judge.send({ index: 1, sender: 1, recipients: [], to: chat, at: 6 });
  judge.acknowledge(1, { ...place(1), at: 7 });
  expect(counts(judge)).toEqual({ ...clean, misordered: 1 });
});

test('of two concurrent messages, either may come first', () => {
  const judge = new Judge();
  judge.send({ index: 0, sender: 0, recipients: [], to: chat, at: 0 });
  judge.send({ index: 1, sender: 1, recipients: [], to: chat, at: 4 });
  judge.acknowledge(0, { ...place(2), at: 5 });
  judge.acknowledge(1, { ...place(1), at: 7 });
  expect(counts(judge)).toEqual(clean);
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
  const judge = judged(2);
  judge.compare(chat, history);
  expect(counts(judge)).toEqual({ ...clean, ...wrong });
});

test.each([
  ['busy', 1],
  ['rate_limited', 1],
  ['internal_error', 0],
])('a message that was refused as %s but is stored: %d unexpected', (code, unexpected) => {
  const judge = judged(1);
  judge.send({ index: 1, sender: 0, recipients: [1], to: chat, at: 10 });
  judge.refuse(1, code);
  judge.compare(chat, [stored(1, 0), stored(2, 1)]);
  expect(counts(judge)).toEqual({ ...clean, unexpected });
});

test('a message that was refused but delivered is unexpected', () => {
  const judge = judged(1);
  judge.send({ index: 1, sender: 0, recipients: [1, 2], to: chat, at: 10 });
  expect(judge.expected).toBe(4);
  judge.refuse(1, 'busy');
  expect(judge.expected).toBe(2);
  judge.receive(1, 1, place(2));
  expect(counts(judge)).toEqual({ ...clean, unexpected: 1 });
});

test('deliveries to a user who never reconnected are not checked, those to others are', () => {
  const judge = judged(1, { deliver: false });
  const verdict = judge.verdict(new Set([1]));
  expect(verdict.examples).toEqual(['lost: user 2 never got message 0']);
});

test('the history of a long run may be missing completely, which is reported', () => {
  const judge = new Judge();
  for (let index = 0; index < 130_000; index++) {
    judge.send({ index, sender: 0, recipients: [], to: chat, at: index });
    judge.acknowledge(index, { ...place(index + 1), at: index });
  }
  judge.compare(chat, []);
  expect(judge.verdict()).toMatchObject({ lost: 130_000 });
});
