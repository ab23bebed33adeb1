import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type Client, connect } from '../support/client.ts';
import type { Frame, Message } from '../support/frame.ts';
import { loginWithPending } from '../support/pending.ts';
import { startServer } from '../support/process.ts';

const WRITERS = 6;
const ENOUGH = 300;
const reader = 'reader';

async function tempDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'parley-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** Writes to `reader` until the socket breaks; every receipt goes into `receipts`. */
async function writeUntilCut(writer: Client, receipts: Frame[]): Promise<void> {
  for (;;) {
    const request = { type: 'SEND_MESSAGE', recipient: reader, content: `${receipts.length}` };
    const reply = await writer.request(request).catch(() => undefined);
    if (reply === undefined) return;
    expect(reply.status).toBe('send_success');
    receipts.push(reply);
  }
}

async function allOf(user: Client, recipient: string): Promise<Message[]> {
  const found: Message[] = [];
  for (let next: object | undefined = { after_seq: 0 }; next; ) {
    const reply: Frame = await user.request({ type: 'fetch_history', recipient, limit: 200, ...next });
    found.push(...(reply.messages ?? []));
    next = reply.next;
  }
  return found;
}

const idsOf = (messages: { message_id?: string }[]) => new Set(messages.map(({ message_id }) => message_id));
const missing = (receipts: Frame[], found: Message[]) =>
  [...idsOf(receipts)].filter((id) => !idsOf(found).has(id));

test('after kill -9 in the middle of writes, everything acknowledged is stored, and pending', async () => {
  const data = await tempDir();
  const server = await startServer('--data', data);
  const receipts: Frame[] = [];
  const writers = await Promise.all(
    Array.from({ length: WRITERS }, async (_, index) => {
      const client = await connect(server.url);
      await client.request({ type: 'register', username: `writer${index}` });
      await client.request({ type: 'login', username: `writer${index}` });
      return client;
    }),
  );
  await writers[0]?.request({ type: 'register', username: reader });
  const writing = writers.map((writer) => writeUntilCut(writer, receipts));
  while (receipts.length < ENOUGH) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await server.end('SIGKILL')).toBeNull();
  await Promise.all(writing);

  const again = await startServer('--data', data);
  const user = await connect(again.url);
  const owed = await loginWithPending(user, reader);
  const stored: Message[] = [];
  for (let index = 0; index < WRITERS; index++) {
    const messages = await allOf(user, `writer${index}`);
    expect(messages.map(({ seq }) => seq)).toEqual(messages.map((_, at) => at + 1));
    stored.push(...messages);
  }
  expect(missing(receipts, stored)).toEqual([]);
  expect(missing(receipts, owed)).toEqual([]);
  expect(owed).toHaveLength(idsOf(owed).size);
  await user.close();
});

test('after kill -9 with people connected, the next start removes their connections, and keeps those who come back', async () => {
  const data = await tempDir();
  const server = await startServer('--data', data);
  const ann = await connect(server.url);
  await ann.request({ type: 'register', username: 'ann' });
  await ann.request({ type: 'login', username: 'ann' });
  expect(await server.end('SIGKILL')).toBeNull();

  const again = await startServer('--data', data);
  const bob = await connect(again.url);
  await bob.request({ type: 'register', username: 'bob' });
  await bob.request({ type: 'login', username: 'bob' });
  const online = async () => {
    const { users } = (await bob.request({ type: 'presence', usernames: ['ann', 'bob'] })) as unknown as {
      users: { username: string; online: boolean }[];
    };
    return users.filter((user) => user.online).map(({ username }) => username);
  };
  await vi.waitUntil(async () => !(await online()).includes('ann'), { timeout: 60_000, interval: 50 });
  expect(await online()).toEqual(['bob']);
  await bob.close();
});

test('Ctrl-C ends the service cleanly, with people connected', async () => {
  const server = await startServer('--memory');
  const client = await connect(server.url);
  await client.request({ type: 'register', username: 'ann' });
  await client.request({ type: 'login', username: 'ann' });
  expect(await server.end('SIGINT')).toBe(0);
  await client.closed;
  expect(server.printed()).not.toMatch(/^\s+at /m); // no stack
});
