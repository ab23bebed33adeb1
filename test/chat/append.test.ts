import { describe, expect, test } from 'vitest';
import { append, type Draft, readTail } from '../../chat/append.ts';
import type { LogEntry } from '../../chat/ports.ts';
import { service } from '../support/chat.ts';

const draft = (more: Partial<Draft> = {}): Draft => ({ chat: 'a:b', sender: 'a', content: 'hi', ...more });

test('messages are numbered 1, 2, 3', async () => {
  const { write } = service();
  const entries = [await write(draft()), await write(draft({ sender: 'b' })), await write(draft())];
  expect(entries.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  expect(new Set(entries.map(({ id }) => id)).size).toBe(3);
});

test('time never runs backwards, whatever the clock says', async () => {
  const { write, world } = service();
  const first = await write(draft());
  world.at -= 5_000;
  expect((await write(draft())).at).toBe(first.at);
});

test('who loses the race for a slot takes the next, after the time of the winner', async () => {
  const { ports, world, write } = service();
  const tail = await readTail(ports.history, draft());
  world.at += 1_000;
  const winner = await write(draft({ sender: 'b' }));
  world.at -= 1_000;
  const loser = await append(ports.history, world, draft(), tail);
  expect(loser).toMatchObject({ seq: 2, sender: 'a', at: winner.at });
});

test('many at once: no holes, one slot each', async () => {
  const { state, write } = service();
  await Promise.all(Array.from({ length: 50 }, (_, index) => write(draft({ content: `${index}` }))));
  const log = state.history['a:b'] ?? [];
  expect(log.map(({ seq }) => seq)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
  expect(new Set(log.map(({ content }) => content)).size).toBe(50);
});

test('a put that the SDK makes twice meets itself, and has won', async () => {
  const { ports, world, state } = service();
  const twice = {
    ...ports.history,
    put: async (entry: LogEntry) => {
      await ports.history.put(entry);
      return ports.history.put(entry);
    },
  };
  await append(twice, world, draft(), { last: undefined });
  expect(state.history['a:b']).toHaveLength(1);
});

test('a writer that is always beaten gives up with busy, and stores nothing', async () => {
  const { ports, world } = service();
  let puts = 0;
  const crowded = {
    ...ports.history,
    put: async (entry: LogEntry) => ({ ...entry, id: `other-${++puts}`, sender: 'b' }),
  };
  const attempt = append(crowded, world, draft(), { last: undefined });
  await expect(attempt).rejects.toMatchObject({ code: 'busy' });
  expect(puts).toBeGreaterThan(10);
  expect(puts).toBeLessThanOrEqual(1000);
});

describe('a message that is sent again', () => {
  test.each([{ after: 0 }, { after: undefined }])(
    'a repeat is found (after_seq $after)',
    async ({ after }) => {
      const { state, write } = service();
      const first = await write(draft({ key: 'k', after }));
      await write(draft({ sender: 'b', key: 'k', after }));
      expect(await write(draft({ key: 'k', after }))).toEqual(first);
      expect(state.history['a:b']).toHaveLength(2);
    },
  );

  test('two repeats at once: whichever comes second meets the first', async () => {
    const { ports, world, state } = service();
    const tails = await Promise.all([1, 2, 3].map(() => readTail(ports.history, draft({ key: 'k' }))));
    const entries = await Promise.all(
      tails.map((tail) => append(ports.history, world, draft({ key: 'k' }), tail)),
    );
    expect(new Set(entries.map(({ id }) => id)).size).toBe(1);
    expect(state.history['a:b']).toHaveLength(1);
  });

  test('with after_seq a repeat is found however many came in between', async () => {
    const { state, write } = service();
    const first = await write(draft({ key: 'k', after: 0 }));
    for (let index = 0; index < 150; index++) await write(draft({ sender: 'b' }));
    expect(await write(draft({ key: 'k', after: 0 }))).toEqual(first);
    expect(state.history['a:b']).toHaveLength(151);
  });

  test('without it, among the newest 100 messages', async () => {
    const { write } = service();
    const first = await write(draft({ key: 'k' }));
    for (let index = 0; index < 99; index++) await write(draft({ sender: 'b' }));
    expect(await write(draft({ key: 'k' }))).toEqual(first);
    await write(draft({ sender: 'b' }));
    expect((await write(draft({ key: 'k' }))).seq).toBe(102);
  });

  test("the same key of another sender, or in another chat, is another message's", async () => {
    const { write } = service();
    await write(draft({ key: 'k' }));
    expect((await write(draft({ key: 'k', sender: 'b' }))).seq).toBe(2);
    expect((await write(draft({ key: 'k', chat: 'a:c' }))).seq).toBe(1);
  });

  test('after_seq beyond the end is refused, for it would leave a hole', async () => {
    const { state, write } = service();
    await write(draft());
    await expect(write(draft({ key: 'k', after: 2 }))).rejects.toMatchObject({
      code: 'bad_request',
      message: expect.stringContaining('after_seq'),
    });
    expect(state.history['a:b']).toHaveLength(1);
  });
});
