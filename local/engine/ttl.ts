import type { TableModel } from '../template/model.ts';
import type { Dynamo } from './dynamo.ts';

type Item = Record<string, { S?: string; N?: string }>;

/**
 * Deletes expired items like DynamoDB does: some time later, in no particular order.
 * @param interval milliseconds
 * @returns a function that stops it
 */
export function sweepEvery(interval: number, dynamo: Dynamo, tables: readonly TableModel[]): () => void {
  const timer = setInterval(() => {
    for (const table of tables) void sweep(dynamo, table, Date.now());
  }, interval);
  timer.unref();
  return () => clearInterval(timer);
}

/** One sweep over a table with a TTL. */
async function sweep(dynamo: Dynamo, { name, ttl, create }: TableModel, now: number): Promise<void> {
  if (ttl === undefined) return;
  const seconds = { ':now': { N: String(Math.floor(now / 1000)) } };
  const names = { '#ttl': ttl };
  const { body } = await dynamo.call('Scan', {
    TableName: name,
    FilterExpression: '#ttl < :now',
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: seconds,
  });
  const keys = (create.KeySchema as { AttributeName: string }[]).map(({ AttributeName }) => AttributeName);
  for (const item of (body.Items ?? []) as Item[]) {
    await dynamo.expire({
      TableName: name,
      Key: Object.fromEntries(keys.map((key) => [key, item[key]])),
      // The item may have been rewritten meanwhile.
      ConditionExpression: '#ttl < :now',
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: seconds,
    });
  }
}
