// Copies: which copy of each fan-out part is processed, where its pages end (chat/delivery/fan-out-parts.ts), and which
// messages go together (chat/delivery/gather.ts). They share the table RateLimits.
//   key        id: the part, page or list
//   item       copy, last, or by and seqs; expires (seconds; the time to live)
//   claim      PutItem if there is none     each message from the queue
//   endPage    PutItem if there is none     each page from the queue
//   gathered   BatchGetItem                 each message that has waited for others
//   gather     PutItem if there is none     each of these that is in no list
import type { Gathered, Millis } from '../chat/model.ts';
import type { Copies } from '../chat/ports.ts';
import { getItems, type Item, putFirst, type Table } from './table.ts';

/** `Copies` in a DynamoDB table. */
export function copiesIn(table: Table): Copies {
  const first = (id: string, value: object, expires: Millis) =>
    putFirst(table, 'id', { id, ...value, expires: Math.ceil(expires / 1000) });
  return {
    claim: async (part, copy, expires) => (await first(`part ${part}`, { copy }, expires)).copy === copy,

    async endPage(page, last, expires) {
      const stored = await first(`page ${page}`, last === undefined ? {} : { last }, expires);
      return stored.last === undefined ? undefined : String(stored.last);
    },

    async gathered(list) {
      // The function may get items of this table in batches, for rates.
      const [item] = await getItems(table, [{ id: `list ${list}` }]);
      return item && toGathered(item);
    },

    gather: async (list, gathered, expires) => toGathered(await first(`list ${list}`, gathered, expires)),
  };
}

const toGathered = ({ by, seqs }: Item): Gathered => ({
  by: Number(by),
  seqs: (seqs as unknown[]).map(Number),
});
