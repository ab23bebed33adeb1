import { expect, test } from 'vitest';
import { judgePosts } from '../../../tools/bench/posts-left.ts';

test.each([
  ['few enough', 10, 0.12, []],
  ['as many as may be', 9.5, 0.125, []],
  ['too many', 9.5, 0.131, ['0.131 posts a delivery, 0.125 at most']],
] as const)('the posts that windows leave are %s', (_, inWindow, share, wrong) => {
  expect(judgePosts(inWindow, share)).toEqual({ wrong, notJudged: [] });
});

// A machine that can't keep up says nothing of the windows, and must not look as if it did.
test.each([0.131, 0.05])('where too little was stored, %d posts a delivery are not judged', (share) => {
  const why = 'with 8.11 messages stored in a window, and the bar of 0.125 is for 10';
  expect(judgePosts(8.111, share)).toEqual({ wrong: [], notJudged: [`${share} posts a delivery, ${why}`] });
});
