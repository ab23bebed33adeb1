import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fetchHistory } from '../../../chat/history/fetch-history.ts';
import { findTime } from '../../../chat/history/time-search.ts';
import type { LogEntry } from '../../../chat/model.ts';
import type { History } from '../../../chat/ports.ts';
import { type Service, service } from '../../support/chat.ts';
import type { Gate } from '../../support/memory.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const iso = (at: number) => new Date(START + at).toISOString();

/** A chat of alice and bob with a message at each of these times; the first so many have expired, of which some are gone. */
async function aChat(times: readonly number[], expired = 0, gone = 0) {
  const chat = service();
  chat.users('alice', 'bob');
  await chat.ports.members.addPeer('alice:bob', 'alice');
  const log = times.map((at, index): LogEntry => {
    const entry = { chat: 'alice:bob', seq: index + 1, id: `id ${index}`, sender: 'bob', content: 'x' };
    return { ...entry, at: START + at, ...(index < expired && { expired: true as const }) };
  });
  for (let index = 0; index < gone; index++) delete log[index];
  chat.state.history['alice:bob'] = log;
  return { chat, alice: chat.online('alice', 'a1') };
}

/** Times that never decrease, many of them equal, with pauses of any length. */
const times = fc
  .array(fc.oneof(fc.constant(0), fc.nat(3), fc.nat(100_000_000)), { maxLength: 700 })
  .map((pauses) => {
    let at = 0;
    return pauses.map((pause) => {
      at += pause;
      return at;
    });
  });

describe('a point in time in a history', () => {
  test('is found where reading every entry would find it, whatever the times are and whatever has expired', async () => {
    const anywhere = fc.oneof(fc.nat(1_000), fc.integer({ min: -1, max: 2 ** 36 }));
    const property = fc.asyncProperty(
      times,
      anywhere,
      fc.nat(300),
      fc.nat(300),
      async (all, time, old, fewer) => {
        const expired = Math.min(old, all.length - 1);
        const { chat } = await aChat(all, expired, Math.max(0, expired - fewer));
        const { history } = chat.ports;
        const [first] = (await history.from('alice:bob', 1, 1)).entries;
        const tail = (await history.newest('alice:bob', 1)).at(-1);
        // Among the times, too, where there are any.
        const wanted = START + (all[time % (all.length + 1)] ?? time);
        const { low, high } = await findTime(history, 'alice:bob', { head: first, tail }, wanted);
        const there = (chat.state.history['alice:bob'] ?? []).filter(() => true);
        const right = there.find(({ at }) => at >= wanted)?.seq ?? all.length + 1;
        expect(low).toBeLessThanOrEqual(right);
        expect(high).toBeGreaterThanOrEqual(right);
        expect(high - low).toBeLessThanOrEqual(300);
      },
    );
    await fc.assert(property, { numRuns: 300 });
  });

  test('bounds all pages together, each of which starts and ends where it should', async () => {
    const property = fc.asyncProperty(
      times,
      fc.record({ from: fc.nat(700), to: fc.nat(700), off: fc.nat(2) }),
      fc.constantFrom('from', 'to', 'both'),
      fc.constantFrom(1, 7, 50, 200),
      async (all, { from, to, off }, what, limit) => {
        const { chat, alice } = await aChat(all);
        const [start, end] = [(all[from] ?? 0) + off, (all[to] ?? 5_000) - off];
        const bounds = {
          ...(what !== 'to' && { start_time: iso(start) }),
          ...(what !== 'from' && { end_time: iso(end) }),
        };
        const isWanted = (at: number) => (what === 'to' || at >= start) && (what === 'from' || at <= end);
        const right = all.flatMap((at, index) => (isWanted(at) ? [index + 1] : []));
        expect(
          await allPages(chat, alice, { ...bounds, limit: Math.max(limit, Math.ceil(right.length / 20)) }),
        ).toEqual(right);
      },
    );
    await fc.assert(property, { numRuns: 200 });
  });

  test('is found though an eventually consistent read missed what was just written', async () => {
    const { chat } = await aChat(Array.from({ length: 2_000 }, (_, index) => index * 1_000));
    const { history } = chat.ports;
    const [head] = (await history.from('alice:bob', 1, 1)).entries;
    const tail = (await history.newest('alice:bob', 1)).at(-1);
    const lagging: History = {
      ...history,
      getMany: async (keys, consistency) =>
        (await history.getMany(keys)).filter(({ seq }) => consistency !== 'eventual' || seq < 100),
    };
    const { low, high } = await findTime(lagging, 'alice:bob', { head, tail }, START + 700_000);
    expect([low <= 701, high >= 701]).toEqual([true, true]);
  });
});

