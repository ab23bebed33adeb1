import { expect, test, vi } from 'vitest';
import type { LogLine } from '../../local/lambda/instance.ts';
import { costOf } from '../support/cost.ts';
import { editedAssembly, idOf, type Resource } from '../support/edited-assembly.ts';
import type { Client } from '../support/given.ts';
import { ownCloud } from '../support/own-cloud.ts';

// An event that is only promised as a best effort, and here never comes.
const assembly = await editedAssembly((resources) => {
  const isIt = ({ Properties }: Resource) => Properties.RouteKey === '$disconnect';
  delete resources[idOf(resources, 'AWS::ApiGatewayV2::Route', isIt)];
});

const lines: LogLine[] = [];
const { cloud, given } = await ownCloud({ assembly, log: (line) => lines.push(line) });

const say = (user: Client, recipient: string, content: string) =>
  user.request({ type: 'SEND_MESSAGE', recipient, content });

async function cut(user: Client): Promise<void> {
  user.socket.terminate();
  await user.closed;
}

test('the first message removes a dead connection, and only that one', async () => {
  const [ann, bob] = await given.users(2);
  const phone = await given.device(bob.name);
  await say(ann, bob.name, 'both');
  await phone.next({ type: 'RECEIVE_MESSAGE' });
  await bob.next({ type: 'RECEIVE_MESSAGE' });
  await cut(phone);
  const first = await costOf(cloud, () => say(ann, bob.name, 'one'));
  const second = await costOf(cloud, () => say(ann, bob.name, 'two'));
  expect([first.writes, second.writes]).toEqual([2, 1]);
  expect(second.posts).toBe(1);
  expect((await bob.arrived()).map((frame) => JSON.parse(frame).content)).toEqual(['one', 'two']);
});

test('when the last connection is dead, the message is marked pending', async () => {
  const [ann, bob] = await given.users(2);
  const phone = await given.device(bob.name);
  await cut(phone);
  await cut(bob);
  expect(await say(ann, bob.name, 'one')).toHaveProperty('status', 'send_success');
  const second = await costOf(cloud, () => say(ann, bob.name, 'two'));
  expect(second).toMatchObject({ writes: 1, posts: 0 });
  const laptop = await given.aStranger();
  const { pending_messages } = await laptop.request({ type: 'login', username: bob.name });
  expect(pending_messages?.map(({ content }) => content)).toEqual(['one', 'two']);
});

test('in a group, dead connections are removed, and live ones get each message once', async () => {
  const members = await given.users(10);
  const [ann, ...others] = members as [Client, ...Client[]];
  const group = await given.aGroup(ann, ...others);
  const [dead, living] = [others.slice(0, 4), others.slice(4)];
  for (const member of dead) await cut(member);
  const tell = () => ann.request({ type: 'SEND_GROUP_MESSAGE', groupname: group, content: 'x' });
  await tell();
  expect(await costOf(cloud, tell)).toMatchObject({ writes: 1, posts: living.length });
  for (const member of living) expect(await member.arrived()).toHaveLength(2);
  const reply = await (await given.aStranger()).request({ type: 'login', username: dead[0]?.name });
  expect(reply.pending_messages).toHaveLength(2);
});

test('a sender with a dead second device notices nothing', async () => {
  const [ann, bob] = await given.users(2);
  await cut(await given.device(ann.name));
  expect(await say(ann, bob.name, 'one')).toHaveProperty('status', 'send_success');
  expect(await costOf(cloud, () => say(ann, bob.name, 'two'))).toMatchObject({ writes: 1, posts: 1 });
  expect(await bob.arrived()).toHaveLength(2);
});

test.each([
  { type: 'presence', by: 'Presence' },
  { type: 'list_members', by: 'ListMembers' },
])(
  'a look of $type fails for neither live nor dead connections, and nothing is logged',
  async ({ type, by }) => {
    const [ann, bob, cat] = await given.users(3);
    const group = await given.aGroup(ann, bob, cat);
    const usernames = [ann.name, bob.name, cat.name];
    await cut(bob);
    const about = type === 'presence' ? { usernames } : { group_id: group };
    let looks = 0;
    await vi.waitUntil(async () => {
      looks++;
      return JSON.stringify(await ann.request({ type, ...about })).includes('"online":false');
    }, 60_000);
    // Nobody else asks that function, and the last line of an invocation is what it measured.
    const logged = () => lines.flatMap((each) => (each.function === by ? [each.line] : []));
    const linesWith = (part: string) => logged().filter((line) => line.includes(part));
    await vi.waitUntil(() => linesWith('"_aws"').length >= looks, 60_000);
    expect(linesWith('"outcome":"ok"')).toHaveLength(looks);
    expect(logged().filter((line) => /"level":"(warn|error)"|Failures|PostsFailed/i.test(line))).toEqual([]);
  },
);
