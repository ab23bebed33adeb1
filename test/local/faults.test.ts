import { expect, test, vi } from 'vitest';
import { connect } from '../support/client.ts';
import { faultyCloud } from '../support/faulty-cloud.ts';
import type { Frame } from '../support/frame.ts';
import { type Client, unique } from '../support/given.ts';

const { cloud, given, faults, who, ran, runsOf } = await faultyCloud();

const ERROR_FRAME = 'Internal server error';
const dies = (client: Client) => client.nextText('the error frame', (text) => text.includes(ERROR_FRAME));

const say = (client: Client, recipient: string, content: string) =>
  client.request({ type: 'SEND_MESSAGE', recipient, content, client_message_id: content });

/** The reply; none if its function dies, or the socket does. */
function replyTo(client: Client, request: object): Promise<Frame | undefined> {
  // Of its own: the reply to an event that runs twice comes twice.
  const id = unique('request');
  client.send(JSON.stringify({ ...request, request_id: id }));
  const reply = client.nextText('an answer', (text) => text.includes(id) || text.includes(ERROR_FRAME));
  const parsed = reply.then((text) => JSON.parse(text) as Frame);
  return Promise.race([parsed, client.closed.then(() => undefined)]).catch(() => undefined);
}

/** Sends as a client does that wants to be sure: the same again, on another socket, until it is acknowledged. */
async function insist(name: string, recipient: string, content: string): Promise<void> {
  for (let status: string | undefined; status !== 'send_success'; ) {
    const client = await connect(cloud.url);
    await replyTo(client, { type: 'login', username: name });
    const message = { type: 'SEND_MESSAGE', recipient, content, client_message_id: content };
    status = (await replyTo(client, message))?.status;
    client.socket.terminate();
  }
}

/**
 * Until no message is handled any more that began to be since: an event that runs twice, or whose socket was cut, goes
 * on beside what follows, and hands over again.
 * @param twice whether each message is to run once more
 */
async function settled(since: ReturnType<typeof runsOf>, twice: boolean): Promise<void> {
  await vi.waitUntil(() => {
    const now = runsOf('SEND_MESSAGE');
    const begun = now.begun - since.begun;
    return begun >= CONTENTS.length * (twice ? 2 : 1) && now.over - since.over >= begun;
  }, 60_000);
}

async function historyOf(name: string, recipient: string): Promise<string[]> {
  const reply = await (await given.device(name)).request({ type: 'fetch_history', recipient });
  return (reply.messages ?? []).map(({ content }) => content);
}

async function pendingOf(name: string): Promise<string[]> {
  const { pending_messages } = await (await given.aStranger()).request({ type: 'login', username: name });
  return (pending_messages ?? []).map(({ content }) => content);
}

/** Whether the first write of a registration took effect: then no group can have the name. */
async function isTaken(name: string): Promise<boolean> {
  const reply = await (await given.aUser()).request({ type: 'create_group', group_name: name });
  return reply.code === 'name_taken';
}

const CONTENTS = ['one', 'two', 'three', 'four'];

test.each([
  ['errorBefore', false],
  ['errorAfter', true],
] as const)('%s: nobody is told of a success; it was stored: %s', async (kind, stored) => {
  const name = unique('user');
  const stranger = await given.aStranger();
  const times = await faults({ dynamo: { [kind]: 1 } });
  expect(await stranger.say(`register ${name}`)).toMatch(/^register_fail/);
  expect(await times(kind)).toBeGreaterThan(1);
  await faults();
  expect(await isTaken(name)).toBe(stored);
});

test.each([
  ['throttle', { dynamo: { throttle: 0.2 } }],
  ['errorAfter', { dynamo: { errorAfter: 0.4 } }],
  ['errorLate', { dynamo: { errorLate: 0.4, delayMs: 300 } }],
  ['kill', { lambda: { kill: 0.1 } }],
  ['cut', { sockets: { cut: 0.3 } }],
  ['twice', { lambda: { twice: 1 } }],
] as const)(
  '%s: a message that is sent until it is acknowledged is stored once, and pending once',
  async (kind, plan) => {
    const [ann, bob] = [await given.someoneAway(), await given.someoneAway()];
    const [times, since] = [await faults(plan), runsOf('SEND_MESSAGE')];
    for (const content of CONTENTS) await insist(ann, bob, content);
    expect(await times(kind)).toBeGreaterThan(0);
    await faults();
    // What was killed is never over, and nothing of it goes on.
    if (kind !== 'kill') await settled(since, kind === 'twice');
    expect((await historyOf(ann, bob)).toSorted()).toEqual(CONTENTS.toSorted());
    expect((await pendingOf(bob)).toSorted()).toEqual(CONTENTS.toSorted());
  },
);

