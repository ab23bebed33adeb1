import { describe, expect, test, vi } from 'vitest';
import { type Cost, costOf } from '../support/cost.ts';
import type { Client } from '../support/given.ts';
import { ownCloud } from '../support/own-cloud.ts';

// design.md, "What each thing may cost": one test for each row.
const { cloud, given } = await ownCloud();

const cost = (action: () => Promise<unknown>) => costOf(cloud, action);

function expectAtMost(actual: Cost, most: Cost): void {
  expect(actual.posts).toBe(most.posts);
  expect(actual.writes).toBeLessThanOrEqual(most.writes);
  expect(actual.requests, JSON.stringify(actual)).toBeLessThanOrEqual(most.requests);
  expect(actual.reads, JSON.stringify(actual)).toBeLessThanOrEqual(most.reads);
}

const send = (user: Client, recipient: string) => () =>
  user.request({ type: 'SEND_MESSAGE', recipient, content: 'x'.repeat(500) });

describe('a private message', () => {
  test('to who is online: 4 requests, 1 write, 4 reads, a post for each device', async () => {
    const [ann, bob] = await given.users(2);
    await send(ann, bob.name)();
    expectAtMost(await cost(send(ann, bob.name)), { requests: 4, writes: 1, reads: 4, posts: 1 });
    const devices = [await given.device(bob.name), await given.device(ann.name)];
    expectAtMost(await cost(send(ann, bob.name)), { requests: 4, writes: 1, reads: 4, posts: 3 });
    for (const device of devices) expect(await device.arrived()).toHaveLength(1);
    expect(await bob.arrived()).toHaveLength(3);
  });

  test('to who is away, but for the first: 4 requests, 1 write, 4 reads, no post', async () => {
    const [ann, bob] = [await given.aUser(), await given.someoneAway()];
    await send(ann, bob)();
    expectAtMost(await cost(send(ann, bob)), { requests: 4, writes: 1, reads: 4, posts: 0 });
  });

  test('with a key: the same', async () => {
    const [ann, bob] = [await given.aUser(), await given.someoneAway()];
    await send(ann, bob)();
    const keyed = () =>
      ann.request({
        type: 'SEND_MESSAGE',
        recipient: bob,
        content: 'x',
        client_message_id: 'k',
        after_seq: 1,
      });
    expectAtMost(await cost(keyed), { requests: 4, writes: 1, reads: 4, posts: 0 });
  });
});

test('a connection that was closed is unbound by its $disconnect: nothing is posted to it, nothing is left to prune', async () => {
  const [ann, bob] = await given.users(2);
  const phone = await given.device(bob.name);
  await send(ann, bob.name)();
  await phone.arrived();
  await cloud.resetCounts();
  await phone.close();
  await vi.waitFor(async () => {
    const { calls } = await cloud.counts();
    expect(calls.map(({ operation }) => operation)).toContain('DeleteItem'); // its last call
  }, 5_000);
  expectAtMost(await cost(send(ann, bob.name)), { requests: 4, writes: 1, reads: 4, posts: 1 });
  expect(await bob.arrived()).toHaveLength(2);
});

describe('login', () => {
  test('with nothing pending: 5 requests, 3 writes, 5 reads, 1 post, the first and the next time', async () => {
    const name = await given.someoneAway();
    for (const _ of ['first', 'next']) {
      const phone = await given.aStranger();
      const login = () => phone.request({ type: 'login', username: name });
      expectAtMost(await cost(login), { requests: 5, writes: 3, reads: 5, posts: 1 });
    }
  });
});

test('$connect and a connection that never logs in cost nothing until it closes', async () => {
  expect(await cost(() => given.aStranger())).toEqual({ requests: 0, writes: 0, reads: 0, posts: 0 });
});

test('history, newest 50: 3 requests, no write, no post', async () => {
  const [ann, bob] = [await given.aUser(), await given.someoneAway()];
  for (let index = 0; index < 60; index++) await send(ann, bob)();
  const actual = await cost(() => ann.request({ type: 'fetch_history', recipient: bob }));
  // 50 messages of 0.7 KB, read by 4 KB.
  expectAtMost(actual, { requests: 3, writes: 0, reads: 15, posts: 0 });
});

test('a group message, 100 members, 30 online, 50 strangers connected: 6 requests, 1 write, 105 reads, 30 posts', async () => {
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
  const say = () => creator.request({ type: 'SEND_GROUP_MESSAGE', groupname: group, content: 'x' });
  await say(); // who is away is owed from here on
  expectAtMost(await cost(say), { requests: 6, writes: 1, reads: 105, posts: 30 });
  for (const member of online) expect(await member.arrived()).toHaveLength(2);
  for (const other of [...away, ...strangers]) expect(await other.arrived()).toEqual([]);
});

test('nothing ever scans', async () => {
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
