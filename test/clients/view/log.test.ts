import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changedBy, targetOf } from '../../../clients/sdk/changes.ts';
import type { Message } from '../../../clients/sdk/chat.ts';
import { emptyLog, indexAfter, type Log } from '../../../clients/view/log.ts';
import { aMessage } from './views.ts';

const SEQS = 12;

/** A chat's entries: messages, and edits and deletions of messages before them. */
const entriesOf = (least: number, most: number) =>
  fc
    .array(fc.record({ kind: fc.constantFrom('message', 'edits', 'deletes'), of: fc.nat(most) }), {
      minLength: least,
      maxLength: most,
    })
    .map((kinds) =>
      kinds.map(({ kind, of }, index): Message => {
        const [seq, target] = [index + 1, 1 + (of % (index + 1))];
        if (kind === 'message' || target === seq || kinds[target - 1]?.kind !== 'message')
          return aMessage(seq);
        return aMessage(seq, { content: kind === 'edits' ? `edit ${seq}` : '', [kind]: target });
      }),
    );
const anyEntries = entriesOf(1, SEQS);

/** What a chat is after its entries, in their order. */
function expected(entries: readonly Message[]) {
  const messages = new Map<number, Message>();
  for (const entry of entries) {
    const target = targetOf(entry);
    const message = messages.get(target ?? entry.seq);
    if (target === undefined) messages.set(entry.seq, entry);
    else if (message) messages.set(target, changedBy(message, entry));
  }
  return [...messages.values()].map(({ seq, content, deleted }) => ({
    seq,
    content,
    isDeleted: deleted !== undefined,
  }));
}

const read = ({ messages }: Log) =>
  messages.map(({ seq, content, deleted }) => ({ seq, content, isDeleted: deleted !== undefined }));

