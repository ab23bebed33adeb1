import { expect, test } from 'vitest';
import { Reader } from '../../../clients/view/reader.ts';
import { reduce } from '../../../clients/view/reducer.ts';
import { FakeChat } from '../terminal/fake-chat.ts';
import { aSummary, NOON, online, said, showBob, viewAfter } from './views.ts';

function aReader() {
  const chat = new FakeChat();
  chat.answers.mark_read = {};
  const marks = () => chat.asked.map((each) => (each as { seq?: number }).seq);
  return { reader: new Reader(chat, () => NOON), marks };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));
const talk = [online, said(1), said(2), said(4, { edits: 1, content: 'new' }), said(5), showBob];

test('what follows a seen message up to the next one was seen with it, and no more', () => {
  const { reader, marks } = aReader();
  const view = reader.sees(viewAfter(...talk), 2);
  expect(marks()).toEqual([4]);
  expect(view.rows.get('alice:bob')).toMatchObject({ read: 4, unread: 1 });
});

test('nothing is marked that no message was delivered for, whatever the list of chats says', () => {
  const { reader, marks } = aReader();
  const chats = [aSummary({ last_seq: 9, read: 0, unread: 9 })];
  reader.sees(viewAfter(...talk, { what: 'chats', chats }), 5);
  expect(marks()).toEqual([5]);
  reader.sees(viewAfter(online, { what: 'chats', chats }, showBob), 9);
  expect(marks()).toEqual([5]);
});

test('marks never go back, are sent one at a time, and the last one carries the newest position', async () => {
  const { reader, marks } = aReader();
  let view = viewAfter(online, ...[1, 2, 3, 4, 5, 6].map((seq) => said(seq)), showBob);
  for (const seq of [2, 1, 2, 3, 4, 5]) view = reader.sees(view, seq);
  expect(marks()).toEqual([2]);
  await settled();
  expect(marks()).toEqual([2, 5]);
  expect(view.rows.get('alice:bob')).toMatchObject({ read: 5, unread: 1 });
});

test('nothing is marked in no chat, in one that is read, and without a connection', () => {
  const { reader, marks } = aReader();
  const view = viewAfter(...talk);
  for (const each of [
    reduce(view, { what: 'shown' }),
    reduce(view, { what: 'seen', seq: 5 }),
    reduce(view, { what: 'state', state: 'waiting' }),
  ])
    expect(reader.sees(each, 5)).toBe(each);
  expect(marks()).toEqual([]);
});
