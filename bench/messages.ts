// `npm run bench`: messages and deliveries a second, and how long they take, for private messages and for a group of
// 50; as ratios to a bare `ws` echo and to a bare put by the SDK, both measured in the same run, before and after.
// The servers have a process of their own; the clients are in this one. "sent" is send → MESSAGE_SENT, "received"
// is send → RECEIVE at a recipient.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { type Client, connect } from '../test/support/client.ts';
import { type Measured, repeat, summary } from './measure.ts';
import { People } from './people.ts';
import type { Servers } from './servers.ts';

const HELP = `Measures messages through the local cloud, as ratios to baselines of the same run.

  npm run bench -- [--seconds N]   how long each measurement takes (4)`;

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '4' }, help: { type: 'boolean', default: false } },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const milliseconds = Number(values.seconds) * 1000;
if (!(milliseconds > 0)) throw new Error(`--seconds ${values.seconds}: must be a number of seconds`);
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const WIDTH = 8;
const content = 'x'.repeat(100);

async function echo(url: string): Promise<Measured> {
  const clients = await Promise.all(Array.from({ length: WIDTH }, () => connect(url)));
  const measured = await repeat(
    clients.map((client) => () => client.request({ content })),
    milliseconds,
  );
  for (const client of clients) await client.close();
  return measured;
}

async function put(endpoint: string): Promise<Measured> {
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
  let id = 0;
  const work = () =>
    client.send(new PutItemCommand({ TableName: 'Log', Item: { id: { S: `${++id}` }, c: { S: content } } }));
  const measured = await repeat(Array(WIDTH).fill(work), milliseconds);
  client.destroy();
  return measured;
}

/** Sends as fast as it is answered; a recipient's clock stops when the message arrives. */
async function send(sender: Client, request: object, recipients: readonly Client[], received: number[]) {
  const at = performance.now();
  const key = `${sender.name} ${at}`;
  const arrivals = recipients.map(async (recipient) => {
    await recipient.nextText('the message', (text) => text.includes(key));
    received.push(performance.now() - at);
  });
  const { status } = await sender.request({ ...request, content: `${content} ${key}` });
  if (status !== 'send_success') throw new Error(`A message was not sent: ${status}`);
  await Promise.all(arrivals);
}

interface Chat {
  sent: Measured;
  received: Measured;
}

async function chat(work: (received: number[]) => (() => Promise<unknown>)[]): Promise<Chat> {
  await repeat(work([]), 500);
  const received: number[] = [];
  const started = performance.now();
  const sent = await repeat(work(received), milliseconds);
  return { sent, received: summary(received, performance.now() - started) };
}

async function privateChats(people: People): Promise<Chat> {
  const pairs = await Promise.all(Array.from({ length: WIDTH }, () => people.users(2)));
  return chat((received) =>
    pairs.map(([alice, bob]) => async () => {
      if (alice && bob) await send(alice, { type: 'SEND_MESSAGE', recipient: bob.name }, [bob], received);
    }),
  );
}

async function groupChat(people: People): Promise<Chat> {
  const [creator, ...members] = await people.users(50);
  if (creator === undefined) throw new Error('Nobody is there');
  const groupname = await people.group(creator, members);
  return chat((received) =>
    [creator, ...members].slice(0, 2).map((sender) => () => {
      const others = [creator, ...members].filter((member) => member !== sender);
      return send(sender, { type: 'SEND_GROUP_MESSAGE', groupname }, others, received);
    }),
  );
}

const child = fork(new URL('./servers.ts', import.meta.url).pathname);
const [servers] = (await once(child, 'message')) as [Servers];
const people = new People(servers.chat);
const step = <T>(name: string, work: Promise<T>) => {
  process.stderr.write(`\r${name.padEnd(40)}`);
  return work;
};
await step(
  'warming up',
  echo(servers.echo).then(() => put(servers.dynamo)),
);
const before = { echo: await step('echo', echo(servers.echo)), put: await step('put', put(servers.dynamo)) };
const privately = await step('private messages', privateChats(people));
const group = await step('a group of 50', groupChat(people));
const after = { echo: await step('echo', echo(servers.echo)), put: await step('put', put(servers.dynamo)) };
process.stderr.write('\r');
await people.leave();
child.disconnect();

const mean = (one: Measured, other: Measured): Measured => ({
  perSecond: (one.perSecond + other.perSecond) / 2,
  p50: (one.p50 + other.p50) / 2,
  p99: (one.p99 + other.p99) / 2,
});
const baselines = { echo: mean(before.echo, after.echo), put: mean(before.put, after.put) };
const number = (value: number) => value.toFixed(value < 10 ? 2 : 0).padStart(9);
const line = (name: string, { perSecond, p50, p99 }: Measured) =>
  console.log(
    name.padEnd(34),
    number(perSecond),
    number(p50),
    number(p99),
    number(perSecond / baselines.echo.perSecond),
    number(p50 / baselines.echo.p50),
    number(perSecond / baselines.put.perSecond),
    number(p50 / baselines.put.p50),
  );
console.log(
  `${WIDTH} clients at a time, ${values.seconds} s each`.padEnd(34),
  ...['a second', 'p50 ms', 'p99 ms', '/echo', 'p50/echo', '/put', 'p50/put'].map((each) => each.padStart(9)),
);
line('echo by ws', baselines.echo);
line('put by the SDK', baselines.put);
line('private messages: sent', privately.sent);
line('private messages: received', privately.received);
line('messages to a group of 50: sent', group.sent);
line('messages to a group of 50: received', group.received);
