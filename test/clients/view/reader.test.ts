import { describe, expect, test } from 'vitest';
import { type Code, RequestError } from '../../../clients/sdk/chat.ts';
import { Reader } from '../../../clients/view/reader.ts';
import { reduce } from '../../../clients/view/reducer.ts';
import { FakeChat } from '../terminal/fake-chat.ts';
import { aSummary, NOON, online, said, showBob, viewAfter } from './views.ts';

function aReader() {
  const chat = new FakeChat();
  chat.answers.mark_read = {};
  const marks = () => chat.asked.map((each) => (each as { seq?: number }).seq);
  return { reader: new Reader(chat, () => NOON), chat, marks };
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

test('nothing is marked in no chat, and in one that is read', () => {
  const { reader, marks } = aReader();
  const view = viewAfter(...talk);
  for (const each of [reduce(view, { what: 'shown' }), reduce(view, { what: 'seen', seq: 5 })])
    expect(reader.sees(each, 5)).toBe(each);
  expect(marks()).toEqual([]);
});

test('a chat whose count is 0 and may be more is marked, and then counted', () => {
  const { reader, marks } = aReader();
  const chats = [aSummary({ last_seq: 5, read: 1, unread: 0, unread_more: true })];
  const view = viewAfter({ what: 'chats', chats }, ...talk);
  expect(view.rows.get('alice:bob')).toMatchObject({ read: 1, unread: 0, moreUnread: true });
  const read = reader.sees(view, 5);
  expect(marks()).toEqual([5]);
  expect(read.rows.get('alice:bob')).toMatchObject({ read: 5, unread: 0, moreUnread: false });
});

describe('what was read without a connection', () => {
  const read = (seq: number) => [aSummary({ last_seq: 5, read: seq })];

  test('is so here, and for others when the service lists the chats', async () => {
    const { reader, marks } = aReader();
    const away = reader.sees(viewAfter(...talk, { what: 'state', state: 'waiting' }), 2);
    expect([marks(), away.rows.get('alice:bob')?.read]).toEqual([[], 4]);
    reader.listed(away, read(4));
    expect(marks()).toEqual([]);
    reader.listed(away, read(1));
    reader.listed(away, read(1));
    expect(marks()).toEqual([4]);
    await settled();
    // A list that is older than the answer.
    reader.listed(away, read(1));
    expect(marks()).toEqual([4]);
  });

  test('and the mark that was lost with it, is marked again; one that was refused is not', async () => {
    const { reader, chat, marks } = aReader();
    const failing = (code: Code) => {
      chat.request = async (request) => {
        chat.asked.push(request);
        throw new RequestError(code, '');
      };
    };
    failing('connection_lost');
    const view = reader.sees(viewAfter(...talk), 5);
    await settled();
    failing('unknown_recipient');
    reader.listed(view, read(1));
    await settled();
    reader.listed(view, read(1));
    expect(marks()).toEqual([5, 5]);
  });
});
