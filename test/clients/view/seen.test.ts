import { expect, test } from 'vitest';
import { isIn, type Parts, Seen, withPart } from '../../../clients/view/seen.ts';

test.each<[string, Parts, [number, number], Parts]>([
  [
    'stands apart',
    [[0, 3]],
    [5, 6],
    [
      [0, 3],
      [5, 6],
    ],
  ],
  [
    'goes before others',
    [[5, 6]],
    [0, 3],
    [
      [0, 3],
      [5, 6],
    ],
  ],
  ['touches the one before it', [[0, 3]], [4, 6], [[0, 6]]],
  ['touches the one after it', [[5, 6]], [2, 4], [[2, 6]]],
  [
    'fills what was between two',
    [
      [0, 3],
      [6, 7],
      [9, 9],
    ],
    [4, 5],
    [
      [0, 7],
      [9, 9],
    ],
  ],
  [
    'covers some',
    [
      [0, 1],
      [3, 4],
      [6, 7],
    ],
    [2, 9],
    [[0, 9]],
  ],
  ['is longer at both ends', [[3, 4]], [2, 6], [[2, 6]]],
])('a part that %s', (_, parts, [first, last], expected) => {
  expect(withPart(parts, first, last)).toEqual(expected);
});

test('what is in a part already, or empty, changes nothing', () => {
  const parts: Parts = [
    [0, 3],
    [5, 6],
  ];
  for (const [first, last] of [
    [0, 3],
    [1, 2],
    [5, 6],
    [9, 8],
  ] as const)
    expect(withPart(parts, first, last)).toBe(parts);
  expect([0, 3, 4, 5, 6, 7].map((seq) => isIn(parts, seq))).toEqual([true, true, false, true, true, false]);
});

test('whoever scrolls has seen what went by, and whoever leaps has not', () => {
  const seen = new Seen(2);
  const loaded = { first: 1, last: 30 };
  seen.looks({ first: 3, last: 5 }, loaded);
  seen.looks({ first: 9, last: 11 }, loaded);
  expect([seen.start, seen.parts]).toEqual([11, [[0, 11]]]);
  seen.leaps();
  seen.looks({ first: 20, last: 22 }, loaded);
  // Upwards, too.
  seen.looks({ first: 15, last: 17 }, loaded);
  expect([seen.start, seen.parts]).toEqual([
    11,
    [
      [0, 11],
      [15, 22],
    ],
  ]);
  expect([12, 15].map((seq) => seen.has(seq))).toEqual([false, true]);
  seen.reads(14);
  expect(seen.parts).toEqual([[0, 22]]);
});

test('whoever scrolls on from where nothing counted yet has seen that, too', () => {
  const loaded = { first: 1, last: 30 };
  const seen = new Seen(2);
  seen.begins({ first: 3, last: 5 });
  seen.begins({ first: 9, last: 11 });
  expect(seen.parts).toEqual([[0, 2]]);
  seen.looks({ first: 12, last: 14 }, loaded);
  expect(seen.parts).toEqual([[0, 14]]);
  // From where they looked last, if that counted.
  seen.begins({ first: 20, last: 22 });
  seen.looks({ first: 18, last: 19 }, loaded);
  expect(seen.parts).toEqual([[0, 19]]);
  // Not across a jump.
  const far = new Seen(2);
  far.begins({ first: 3, last: 5 });
  far.leaps();
  far.begins({ first: 20, last: 22 });
  far.looks({ first: 21, last: 23 }, loaded);
  expect(far.parts).toEqual([
    [0, 2],
    [20, 23],
  ]);
});

test('nobody scrolls past what is not loaded', () => {
  const seen = new Seen(100);
  seen.looks({ first: 490, last: 500 }, { first: 401, last: 500 });
  seen.looks({ first: 175, last: 185 }, { first: 86, last: 185 });
  // What is in view was drawn before what is loaded.
  seen.looks({ first: 300, last: 310 }, { first: 86, last: 185 });
  expect(seen.parts).toEqual([
    [0, 100],
    [175, 185],
    [300, 310],
    [490, 500],
  ]);
  // From there on, they scroll again.
  seen.looks({ first: 320, last: 330 }, { first: 300, last: 500 });
  expect(seen.has(315)).toBe(true);
});

test('what was seen before is known again', () => {
  const seen = new Seen(4, [
    [0, 2],
    [7, 9],
  ]);
  expect([seen.start, seen.parts]).toEqual([
    4,
    [
      [0, 4],
      [7, 9],
    ],
  ]);
  expect(new Seen(0).start).toBe(0);
});
