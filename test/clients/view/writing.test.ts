import { beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../../../clients/sdk/chat.ts';
import { memoryStore } from '../../../clients/sdk/memory-store.ts';
import type { Row } from '../../../clients/view/view.ts';
import { asSent, fullness, surplus } from '../../../clients/web/src/message-length.ts';
import { Model } from '../../../clients/web/src/model.ts';
import { FakeChat } from '../terminal/fake-chat.ts';
import { aMessage, aSending } from './views.ts';

const bob = { id: 'alice:bob', kind: 'private', name: 'bob' } as const;
const row = { ...bob, lastSeq: 0, read: 0, unread: 0, moreUnread: false } satisfies Row;
const mine = (seq: number, more: object = {}) =>
  aMessage(seq, { sender: 'alice', recipient: 'bob', ...more });

let chat: FakeChat;
let store: Store;
let page: Model;
let drawn: number;

beforeEach(async () => {
  chat = new FakeChat();
  store = memoryStore();
  page = await aPage();
  drawn = 0;
  page.onChange(() => drawn++);
  return () => chat.become('closed', 'closed');
});

async function aPage() {
  const model = new Model(chat, { store, isKnown: false, isAway: () => false });
  await model.show(bob);
  return model;
}

const asked = (type: string) => chat.asked.filter((each) => 'type' in each && each.type === type);

describe('what is typed', () => {
  test('is kept for each chat, beside what is being edited, and is there after a reload', async () => {
    page.writing.keep(row, 'half a thou');
    page.writing.keep({ id: '#team' }, 'other');
    page.writing.edit(row, { target: 1, text: 'changed' });
    expect(drawn).toBe(1);
    const { writing } = await aPage();
    expect([writing.draft(row), writing.draft({ id: '#team' })]).toEqual(['half a thou', 'other']);
    expect(writing.edited(row)).toEqual({ target: 1, text: 'changed' });
    writing.edit(row, undefined);
    writing.keep(row, '');
    writing.keep({ id: '#team' }, '');
    expect(store.keys('')).toEqual([]);
  });

  test("is in the user's part of the store, which a logout clears", () => {
    page.writing.keep(row, 'a');
    page.writing.edit(row, { target: 1, text: 'b' });
    expect(store.keys('').sort()).toEqual(['alice/d/alice:bob', 'alice/e/alice:bob']);
  });
});

describe('an edit', () => {
  beforeEach(() => chat.emit('message', mine(1, { content: 'one' })));

  test('that changes nothing sends nothing', () => {
    page.writing.edit(row, { target: 1, text: 'one' });
    page.writing.save(row, { target: 1, text: 'one' });
    expect(asked('edit')).toEqual([]);
    expect(page.writing.edited(row)).toBeUndefined();
  });

  test('is handed to the client, and is compared with the text as it will be', () => {
    page.writing.save(row, { target: 1, text: 'two' });
    expect(asked('edit')).toEqual([{ type: 'edit', to: 'bob', target: 1, content: 'two' }]);
    expect(page.shown(row, mine(1, { content: 'one' }))).toMatchObject({ content: 'two' });
    page.writing.save(row, { target: 1, text: 'two' });
    expect(asked('edit')).toHaveLength(1);
    page.writing.save(row, { target: 1, text: 'one' });
    expect(asked('edit')).toHaveLength(2);
  });

  test('of a message that was stored while its text was typed names its seq', () => {
    const { id } = chat.send('bob', 'hello');
    page.writing.save(row, { target: id, text: 'hello' });
    expect(asked('edit')).toEqual([]);
    page.writing.save(row, { target: id, text: 'hello!' });
    chat.emit('message', mine(2, { content: 'hello', client_message_id: id }));
    page.writing.save(row, { target: id, text: 'hello!' });
    page.writing.remove(row, id);
    expect([...asked('edit'), ...asked('delete')]).toMatchObject([
      { target: id },
      { target: 2 },
      { target: 2 },
    ]);
  });

  test('of what another tab has discarded is given back to its user', () => {
    const { id } = chat.send('bob', 'hello');
    page.writing.keep(row, 'meanwhile');
    page.writing.edit(row, { target: id, text: 'hello!' });
    chat.sendings.pop();
    chat.emit('sending', undefined as never);
    page.writing.save(row, { target: id, text: 'hello!' });
    page.writing.remove(row, id);
    expect([asked('edit'), asked('delete')]).toEqual([[], []]);
    expect([page.writing.draft(row), page.writing.edited(row)]).toEqual(['meanwhile\nhello!', undefined]);
    expect(page.notice).toContain('in the field again');
  });

  test('of the last message begins with its text', () => {
    page.writing.editLast(row);
    expect(page.writing.edited(row)).toEqual({ target: 1, text: 'one' });
  });

  test('of which there is nothing begins nothing', () => {
    const before = drawn;
    page.writing.editLast({ ...row, id: '#team', kind: 'group', name: 'team' });
    expect(drawn).toBe(before);
  });
});

describe('a deletion', () => {
  beforeEach(() => chat.emit('message', mine(1, { content: 'one' })));

  test('can be undone, and ends an edit of the same message only', () => {
    page.writing.edit(row, { target: 1, text: 'secret' });
    page.writing.remove(row, 2);
    expect(page.writing.edited(row)).toMatchObject({ target: 1 });
    page.writing.remove(row, 1);
    expect(page.writing.edited(row)).toBeUndefined();
    expect(asked('delete')).toEqual(
      [2, 1].map((target) => ({ type: 'delete', to: 'bob', target, undoMs: 8_000 })),
    );
    expect(page.shown(row, mine(1))).toMatchObject({ content: '', deleted: expect.any(String) });
  });
});

describe('the text of what was refused', () => {
  const refused = aSending({ status: 'failed', content: 'lost?' });

  test('of a message goes behind the draft', () => {
    page.writing.keep(row, 'half a thou');
    page.writing.takeBack(row, refused);
    expect(page.writing.draft(row)).toBe('half a thou\nlost?');
    expect(asked('discard')).toEqual([{ type: 'discard', id: 'x' }]);
  });

  test('of an edit is edited again; of a message that is deleted meanwhile, it becomes a draft', () => {
    chat.emit('message', mine(1));
    page.writing.takeBack(row, { ...refused, target: 1 });
    expect(page.writing.edited(row)).toEqual({ target: 1, text: 'lost?' });
    expect(page.writing.draft(row)).toBe('');
    chat.emit('message', mine(2, { deletes: 1, content: '' }));
    page.writing.takeBack(row, { ...refused, target: 1 });
    expect(page.writing.draft(row)).toBe('lost?');
  });
});

describe('a text', () => {
  test.each([
    ['hello', 'hello'],
    ['\n \n  code\n\nmore\n \n', '  code\n\nmore'],
    ['  indented', '  indented'],
    [' \n\t\n', ''],
    ['\r\nhello\r\n', 'hello'],
  ])('%j is sent as %j', (typed, sent) => {
    expect(asSent(typed)).toBe(sent);
  });

  test.each([
    ['', 0],
    ['a'.repeat(16 * 1024), 1],
    ['é'.repeat(8 * 1024), 1],
    ['é'.repeat(16 * 1024), 2],
    [`${'a'.repeat(16 * 1024)}${' \n'.repeat(99)}`, 1],
    // A quotation mark takes two bytes of a frame.
    ['"'.repeat(31 * 1024), 2],
  ])('is as full as what it takes (%#)', (text, full) => {
    expect(fullness(text)).toBeCloseTo(full, 3);
  });

  test('that is too long is so by about as many characters as have to go', () => {
    expect(surplus('a'.repeat(16 * 1024 + 1))).toBe(1);
    expect(surplus('é'.repeat(10 * 1024))).toBe(2 * 1024);
    for (const sign of ['a', 'é', '王', '"', '\n"', '😀']) {
      const text = `a${sign.repeat(20_000)}a`;
      expect(fullness(text.slice(0, text.length - surplus(text)))).toBeLessThan(1.001);
    }
  });
});
