// `npm run bench:large-group`: the cost and duration of messages to a large group, through the local cloud and its queue,
// with the deployed bundles. The store's own code writes users and members into the data before the cloud starts; members
// online connect and log in as usual. Fails if a message reaches a member twice or not at all, or costs more than
// K + M/25 + 10 read units or 1 write unit.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fail, number, parseOrExit, UsageError } from '../../cli/command.ts';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import type { LogLine } from '../../local/lambda/instance.ts';
import { ensureAssembly } from '../../local/synth.ts';
import { type Client, connect } from '../../test/support/client.ts';
import { each, nameOf, progress, seed } from './seeded.ts';

const command = {
  name: 'npm run bench:large-group',
  about:
    'Sends messages to a large group through the local cloud, and measures units, posts and milliseconds.',
  flags: {
    members: number('members of the group', { min: 2, max: 20_000, whole: true, default: 10_000 }),
    online: number('members online', { min: 1, max: 20_000, whole: true, default: 2_000 }),
  },
};
const { members, online } = parseOrExit(command).values;
if (online > members) fail(command, new UsageError(`--online ${online}: there are only ${members} members`));
const GROUP = 'crowd';
// The default of `fanOutPageSize` (lib/settings.ts).
const PAGE = 1_000;

async function logIn(url: string): Promise<Client[]> {
  const clients: Client[] = [];
  await each(online, 'logins', async (index) => {
    const client = await connect(url);
    // Online members are spread over the member list.
    const name = nameOf(Math.floor((index * members) / online));
    const { status } = await client.request({ type: 'login', username: name });
    if (status !== 'login_success') throw new Error(`${name}: ${status}`);
    clients[index] = client;
  });
  return clients;
}

/** Resolves with the first frame that matches, without a time limit: a large group takes long. */
const frameWith = (client: Client, text: RegExp): Promise<string> =>
  new Promise((done) => {
    const look = (data: Buffer) => {
      const frame = data.toString();
      if (!text.test(frame)) return;
      client.socket.off('message', look);
      done(frame);
    };
    client.socket.on('message', look);
  });

/** Sends one message. @returns a line of the table, and the violations */
async function send(
  cloud: Cloud,
  clients: Client[],
  content: string,
): Promise<{ line: string; wrong: string[] }> {
  await cloud.resetCounts();
  const [sender, ...others] = clients as [Client, ...Client[]];
  const started = performance.now();
  const all = Promise.all(others.map((client) => frameWith(client, new RegExp(`"${content}"`))));
  const reply = frameWith(sender, /"send_(success|fail)"|Internal server error/);
  sender.send(JSON.stringify({ type: 'SEND_GROUP_MESSAGE', group_id: GROUP, content }));
  const { status } = JSON.parse(await reply);
  const sent = performance.now() - started;
  await all;
  const received = performance.now() - started;
  while (Object.values(cloud.queues()).some((left) => left > 0))
    await new Promise((done) => setTimeout(done, 100));
  const { calls, posts } = await cloud.counts();
  const sum = (of: (call: (typeof calls)[number]) => number) =>
    calls.reduce((total, call) => total + of(call), 0);
  const [reads, writes, posted] = [sum(({ read }) => read), sum(({ write }) => write), Object.values(posts)];
  const count = posted.reduce((total, each) => total + each, 0);
  const line = [
    status,
    Math.round(sent),
    Math.round(received),
    sum(({ requests }) => requests),
    reads,
    writes,
    count,
  ];
  const budget = online + members / 25 + 10;
  // One for the entry. Per queued page: its claim, its end, and a charge to the sender, which may conflict with another one.
  const pages = Math.floor(members / PAGE);
  const mostWrites = 1 + Math.min(1, pages) + 4 * pages;
  return {
    line: `| ${content} | ${line.join(' | ')} |`,
    wrong: [
      ...(status === 'send_success' ? [] : [`${content}: ${status}`]),
      ...(count === others.length ? [] : [`${content}: ${count} posts for ${others.length} members online`]),
      ...(reads <= budget ? [] : [`${content}: ${reads} read units, ${budget} at most`]),
      ...(writes <= mostWrites ? [] : [`${content}: ${writes} write units, ${mostWrites} at most`]),
    ],
  };
}

async function main(): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), 'parley-crowd-'));
  try {
    const assembly = await ensureAssembly();
    await seed(data, assembly, { name: GROUP, members });
    const log = ({ function: who, line }: LogLine) => {
      if (/"level":"(error|ERROR)"/.test(line)) console.error(`${who}: ${line.slice(0, 500)}`);
    };
    const cloud = await startCloud({ assembly, port: 0, data, log });
    const clients = await logIn(cloud.url);
    progress('');
    console.log(
      `A group of ${members}, ${online} of them online; at most ${online + members / 25 + 10} read units.\n`,
    );
    console.log(
      '| message | reply | ms to the reply | ms to the last push | requests | read units | write units | posts |',
    );
    console.log('| --- | --- | --- | --- | --- | --- | --- | --- |');
    const wrong: string[] = [];
    // The first message marks itself pending for absent members and leaves away notes, which later messages rely on.
    for (const content of ['first', 'second', 'third', 'fourth', 'fifth']) {
      const result = await send(cloud, clients, content);
      console.log(result.line);
      const isSteady = content !== 'first';
      wrong.push(...(isSteady ? result.wrong : []));
    }
    for (const line of wrong) console.log(`WRONG: ${line}`);
    process.exitCode = wrong.length > 0 ? 1 : 0;
    for (const client of clients) client.socket.terminate();
    await cloud.close();
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

await main();
