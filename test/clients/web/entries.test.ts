import { describe, expect, test } from 'vitest';
import { Entries, type Entry } from '../../../clients/web/src/entries.ts';

const time = (seq: number) => `2026-11-23T12:00:0${seq}.000Z`;
const entry = (seq: number, more: Partial<Entry> = {}): Entry => ({
  message_id: `id ${seq}`,
  chat_id: 'alice:bob',
  seq,
  sender: 'alice',
  recipient: 'bob',
  content: 'one',
  timestamp: time(seq),
  ...more,
});

const shown = (...order: Entry[]) => {
  const entries = new Entries();
  for (const each of order) entries.add(each);
  return entries.list;
};

const [early, late] = [entry(2, { content: 'two', edits: 1 }), entry(4, { content: 'four', edits: 1 })];
const deletion = entry(3, { content: '', deletes: 1 });

describe('a message', () => {
  test.each([
    ['as they came', [entry(1), early, late]],
    ['the later one first', [entry(1), late, early]],
    ['before the message itself', [late, early, entry(1)]],
  ])('shows its newest edit: %s', (_, order) => {
    expect(shown(...order)).toMatchObject([{ content: 'four', edited: time(4) }]);
  });

  test.each([
    ['as they came', [entry(1), early, deletion, late]],
    ['the last edit before it', [entry(1), late, deletion, early]],
    ['before the message itself', [deletion, late, early, entry(1)]],
    ['known from a page', [entry(1, { content: '', deleted: time(3) }), early, late]],
    ['and an older page after it', [entry(1, { content: '', deleted: time(3) }), entry(1)]],
    ['and an older page after the change', [entry(1), deletion, entry(1)]],
  ])('that was deleted stays so: %s', (_, order) => {
    expect(shown(...order)).toMatchObject([{ content: '', deleted: time(3) }]);
  });
});
