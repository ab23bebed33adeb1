// Copies: which one of what is sent twice to be done later is done (chat/delivery/fan-out-parts.ts). They share a table with the levels.
//   key        id: the part
//   item       copy, expires (seconds; the time to live)
//   claim      PutItem if there is none     each message of the queue
import type { Copies } from '../chat/ports.ts';
import { putFirst, type Table } from './table.ts';

/** The copies in a table. */
export const copiesIn = (table: Table): Copies => ({
  async claim(part, copy, expires) {
    const item = { id: `part ${part}`, copy, expires: Math.ceil(expires / 1000) };
    return (await putFirst(table, 'id', item)).copy === copy;
  },
});