test('errorLate: a message that takes effect after an unknown outcome is there once, also when it is sent again', async () => {
  const [ann, bob] = await given.users(2);
  await say(ann, bob.name, 'before');
  await bob.next({ type: 'RECEIVE_MESSAGE', content: 'before' });
  const times = await faults({ dynamo: { errorLate: 1, delayMs: 1_000 } });
  expect(await say(ann, bob.name, 'late')).toMatchObject({ status: 'send_fail', code: 'outcome_unknown' });
  // Each attempt, and each after it: none was known to have failed.
  expect(await times('errorLate')).toBeGreaterThan(3);
  await faults();
  const history = async () => {
    const { messages = [] } = await ann.request({ type: 'fetch_history', recipient: bob.name });
    return messages.map(({ content, seq }) => [seq, content]);
  };
  await vi.waitUntil(async () => (await history()).length > 1, 60_000);
  // Whoever stored it had given up before.
  expect(await bob.arrived()).toEqual([]);
  expect(await say(ann, bob.name, 'late')).toMatchObject({ status: 'send_success', seq: 2 });
  expect(await bob.next({ type: 'RECEIVE_MESSAGE' })).toMatchObject({ content: 'late', seq: 2 });
  expect(await history()).toEqual([
    [1, 'before'],
    [2, 'late'],
  ]);
});

test('throttle: in the end the client is told that the service is busy', async () => {
  const ann = await given.aUser();
  const times = await faults({ dynamo: { throttle: 1 } });
  expect(await ann.request({ type: 'list_chats' })).toHaveProperty('code', 'busy');
  expect(await times('throttle')).toBeGreaterThan(1);
});

test.each([
  ['latency', { latency: 600 }],
  ['delay', { delay: 1, delayMs: 1500 }],
])('%s: calls that need DynamoDB are overtaken by others', async (_, dynamo) => {
  const ann = await given.aUser();
  await faults({ dynamo });
  ann.send('{"type":"list_chats","request_id":"slow"}');
  for (let index = 0; index < 10; index++) await ann.request({ type: 'ping' });
  expect(await ann.arrived()).toEqual([]);
  expect(await ann.next({ request_id: 'slow' })).toHaveProperty('status', 'list_chats_success');
});

test('stale: a list by an index lacks new items, and has them later', async () => {
  const ann = await given.aUser();
  const times = await faults({ dynamo: { stale: 1 } });
  const group = await given.aGroup(ann);
  const chats = async () => JSON.stringify(await ann.request({ type: 'list_chats' }));
  expect(await chats()).not.toContain(group);
  await vi.waitFor(async () => expect(await chats()).toContain(group), { timeout: 60_000, interval: 100 });
  expect(await times('stale')).toBeGreaterThan(1);
});

test('stale: items from before the fault are listed', async () => {
  const ann = await given.aUser();
  const group = await given.aGroup(ann);
  const times = await faults({ dynamo: { stale: 1 } });
  expect(JSON.stringify(await ann.request({ type: 'list_chats' }))).toContain(group);
  expect(await times('stale')).toBe(1);
});

test.each(['kill', 'hang'] as const)('%s: some requests without a reply took effect', async (kind) => {
  const heard = new Set<boolean>();
  // Where it hangs is drawn; on a busy machine what would have taken effect may have had no time.
  while (heard.size < 2) {
    const names = Array.from({ length: 8 }, () => unique('user'));
    const strangers = await Promise.all(names.map(() => given.aStranger()));
    const times = await faults({ lambda: { [kind]: 1 } });
    await Promise.all(
      strangers.map((stranger, index) => {
        stranger.send(JSON.stringify({ type: 'register', username: names[index] }));
        return dies(stranger);
      }),
    );
    expect(await times(kind)).toBeGreaterThanOrEqual(names.length);
    await faults();
    // One after the other: each function that was ended starts again.
    for (const name of names) heard.add(await isTaken(name));
  }
});

test('cold: each invocation has a new instance', async () => {
  const ann = await given.aUser();
  const [first, warm] = [await who(ann), await who(ann)];
  expect(warm.times).toBe(first.times + 1);
  await faults({ lambda: { cold: 1 } });
  expect([(await who(ann)).times, (await who(ann)).times]).toEqual([1, 1]);
});

test('twice: an event runs twice, and its sender gets one reply', async () => {
  const [ann, bob] = await given.users(2);
  const { connectionId } = await who(ann);
  await faults({ lambda: { twice: 1 } });
  await say(ann, bob.name, 'hello');
  await bob.next({ type: 'RECEIVE_MESSAGE' });
  const runs = () => ran.filter((line) => line === `SEND_MESSAGE ${connectionId}`);
  await vi.waitFor(() => expect(runs()).toHaveLength(2), 60_000);
  await faults();
  expect(await historyOf(ann.name, bob.name)).toEqual(['hello']);
  // The second run meets the first one's message, and hands it over again.
  await vi.waitFor(async () => expect(await bob.arrived()).toHaveLength(1), 60_000);
});