describe('a log', () => {
  test('is the same in whatever order, how often and in what pieces its entries come', () => {
    const anyRun = anyEntries.chain((entries) =>
      fc.record({
        entries: fc.constant(entries),
        extra: fc.array(fc.constantFrom(...entries), { maxLength: 4 }),
        sizes: fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: SEQS }),
        reads: fc.array(fc.boolean(), { minLength: 2 * SEQS, maxLength: 2 * SEQS }),
        order: fc.shuffledSubarray(entries, { minLength: entries.length }),
      }),
    );
    fc.assert(
      fc.property(anyRun, ({ entries, extra, sizes, reads, order }) => {
        const rest = [...order, ...extra];
        let log = emptyLog;
        for (let step = 0; rest.length > 0; step++) {
          const before = log;
          const known = reads[step] ? [...before.messages] : undefined;
          log = log.with(rest.splice(0, sizes[step] ?? 1));
          if (known) expect(before.messages).toEqual(known);
        }
        expect(read(log)).toEqual(expected(entries));
        expect([log.first, log.last, log.isWhole]).toEqual([1, entries.length, true]);
      }),
    );
  });

  test('with a gap shows all that is between two of its messages, and all of the newest, however late pages come', () => {
    const MANY = 3 * SEQS;
    const answer = fc.record({ what: fc.constant('answer' as const), which: fc.nat(2) });
    const anyStep = fc.oneof(
      fc.constant({ what: 'deliver' } as const),
      fc.record({ what: fc.constant('ask' as const), for: fc.constantFrom('before', 'after') }),
      fc.record({ what: fc.constant('ask' as const), for: fc.constant('around'), from: fc.nat(SEQS) }),
      answer,
      answer,
      { weight: 1, arbitrary: fc.constant({ what: 'newest' } as const) },
    );
    let gaps = 0;
    const anyRun = fc.record({
      entries: entriesOf(2 * SEQS, MANY),
      start: fc.integer({ min: SEQS, max: MANY }),
      limit: fc.integer({ min: 1, max: 3 }),
      steps: fc.array(anyStep, { maxLength: 40 }),
    });
    fc.assert(
      fc.property(anyRun, ({ entries, start, limit, steps }) => {
        /** How many entries were delivered. The first of them came before the log began. */
        let count = Math.min(start, entries.length);
        /** The messages that a page has, as the service knows them when it is asked. */
        const pageOf = (accept: (seq: number) => boolean, isUp: boolean) => {
          const now = expected(entries.slice(0, count)).filter(({ seq }) => accept(seq));
          const page = isUp ? now.slice(0, limit) : now.slice(-limit);
          return page.map(({ seq, content, isDeleted }) =>
            aMessage(seq, { content, ...(isDeleted && { deleted: 'then' }) }),
          );
        };
        let log = emptyLog.withBefore(
          undefined,
          pageOf(() => true, false),
        );
        const answers: ((log: Log) => Log)[] = [];
        for (const each of steps) {
          if (each.what === 'deliver') {
            const entry = entries[count];
            if (entry) log = log.delivered(entry);
            if (entry) count++;
          } else if (each.what === 'newest') log = log.newest;
          else if (each.what === 'answer') {
            const [answer] = answers.splice(each.which % Math.max(1, answers.length), 1);
            log = answer?.(log) ?? log;
          } else if (each.for === 'before') {
            const { first } = log;
            const page = pageOf((seq) => seq < (first ?? MANY + 1), false);
            answers.push((later) => later.withBefore(first, page));
          } else if (each.for === 'after') {
            const { last = 0 } = log;
            const page = pageOf((seq) => seq > last, true);
            answers.push((later) => later.withAfter(last, page));
          } else if ('from' in each) {
            const page = pageOf((seq) => seq > each.from, true);
            answers.push((later) => later.around(page));
          }
          if (log.ahead) gaps++;
          const all = expected(entries.slice(0, count));
          for (const part of [log, log.newest]) {
            const [from = 0, to = 0] = [part.messages[0]?.seq, part.messages.at(-1)?.seq];
            const isNewest = part === log.newest;
            expect(read(part)).toEqual(
              all.filter(({ seq }) => seq >= from && (seq <= to || isNewest) && part.messages.length > 0),
            );
          }
          if (log.ahead) expect((log.last ?? 0) + 1).toBeLessThan(log.ahead.first ?? 0);
        }
      }),
      { numRuns: 3_000 },
    );
    expect(gaps).toBeGreaterThan(500);
  });

  test('has no gap any more when nothing is left in it', () => {
    const cut = emptyLog.with([aMessage(9)]).around([aMessage(2), aMessage(3)]);
    const seqs = (log: Log) => log.messages.map(({ seq }) => seq);
    expect([seqs(cut), seqs(cut.newest), cut.known.length]).toEqual([[2, 3], [9], 3]);
    expect(seqs(cut.withAfter(3, []))).toEqual([2, 3, 9]);
    // Nothing is there where one looked.
    expect(cut.around([])).toBe(cut);
  });

  test('stays as it is when another continues it', () => {
    const one = emptyLog.with([aMessage(2)]);
    const [edited, longer] = [one.with([aMessage(4, { edits: 2, content: 'new' })]), one.with([aMessage(3)])];
    expect(edited.messages.map(({ content }) => content)).toEqual(['new']);
    expect(longer.messages.map(({ seq }) => seq)).toEqual([2, 3]);
    expect(one.messages.map(({ content }) => content)).toEqual(['message 2']);
    expect([edited.last, longer.last, one.last]).toEqual([4, 3, 2]);
  });

  test('whose messages were read is not copied by a change of one it does not have', () => {
    const log = emptyLog.with([aMessage(2)]);
    expect(log.with([aMessage(4, { edits: 1, content: 'new' })]).messages).toEqual(log.messages);
    expect(log.with([aMessage(2)]).messages).toBe(log.messages);
  });

  test('begins where nothing is before it', () => {
    expect(emptyLog.with([aMessage(2)]).isWhole).toBe(false);
    expect(emptyLog.with([aMessage(2)], true).with([aMessage(3)]).isWhole).toBe(true);
  });
});

test('the index after a seq is that of the first message behind it', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(50)), fc.nat(50), (seqs, seq) => {
      const messages = seqs.toSorted((one, other) => one - other).map((each) => ({ seq: each }));
      const found = messages.findIndex((each) => each.seq > seq);
      expect(indexAfter(messages, seq)).toBe(found < 0 ? messages.length : found);
    }),
  );
});
