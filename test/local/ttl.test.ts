import { expect, test, vi } from 'vitest';
import { Dynamo } from '../../local/engine/dynamo.ts';
import { openStore } from '../../local/engine/store.ts';
import { sweepEvery } from '../../local/engine/ttl.ts';

test('what has expired is deleted some time later; what has not, or has no time, stays', async () => {
  const dynamo = new Dynamo(openStore());
  const create = {
    TableName: 'Things',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  };
  await dynamo.createTable(create);
  const now = Math.floor(Date.now() / 1000);
  const times = {
    past: { N: `${now - 5}` },
    future: { N: `${now + 600}` },
    text: { S: '1' },
    none: undefined,
  };
  for (const [id, expires] of Object.entries(times)) {
    const Item = { id: { S: id }, ...(expires && { expires }) };
    await dynamo.call('PutItem', { TableName: 'Things', Item });
  }
  const stop = sweepEvery(10, dynamo, [{ name: 'Things', arn: '', create, ttl: 'expires' }]);
  await vi.waitFor(async () => {
    const { body } = await dynamo.call('Scan', { TableName: 'Things' });
    const ids = (body.Items as { id: { S: string } }[]).map(({ id }) => id.S);
    expect(ids.sort()).toEqual(['future', 'none', 'text']);
  }, 5_000);
  stop();
});
