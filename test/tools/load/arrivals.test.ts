import { expect, test } from 'vitest';
import { arrivals, groupOf, groupsOf } from '../../../tools/load/arrivals.ts';
import type { Load } from '../../../tools/load/options.ts';
import { defaultLoad } from './default-load.ts';

const load: Load = {
  ...defaultLoad,
  users: 20,
  rate: 200,
  seconds: 100,
  groupSize: 6,
  direct: 0.25,
  prefix: 'a',
};

test('the same seed makes the same load, and another seed another', () => {
  const all = [...arrivals(load)];
  expect([...arrivals(load)]).toEqual(all);
  expect([...arrivals({ ...load, seed: 2 })]).not.toEqual(all);
});

test('gaps are exponential: their mean and their deviation are those of the rate', () => {
  const due = [...arrivals(load)].map((arrival) => arrival.due);
  const gaps = due.map((at, index) => at - (due[index - 1] ?? 0));
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
  // 20,000 of them: three standard errors are 2 %.
  expect(mean).toBeGreaterThan(4.9);
  expect(mean).toBeLessThan(5.1);
  expect(Math.sqrt(variance) / mean).toBeGreaterThan(0.97);
  expect(Math.sqrt(variance) / mean).toBeLessThan(1.03);
  expect(due.at(-1)).toBeLessThan(100_000);
});

test('every user writes, a share of it to one other user', () => {
  const all = [...arrivals(load)];
  const direct = all.filter(({ recipient }) => recipient !== undefined);
  expect(direct.length / all.length).toBeGreaterThan(0.24);
  expect(direct.length / all.length).toBeLessThan(0.26);
  expect(direct.filter(({ sender, recipient }) => sender === recipient)).toEqual([]);
  for (const who of [all.map(({ sender }) => sender), direct.map(({ recipient }) => recipient)])
    expect(new Set(who).size).toBe(20);
});

test('every user is in a group of at least the requested size', () => {
  expect(groupsOf(load)).toBe(3);
  const members = Array.from({ length: 20 }, (_, user) => groupOf(user, load));
  for (const group of [0, 1, 2])
    expect(members.filter((of) => of === group).length).toBeGreaterThanOrEqual(6);
});
