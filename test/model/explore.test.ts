import { describe, expect, test } from 'vitest';
import type { LogEntry } from '../../chat/model.ts';
import { ChatError } from '../../protocol/index.ts';
import type { AllPorts } from '../support/memory.ts';
import { type Budget, Execution, type Outcome, type Scenario } from './execution.ts';
import { explore } from './explore.ts';
import { wander } from './wander.ts';
import { stateWith } from './words.ts';

const TEAM = '#team';

/** Appends an entry under the next free number. */
const append = async ({ history, runtime }: AllPorts, content: string): Promise<void> => {
  const { length } = await history.newest(TEAM, 100);
  const entry: LogEntry = {
    chat: TEAM,
    seq: length + 1,
    id: runtime.newId(),
    sender: 'alice',
    content,
    at: 0,
  };
  await history.put(entry);
};

const group = () => stateWith({ alice: ['a1'], bob: ['b1'] }, { team: ['alice', 'bob'] });

/** Actors that only read, each so many times. */
const calling = (calls: Record<string, number>, budget: Partial<Budget> = {}): Scenario => ({
  name: 'calls',
  state: group,
  actors: Object.fromEntries(
    Object.entries(calls).map(([name, times]) => [
      name,
      {
        now: 0,
        script: (actor) =>
          actor.invoke(async ({ rateLimits }) => {
            for (let time = 1; time <= times; time++) await rateLimits.getMany([`${name} ${time}`]);
          }),
      },
    ]),
  ),
  budget,
});

const statesOf = async (scenario: Scenario) => {
  const { states, complete, counterexample } = await explore(scenario);
  expect([complete, counterexample]).toEqual([true, undefined]);
  return states;
};

describe('every order is searched, each state once', () => {
  test.each([
    [{ one: 1 }, 2],
    [{ one: 3 }, 4],
    // Where each is in its code: (calls + 1) of one times (calls + 1) of the other.
    [{ one: 1, two: 1 }, 4],
    [{ one: 2, two: 3 }, 12],
    [{ one: 2, two: 2, three: 2 }, 27],
  ])('%j: %i states', async (calls, states) => {
    expect(await statesOf(calling(calls))).toBe(states);
  });
});

describe('every fault is tried at every place', () => {
  test.each<[Partial<Budget>, number]>([
    // With n calls there are n + 1 states without a fault; a crash is possible in n of them.
    [{ crash: 1 }, 4 + 3],
    [{ twice: 1 }, 4 + 3],
    // Fails before or after its effect: as many places, and the rule ends there.
    [{ fail: 1 }, 4 + 2 * 3],
    // A read can't be late.
    [{ late: 1 }, 4],
  ])('%j in three calls: %i states', async (budget, states) => {
    expect(await statesOf(calling({ one: 3 }, budget))).toBe(states);
  });
});

const start = (script: Scenario['actors'][string]['script'], budget: Partial<Budget> = {}) =>
  Execution.start(
    { name: '', state: group, actors: { alice: { now: 7, script } }, budget },
    (ports) => ports,
  );

/** Takes steps by their words; after them the first that is possible, to the end. */
async function through(run: Execution, ...words: string[]): Promise<void> {
  for (const word of words) {
    expect(run.choices()).toContain(word);
    await run.take(word);
  }
  for (let [next] = run.choices(); next !== undefined; [next] = run.choices()) await run.take(next);
}

