// Copies: which copy of each fan-out part is processed (chat/delivery/fan-out-parts.ts). They share the table Levels.
//   key        id: the part
//   item       copy, expires (seconds; the time to live)
//   claim      PutItem if there is none     each message from the queue
import type { Copies } from '../chat/ports.ts';
import { putFirst, type Table } from './table.ts';

/** `Copies` in a DynamoDB table. */
export const copiesIn = (table: Table): Copies => ({
  async claim(part, copy, expires) {
    const item = { id: `part ${part}`, copy, expires: Math.ceil(expires / 1000) };
    return (await putFirst(table, 'id', item)).copy === copy;
  },
});
