import { describe, expect, test, vi } from 'vitest';
import type { FaultPlan } from '../../local/faults/plan.ts';
import { faultyCloud } from '../support/faulty-cloud.ts';
import type { Client } from '../support/given.ts';
import { anyone, ask, callback, idOf, localCloud } from './cloud.ts';

const environment = callback;
const fixture = await localCloud({
  echo: { handler: 'echo' },
  post: { handler: 'poster', environment, statements: [anyone] },
});
const { given, faults } = await faultyCloud();

type Form = keyof NonNullable<FaultPlan['answers']>;
const forms: readonly (Form | undefined)[] = [undefined, 'bare', 'nullMessage', 'typeInBody', 'html'];

test.each<[Form | undefined, string]>([
  [undefined, 'GoneException'],
  ['bare', 'Unknown'],
  ['nullMessage', 'Unknown'],
  ['typeInBody', 'GoneException'],
  ['html', 'SyntaxError'],
])('a 410 of the form %s has another name in the SDK, and the same status', async (form, name) => {
  const [sender, client] = [await fixture.open(), await fixture.open()];
  const to = await idOf(client);
  await client.close();
  await fixture.cloud.setFaults(form && { seed: 1, answers: { [form]: 1 } });
  expect(await ask(sender, { type: 'post', to })).toMatchObject({ status: 410, name });
});

const say = (client: Client, recipient: string, content: string) =>
  client.request({ type: 'SEND_MESSAGE', recipient, content });
const owedTo = async (name: string) => {
  const { pending_messages } = await (await given.aStranger()).request({ type: 'login', username: name });
  return (pending_messages ?? []).map(({ content }) => content);
};

describe.each(forms)('with errors of the form %s', (form) => {
  const answers = form && { [form]: 1 };

  test('a message is marked pending for a dead connection, in a private chat and in a group, and others get it', async () => {
    const [ann, bob, cat] = await given.users(3);
    const group = await given.aGroup(ann, bob, cat);
    // Nobody tells that the connection has ended.
    await faults({ disconnect: { missing: 1 }, answers });
    bob.socket.terminate();
    await bob.closed;
    expect(await say(ann, bob.name, 'one')).toHaveProperty('status', 'send_success');
    const told = await ann.request({ type: 'SEND_GROUP_MESSAGE', group_id: group, content: 'two' });
    expect(told).toHaveProperty('status', 'send_success');
    expect(await cat.next({ type: 'RECEIVE_GROUP_MESSAGE' })).toHaveProperty('content', 'two');
    await faults();
    expect((await owedTo(bob.name)).toSorted()).toEqual(['one', 'two']);
  });

  test.each(['gone', 'throttled', 'error'] as const)(
    '%s: an unreachable client loses its socket, and the message is marked pending',
    async (kind) => {
      const [ann, bob] = await given.users(2);
      await faults({ posts: { [kind]: 1 }, answers });
      expect(await say(ann, bob.name, 'hello')).toHaveProperty('status', 'send_success');
      await bob.closed;
      await faults();
      expect(await owedTo(bob.name)).toEqual(['hello']);
    },
  );
});

interface Shown {
  username: string;
  online: boolean;
  last_seen?: string;
}

/** What ann is shown of whoever is asked about: by either command that says who is online. */
const shown: Record<string, (ann: Client, usernames: string[], group_id: string) => Promise<Shown[]>> = {
  presence: async (ann, usernames) => {
    const { users } = (await ann.request({ type: 'presence', usernames })) as unknown as { users: Shown[] };
    return users;
  },
  list_members: async (ann, usernames, group_id) => {
    const reply = await ann.request({ type: 'list_members', group_id });
    const { members } = reply as unknown as { members: Shown[] };
    return members.filter(({ username }) => usernames.includes(username));
  },
};

describe.each(forms)('with errors of the form %s, and no report of the end of a connection', (form) => {
  const answers = form && { [form]: 1 };
  const untold = { disconnect: { missing: 1 }, answers };
  const cut = async (client: Client) => {
    client.socket.terminate();
    await client.closed;
  };

  test.each(Object.keys(shown))('%s shows no user as online who is gone', async (command) => {
    const [ann, bob] = await given.users(2);
    const group = await given.aGroup(ann, bob);
    const isOnline = async () => (await shown[command]?.(ann, [bob.name], group))?.[0]?.online;
    await faults(untold);
    expect(await isOnline()).toBe(true);
    const began = new Date().toISOString();
    await cut(bob);
    await vi.waitUntil(async () => (await isOnline()) === false, { timeout: 60_000 });
    const last_seen = (await shown.presence?.(ann, [bob.name], group))?.[0]?.last_seen ?? '';
    // When the device came, as nobody noticed when it went.
    expect(last_seen < began).toBe(true);
    expect(last_seen).toMatch(/^\d{4}-/);
  });

  test.each(Object.keys(shown))('%s keeps users online whom it cannot ask about', async (command) => {
    const [ann, bob] = await given.users(2);
    const group = await given.aGroup(ann, bob);
    for (const kind of ['throttled', 'error'] as const) {
      const times = await faults({ posts: { [kind]: 1 }, answers });
      expect(await shown[command]?.(ann, [bob.name], group)).toMatchObject([{ online: true }]);
      expect(await times(kind)).toBeGreaterThan(0);
    }
    await faults();
    expect(await say(ann, bob.name, 'hello')).toHaveProperty('status', 'send_success');
    expect(await bob.next({ type: 'RECEIVE_MESSAGE' })).toHaveProperty('content', 'hello');
  });

  test('ten of them do not keep a new login out', async () => {
    const bob = await given.aUser();
    const devices = [bob];
    while (devices.length < 10) devices.push(await given.device(bob.name));
    const logIn = async () => (await given.aStranger()).request({ type: 'login', username: bob.name });
    await faults(untold);
    expect(await logIn()).toHaveProperty('code', 'limit_reached');
    for (const device of devices) await cut(device);
    await vi.waitUntil(async () => (await logIn()).status === 'login_success', { timeout: 60_000 });
  });
});

test.each(['bare', 'html'] as const)('a 5xx of DynamoDB of the form %s is "busy", too', async (form) => {
  const ann = await given.aUser();
  const times = await faults({ dynamo: { errorBefore: 1 }, answers: { [form]: 1 } });
  expect(await ann.request({ type: 'list_chats' })).toHaveProperty('code', 'busy');
  expect(await times(form)).toBeGreaterThan(1);
});
