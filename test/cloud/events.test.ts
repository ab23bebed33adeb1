import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, afterEach, expect, test } from 'vitest';
import { INBOX_POINTERS } from '../../chat/model.ts';
import { unusedOf } from '../../local/iam.ts';
import type { BusEvent } from '../../protocol/index.ts';
import { adminOf } from '../support/admin.ts';
import { editedAssembly } from '../support/edited-assembly.ts';
import type { Client } from '../support/given.ts';
import { unique } from '../support/given.ts';
import { ownCloud } from '../support/own-cloud.ts';
import { webhook } from '../support/webhook.ts';

const hook = await webhook<BusEvent>();
afterAll(hook.close);

const assembly = await editedAssembly(
  (resources) => {
    for (const { Type, Properties } of Object.values(resources))
      if (Type === 'AWS::Lambda::EventSourceMapping' && Properties.MaximumRetryAttempts === 10)
        Properties.MaximumRetryAttempts = 5;
  },
  { events: 'true' },
);
const { cloud, given } = await ownCloud({ assembly, eventsTo: hook.url });
const { admin } = adminOf(cloud);
afterEach(() => cloud.setFaults(undefined));

const schema = JSON.parse(readFileSync(new URL('../../docs/events.schema.json', import.meta.url), 'utf8'));
const isEvent = new Ajv2020({ strict: false }).compile(schema);

/** What a backend has of a chat, a group or a user, each event once, without ids and times. */
function seen(about: string): object[] {
  const found = new Map<string, BusEvent>();
  for (const event of hook.got) {
    expect(isEvent(event), JSON.stringify([event, isEvent.errors])).toBe(true);
    // One id is one event, to the byte. A replay tells what is so now.
    const before = found.get(event.id);
    if (before && !event.replayed && !before.replayed)
      expect(JSON.stringify(event)).toBe(JSON.stringify(before));
    const of = 'chat_id' in event ? event.chat_id : event.username;
    if (of === about) found.set(event.id, event);
  }
  return [...found.values()].map(({ id: _, timestamp: __, ...rest }) => rest);
}

const message_id = expect.any(String);

const say = (from: Client, to: Client, content: string, more = {}) =>
  from.request({ type: 'SEND_MESSAGE', recipient: to.name, content, ...more });

/** Takes what a client got in the course of a test. */
const taken = (...clients: Client[]) => Promise.all(clients.map((each) => each.arrived()));

test('a message, its edits and its deletion each have an event', async () => {
  const [ann, bob] = await given.users(2);
  const chat_id = String((await say(ann, bob, 'one', { client_message_id: 'k' })).chat_id);
  await say(ann, bob, 'two');
  // The same message again.
  await say(ann, bob, 'one', { client_message_id: 'k' });
  for (const content of ['One', 'ONE'])
    await ann.request({ type: 'edit_message', chat: chat_id, seq: 1, content });
  await ann.request({ type: 'delete_message', chat: chat_id, seq: 2 });
  const of = { chat_id, sender: ann.name };
  const expected = [
    { ...of, type: 'message.created', seq: 1, message_id, content: 'one', client_message_id: 'k' },
    { ...of, type: 'message.created', seq: 2, message_id, content: 'two' },
    { ...of, type: 'message.edited', seq: 1, message_id, revision: 1, content: 'One' },
    { ...of, type: 'message.edited', seq: 1, message_id, revision: 2, content: 'ONE' },
    { ...of, type: 'message.deleted', seq: 2 },
  ];
  await expect.poll(() => seen(chat_id).length).toBe(expected.length);
  expect(seen(chat_id)).toEqual(expect.arrayContaining(expected));
  await taken(ann, bob);
});

