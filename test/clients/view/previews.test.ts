import { beforeEach, describe, expect, test } from 'vitest';
import { nothingRead } from '../../../clients/sdk/reading.ts';
import { Previews } from '../../../clients/view/previews.ts';
import type { Row } from '../../../clients/view/view.ts';
import { FakeChat } from '../terminal/fake-chat.ts';
import { aMessage } from './views.ts';

let chat: FakeChat;
let previews: Previews;
let drawn: number;
const row: Row = { ...nothingRead, id: 'alice:bob', kind: 'private', name: 'bob', lastSeq: 2 };
const asked = () => chat.asked.filter((each) => 'type' in each && each.type === 'history');

beforeEach(() => {
  chat = new FakeChat();
  drawn = 0;
  previews = new Previews(chat, () => drawn++);
});

describe('a preview', () => {
  test('is the last message, asked for once', async () => {
    chat.log = [aMessage(1), aMessage(2)];
    await Promise.all([previews.want(row), previews.want(row)]);
    expect(previews.of(row)).toMatchObject({ content: 'message 2' });
    expect(drawn).toBe(1);
    expect(asked()).toHaveLength(1);
  });

  test('is not asked for where nothing was written', async () => {
    await previews.want({ ...row, lastSeq: 0 });
    expect(asked()).toEqual([]);
  });

  test('is asked for again after it failed', async () => {
    const { history } = chat;
    chat.history = () => Promise.reject(new Error('offline'));
    await previews.want(row);
    chat.history = history;
    chat.log = [aMessage(2)];
    await previews.want(row);
    expect(previews.of(row)).toMatchObject({ content: 'message 2' });
  });

  test('changes with its message, and goes with its chat', async () => {
    chat.log = [aMessage(2)];
    await previews.want(row);
    chat.emit('message', aMessage(3, { edits: 1, content: 'another' }));
    expect(previews.of(row)).toMatchObject({ content: 'message 2' });
    chat.emit('message', aMessage(4, { edits: 2, content: 'new' }));
    expect(previews.of(row)).toMatchObject({ content: 'new' });
    chat.emit('message', aMessage(5, { deletes: 2, content: '' }));
    expect(previews.of(row)?.deleted).toBeDefined();
    chat.emit('chat-left', { chat_id: 'alice:bob' });
    expect(previews.of(row)).toBeUndefined();
  });
});
