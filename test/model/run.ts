// `npm run test:model`: the complete search. Scenarios run in parallel, each in its own process.
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { number, parseOrExit, seed } from '../../cli/command.ts';
import { ablations } from './ablations.ts';
import { explore, type Search } from './explore.ts';
import { scenarios } from './scenarios.ts';
import { wander } from './wander.ts';

const MANY = { min: 1, max: 1e9, whole: true };
const { values } = parseOrExit({
  name: 'npm run test:model',
  about: `Model-checks the rules: explores the orders in which the calls of concurrent Lambdas can take effect. Then removes each
safeguard, and prints what goes wrong without it.`,
  flags: {
    states: number('maximum number of states to explore per scenario', { ...MANY, default: 200_000 }),
    runs: number('random runs for each scenario with more states than that', { ...MANY, default: 5_000 }),
    seed: seed('the random runs'),
    only: number('index of the only scenario to run, from 0', { ...MANY, min: 0 }),
  },
});

const { states: most, runs, seed: ofRuns } = values;

/** Explores one scenario; if it has too many states, adds random runs. */
async function search(index: number): Promise<Search> {
  const scenario = scenarios[index];
  if (scenario === undefined) throw new Error(`There is no scenario ${index}`);
  const searched = await explore(scenario, { most });
  if (searched.complete || searched.counterexample) return searched;
  const wandered = await wander(scenario, { runs, seed: ofRuns });
  return { ...wandered, states: searched.states + wandered.states };
}

const inChild = (index: number) =>
  new Promise<Search>((done, fail) => {
    const child = fork(fileURLToPath(import.meta.url), [...process.argv.slice(2), '--only', `${index}`]);
    child.on('message', (message) => done(message as Search));
    child.on('exit', (code) => code !== 0 && fail(new Error(`Scenario ${index} exited with code ${code}`)));
  });

function print(name: string, { states, complete, counterexample }: Search): void {
  const how = complete ? 'complete' : 'bounded';
  console.log(
    `${counterexample ? 'BROKEN ' : 'holds  '} ${String(states).padStart(9)} states, ${how}: ${name}`,
  );
  if (counterexample)
    console.log([counterexample.what, ...counterexample.steps].map((line) => `    ${line}`).join('\n'));
}

async function searchAll(): Promise<void> {
  const started = Date.now();
  const results: Search[] = [];
  const left = scenarios.map((_, index) => index);
  const work = async () => {
    for (let index = left.shift(); index !== undefined; index = left.shift()) {
      const result = await inChild(index);
      results.push(result);
      print(scenarios[index]?.name ?? '', result);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  const states = results.reduce((sum, result) => sum + result.states, 0);
  const broken = results.filter(({ counterexample }) => counterexample);
  console.log(
    `\n${states} states in ${Math.round((Date.now() - started) / 1000)} s, ${broken.length} broken promises\n`,
  );
  let missed = 0;
  for (const { without, alter, scenario } of ablations) {
    const { counterexample } = await explore(scenario, { most: 40_000, alter });
    if (!counterexample) missed++;
    console.log(`Without ${without}:\n    ${counterexample?.what ?? 'NOTHING GOES WRONG'}`);
    for (const step of counterexample?.steps ?? []) console.log(`      ${step.slice(0, 140)}`);
  }
  process.exitCode = broken.length + missed > 0 ? 1 : 0;
}

if (values.only === undefined) await searchAll();
else {
  const result = await search(values.only);
  if (process.send) process.send(result);
  else print(scenarios[values.only]?.name ?? '', result);
}
