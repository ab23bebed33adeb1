import fc from 'fast-check';
import type { AllPorts } from '../support/memory.ts';
import { Execution, type Scenario } from './execution.ts';
import type { Search } from './explore.ts';
import { finish, violationAt, violationNow } from './invariants.ts';

interface Options {
  /** The number of runs. */
  runs: number;
  seed: number;
  alter?: (ports: AllPorts) => AllPorts;
}

// The average number of steps between two faults.
const FAULT_EVERY = 12;

/**
 * Runs a scenario many times in orders that fast-check picks, and shrinks an order that breaks a promise. For scenarios
 * that are too large for a complete search.
 */
export async function wander(
  scenario: Scenario,
  { runs, seed, alter = (ports) => ports }: Options,
): Promise<Search> {
  const seen = new Set<number>();
  let counterexample: Search['counterexample'];
  const property = fc.asyncProperty(fc.noBias(fc.infiniteStream(fc.nat())), async (picks) => {
    const run = await Execution.start(scenario, alter);
    const what = await walk(run, picks, seen);
    if (what !== undefined) counterexample = { what, steps: run.steps() };
    return what === undefined;
  });
  const { failed } = await fc.check(property, { numRuns: runs, seed, endOnFailure: true });
  return { states: seen.size, complete: false, counterexample: failed ? counterexample : undefined };
}

async function walk(run: Execution, picks: Iterator<number>, seen: Set<number>): Promise<string | undefined> {
  for (;;) {
    seen.add(run.key());
    const wrong = violationNow(run);
    if (wrong) return wrong;
    const choices = run.choices();
    if (choices.length === 0) return violationAt(run) ?? finish(run);
    await run.take(pick(choices, picks));
  }
}

/** Mostly steps without faults: otherwise all faults would happen in the first steps. */
function pick(choices: readonly string[], picks: Iterator<number>): string {
  const calls = choices.filter((choice) => choice.startsWith('run'));
  const faults = choices.slice(calls.length);
  const among = faults.length > 0 && picks.next().value % FAULT_EVERY === 0 ? faults : calls;
  return among[picks.next().value % among.length] ?? '';
}
