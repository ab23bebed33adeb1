import type { AllPorts } from '../support/memory.ts';
import { Execution, type Scenario, type Told } from './execution.ts';
import { finish, violationAt, violationNow } from './invariants.ts';

/** The result of a search. */
export interface Search {
  /** The number of different states. */
  states: number;
  /** Whether all reachable states were searched. */
  complete: boolean;
  /** The violation, and the steps that lead to it. */
  counterexample?: { what: string; steps: string[] };
}

interface Options {
  /** The maximum number of states. */
  most?: number;
  /** Removes a safeguard, to see whether the checker finds a violation. */
  alter?: (ports: AllPorts) => AllPorts;
}

interface Fork {
  choices: string[];
  taken: number;
  /** What the step returned; absent as long as it was not taken. */
  told?: Told;
}

const unaltered = (ports: AllPorts) => ports;

/**
 * Searches every order in which the calls of a scenario's actors can take effect, with every fault at every place, depth
 * first. The rules run unchanged; only their ports wait. To go back, it runs the steps again.
 */
export async function explore(
  scenario: Scenario,
  { most = 1_000_000, alter = unaltered }: Options = {},
): Promise<Search> {
  const seen = new Set<number>();
  const path: Fork[] = [];
  let run = await Execution.start(scenario, alter);
  for (;;) {
    const key = run.key();
    const isNew = !seen.has(key);
    seen.add(key);
    const choices = isNew ? run.choices() : [];
    const what = isNew ? (violationNow(run) ?? (await atTheEnd(run, choices))) : undefined;
    if (what !== undefined)
      return { states: seen.size, complete: false, counterexample: { what, steps: run.steps() } };
    if (seen.size >= most) return { states: seen.size, complete: false };
    const [first] = choices;
    if (first !== undefined) {
      path.push({ choices, taken: 0, told: await run.take(first) });
      continue;
    }
    while (path.length > 0 && isExhausted(path.at(-1))) path.pop();
    const fork = path.at(-1);
    if (fork === undefined) return { states: seen.size, complete: true };
    fork.taken++;
    fork.told = undefined;
    run = await replay(scenario, alter, path);
  }
}

const isExhausted = (fork: Fork | undefined): boolean =>
  fork !== undefined && fork.taken + 1 >= fork.choices.length;

async function atTheEnd(run: Execution, choices: readonly string[]): Promise<string | undefined> {
  if (choices.length > 0) return undefined;
  const before = violationAt(run);
  return before ?? finish(run);
}

async function replay(scenario: Scenario, alter: (ports: AllPorts) => AllPorts, path: readonly Fork[]) {
  const run = await Execution.start(scenario, alter);
  for (const fork of path) fork.told = await run.take(fork.choices[fork.taken] ?? '', fork.told);
  return run;
}
