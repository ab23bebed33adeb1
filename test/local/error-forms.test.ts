import { describe, expect, test } from 'vitest';
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
])('a 410 of the form %s is of another name to the SDK, and of one status', async (form, name) => {
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

describe.each(forms)('where errors have the form %s', (form) => {
  const answers = form && { [form]: 1 };

  test('who is gone is owed, in a private chat and in a group, and others get it', async () => {
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
    '%s: who cannot be posted to loses the socket, and is owed the message',
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

test.each(['bare', 'html'] as const)('a 5xx of DynamoDB of the form %s is "busy", too', async (form) => {
  const ann = await given.aUser();
  const times = await faults({ dynamo: { errorBefore: 1 }, answers: { [form]: 1 } });
  expect(await ann.request({ type: 'list_chats' })).toHaveProperty('code', 'busy');
  expect(await times(form)).toBeGreaterThan(1);
});