test('what was refused has no event', async () => {
  const [ann, bob] = await given.users(2);
  const chat_id = String((await say(ann, bob, 'one')).chat_id);
  const refused = [
    await say(ann, bob, ''),
    await say(ann, { name: unique('nobody') } as Client, 'x'),
    await bob.request({ type: 'edit_message', chat: chat_id, seq: 1, content: 'mine' }),
    await bob.request({ type: 'delete_message', chat: chat_id, seq: 1 }),
    await ann.request({ type: 'edit_message', chat: chat_id, seq: 9, content: 'x' }),
  ];
  expect(refused.every(({ code }) => code !== undefined)).toBe(true);
  await say(ann, bob, 'last');
  await expect.poll(() => seen(chat_id)).toContainEqual(expect.objectContaining({ content: 'last' }));
  expect(seen(chat_id)).toHaveLength(2);
  await taken(ann, bob);
});

test('a group has events for what it is, and for who comes and goes', async () => {
  const [ann, bob, eve] = await given.users(3);
  const group_id = unique('group');
  await ann.request({ type: 'create_group', group_name: group_id, title: 'First' });
  for (const each of [bob, eve]) await each.request({ type: 'join_group', group_id });
  await bob.request({ type: 'mark_read', chat: `#${group_id}`, seq: 0 });
  await ann.request({ type: 'SEND_GROUP_MESSAGE', group_id, content: 'hello' });
  await ann.request({ type: 'update_group', group_id, title: '', topic: 'all', invite_only: true });
  await ann.request({ type: 'remove_member', group_id, username: eve.name });
  await ann.request({ type: 'set_owner', group_id, username: bob.name });
  await ann.request({ type: 'leave_group', group_id });
  // Back, over the removal record.
  await bob.request({ type: 'invite', group_id, username: eve.name });
  await eve.request({ type: 'join_group', group_id });
  const of = { chat_id: `#${group_id}`, group_id };
  const member = (type: string, { name: username }: Client) => ({ ...of, type, username });
  const expected = [
    { ...of, type: 'group.created', owner: ann.name, invite_only: false },
    { ...of, type: 'group.updated', title: 'First' },
    member('member.added', ann),
    member('member.added', bob),
    member('member.added', eve),
    { chat_id: of.chat_id, type: 'message.created', seq: 1, sender: ann.name, message_id, content: 'hello' },
    { ...of, type: 'group.updated', title: '', topic: 'all' },
    { ...of, type: 'group.updated', invite_only: true },
    member('member.removed', eve),
    { ...of, type: 'group.updated', owner: bob.name },
    member('member.removed', ann),
    member('member.added', eve),
  ];
  await expect.poll(() => seen(of.chat_id).length).toBe(expected.length);
  expect(seen(of.chat_id)).toEqual(expect.arrayContaining(expected));
  await taken(ann, bob, eve);
});

test('a user has events for their account, and one for each message that goes with it', async () => {
  const [ann, bob] = await given.users(2);
  const username = bob.name;
  const chat_id = String((await say(bob, ann, 'mine')).chat_id);
  await say(ann, bob, 'hers');
  await taken(bob);
  await bob.request({ type: 'delete_account' });
  await expect
    .poll(() => seen(username))
    .toEqual([
      { type: 'user.created', username },
      { type: 'user.deleted', username },
    ]);
  await expect
    .poll(() => seen(chat_id))
    .toContainEqual({ type: 'message.deleted', chat_id, seq: 1, sender: username });
  expect(seen(chat_id)).toHaveLength(3);
  await taken(ann);
});

/** The chats and seqs that a backend was told a user is away from, each event once. */
function awayFrom(username: string): [string, number | undefined][] {
  const found = new Map<string, [string, number | undefined]>();
  for (const event of hook.got)
    if (event.type === 'recipient.away' && event.username === username)
      found.set(event.id, [event.chat_id, event.seq]);
  return [...found.values()];
}

