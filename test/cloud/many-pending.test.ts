import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startCloud } from '../../local/cloud.ts';
import { openStore } from '../../local/engine/store.ts';
import { ensureAssembly } from '../../local/synth.ts';
import { type Client, connect } from '../support/client.ts';
import { loginWithPending } from '../support/pending.ts';

const TOTAL = 10_000;
const BATCH = 25;

/** Continues the chat's log as its first entry has begun it: 10,000 sends through a socket would take a minute. */
async function fillLog(data: string): Promise<void> {
  const store = openStore(data);
  const { body } = await store.call('ListTables', {});
  const table = (body.TableNames as string[]).find((name) => name.includes('History')) ?? '';
  const { body: first } = await store.call('Query', {
    TableName: table,
    KeyConditionExpression: 'chat_id = :chat',
    ExpressionAttributeValues: { ':chat': { S: 'ann:bob' } },
  });
  const [item] = first.Items as Record<string, object>[];
  for (let start = 2; start <= TOTAL; start += BATCH) {
    const seqs = Array.from({ length: Math.min(BATCH, TOTAL + 1 - start) }, (_, index) => start + index);
    const puts = seqs.map((seq) => {
      const own = { seq: { N: `${seq}` }, id: { S: `id-${seq}` }, content: { S: `message ${seq}` } };
      return { PutRequest: { Item: { ...item, ...own } } };
    });
    const { status } = await store.call('BatchWriteItem', { RequestItems: { [table]: puts } });
    expect(status).toBe(200);
  }
  await store.close();
}

test('10,000 pending messages arrive at one login, each once, in order, in frames of at most 32 KB', async () => {
  const data = await mkdtemp(join(tmpdir(), 'parley-'));
  onTestFinished(() => rm(data, { recursive: true, force: true }));
  const run = async (story: (user: Client) => Promise<void>) => {
    const cloud = await startCloud({ assembly: await ensureAssembly(), port: 0, data });
    const user = await connect(cloud.url);
    await story(user);
    await user.close();
    await cloud.close();
  };

  await run(async (ann) => {
    for (const username of ['ann', 'bob']) await ann.request({ type: 'register', username });
    await ann.request({ type: 'login', username: 'ann' });
    await ann.request({ type: 'SEND_MESSAGE', recipient: 'bob', content: 'message 1' });
  });
  expect(readdirSync(data)).not.toEqual([]);
  await fillLog(data);
  await run(async (bob) => {
    const messages = await loginWithPending(bob, 'bob');
    expect(messages.map(({ content }) => content)).toEqual(
      Array.from({ length: TOTAL }, (_, index) => `message ${index + 1}`),
    );
    expect(bob.largest).toBeLessThanOrEqual(32 * 1024);
    await bob.request({ type: 'logout' });
    expect(await loginWithPending(bob, 'bob')).toEqual([]);
  });
});
