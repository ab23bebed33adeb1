import { expect, test, vi } from 'vitest';
import { broken, costRows } from '../../tools/bench/cost-rows.ts';
import { cursorsOf, fillChats } from '../../tools/bench/filled.ts';
import { People } from '../../tools/bench/people.ts';
import { costOf } from '../support/cost.ts';
import type { Client } from '../support/given.ts';
import { ownCloud } from '../support/own-cloud.ts';

// One test for each row of the table of costs.
const { cloud, given } = await ownCloud();

const cost = (action: () => Promise<unknown>) => costOf(cloud, action);

const send = (user: Client, recipient: string) => () =>
  user.request({ type: 'SEND_MESSAGE', recipient, content: 'x'.repeat(500) });

test.each(costRows)('$operation', async (row) => {
  const people = new People(cloud.url);
  const action = await row.scene(people, cloud);
  expect(broken(await cost(action), row)).toEqual([]);
  await people.leave();
});

test('an operation over its budget is named', () => {
  const row = costRows.find(({ budget }) => budget.posts > 0);
  if (row === undefined) throw new Error('No row posts anything');
  expect(broken({ ...row.budget, reads: row.budget.reads + 1, posts: 0 }, row)).toEqual([
    `reads: ${row.budget.reads + 1} for ${row.budget.reads}`,
    `posts: 0 for ${row.budget.posts}`,
  ]);
});

test('chats that were written into the store are read like those that were sent', async () => {
  const alice = await given.aUser();
  const chats = await fillChats(cloud, alice.name, 2, { messages: 60 });
  const { messages } = (await alice.request({ type: 'sync' })) as { messages?: { chat_id: string }[] };
  expect(messages?.filter(({ chat_id }) => chat_id === chats[1]?.id)).toHaveLength(60);
  const page = await alice.request({ type: 'fetch_history', recipient: chats[0]?.partner });
  expect(page.messages).toHaveLength(50);
  expect(await alice.request({ type: 'sync', cursors: cursorsOf(chats) })).toMatchObject({ messages: [] });
});

test('the $disconnect of a closed connection unbinds it, so that nothing is posted to it or removed later', async () => {
  const [ann, bob] = await given.users(2);
  const phone = await given.device(bob.name);
  await send(ann, bob.name)();
  await phone.arrived();
  await cloud.resetCounts();
  await phone.close();
  await vi.waitFor(async () => {
    const { calls } = await cloud.counts();
    expect(calls.map(({ operation }) => operation)).toContain('DeleteItem'); // its last call
  }, 60_000);
  expect(await cost(send(ann, bob.name))).toMatchObject({ requests: 4, writes: 1, posts: 1 });
  expect(await bob.arrived()).toHaveLength(2);
});

test('in a group of 100 with 30 online and 50 strangers, exactly those 30 get it', async () => {
  const creator = await given.aUser();
  const group = await given.aGroup(creator);
  const members = await Promise.all(Array.from({ length: 99 }, () => given.aUser()));
  await Promise.all(members.map((member) => member.request({ type: 'join_group', group_id: group })));
  const [online, away] = [members.slice(0, 30), members.slice(30)];
  await Promise.all(away.map((member) => member.request({ type: 'logout' })));
  const strangers = await Promise.all([
    ...Array.from({ length: 25 }, () => given.aStranger()),
    ...Array.from({ length: 25 }, () => given.aUser()),
  ]);
  await creator.request({ type: 'SEND_GROUP_MESSAGE', groupname: group, content: 'x' });
  for (const member of online) expect(await member.arrived()).toHaveLength(1);
  for (const other of [...away, ...strangers]) expect(await other.arrived()).toEqual([]);
});

test('no operation scans a table', async () => {
  await cloud.resetCounts();
  const [ann, bob] = await given.users(2);
  const group = await given.aGroup(ann, bob);
  await send(ann, bob.name)();
  await ann.request({ type: 'SEND_GROUP_MESSAGE', groupname: group, content: 'x' });
  await ann.request({ type: 'fetch_history', recipient: group });
  await bob.arrived();
  const operations = new Set((await cloud.counts()).calls.map(({ operation }) => operation));
  expect(operations).toContain('Query');
  expect(operations).not.toContain('Scan');
});

test('rate limits cost at most 0.1 write units for each message that they let through', async () => {
  const [ann, bob] = await given.users(2);
  await send(ann, bob.name)();
  await cloud.resetCounts();
  // One after another, so that one instance counts them all: each writes what it counted a batch at a time.
  let sent = 0;
  for (let count = 0; count < 100; count++)
    if ((await send(ann, bob.name)()).status === 'send_success') sent++;
  const { calls } = await cloud.counts();
  const writes = calls
    .filter(({ table }) => table.startsWith('RateLimits'))
    .reduce((sum, { write }) => sum + write, 0);
  console.log(`limits: ${writes / sent} write units a message`);
  expect(sent).toBe(100);
  expect(writes).toBeGreaterThan(0);
  expect(writes / sent).toBeLessThanOrEqual(0.1);
  await bob.arrived();
});
