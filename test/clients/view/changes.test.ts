import { describe, expect, test } from 'vitest';
import { changeOf, lastOwn, stageOf, withChange } from '../../../clients/view/changes.ts';
import { listed, openSendings, type Sent } from '../../../clients/view/view.ts';
import { aMessage, aSending, inGroup, online, said, showBob, viewAfter } from './views.ts';

const edit = aSending({ id: 'e', target: 2, content: 'new' });
const deletion = aSending({ id: 'd', target: 2, content: '', isDeletion: true, canUndo: true });
const failed = { status: 'failed', reason: 'No.' } as const;
const message = aMessage(2, { sender: 'alice', recipient: 'bob' });

describe('a change of a stored message', () => {
  const view = viewAfter(online, showBob, said(2), {
    what: 'sendings',
    sendings: [edit, aSending({ target: 7, to: { group: 'team' } })],
  });

  test('is found by its chat and seq, and is no message of its own', () => {
    expect(changeOf(view, 'alice:bob', 2)).toEqual(edit);
    expect(changeOf(view, 'alice:bob', 7)).toBeUndefined();
    expect(changeOf(view, '#team', 7)).toMatchObject({ target: 7 });
    expect(openSendings(view)).toEqual([]);
    expect(listed(view).map(({ id }) => id)).toEqual(['alice:bob']);
  });

  test('of which there are two is the later one', () => {
    const later = { ...edit, id: 'f', content: 'newer' };
    expect(changeOf({ me: 'alice', sendings: [edit, later] }, 'alice:bob', 2)).toEqual(later);
  });

  test.each<[string, Sent, string, Partial<typeof message>]>([
    ['an edit under way', edit, 'saving', { content: 'new' }],
    ['an edit that was refused', { ...edit, ...failed }, 'not saved', message],
    ['a deletion that can be undone', deletion, 'deleting', { content: '', deleted: message.timestamp }],
    [
      'a deletion under way',
      { ...deletion, canUndo: false },
      'deleting',
      { content: '', deleted: message.timestamp },
    ],
    [
      'a deletion of an edit that was refused',
      { ...deletion, ...failed },
      'deleting',
      { content: '', deleted: message.timestamp },
    ],
    ['a deletion that was refused', { ...deletion, ...failed, canUndo: false }, 'not deleted', message],
  ])('%s', (_, change, stage, fields) => {
    expect(stageOf(change)).toBe(stage);
    expect(withChange(message, change)).toEqual({ ...message, ...fields });
  });

  test('that there is none of leaves a message as it is', () => {
    expect(withChange(message, undefined)).toBe(message);
  });
});

describe('the last own message', () => {
  const log = [
    aMessage(1, { sender: 'alice', content: 'one' }),
    aMessage(2, { sender: 'alice', content: 'two' }),
    aMessage(3, { sender: 'bob' }),
  ];
  const last = (messages = log, sendings: Sent[] = [], changes: Sent[] = []) =>
    lastOwn(
      messages,
      sendings,
      (each) => withChange(each, changeOf({ me: 'alice', sendings: changes }, 'alice:bob', each.seq)),
      'alice',
    );

  test("is the user's", () => {
    expect(last()).toEqual({ target: 2, content: 'two' });
    expect(last([aMessage(3, { sender: 'bob' })])).toBeUndefined();
    expect(last([])).toBeUndefined();
    expect(last([aMessage(4, inGroup({ sender: 'alice', content: 'four' }))])).toMatchObject({ target: 4 });
  });

  test('has the text as it will be, and is none that is deleted or will be', () => {
    expect(last(log, [], [edit])).toEqual({ target: 2, content: 'new' });
    expect(last(log, [], [deletion])).toEqual({ target: 1, content: 'one' });
    expect(last([...log, aMessage(4, { sender: 'alice', deleted: 'then' })])).toMatchObject({ target: 2 });
  });

  test('is one that is not stored yet, if that is neither refused nor deleted', () => {
    const [one, other] = [aSending({ content: 'x' }), aSending({ id: 'y', content: 'y' })];
    expect(last(log, [one, other])).toEqual({ target: 'y', content: 'y' });
    expect(last(log, [one, { ...other, isDeletion: true }])).toMatchObject({ target: 'x' });
    expect(last(log, [{ ...one, ...failed }])).toMatchObject({ target: 2 });
  });
});