describe('what a fault does', () => {
  const writes = (budget: Partial<Budget>, ends: Outcome[]) =>
    start(async (actor) => {
      ends.push(await actor.invoke(async (ports) => append(ports, 'one')));
      ends.push(await actor.invoke(async (ports) => append(ports, 'two')));
    }, budget);
  const texts = (run: Execution) => run.state.history[TEAM]?.map(({ content }) => content) ?? [];

  test.each<[step: string, budget: Partial<Budget>, first: object, there: string[]]>([
    ['run 0', {}, { reply: undefined }, ['one', 'two']],
    ['crash alice', { crash: 1 }, { silence: true }, ['two']],
    ['fail-before 0', { fail: 1 }, { busy: true }, ['two']],
    ['fail-after 0', { fail: 1 }, { silence: true }, ['one', 'two']],
  ])('%s', async (step, budget, first, there) => {
    const ends: Outcome[] = [];
    const run = await writes(budget, ends);
    // The read, then the write.
    await through(run, 'run 0', step);
    expect(ends).toEqual([first, { reply: undefined }]);
    expect(texts(run)).toEqual(there);
  });

  test('a late write is reported as done and takes effect again; or as failed, and takes effect only then', async () => {
    const ends: Outcome[] = [];
    const again = await writes({ late: 1 }, ends);
    await again.take('run 0');
    expect(again.choices()).toEqual(['run 0', 'late 0', 'fail-late 0']);
    await again.take('late 0');
    expect(texts(again)).toEqual(['one']);
    expect(ends).toEqual([{ reply: undefined }]);
    expect(again.left.late).toBe(0);

    const failed: Outcome[] = [];
    const only = await writes({ late: 1 }, failed);
    await only.take('run 0');
    await only.take('fail-late 0');
    expect(texts(only)).toEqual([]);
    expect(failed).toEqual([{ silence: true }]);
    // The late write waits beside the next call, and is nobody's whom a crash could end.
    expect(only.choices()).toHaveLength(2);
    await through(only);
    expect(texts(only)).toContain('one');
  });

  test('a socket that is cut takes no frame, and its $disconnect runs', async () => {
    const run = await start(async (actor) => void (await actor.invoke((ports) => append(ports, 'one'))), {
      cut: 1,
    });
    expect(run.choices()).toEqual(['run 0', 'cut a1', 'cut b1']);
    await run.take('cut b1');
    expect(run.state.sockets.b1?.open).toBe(false);
    expect(run.choices().some((choice) => choice.startsWith('cut'))).toBe(false);
    await through(run);
    expect(run.state.connections.b1).toBeUndefined();
    expect(run.state.connections.a1).toBeDefined();
  });

  test('a budget is spent once, and no fault is left when all have finished', async () => {
    const run = await writes({ crash: 1, twice: 1, fail: 1, cut: 1 }, []);
    expect(run.choices()).toEqual([
      'run 0',
      'crash alice',
      'twice 0',
      'fail-before 0',
      'fail-after 0',
      'cut a1',
      'cut b1',
    ]);
    await run.take('twice 0');
    expect(run.choices()).not.toContain('twice 0');
    await through(run);
    expect(run.choices()).toEqual([]);
    expect(run.left).toEqual({ crash: 1, twice: 0, fail: 1, cut: 1, late: 0 });
  });

  test('what a script does by itself', async () => {
    const seen: unknown[] = [];
    const run = await start(async (actor) => {
      seen.push(actor.lengthOf(TEAM), actor.deliver('b1', { type: 'x' }), actor.framesOf('b1'));
      actor.open('new');
      actor.open('b1');
      seen.push(actor.deliver('new', {}), actor.deliver('nobody', {}), actor.framesOf('nobody'));
      actor.close('new');
      seen.push(actor.deliver('new', {}));
      await actor.invoke((ports) => append(ports, 'one'));
      seen.push(actor.lengthOf(TEAM), actor.entryOf(TEAM, 1).content);
    });
    await through(run);
    expect(seen).toEqual([0, true, ['{"type":"x"}'], true, false, [], false, 1, 'one']);
    expect(run.state.history[TEAM]?.[0]?.id).toBe('alice-1');
  });

  test("a refusal is the client's answer", async () => {
    const ends: Outcome[] = [];
    const run = await start(async (actor) => {
      ends.push(await actor.invoke(async () => Promise.reject(new ChatError('not_allowed', 'no'))));
    });
    await through(run);
    expect(ends).toEqual([{ refused: expect.any(ChatError) }]);
  });
});

/** Two write at once, and the second write overwrites the first. */
const racing: Scenario = {
  name: 'racing',
  state: group,
  actors: Object.fromEntries(
    ['alice', 'bob'].map((name) => [
      name,
      {
        now: 0,
        script: async (actor, log) => {
          const done = await actor.invoke((ports) => append(ports, `of ${name}`));
          if ('reply' in done)
            log.sent.push({ sender: name, recipients: [], message_id: `${name}-1`, chat_id: TEAM, seq: 1 });
        },
      },
    ]),
  ),
  budget: {},
};

describe('a race is found', () => {
  // Acknowledged though its number was taken.
  const said = /^#team 1 was acknowledged as (alice|bob)-1, and is (alice|bob)-1$/;

  test('by the search, with the steps that lead to it', async () => {
    const { counterexample, complete } = await explore(racing);
    expect(counterexample?.what).toMatch(said);
    expect(complete).toBe(false);
    const calls = counterexample?.steps.map((step) => step.replace(/ [[{].*/, ''));
    expect(calls?.toSorted()).toEqual(expect.arrayContaining(['alice: history.put', 'bob: history.put']));
  });

  test('by random runs, shrunk', async () => {
    const { counterexample } = await wander(racing, { runs: 200, seed: 1 });
    expect(counterexample?.what).toMatch(said);
    expect(counterexample?.steps.length).toBeGreaterThan(2);
  });

  test('not where there is none', async () => {
    const { alice } = racing.actors;
    const alone = { ...racing, actors: { alice } } as Scenario;
    expect(await explore(alone)).toEqual({ states: 3, complete: true });
    const wandered = await wander(alone, { runs: 5, seed: 1 });
    expect(wandered).toEqual({ states: 3, complete: false, counterexample: undefined });
  });

  test('not by a search that ends before it', async () => {
    expect(await explore(racing, { most: 2 })).toEqual({ states: 2, complete: false });
  });
});
