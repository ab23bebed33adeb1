// The table RateLimits: the buckets of rate limits (chat/rate-limits/buckets.ts).
//   key        id
//   item       level, at (milliseconds), expires (seconds; the time to live)
//   getMany    BatchGetItem                 login by password, register, create_group, typing, invite; every 20th message
//                                           of a user, or requests of the same price
//   set        PutItem if as it was found   the same

import { OutcomeUnknown, Unavailable } from '../chat/errors.ts';
import type { Bucket } from '../chat/model.ts';
import type { RateLimits } from '../chat/ports.ts';
import { PutCommand } from './documents.ts';
import { conditionally, getItems, type Item, type Table } from './table.ts';

/** `RateLimits` in a DynamoDB table. */
export function rateLimitsIn(table: Table): RateLimits {
  return {
    async getMany(ids) {
      const items = await getItems(
        table,
        ids.map((id) => ({ id })),
      );
      return new Map(items.map((item) => [item.id as string, toBucket(item)]));
    },

    async set(id, found, { level, at }, empty) {
      const put = new PutCommand({
        TableName: table.name,
        Item: { id, level, at, expires: Math.ceil(empty / 1000) },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        ExpressionAttributeNames: { '#id': 'id', ...(found && { '#level': 'level', '#at': 'at' }) },
        // A bucket that has expired meanwhile counts as empty.
        ConditionExpression: `attribute_not_exists(#id)${found ? ' OR (#level = :level AND #at = :at)' : ''}`,
        ...(found && { ExpressionAttributeValues: { ':level': found.level, ':at': found.at } }),
      });
      const result = await conditionally(table.client.send(put)).catch((cause: unknown) => {
        // It doesn't matter whether this was counted, because the request has not been processed yet.
        throw cause instanceof OutcomeUnknown ? new Unavailable(cause.message, { cause }) : cause;
      });
      return 'done' in result ? undefined : toBucket(result.refusedBy ?? {});
    },
  };
}

const toBucket = ({ level, at }: Item): Bucket => ({ level: Number(level ?? 0), at: Number(at ?? 0) });