test('a user who is away has one event for each chat and absence, and none while they are there', async () => {
  const [ann, bob] = await given.users(2);
  const group = await given.aGroup(ann, bob);
  const toGroup = () => ann.request({ type: 'SEND_GROUP_MESSAGE', group_id: group, content: 'all' });
  const chat_id = String((await say(ann, bob, 'live')).chat_id);
  await taken(bob);
  await bob.request({ type: 'logout' });
  for (const content of ['one', 'two']) await say(ann, bob, content);
  for (let times = 0; times < 2; times++) await toGroup();
  await given.device(bob.name, 'json', bob);
  await say(ann, bob, 'live again');
  await toGroup();
  await taken(bob);
  await bob.request({ type: 'logout' });
  await say(ann, bob, 'three');
  await expect
    .poll(() => awayFrom(bob.name))
    .toEqual([
      [chat_id, 2],
      [`#${group}`, 1],
      // All changes of an inbox are in order.
      [chat_id, 5],
    ]);
  expect(awayFrom(ann.name)).toEqual([]);
  await taken(ann, bob);
});

test('what a user leaves behind has another event', async () => {
  const [ann, eve] = await given.users(2);
  const bob = await given.someoneAway();
  // More than a page.
  const content = 'x'.repeat(10_000);
  const to = { name: bob } as Client;
  const chats = [];
  for (const from of [ann, eve, ann, eve]) chats.push(String((await say(from, to, content)).chat_id));
  const [first = '', last = ''] = chats.slice(0, 2).sort();
  await expect
    .poll(() =>
      awayFrom(bob)
        .map(([chat]) => chat)
        .toSorted(),
    )
    .toEqual([first, last]);
  const device = await given.aStranger();
  await device.request({ type: 'login', username: bob, cursors: {} });
  await device.nextText('the first page', (text) => text.includes('sync_response'));
  // What was handed over is acknowledged after that.
  await cloud.answered();
  await device.close();
  await expect
    .poll(() =>
      awayFrom(bob)
        .map(([chat]) => chat)
        .toSorted(),
    )
    .toEqual([first, last, last]);
  await taken(ann, eve);
});

test('a user for whom 50 chats wait has events for others, too', async () => {
  const ann = await given.aUser();
  const bob = await given.someoneAway();
  const pending = Object.fromEntries(Array.from({ length: INBOX_POINTERS }, (_, n) => [`#g${n}`, 1]));
  await cloud.fill('Inboxes', [{ username: bob, connections: {}, pending, has_pending: true }]);
  const chat_id = String((await say(ann, { name: bob } as Client, 'one')).chat_id);
  await expect.poll(() => awayFrom(bob)).toContainEqual([chat_id, undefined]);
  await say(ann, { name: bob } as Client, 'two');
  // Each message has a pointer of its own, and so the event comes for each: the same, to the byte.
  const told = () =>
    hook.got.filter(
      (event) => event.type === 'recipient.away' && event.username === bob && event.chat_id === chat_id,
    );
  await expect.poll(() => told().length).toBeGreaterThan(1);
  expect(new Set(told().map((event) => JSON.stringify(event))).size).toBe(1);
  const device = await given.aStranger();
  await device.request({ type: 'login', username: bob });
  await taken(ann, device);
});

test('a record that no event can be made of ends in the dead-letter queue, and stops nobody', async () => {
  const [ann, bob] = await given.users(2);
  const chat_id = String((await say(ann, bob, 'before')).chat_id);
  // Of the same shard, as of the same partition: an entry without a time.
  await cloud.fill('History', [{ chat_id, seq: 2, id: 'x', sender: 'x', content: 'poison' }]);
  for (const content of ['after', 'later']) await say(ann, bob, content);
  await expect.poll(() => cloud.messages('EventBusFailed')).toHaveLength(1);
  expect(JSON.parse(cloud.messages('EventBusFailed')[0] ?? '')).toMatchObject({
    requestContext: { condition: 'RetryAttemptsExhausted' },
    DDBStreamBatchInfo: { batchSize: 1, streamArn: expect.stringContaining('table/History') },
  });
  const contents = () => seen(chat_id).map((event) => (event as { content?: string }).content);
  await expect.poll(contents).toEqual(['before', 'after', 'later']);
  await taken(ann, bob);
});