type Request = Parameters<typeof fetchHistory>[1];

/** The seqs of every page, in order; none of the pages but a last one is empty. */
async function allPages(chat: Service, alice: Parameters<typeof fetchHistory>[2], request: Request) {
  const found: number[] = [];
  for (let next: Request | undefined = {}; next; ) {
    const page: Awaited<ReturnType<typeof fetchHistory>> = await fetchHistory(
      chat.ports,
      { recipient: 'bob', ...request, ...next },
      alice,
    );
    const seqs = page.messages.map(({ seq }) => seq);
    expect(seqs).toEqual([...seqs].sort((one, other) => one - other));
    if (page.next) expect(seqs.length).toBeGreaterThan(0);
    if (page.next?.before_seq === undefined) found.push(...seqs);
    else found.unshift(...seqs);
    if (page.next === undefined && request.start_time === undefined) {
      return [...seqs, ...found.filter((seq) => !seqs.includes(seq))];
    }
    next = page.next;
  }
  return found;
}

const COUNT = 1_000_000;
const BYTES = 230;

/** The same on every run. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 1) / (2 ** 32 + 1);
  };
}

function pauses(pause: (index: number, at: number) => number): Float64Array {
  let at = 0;
  return Float64Array.from({ length: COUNT }, (_, index) => {
    at += Math.max(0, Math.round(pause(index, at)));
    return at;
  });
}

const random = chance(7);
const HOUR = 3_600_000;
/** Hours of a week in which people are awake, and at weekends few of them. */
const awake = Array.from({ length: 7 * 24 }, (_, hour) => hour).filter(
  (hour) => hour % 24 >= (hour < 5 * 24 ? 7 : 20),
);

/** Many messages at once, then a while of none; nobody writes at night. */
function asPeople(): Float64Array {
  const ats = pauses(() => -Math.log(random()) * (random() < 0.1 ? 1_200_000 : 20_000));
  return ats.map((at) => {
    const hours = Math.floor(at / HOUR);
    const week = Math.floor(hours / awake.length);
    return (week * 7 * 24 + (awake[hours % awake.length] ?? 0)) * HOUR + (at % HOUR);
  });
}

