import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { connect, type Gap } from '../../clients/sdk/chat.ts';
import { memoryStore } from '../../clients/sdk/memory-store.ts';
import { assemblyIn } from '../support/assembly.ts';
import { ownCloud } from '../support/own-cloud.ts';

const SECONDS = 6;
const retentionDays = String(SECONDS / (24 * 60 * 60));
const { cloud, given } = await ownCloud({ assembly: assemblyIn({ retentionDays }) });

const old = () => new Promise((done) => setTimeout(done, SECONDS * 1_000 + 100));

test('expired messages are shown nowhere, and the chat’s numbering continues', async () => {
  const [ann, bob] = await given.users(2);
  await bob.request({ type: 'logout' });
  const send = (content: string) => ann.request({ type: 'SEND_MESSAGE', recipient: bob.name, content });
  for (const content of ['one', 'two', 'three']) await send(content);
  await old();
  const history = (more: object) => ann.request({ type: 'fetch_history', recipient: bob.name, ...more });
  for (const more of [{}, { after_seq: 0 }, { after_seq: 0, changes: true }, { limit: 1 }]) {
    const { messages, next } = await history(more);
    expect([messages, next]).toEqual([[], undefined]);
  }
  const change = { type: 'edit_message', chat: bob.name, seq: 3, content: 'new' };
  expect(await ann.request(change)).toHaveProperty('code', 'unknown_message');
  expect(await ann.request({ type: 'sync' })).toMatchObject({ messages: [] });
  expect(await send('four')).toHaveProperty('seq', 4);
  expect((await history({})).messages).toEqual([expect.objectContaining({ content: 'four', seq: 4 })]);
  expect((await history({ after_seq: 0 })).messages).toHaveLength(1);
  const { pending_messages } = await bob.request({ type: 'login', username: bob.name });
  expect(pending_messages?.map(({ content }) => content)).toEqual(['four']);
});

test('a client that was away for longer than messages are kept is told which it missed, and does not wait for them', async () => {
  const [ann, { name: bob }] = [await given.aUser(), { name: await given.someoneAway() }];
  const send = (content: string) => ann.request({ type: 'SEND_MESSAGE', recipient: bob, content });
  const store = memoryStore();
  const start = async () => {
    const client = connect({ url: cloud.url, username: bob, store, webSocket: WebSocket });
    onTestFinished(() => client.close());
    const [messages, gaps]: [string[], Gap[]] = [[], []];
    client.on('message', ({ content }) => messages.push(content));
    client.on('gap', (gap) => gaps.push(gap));
    const until = (event: 'message' | 'caught-up') =>
      new Promise<void>((done) => client.on(event, () => done()));
    await until('caught-up');
    return { client, messages, gaps, until };
  };
  const chat_id = [ann.name, bob].sort().join(':');

  const first = await start();
  const isThere = first.until('message');
  await send('one');
  await isThere;
  first.client.close();
  await send('two');
  await send('three');
  await old();
  await send('four');
  const second = await start();
  expect(second.gaps).toEqual([{ chat_id, from: 2, to: 3 }]);
  expect(second.messages).toEqual(['four']);
  second.client.close();

  await send('five');
  await old();
  const third = await start();
  expect(third.gaps).toEqual([{ chat_id, from: 5, to: 5 }]);
  const isLive = third.until('message');
  await send('six');
  await isLive;
  expect(third.messages).toEqual(['six']);
});

test('a message costs one write unit more', async () => {
  const [ann, bob] = await given.users(2);
  const send = () => ann.request({ type: 'SEND_MESSAGE', recipient: bob.name, content: 'hi' });
  await send();
  await cloud.resetCounts();
  await send();
  const { calls } = await cloud.counts();
  const writes = calls.filter(({ table }) => table.startsWith('History')).map(({ write }) => write);
  expect(writes.reduce((sum, each) => sum + each)).toBe(2);
  await bob.arrived();
});
