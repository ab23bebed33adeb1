// Verdicts: the first one on each message that the function before sends was asked about (chat/messages/before-send.ts). They
// share the table RateLimits.
//   key        id: a digest of the message, which may be long
//   item       verdict, reason or content, expires (seconds; the time to live)
//   first      PutItem if there is none     each message with a key, if there is such a function
import type { Verdict, Verdicts } from '../chat/ports.ts';
import { putFirst, type Table } from './table.ts';

/** `Verdicts` in a DynamoDB table. */
export const verdictsIn = (table: Table): Verdicts => ({
  async first(message, verdict, expires) {
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(message));
    const id = `verdict ${Buffer.from(digest).toString('base64url')}`;
    const item = await putFirst(table, 'id', { id, ...verdict, expires: Math.ceil(expires / 1000) });
    const { id: _, expires: __, ...stored } = item;
    return stored as unknown as Verdict;
  },
});
