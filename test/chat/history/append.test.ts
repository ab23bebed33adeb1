import { describe, expect, test } from 'vitest';
import { append, type Draft, readTail, type Tail } from '../../../chat/history/append.ts';
import type { LogEntry } from '../../../chat/model.ts';
import type { History } from '../../../chat/ports.ts';
import { ChatError } from '../../../protocol/index.ts';
import { service } from '../../support/chat.ts';

const draft = (more: Partial<Draft> = {}): Draft => ({ chat: 'a:b', sender: 'a', content: 'hi', ...more });

test('messages are numbered 1, 2, 3', async () => {
  const { write } = service();
  const entries = [await write(draft()), await write(draft({ sender: 'b' })), await write(draft())];
  expect(entries.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  expect(new Set(entries.map(({ id }) => id)).size).toBe(3);
});

test('timestamps never decrease, whatever the clock says', async () => {
  const { write, runtime } = service();
  const first = await write(draft());
  runtime.at -= 5_000;
  expect((await write(draft())).at).toBe(first.at);
});

test('the loser of a race for a slot takes the next one, not earlier than the winner', async () => {
  const { ports, runtime, write } = service();
  const tail = await readTail(ports.history, draft());
  runtime.at += 1_000;
  const winner = await write(draft({ sender: 'b' }));
  runtime.at -= 1_000;
  const loser = await append(ports.history, runtime, draft(), tail);
  expect(loser).toMatchObject({ seq: 2, sender: 'a', at: winner.at });
});

test('many at once: no holes, one slot each', async () => {
  const { state, write } = service();
  await Promise.all(Array.from({ length: 50 }, (_, index) => write(draft({ content: `${index}` }))));
  const log = state.history['a:b'] ?? [];
  expect(log.map(({ seq }) => seq)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
  expect(new Set(log.map(({ content }) => content)).size).toBe(50);
});

test('a put that the SDK repeats meets itself, and has won', async () => {
  const { ports, runtime, state } = service();
  const twice = {
    ...ports.history,
    put: async (entry: LogEntry) => {
      await ports.history.put(entry);
      return ports.history.put(entry);
    },
  };
  await append(twice, runtime, draft(), { last: undefined });
  expect(state.history['a:b']).toHaveLength(1);
});

test('a writer that always loses the race gives up with busy, and stores nothing', async () => {
  const { ports, runtime } = service();
  let puts = 0;
  const crowded = {
    ...ports.history,
    put: async (entry: LogEntry) => ({ ...entry, id: `other-${++puts}`, sender: 'b' }),
  };
  const attempt = append(crowded, runtime, draft(), { last: undefined });
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

  test('of two concurrent repeats, the second meets the first', async () => {
    const { ports, runtime, state } = service();
    const tails = await Promise.all([1, 2, 3].map(() => readTail(ports.history, draft({ key: 'k' }))));
    const entries = await Promise.all(
      tails.map((tail) => append(ports.history, runtime, draft({ key: 'k' }), tail)),
    );
    expect(new Set(entries.map(({ id }) => id)).size).toBe(1);
    expect(state.history['a:b']).toHaveLength(1);
  });

  test('with after_seq a repeat is found however many messages came in between', async () => {
    const { state, write } = service();
    const first = await write(draft({ key: 'k', after: 0 }));
    for (let index = 0; index < 150; index++) await write(draft({ sender: 'b' }));
    expect(await write(draft({ key: 'k', after: 0 }))).toEqual(first);
    expect(state.history['a:b']).toHaveLength(151);
  });

  describe('with after_seq far back', () => {
    /** Who does as they are told: sends the same with the `after_seq` of each refusal. */
    async function found(history: History, sent: Draft): Promise<{ tail: Tail; asked: number[] }> {
      const asked: number[] = [];
      for (let { after } = sent; ; ) {
        asked.push(after as number);
        const tail = await readTail(history, { ...sent, after }).catch((error: ChatError) => error);
        if (!(tail instanceof ChatError)) return { tail, asked };
        expect(tail.code).toBe('too_far_back');
        after = tail.after;
      }
    }

    /** A log of eight, of which one answer holds three. */
    async function given() {
      const { ports, state, runtime, write } = service();
      const first = await write(draft({ key: 'k', after: 0 }));
      for (let index = 0; index < 6; index++) await write(draft({ sender: 'b' }));
      const last = await write(draft({ key: 'late', after: 7 }));
      const looks: number[] = [];
      const from: History['from'] = async (chat, seq) => {
        looks.push(seq);
        return ports.history.from(chat, seq, 3);
      };
      return { paged: { ...ports.history, from }, state, runtime, first, last, looks };
    }

    test('a repeat is found wherever it is, and each request reads one page', async () => {
      const { paged, first, last, looks } = await given();
      expect(await found(paged, draft({ key: 'k', after: 0 }))).toMatchObject({ tail: { repeat: first } });
      const { tail, asked } = await found(paged, draft({ key: 'late', after: 1 }));
      expect(tail).toMatchObject({ last, repeat: last });
      expect(asked).toEqual([1, 3, 5, 7]);
      expect(looks).toEqual([0, ...asked]);
    });

    test('a message that was never stored is stored once, at the end', async () => {
      const { paged, state, runtime } = await given();
      const sent = draft({ key: 'new', after: 1 });
      for (let times = 0; times < 2; times++) {
        const { tail } = await found(paged, sent);
        expect(await append(paged, runtime, sent, tail)).toMatchObject({ seq: 9 });
      }
      expect(state.history['a:b']).toHaveLength(9);
    });

    test('a first attempt that takes effect in between is found', async () => {
      const { paged, state, runtime } = await given();
      const sent = draft({ key: 'slow', after: 1 });
      const slow = await found(paged, sent);
      const refused = await readTail(paged, sent).catch((error: ChatError) => error.after);
      const first = await append(paged, runtime, sent, slow.tail);
      const { tail } = await found(paged, { ...sent, after: refused as number });
      expect(await append(paged, runtime, sent, tail)).toEqual(first);
      expect(state.history['a:b']).toHaveLength(9);
    });

    test('a full page with nothing after it leads to one more request, which finds no more', async () => {
      const { paged } = await given();
      const full: History['from'] = async (chat, seq) => ({
        ...(await paged.from(chat, seq)),
        more: seq < 8,
      });
      const { tail } = await found({ ...paged, from: full }, draft({ key: 'new', after: 6 }));
      expect(tail).toMatchObject({ last: { seq: 8 }, repeat: undefined });
    });
  });

  test('after_seq is ignored without a key', async () => {
    expect((await service().write(draft({ after: 9 }))).seq).toBe(1);
  });

  test('without after_seq a repeat is found among the newest 100 messages', async () => {
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

  test('after_seq beyond the end is refused, since it would leave a hole', async () => {
    const { state, write } = service();
    await write(draft());
    await expect(write(draft({ key: 'k', after: 2 }))).rejects.toMatchObject({
      code: 'bad_request',
      message: expect.stringContaining('after_seq'),
    });
    expect(state.history['a:b']).toHaveLength(1);
  });
});
