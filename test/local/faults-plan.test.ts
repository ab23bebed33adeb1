import { expect, test } from 'vitest';
import { Faults } from '../../local/faults/faults.ts';
import { explainFaults, type FaultPlan, faultKinds, readPlan } from '../../local/faults/plan.ts';

/** What happens of a kind, on a thousand occasions. */
function pattern(plan: FaultPlan | undefined, kind: 'kill' | 'stale' = 'kill', place = 'engine'): string {
  const faults = new Faults(place);
  faults.follow(plan);
  return Array.from({ length: 1000 }, () => (faults.happens(kind) ? 'x' : '.')).join('');
}

const plan = (seed: number): FaultPlan => ({ seed, lambda: { kill: 0.3 }, dynamo: { stale: 0.3 } });

test('the flag names kinds and times, each of which is in the plan', () => {
  expect(readPlan('throttle=0.05,errorAfter=0.02, kill=1,lateMs=500,cut=0', 7)).toEqual({
    seed: 7,
    dynamo: { throttle: 0.05, errorAfter: 0.02 },
    lambda: { kill: 1 },
    disconnect: { lateMs: 500 },
    sockets: { cut: 0 },
  });
});

test.each([
  ['', 'faults: throttle errorBefore'],
  ['oops=1', 'oops=1: must be FAULT=PROBABILITY'],
  ['kill', 'kill: must be FAULT=PROBABILITY'],
  ['kill=', 'kill=: must be FAULT=PROBABILITY'],
  ['kill=1.01', 'kill=1.01: must be 0 to 1'],
  ['kill=1.2.3', 'kill=1.2.3: must be 0 to 1'],
  ['latency=60001', 'latency=60001: must be 0 to 60000 milliseconds'],
  ['toString=1', 'toString=1: must be FAULT=PROBABILITY'],
])('a flag like %j is refused, with the reason', (flag, complaint) => {
  expect(() => readPlan(flag, 1)).toThrow(complaint);
});

test('a seed that is no whole number is refused', () => {
  expect(() => readPlan('kill=1', Number('x'))).toThrow('--seed');
});

test('the help explains every kind and every time', () => {
  const help = explainFaults();
  for (const name of [...Object.keys(faultKinds), 'delayMs', 'latency', 'lateMs'])
    expect(help).toMatch(new RegExp(`^  ${name} +\\S`, 'm'));
});

test('the same seed makes the same choices, and another seed others', () => {
  expect(pattern(plan(1))).toBe(pattern(plan(1)));
  expect(pattern(plan(1))).not.toBe(pattern(plan(2)));
});

test('kinds, and places, have their own probability', () => {
  expect(pattern(plan(1), 'stale')).not.toBe(pattern(plan(1), 'kill'));
  expect(pattern(plan(1), 'kill', 'gateway')).not.toBe(pattern(plan(1), 'kill'));
});

test('one kind does not change the choices of another', () => {
  const faults = new Faults('engine');
  faults.follow(plan(1));
  const picked = Array.from({ length: 1000 }, () => {
    if (faults.happens('stale')) faults.outcome('kill');
    return faults.happens('kill') ? 'x' : '.';
  });
  expect(picked.join('')).toBe(pattern(plan(1)));
});

test('a probability holds on average, 1 is always, and 0 or an absent one is never', () => {
  const times = (kill?: number) => pattern({ seed: 1, lambda: { kill } }).replaceAll('.', '').length;
  expect(times(0.3)).toBeGreaterThan(250);
  expect(times(0.3)).toBeLessThan(350);
  expect([times(1), times(0), times(undefined)]).toEqual([1000, 0, 0]);
  expect(pattern(undefined)).not.toContain('x');
});

test('faults are counted, also those of earlier plans', () => {
  const faults = new Faults('engine');
  for (const lambda of [{ kill: 1 }, { twice: 1 }]) {
    faults.follow({ seed: 1, lambda });
    for (const kind of ['kill', 'twice', 'cut'] as const) faults.happens(kind);
  }
  expect(faults.counts()).toEqual({ kill: 1, twice: 1 });
});
