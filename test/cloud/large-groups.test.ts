import { expect, test, vi } from 'vitest';
import { ensureAssembly } from '../../local/synth.ts';
import { costOf } from '../support/cost.ts';
import type { Client } from '../support/given.ts';
import { ownCloud } from '../support/own-cloud.ts';
import { SMALL_PAGE } from '../support/small-page.ts';

// Groups far larger than what one invocation takes on.
const PAGE_SIZE = Number(SMALL_PAGE.fanOutPageSize);
const { cloud, given } = await ownCloud({
  assembly: await ensureAssembly({ context: SMALL_PAGE }),
});

/** A group of a creator, others who are online, and some who are away. */
async function crowd(online: number, away: number) {
  const creator = await given.aUser();
  const there = await given.users(online);
  const gone = await given.users(away);
  const group = await given.aGroup(creator, ...there, ...gone);
  await Promise.all(gone.map((client) => client.request({ type: 'logout' })));
  return { creator, there, names: gone.map(({ name }) => name), group };
}

const say = (by: Client, group: string, content: string) =>
  by.request({ type: 'SEND_GROUP_MESSAGE', group_id: group, content });

/** Until the queue has nothing left. */
const quiet = () =>
  vi.waitFor(() => expect(Object.values(cloud.queues())).toEqual([0, 0]), { timeout: 60_000, interval: 20 });

test('each member of a large group gets each message once, at once if online, else at login', async () => {
  const { creator, there, names, group } = await crowd(8, 8);
  for (const content of ['one', 'two', 'three']) {
    expect(await say(creator, group, content)).toHaveProperty('status', 'send_success');
    for (const client of there) expect(await client.next({ content })).toHaveProperty('group_id', group);
  }
  await quiet();
  for (const client of there) expect(await client.arrived()).toEqual([]);
  for (const name of names) {
    const { pending_messages } = await (await given.aStranger()).request({ type: 'login', username: name });
    expect(pending_messages?.map(({ content }) => content)).toEqual(['one', 'two', 'three']);
  }
});

test('a member with an away note costs only their row in the list of members', async () => {
  const { creator, there, names, group } = await crowd(3, 30);
  for (const content of ['one', 'two']) {
    await say(creator, group, content);
    await quiet();
  }
  const members = names.length + there.length + 1;
  const cost = await costOf(cloud, async () => {
    await say(creator, group, 'three');
    await quiet();
  });
  // The message, and where its first page ends; each page that the queue brings is claimed, notes where it ends, and may be
  // charged on the sender. Pages run side by side, so a charge may lose a race for the bucket and be written again.
  const queued = Math.floor(members / PAGE_SIZE);
  expect(cost.posts).toBe(there.length);
  expect(cost.writes).toBeGreaterThanOrEqual(2 + 2 * queued);
  expect(cost.writes).toBeLessThanOrEqual(2 + 4 * queued);
  // Each invocation looks the message up, and reads at least one unit of the list and the sender's inbox.
  const invocations = queued + 1;
  expect(cost.reads).toBeLessThanOrEqual(there.length + 2 * invocations + 10);
  for (const client of there) expect(await client.arrived()).toHaveLength(3);
});

test('a member who returns gets posts again, and pending messages when they are away again', async () => {
  const { creator, names, group } = await crowd(0, 8);
  for (const content of ['one', 'two', 'three']) await say(creator, group, content);
  await quiet();
  const [name = ''] = names;
  const back = await given.aStranger();
  const { pending_messages } = await back.request({ type: 'login', username: name });
  expect(pending_messages).toHaveLength(3);
  await say(creator, group, 'four');
  expect(await back.next({ content: 'four' })).toHaveProperty('seq', 4);
  await back.request({ type: 'logout' });
  for (const content of ['five', 'six', 'seven']) await say(creator, group, content);
  await quiet();
  const again = await back.request({ type: 'login', username: name });
  expect(again.pending_messages?.map(({ seq }) => seq)).toEqual([5, 6, 7]);
});
