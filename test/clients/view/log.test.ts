import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changedBy, targetOf } from '../../../clients/sdk/changes.ts';
import type { Message } from '../../../clients/sdk/chat.ts';
import { emptyLog, indexAfter } from '../../../clients/view/log.ts';
import { aMessage } from './views.ts';

const SEQS = 12;

/** A chat's entries: messages, and edits and deletions of messages before them. */
const anyEntries = fc
  .array(fc.record({ kind: fc.constantFrom('message', 'edits', 'deletes'), of: fc.nat(SEQS) }), {
    minLength: 1,
    maxLength: SEQS,
  })
  .map((kinds) =>
    kinds.map(({ kind, of }, index): Message => {
      const [seq, target] = [index + 1, 1 + (of % (index + 1))];
      if (kind === 'message' || target === seq || kinds[target - 1]?.kind !== 'message') return aMessage(seq);
      return aMessage(seq, { content: kind === 'edits' ? `edit ${seq}` : '', [kind]: target });
    }),
  );

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
        const found = log.messages.map(({ seq, content, deleted }) => ({
          seq,
          content,
          isDeleted: deleted !== undefined,
        }));
        expect(found).toEqual(expected(entries));
        expect([log.first, log.last, log.isWhole]).toEqual([1, entries.length, true]);
      }),
    );
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
