import { expect, test, vi } from 'vitest';
import { ChatFilter } from '../../../clients/view/chat-filter.ts';
import { listed, titleOf } from '../../../clients/view/view.ts';
import { aSummary, viewAfter } from './views.ts';

const TITLES = ['Zoë Łukasz', 'محمد بن عبد الرحمن', '王小明', 'Straße', ''];

/** 500 groups, of which the newest is called g499; every fifth has no title. */
const view = viewAfter(
  {
    what: 'chats',
    chats: Array.from({ length: 500 }, (_, index) =>
      aSummary({
        ...{ chat_id: `#g${index}`, kind: 'group', name: `g${index}` },
        last_timestamp: new Date(index * 60_000).toISOString(),
      }),
    ),
  },
  {
    what: 'names',
    names: new Map(
      Array.from(
        { length: 500 },
        (_, index) => [`#g${index}`, TITLES[index % TITLES.length] ?? ''] as const,
      ).filter(([, title]) => title !== ''),
    ),
  },
);
const rows = listed(view);
const titles = new Map(rows.map((row) => [row.id, titleOf(view, row)]));
const titled = ({ id }: { id: string }) => titles.get(id) ?? '';

test.each([
  ['g499', 1],
  ['g49', 11],
  ['lukasz', 100],
  ['g1 zoe', 22],
  ['strasse', 100],
  ['محمد', 100],
  ['小', 100],
  ['nothing like it', 0],
  [' ', 500],
])('of 500 chats, "%s" finds %d, newest first', (typed, count) => {
  const found = new ChatFilter().of(rows, typed, titled);
  expect(found).toHaveLength(count);
  const places = found.map((row) => rows.indexOf(row));
  expect(places).toEqual(places.toSorted((one, other) => one - other));
  expect(new Set(places)).not.toContain(-1);
});

test('what 500 chats are called is folded once, not at each letter', () => {
  const filter = new ChatFilter();
  const folding = vi.spyOn(String.prototype, 'normalize');
  try {
    filter.of(rows, 'z', titled);
    // Each id, the title of each that has one, and what was typed.
    expect(folding).toHaveBeenCalledTimes(500 + 400 + 1);
    folding.mockClear();
    expect(filter.of(rows, 'zo', titled)).toHaveLength(100);
    expect(folding).toHaveBeenCalledTimes(1);
  } finally {
    folding.mockRestore();
  }
});