test('with faults on the way, each message has its event', async () => {
  const [ann, bob] = await given.users(2);
  const events = { recordsFail: 0.1, recordsTwice: 0.2, entryFails: 0.05, eventTwice: 0.2, targetFails: 0.2 };
  await cloud.setFaults({ seed: 7, events, lambda: { twice: 0.05 } });
  const contents = Array.from({ length: 30 }, (_, n) => `message ${n}`);
  const replies = [];
  // With a key: a function that runs twice stores it once.
  for (const content of contents) replies.push(await say(ann, bob, content, { client_message_id: content }));
  const chat_id = String(replies[0]?.chat_id);
  const sorted = () =>
    (seen(chat_id) as { seq: number; content: string }[]).sort((one, other) => one.seq - other.seq);
  await expect.poll(() => sorted().map(({ content }) => content)).toEqual(contents);
  expect(sorted().map(({ seq }) => seq)).toEqual(contents.map((_, index) => index + 1));
  await cloud.setFaults(undefined);
  await taken(ann, bob);
});

test('what the bus did not take is told by a replay since what the dead-letter queue says, with the same ids', async () => {
  const [ann, bob] = await given.users(2);
  const chat_id = String((await say(ann, bob, 'before')).chat_id);
  await expect.poll(() => seen(chat_id)).toHaveLength(1);
  const given_up = cloud.messages('EventBusFailed').length;
  await cloud.setFaults({ seed: 1, events: { entryFails: 1 } });
  await say(ann, bob, 'lost');
  await ann.request({ type: 'edit_message', chat: chat_id, seq: 1, content: 'changed' });
  await expect.poll(() => cloud.messages('EventBusFailed').length).toBe(given_up + 2);
  expect(seen(chat_id)).toHaveLength(1);
  // As long as it takes nothing, a replay says so.
  expect(await admin('replay', '--chat', chat_id)).toMatchObject({
    code: 1,
    said: expect.stringContaining('busy'),
  });
  await cloud.setFaults(undefined);
  // As docs/events.md has it: a minute before the earliest of the entries.
  const arrivals = cloud
    .messages('EventBusFailed')
    .slice(given_up)
    .map((entry) => Date.parse(JSON.parse(entry).DDBStreamBatchInfo.approximateArrivalOfFirstRecord));
  const since = new Date(Math.min(...arrivals) - 60_000).toISOString();
  expect((await admin('replay', '--since', since)).said).toMatch(/^Put \d+ events on the bus/);
  const of = { chat_id, sender: ann.name, message_id };
  await expect.poll(() => seen(chat_id).length).toBe(3);
  expect(seen(chat_id)).toEqual(
    expect.arrayContaining([
      { ...of, type: 'message.created', seq: 2, content: 'lost', replayed: true },
      { ...of, type: 'message.edited', seq: 1, revision: 1, content: 'changed', replayed: true },
    ]),
  );
  const { said } = await admin('replay', '--chat', chat_id, '--from', '2');
  expect(said).toBe('Put 1 event on the bus.\n');
  for (const [args, message] of [
    [[], 'Say which events'],
    [['--from', '3'], '--from needs --chat'],
    [['--since', 'yesterday'], 'must be a time'],
    [['--chat', 'a b'], 'chat'],
  ] as const)
    expect((await admin('replay', ...args)).said).toContain(message);
  await taken(ann, bob);
});

test('no function lacks a right, or has one for events that it does not use', async () => {
  const { granted, used, denied } = await cloud.grants();
  expect(denied).toEqual([]);
  // What is granted only with the setting. The rest is for test/after/.
  const forEvents = granted.filter((each) => each.function === 'Events' || each.action.startsWith('events:'));
  expect(unusedOf(forEvents, used)).toEqual([]);
  const putting = forEvents.filter(({ action }) => action === 'events:PutEvents');
  expect(putting.map((each) => each.function).toSorted()).toEqual(['Events', 'Operator']);
});
