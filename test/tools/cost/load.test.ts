import { expect, test } from 'vitest';
import { defaultLoad, monthOf } from '../../../tools/cost/load.ts';

const load = { ...defaultLoad, users: 10, messages: 10, members: 5, online: 0.5, direct: 0.2, visits: 2 };

test('a month has 30 days of messages, each to one user or to the group', () => {
  expect(monthOf(load, 2)).toMatchObject({ toOnline: 300, toAway: 300, toGroup: 2_400 });
});

test('a returning user has an equal share of the missed messages pending', () => {
  // 300 private messages to who was away, and 2,400 to groups with 2 of the 4 others away.
  expect(monthOf(load, 2)).toMatchObject({ visits: 600, chats: 2, pending: (300 + 2 * 2_400) / 600 });
});

test('a user who misses less than one message per absence has as few pending chats', () => {
  expect(monthOf({ ...load, messages: 0.1 }, 2)).toMatchObject({ pending: 0.085, chats: 0.085 });
});

test('a user who is always online has nothing pending', () => {
  expect(monthOf({ ...load, online: 1 }, 4)).toMatchObject({ toAway: 0, chats: 0, pending: 0 });
});

test('a connection that outlives 110 minutes is opened anew', () => {
  const minutes = 10 * 0.5 * 30 * 24 * 60;
  expect(monthOf(load, 2)).toMatchObject({ minutes, renewals: minutes / 110 - 600 });
  expect(monthOf({ ...load, visits: 100 }, 2).renewals).toBe(0);
});

test('there is a ping for each silence, and any other frame puts it off', () => {
  const silent = { ...load, messages: 0, ping: 60 };
  expect(monthOf(silent, 2).pings).toBe(monthOf(silent, 2).minutes);
  expect(monthOf({ ...silent, ping: 300 }, 2).pings).toBe(monthOf(silent, 2).minutes / 5);
  // Two frames a minute, half of them received: e^-2 of all gaps are a silence, and a gap takes (1 - e^-2) / 2 on average.
  const busy = { ...silent, messages: 1_440, direct: 1, online: 1, users: 1_000 };
  // One more before each message, if in three minutes nothing came or went.
  const { minutes, pings } = monthOf(busy, 2);
  const afterSilence = (2 * Math.exp(-2)) / (1 - Math.exp(-2));
  expect(pings / minutes).toBeCloseTo(afterSilence + Math.exp(-2 * 3), 10);
  expect(monthOf({ ...load, online: 0 }, 0).pings).toBe(0);
});

test('without visits, no history is read', () => {
  expect(monthOf({ ...load, visits: 0 }, 2)).toMatchObject({ visits: 0, pending: 0, pages: 0 });
});
