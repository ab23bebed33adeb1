import { beforeEach, describe, expect, test } from 'vitest';
import { withTexts } from '../../../chat/history/edit-texts.ts';
import type { LogEntry } from '../../../chat/model.ts';
import type { History } from '../../../chat/ports.ts';
import { type Service, service } from '../../support/chat.ts';

let chat: Service;
beforeEach(() => {
  chat = service();
});

const write = (what: Partial<LogEntry>) =>
  chat.write({ chat: '#team', sender: 'ann', content: '', ...what } as Parameters<Service['write']>[0]);
const handedOut = async (...entries: LogEntry[]) => {
  const found: Pick<LogEntry, 'seq' | 'content' | 'edits' | 'deletes'>[] = [];
  for await (const { seq, content, edits, deletes } of withTexts(chat.ports.history, entries))
    found.push({ seq, content, edits, deletes });
  return found;
};

test('an edit has the current text of its message', async () => {
  const message = await write({ content: 'frist' });
  const edit = await write({ edits: 1 });
  await chat.ports.history.edit('#team', 1, 'first', 'm', 5, 1);
  expect(await handedOut(message, edit)).toEqual([
    { seq: 1, content: 'frist' },
    { seq: 2, content: 'first', edits: 1 },
  ]);
});

test('an edit after a deletion counts as that deletion, though the text is not removed yet', async () => {
  await write({ content: 'a secret' });
  const deletion = await write({ deletes: 1 });
  const edit = await write({ edits: 1 });
  const gone = [
    { seq: 2, content: '', deletes: 1 },
    { seq: 3, content: '', deletes: 1 },
  ];
  expect(await handedOut(deletion, edit)).toEqual(gone);
  await chat.ports.history.erase('#team', 1, 9);
  expect(await handedOut(deletion, edit)).toEqual(gone);
});

test.each([
  ['one before it', undefined, 1],
  ['a later one', 1, undefined],
])('an edit has no text of another group that had the same name: %s', async (_, ofMessage, ofEdit) => {
  await write({ content: 'a secret', generation: ofMessage });
  const edit = await write({ edits: 1, generation: ofEdit });
  expect(await handedOut(edit)).toEqual([{ seq: 2, content: '', deletes: 1 }]);
});

describe('the texts of many edits', () => {
  /** What is read for as many as are taken of some messages, then an edit of each, and what else comes. */
  const reading = async (take: number, ...more: Partial<LogEntry>[]) => {
    const messages = Array.from({ length: 40 }, (_, index) => index + 1);
    for (const _ of messages) await write({ content: 'a text' });
    const entries: LogEntry[] = [];
    for (const edits of messages) entries.push(await write({ edits }));
    for (const what of more) entries.push(await write(what));
    const read: number[] = [];
    const getMany: History['getMany'] = async (keys) => {
      read.push(...keys.map(({ seq }) => seq));
      return chat.ports.history.getMany(keys);
    };
    const taken: LogEntry[] = [];
    for await (const entry of withTexts({ getMany }, entries)) if (taken.push(entry) === take) break;
    return { read, taken };
  };

  test('are read a few at a time, as they are requested', async () => {
    expect((await reading(1)).read).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    chat = service();
    expect((await reading(8)).read).toHaveLength(8);
    chat = service();
    expect((await reading(9)).read).toHaveLength(16);
  });

  test('are read once for each message, however many edits it has', async () => {
    const again = Array.from({ length: 30 }, (_, index) => ({ edits: index + 1 }));
    const { read, taken } = await reading(70, ...again);
    expect(read).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
    expect(taken.every(({ content }) => content === 'a text')).toBe(true);
  });

  test('are empty where one of them is a deletion, however far behind', async () => {
    const { read, taken } = await reading(2, { deletes: 2 });
    expect(taken).toMatchObject([{ content: 'a text' }, { content: '', deletes: 2 }]);
    expect(read).not.toContain(2);
  });
});