test.each(['gone', 'throttled', 'error'] as const)(
  '%s: an unreachable client loses its socket, and the message is marked pending',
  async (kind) => {
    const [ann, bob] = await given.users(2);
    const times = await faults({ posts: { [kind]: 1 } });
    expect(await say(ann, bob.name, 'hello')).toHaveProperty('status', 'send_success');
    await bob.closed;
    expect(await times(kind)).toBeGreaterThan(0);
    await faults();
    expect(await pendingOf(bob.name)).toEqual(['hello']);
  },
);

test('error: a post that is answered 500 may have been sent', async () => {
  const [ann, bob] = await given.users(2);
  const times = await faults({ posts: { error: 1 } });
  await say(ann, bob.name, 'hello');
  expect(await bob.next({ type: 'RECEIVE_MESSAGE' })).toHaveProperty('content', 'hello');
  expect(await times('error')).toBeGreaterThan(0);
});

test('lost: an accepted post is lost with its socket, and the message is in the history only', async () => {
  const [ann, bob] = await given.users(2);
  const times = await faults({ posts: { lost: 1 } });
  expect(await say(ann, bob.name, 'hello')).toHaveProperty('status', 'send_success');
  expect(await bob.closed).toBe(1006);
  expect(await times('lost')).toBe(1);
  await faults();
  expect(await pendingOf(bob.name)).toEqual([]);
  expect(await historyOf(bob.name, ann.name)).toEqual(['hello']);
});

/** Two close one after the other, the first with a fault. @returns who was told to be gone, in order */
async function farewells(disconnect: object, expected: number): Promise<string[]> {
  const [first, second] = [await given.aStranger(), await given.aStranger()];
  const ids = new Map([
    [`$disconnect ${(await who(first)).connectionId}`, 'first'],
    [`$disconnect ${(await who(second)).connectionId}`, 'second'],
  ]);
  const times = await faults({ disconnect });
  const kind = Object.hasOwn(disconnect, 'late') ? 'late' : 'missing';
  await first.close();
  await vi.waitFor(async () => expect(await times(kind)).toBe(1), 60_000);
  await faults();
  await second.close();
  const told = () => ran.flatMap((line) => ids.get(line) ?? []);
  await vi.waitFor(() => expect(told()).toHaveLength(expected), { timeout: 100_000 });
  return told();
}

test('late: $disconnect comes after that of a client that left later', async () => {
  // Milliseconds, of which the seed draws nearly all: far more than a $disconnect takes on a busy machine.
  expect(await farewells({ late: 1, lateMs: 10_000 }, 2)).toEqual(['second', 'first']);
});

test('missing: $disconnect does not come', async () => {
  expect(await farewells({ missing: 1 }, 1)).toEqual(['second']);
});

test('early: $disconnect ends before the last frame of the connection is handled', async () => {
  const [ann, bob] = await given.users(2);
  const { connectionId } = await who(ann);
  await faults({ disconnect: { early: 1 } });
  ann.send(JSON.stringify({ type: 'SEND_MESSAGE', recipient: bob.name, content: 'last words' }));
  expect(await ann.closed).toBe(1006);
  const runs = () => ran.filter((line) => line.endsWith(connectionId));
  await vi.waitFor(
    () => expect(runs()).toEqual([`$disconnect ${connectionId}`, `SEND_MESSAGE ${connectionId}`]),
    60_000,
  );
});

test('cut: a client that only listens is cut off in the end too, without a close frame', async () => {
  const [ann, bob] = [await given.someoneAway(), await given.aUser()];
  await faults({ sockets: { cut: 0.4 } });
  for (let index = 0; bob.socket.readyState === bob.socket.OPEN; index++) {
    await insist(ann, bob.name, `${index}`);
    await bob.nextText('what was sent', () => true).catch(() => {});
  }
  expect(await bob.closed).toBe(1006);
});

test('without a plan there are no more faults', async () => {
  await faults({ lambda: { kill: 1 }, dynamo: { throttle: 1 }, sockets: { cut: 1 } });
  const times = await faults();
  const [ann, bob] = await given.users(2);
  await say(ann, bob.name, 'hello');
  expect(await bob.next({ type: 'RECEIVE_MESSAGE' })).toHaveProperty('content', 'hello');
  expect([await times('kill'), await times('throttle'), await times('cut')]).toEqual([0, 0, 0]);
});
