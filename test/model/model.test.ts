import { describe, expect, test } from 'vitest';
import { ablations } from './ablations.ts';
import { explore } from './explore.ts';
import { scenarios } from './scenarios.ts';
import { wander } from './wander.ts';

// A first look, for `npm run test:long`; `npm run test:model` looks at everything.
const STATES = 500;
const RUNS = 30;

describe.each(scenarios)('$name', (scenario) => {
  test('no explored order breaks a promise', async () => {
    const searched = await explore(scenario, { most: STATES });
    expect(searched.counterexample).toBeUndefined();
    expect(searched.complete || searched.states >= STATES).toBe(true);
  });

  test('no random order breaks a promise', async () => {
    const wandered = await wander(scenario, { runs: RUNS, seed: 1 });
    expect(wandered.counterexample).toBeUndefined();
    expect(wandered.states).toBeGreaterThan(RUNS);
  });
});

describe('each mechanism is needed: without it the checker finds a violation', () => {
  test.each(ablations)('$without', async ({ alter, scenario }) => {
    // Most are found at random, long before a search comes to them.
    const wandered = await wander(scenario, { runs: 400, seed: 1, alter });
    const { counterexample } = wandered.counterexample
      ? wandered
      : await explore(scenario, { most: 40_000, alter });
    expect(counterexample?.steps.length).toBeGreaterThan(5);
    expect(counterexample?.what).toMatch(
      /acknowledged|twice|backwards|hole|went to|still owed|locked out|was told|was removed|sees|no more|owns|was deleted|was denied|the history another text|said to be in|gets nothing/,
    );
  });
});
