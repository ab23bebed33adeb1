// `npm run test:model`: the whole search. Scenarios run side by side, each in a process of its own.
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { asked, number, seed } from '../../cli/command.ts';
import { ablations } from './ablations.ts';
import { explore, type Search } from './explore.ts';
import { scenarios } from './scenarios.ts';
import { wander } from './wander.ts';

const MANY = { least: 1, most: 1e9, whole: true };
const { values } = asked({
  name: 'npm run test:model',
  about: `Searches the orders in which the calls of several Lambdas can take effect, over the rules themselves. Then it takes each mechanism
out, and prints what goes wrong without it.`,
  flags: {
    states: number('the most states to look at in each scenario', { ...MANY, standard: 200_000 }),
    runs: number('random runs for each scenario that is too large for that', { ...MANY, standard: 5_000 }),
    seed: seed('the random runs'),
    only: number('that scenario alone, counted from 0', { ...MANY, least: 0 }),
  },
});

const { states: most, runs, seed: ofRuns } = values;

/** One scenario, searched; then wandered through if it was too large. */
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
    child.on('exit', (code) => code !== 0 && fail(new Error(`Scenario ${index} ended with ${code}`)));
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