/** What a page costs from any time of a history of a million messages, kept in numbers. */
async function costsOf(ats: Float64Array, seed: number) {
  const cost = { rounds: 0, units: 0 };
  let isRunning = false;
  // What is asked for before anything is answered is one round.
  const answer = async <T>(units: number, value: T): Promise<T> => {
    cost.units += units;
    if (!isRunning) {
      isRunning = true;
      cost.rounds += 1;
    }
    await new Promise(setImmediate);
    isRunning = false;
    return value;
  };
  const gate: Gate = ({ method, args }, perform) => {
    const keys = method === 'getMany' ? (args[0] as unknown[]).length : 1;
    return answer(keys, perform());
  };
  const chat = service(gate);
  chat.users('alice', 'bob');
  chat.state.members['alice:bob'] = {
    alice: { chat: 'alice:bob', username: 'alice', role: 'peer', since: 1 },
  };
  const entry = (where: string, seq: number): LogEntry => {
    return { chat: where, seq, id: `${seq}`, sender: 'bob', content: '', at: START + (ats[seq - 1] ?? 0) };
  };
  const queried = (count: number) => Math.max(1, Math.ceil((count * BYTES) / 4_096));
  const range = (where: string, low: number, high: number) => {
    if (where !== 'alice:bob') return [];
    const first = Math.max(1, low);
    return Array.from({ length: Math.max(0, Math.min(high, COUNT) - first + 1) }, (_, index) =>
      entry(where, first + index),
    );
  };
  const history = {
    ...chat.ports.history,
    getMany: (keys: readonly { chat: string; seq: number }[], consistency?: string) =>
      answer(
        keys.length * (consistency === 'eventual' ? 0.5 : 1),
        keys.map((key) => entry(key.chat, key.seq)),
      ),
    from: (where: string, seq: number, limit = 1_000) => {
      const entries = range(where, seq, seq + limit - 1);
      return answer(queried(entries.length), { entries, more: entries.length === limit });
    },
    behind: (where: string, _: number, limit: number, { upTo = COUNT }) =>
      answer(0.5, range(where, Math.min(upTo, COUNT) - limit + 1, upTo)),
    newest: (where: string, limit: number, upTo = COUNT) => {
      const entries = range(where, Math.min(upTo, COUNT) - limit + 1, upTo);
      return answer(queried(entries.length), entries);
    },
  } as unknown as History;
  const alice = chat.online('alice', 'a1');
  const pick = chance(seed);
  const worst = { rounds: 0, units: 0 };
  for (let look = 0; look < 100; look++) {
    // At any time, and at that of any message, as an old talk may be looked for.
    const index = Math.floor(pick() * COUNT);
    const at = look % 2 === 0 ? Math.floor(pick() * (ats[COUNT - 1] ?? 0)) : (ats[index] ?? 0);
    const upward = look % 4 < 2;
    Object.assign(cost, { rounds: 0, units: 0 });
    const bounds = upward ? { start_time: iso(at) } : { end_time: iso(at) };
    const { messages } = await fetchHistory(
      { ...chat.ports, history },
      { recipient: 'bob', ...bounds },
      alice,
    );
    const shown = upward ? messages[0] : messages.at(-1);
    const right = upward
      ? ats.findIndex((each) => each >= at) + 1
      : ats.findLastIndex((each) => each <= at) + 1;
    expect(shown?.seq).toBe(right);
    expect(messages).toHaveLength(Math.min(50, upward ? COUNT - right + 1 : right));
    worst.rounds = Math.max(worst.rounds, cost.rounds);
    worst.units = Math.max(worst.units, cost.units);
  }
  return worst;
}

describe('among a million messages, a page from a point in time', () => {
  test.each([
    ['at equal distances', pauses(() => 1_000)],
    ['by chance', pauses(() => -Math.log(random()) * 1_000)],
    ['as people write', asPeople()],
  ])('costs at most 5 requests in a row and 60 read units, if they come %s', async (_, ats) => {
    const { rounds, units } = await costsOf(ats, 3);
    console.log(`at most ${rounds} requests in a row, ${units} read units`);
    expect(rounds).toBeLessThanOrEqual(5);
    expect(units).toBeLessThanOrEqual(60);
  });

  test.each([
    ['ever more often', pauses((index) => 1e6 / (1 + index / 1_000))],
    ['with one long pause', pauses((index) => (index === 300_000 ? 1e11 : 100))],
    ['with pauses without measure', pauses(() => Math.min(1e10, 1_000 * random() ** -1.2))],
    ['all at once, and one before', pauses((index) => (index === 1 ? 1e9 : 0))],
    ['ever more seldom, without end', pauses((index) => Math.exp(index / 60_000))],
  ])('costs at most one request more, if they come %s', async (_, ats) => {
    const { rounds, units } = await costsOf(ats, 5);
    console.log(`at most ${rounds} requests in a row, ${units} read units`);
    expect(rounds).toBeLessThanOrEqual(6);
    expect(units).toBeLessThanOrEqual(60);
  });
});
