import { expect, test } from 'vitest';
import { costRows } from '../../../tools/bench/cost-rows.ts';
import type { Counted } from '../../../tools/cost/counter.ts';
import { measure } from '../../../tools/cost/measure.ts';

const measures = await measure({ load: { members: 5, online: 0.5, bytes: 500 }, say: () => {} });

const budgetOf = (operation: string) => {
  const row = costRows.find((each) => each.operation === operation);
  if (row === undefined) throw new Error(`the table of costs has no ${operation}`);
  return row.budget;
};

/** Without the limits' share, which is at most a tenth of a unit, and of two calls (test/cloud/cost.test.ts). */
const whole = ({ requests, posts, usage: { writes = 0, reads = 0 } }: Counted) => ({
  requests: Math.floor(requests),
  writes: Math.floor(writes),
  reads: Math.floor(reads),
  posts,
});

test('messages between two users cost what the table of costs says', () => {
  expect(whole(measures.toOnline)).toEqual(budgetOf('private message, recipient online'));
  expect(whole(measures.toAway)).toEqual(budgetOf('private message, recipient away (not the first)'));
});

test('logins and pages cost at most what the table of costs says', () => {
  const login = budgetOf('login, nothing pending');
  expect(whole(measures.login)).toMatchObject({ writes: login.writes, posts: login.posts });
  expect(measures.login.requests).toBeLessThanOrEqual(login.requests);
  expect(measures.login.usage.reads).toBeLessThanOrEqual(login.reads);
  const page = budgetOf('fetch_history, newest 50');
  expect(whole(measures.page)).toMatchObject({ requests: page.requests, writes: 0, posts: 0 });
  expect(measures.page.usage.reads).toBeGreaterThan(5);
  expect(measures.page.usage.reads).toBeLessThanOrEqual(page.reads);
});

test('a group message is one write, and a post for each other member online', () => {
  const { writes, reads, requests, posts } = whole(measures.toGroup);
  expect(measures.here).toBe(2);
  expect({ writes, posts }).toEqual({ writes: 1, posts: 2 });
  expect(requests).toBeLessThanOrEqual(6);
  // M + 5.
  expect(reads).toBeLessThanOrEqual(5 + 5);
});

test('frames are counted in both directions: the request, the reply, and each push', () => {
  expect(measures.toAway.usage.messages).toBe(2);
  expect(measures.toOnline.usage.messages).toBe(3);
  expect(measures.toGroup.usage.messages).toBe(4);
  expect(measures.login.usage.messages).toBe(2);
  expect(measures.disconnect.usage.messages).toBe(0);
  const push = (measures.toOnline.usage.sentOut ?? 0) - (measures.toAway.usage.sentOut ?? 0);
  expect(push * 1e9).toBeGreaterThan(500);
  expect(push * 1e9).toBeLessThan(1_000);
});

test('a ping costs a Lambda and two frames, and no DynamoDB', () => {
  expect(measures.ping).toMatchObject({ requests: 0, posts: 0 });
  expect(measures.ping.usage).toMatchObject({ invocations: 1, messages: 2 });
});

test('the end of a connection is counted completely', () => {
  expect(measures.disconnect.requests).toBe(Math.round(measures.disconnect.requests));
  expect(measures.disconnect.usage.writes).toBeGreaterThanOrEqual(2);
});

test('marking a chat pending costs one write per absence; a login reads the pending messages', () => {
  expect(measures.markPrivate.writes).toBe(1);
  expect(measures.markGroup.writes).toBe(2); // the pointer, and the mark in the member list
  expect(measures.pendingChat.writes).toBeGreaterThanOrEqual(1);
  // About 0.7 KB each, at a unit for 4 KB.
  expect(measures.pendingMessage.reads).toBeGreaterThan(0.1);
  expect(measures.pendingMessage.reads).toBeLessThan(0.3);
  expect(measures.pendingMessage.writes ?? 0).toBe(0);
});
