import { describe, expect, test } from 'vitest';
import type { LogEntry } from '../../chat/model.ts';
import { ChatError } from '../../protocol/index.ts';
import type { AllPorts, MemoryState } from '../support/memory.ts';
import type { Actors } from './acts.ts';
import { type Actor, type Budget, Execution, type Outcome, type Scenario } from './execution.ts';
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

const twoReads = async ({ rateLimits }: AllPorts): Promise<void> => {
  await rateLimits.getMany(['1']);
  await rateLimits.getMany(['2']);
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

  test.each<[step: string, frames: number]>([
    ['run 0', 1],
    ['twice 0', 2],
    ['fail-before 0', 0],
    ['fail-after 0', 1],
    ['crash alice', 0],
  ])('%s: a call takes effect %i times', async (step, frames) => {
    const once = { crash: 1, twice: 1, fail: 1 };
    const run = await start(
      async (actor) => void (await actor.invoke(({ gateway }) => gateway.post('b1', 'x'))),
      once,
    );
    await run.take(step);
    expect(run.state.sockets.b1?.frames).toHaveLength(frames);
    expect(run.choices()).toEqual([]);
    const [kind = ''] = step.split(/[- ]/);
    expect(run.left).toEqual({ late: 0, cut: 0, ...once, ...(kind in once && { [kind]: 0 }) });
  });

  test('a crash takes all calls of its actor, and of no other', async () => {
    const atOnce = ({ rateLimits }: AllPorts) =>
      Promise.all(['1', '2'].map((id) => rateLimits.getMany([id])));
    const both = { now: 0, script: (actor: Actor) => actor.invoke(atOnce) };
    const run = await Execution.start(
      { name: '', state: group, actors: { one: both, two: both }, budget: { crash: 1 } },
      (ports) => ports,
    );
    expect(run.choices()).toEqual(['run 0', 'run 1', 'run 2', 'run 3', 'crash one', 'crash two']);
    await run.take('crash one');
    expect(run.choices()).toEqual(['run 0', 'run 1']);
    await through(run);
    expect(run.steps().map((step) => step.replace(/ \[.*/, ''))).toEqual([
      'one: dies',
      'two: rateLimits.getMany',
      'two: rateLimits.getMany',
    ]);
  });

  test('the steps say who did what, and what went wrong', async () => {
    const run = await writes({ twice: 1, cut: 1 }, []);
    await run.take('run 0');
    await run.take('twice 0');
    await run.take('cut b1');
    expect(run.steps().map((step) => step.replace(/ [[{].*[\]}]/, ''))).toEqual([
      'alice: history.newest',
      'alice: history.put (twice)',
      'the socket b1 is cut',
    ]);
    await expect(run.take('run 9')).rejects.toThrow('There is no call 9');
  });

  test('a rule has the clock of its actor', async () => {
    let now = 0;
    await start(async (actor) => void (await actor.invoke(async ({ runtime }) => (now = runtime.now()))));
    expect(now).toBe(7);
  });

  describe('what a rule leaves to the queue', () => {
    const message: LogEntry = { chat: TEAM, seq: 1, id: 'm', sender: 'alice', content: 'hi', at: 0 };
    const queued = async (budget: Partial<Budget>) => {
      const run = await start(async (actor) => {
        await actor.invoke(async ({ history, fanOutQueue }) => {
          await history.put(message);
          await fanOutQueue.send({ chat: TEAM, seq: 1, copy: 'c' });
        });
      }, budget);
      await run.take('run 0');
      await run.take('run 0');
      return run;
    };

    test('is delivered', async () => {
      const run = await queued({});
      await through(run);
      expect(run.state.sockets.b1?.frames).toHaveLength(1);
      expect(run.steps().at(-1)).toMatch(/^queue 1: /);
    });

    test('is delivered again after a crash, five times at most', async () => {
      const run = await queued({ crash: 9 });
      for (const copy of [1, 2, 3, 4, 5]) await run.take(`crash queue ${copy}`);
      expect(run.choices()).toEqual([]);
    });
  });

  test('two states are the same exactly if all that follows is', async () => {
    const post = async (...frames: string[]) => {
      const run = await start(async (actor) => {
        for (const frame of frames) await actor.invoke(({ gateway }) => gateway.post('b1', frame));
      });
      return run;
    };
    const [one, other] = [await post('x', 'y'), await post('x', 'y')];
    expect(one.key()).toBe(other.key());
    await one.take('run 0');
    expect(one.key()).not.toBe(other.key());
    await other.take('run 0');
    expect(one.key()).toBe(other.key());
    // What waits, and what a socket has, in any order.
    expect((await post('x')).key()).not.toBe((await post('y')).key());
    one.state.sockets.b1?.frames.push('z', 'a');
    expect(one.key()).not.toBe(other.key());
    other.state.sockets.b1?.frames.push('a', 'z');
    expect(one.key()).toBe(other.key());
    // What an actor was told.
    const told = async (level: number) => {
      const run = await start(async (actor) => void (await actor.invoke(twoReads)));
      run.state.levels['1'] = { level, at: 0 } as unknown as MemoryState['levels'][string];
      await run.take('run 0');
      delete run.state.levels['1'];
      return run.key();
    };
    expect(await told(1)).toBe(await told(1));
    expect(await told(1)).not.toBe(await told(2));
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
    const only = await writes({ late: 2 }, failed);
    await only.take('run 0');
    await only.take('fail-late 0');
    expect(texts(only)).toEqual([]);
    expect(failed).toEqual([{ silence: true }]);
    // The late write waits beside the next call; it can't be late again.
    expect(only.choices()).toEqual(['run 0', 'run 1']);
    await through(only);
    expect(texts(only)).toContain('one');
  });

  test('a socket that is cut takes no frame, and its $disconnect runs', async () => {
    const budget = { cut: 2, crash: 1 };
    const run = await start(
      async (actor) => void (await actor.invoke((ports) => append(ports, 'one'))),
      budget,
    );
    expect(run.choices()).toEqual(['run 0', 'crash alice', 'cut a1', 'cut b1']);
    await run.take('cut b1');
    expect(run.state.sockets.b1?.open).toBe(false);
    expect(run.choices()).toEqual(['run 0', 'run 1', 'crash alice', 'crash $disconnect b1', 'cut a1']);
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
      seen.push(actor.framesOf('new').length);
      actor.open('b1');
      seen.push(actor.deliver('new', {}), actor.deliver('nobody', {}), actor.framesOf('nobody'));
      actor.close('new');
      seen.push(actor.deliver('new', {}));
      await actor.invoke((ports) => append(ports, 'one'));
      seen.push(actor.lengthOf(TEAM), actor.entryOf(TEAM, 1).content);
    });
    await through(run);
    expect(seen).toEqual([0, true, ['{"type":"x"}'], 0, true, false, [], false, 1, 'one']);
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

  const told = (script: Actors[string]['script'], budget: Partial<Budget> = {}): Scenario => ({
    name: '',
    state: group,
    actors: { alice: { now: 0, script } },
    budget,
  });

  test.each<[what: string, scenario: Scenario, said: RegExp]>([
    [
      'when all have finished',
      told(async (actor, log) => {
        await actor.invoke(twoReads);
        log.removed.push({ username: 'bob', chat: TEAM });
      }),
      /bob was removed from #team, and is in it/,
    ],
    [
      'after one more login',
      told(async (actor, log) => {
        await actor.invoke((ports) => append(ports, 'one'));
        log.sent.push({ sender: 'alice', recipients: ['bob'], message_id: 'alice-1', chat_id: TEAM, seq: 1 });
      }),
      /#team 1 was acknowledged, and bob never got it/,
    ],
    [
      'after a crash',
      told(
        async (actor, log) => {
          const done = await actor.invoke(twoReads);
          if ('silence' in done) log.removed.push({ username: 'bob', chat: TEAM });
        },
        { crash: 1 },
      ),
      /bob was removed from #team, and is in it/,
    ],
  ])('%s', async (_, scenario, said) => {
    expect((await explore(scenario)).counterexample?.what).toMatch(said);
    expect((await wander(scenario, { runs: 100, seed: 1 })).counterexample?.what).toMatch(said);
  });

  test('what is wrong only until all have finished is no violation', async () => {
    const passing = told(async (actor, log) => {
      log.removed.push({ username: 'bob', chat: TEAM });
      await actor.invoke(twoReads);
      log.removed.length = 0;
    });
    expect((await explore(passing)).counterexample).toBeUndefined();
    expect((await wander(passing, { runs: 3, seed: 1 })).counterexample).toBeUndefined();
  });

  test('by the same random runs for the same seed, so many of them', async () => {
    const found = (seed: number) => wander(racing, { runs: 50, seed });
    expect(await found(7)).toEqual(await found(7));
    const many = calling({ one: 3, two: 3, three: 3 });
    const few = await wander(many, { runs: 1, seed: 1 });
    // One run passes by its start, and each of its nine steps.
    expect(few.states).toBe(10);
    expect((await wander(many, { runs: 20, seed: 1 })).states).toBeGreaterThan(10);
  });
});
