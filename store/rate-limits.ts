// Levels: how full the buckets are that limits are counted in (chat/rate-limits/buckets.ts).
//   key        id
//   item       level, at (milliseconds), expires (seconds; the time to live)
//   getMany    BatchGetItem                 a login by password; a registration, a group made, a sign of typing, an
//                                           invitation; every 20th message of a user, or what counts for as much
//   set        PutItem if as it was found   the same

import { OutcomeUnknown, Unavailable } from '../chat/errors.ts';
import type { Bucket } from '../chat/model.ts';
import type { RateLimits } from '../chat/ports.ts';
import { PutCommand } from './documents.ts';
import { conditionally, getItems, type Item, type Table } from './table.ts';

/** The levels in a table. */
export function rateLimitsIn(table: Table): RateLimits {
  return {
    async getMany(ids) {
      const items = await getItems(
        table,
        ids.map((id) => ({ id })),
      );
      return new Map(items.map((item) => [item.id as string, toLevel(item)]));
    },

    async set(id, found, { level, at }, empty) {
      const put = new PutCommand({
        TableName: table.name,
        Item: { id, level, at, expires: Math.ceil(empty / 1000) },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        ExpressionAttributeNames: { '#id': 'id', ...(found && { '#level': 'level', '#at': 'at' }) },
        // What expired in the meantime is as good as empty.
        ConditionExpression: `attribute_not_exists(#id)${found ? ' OR (#level = :level AND #at = :at)' : ''}`,
        ...(found && { ExpressionAttributeValues: { ':level': found.level, ':at': found.at } }),
      });
      const result = await conditionally(table.client.send(put)).catch((cause: unknown) => {
        // Whether it was counted is of no matter: what it was counted for has not begun.
        throw cause instanceof OutcomeUnknown ? new Unavailable(cause.message, { cause }) : cause;
      });
      return 'done' in result ? undefined : toLevel(result.refusedBy ?? {});
    },
  };
}

const toLevel = ({ level, at }: Item): Bucket => ({ level: Number(level ?? 0), at: Number(at ?? 0) });
