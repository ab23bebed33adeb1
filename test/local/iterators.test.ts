import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { openStore } from '../../local/engine/store.ts';

type Attaches = { attachResource(resource: unknown): void; detachResource(resource: unknown): void };

const require = createRequire(import.meta.url);
// What the store's levels are made of: each iterator is attached to its level from its opening to its closing.
const { AbstractLevel } = createRequire(require.resolve('dynalite'))('abstract-level') as {
  AbstractLevel: { prototype: Attaches };
};

afterEach(() => vi.restoreAllMocks());

const folderIf = (wanted: boolean) => (wanted ? mkdtempSync(join(tmpdir(), 'engine-')) : undefined);

test.each([{ inFolder: false }, { inFolder: true }])(
  'an iterator is closed after each read, whether it ends early or not ($inFolder)',
  async ({ inFolder }) => {
    const opened = vi.spyOn(AbstractLevel.prototype, 'attachResource');
    const closed = vi.spyOn(AbstractLevel.prototype, 'detachResource');
    const folder = folderIf(inFolder);
    const store = openStore(folder);
    await store.ready();
    const call = async (operation: string, input: Record<string, unknown>) => {
      const { status, body } = await store.call(operation, { TableName: 'Things', ...input });
      expect(body).not.toHaveProperty('__type');
      expect(status).toBe(200);
      return body;
    };
    await call('CreateTable', {
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['chat', 'seq'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: [
        { AttributeName: 'chat', KeyType: 'HASH' },
        { AttributeName: 'seq', KeyType: 'RANGE' },
      ],
    });
    const isActive = async () => {
      expect(await call('DescribeTable', {})).toMatchObject({ Table: { TableStatus: 'ACTIVE' } });
    };
    await vi.waitFor(isActive, 60_000);
    for (const seq of ['1', '2', '3']) await call('PutItem', { Item: { chat: { S: 'a' }, seq: { S: seq } } });

    const query = {
      KeyConditionExpression: 'chat = :a',
      ExpressionAttributeValues: { ':a': { S: 'a' } },
    };
    opened.mockClear();
    closed.mockClear();
    expect(await call('Query', query)).toMatchObject({ Count: 3 });
    expect(await call('Query', { ...query, Limit: 1, ScanIndexForward: false })).toMatchObject({ Count: 1 });
    expect(await call('Scan', { Limit: 2 })).toMatchObject({ Count: 2 });
    expect(opened.mock.calls.length).toBeGreaterThan(2);
    const left = new Set(opened.mock.calls.flat());
    await vi.waitFor(() => {
      for (const resource of closed.mock.calls.flat()) left.delete(resource);
      expect([...left]).toEqual([]);
    }, 60_000);

    await store.close();
    if (folder) rmSync(folder, { recursive: true });
  },
);
