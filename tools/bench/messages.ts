// `npm run bench`: throughput and latency of private messages and of messages to a group of 50 members online, next to two
// baselines: a bare `ws` echo, and a bare put by the SDK.
//
// How to read it: "sent" is send → MESSAGE_SENT, "received" is send → RECEIVE at a recipient. Each client sends its next
// message when everybody has received the last one, so the service is busy but not overloaded. Baselines and chats
// alternate in rounds; a ratio is the median over the rounds, each to the baseline of the same round. Only ratios carry
// over to other machines. The cloud, the echo server and the engine for the puts (of the same kind as the cloud's, which
// serves its functions only) share a process and the cores; the clients are in this one.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { number, parseOrExit } from '../../cli/command.ts';
import { echo, put } from './baselines.ts';
import { type ChatSamples, groupChat, privateChats } from './chats.ts';
import type { Samples } from './measure.ts';
import { People } from './people.ts';
import { print } from './report.ts';
import type { Servers } from './servers.ts';

const { seconds } = parseOrExit({
  name: 'npm run bench',
  about:
    'Measures the throughput and latency of messages through the local cloud, as ratios to baselines of the same run.',
  flags: { seconds: number('duration of each of the four measurements', { min: 1, max: 600, default: 6 }) },
}).values;

const ROUNDS = 3;
const WIDTH = 8;
const GROUP = 50;
const WRITERS = 4;
// The JIT compiler takes about this long, in each instance of a function.
const WARM_UP_MS = 12_000;
const content = 'x'.repeat(100);

/** Starts the servers in a child process, which ends with this one. */
async function startServers(): Promise<{ servers: Servers; stop: () => void }> {
  const child = fork(fileURLToPath(new URL('./servers.ts', import.meta.url)));
  child.once('exit', (code) => {
    if (code !== 0) throw new Error(`The servers exited with code ${code}`);
  });
  const [servers] = (await once(child, 'message')) as [Servers];
  return { servers, stop: () => child.disconnect() };
}

const progress = (text: string) => {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
};

async function measure(servers: Servers, people: People) {
  progress('users register and log in');
  const bare = {
    echo: await echo(servers.echo, WIDTH, content),
    put: put(servers.dynamo, WIDTH, content),
  };
  const privately = await privateChats(people, WIDTH, content);
  const group = await groupChat(people, GROUP, WRITERS, content);
  const taken: Record<'echo' | 'put', Samples[]> & Record<'privately' | 'group', ChatSamples[]> = {
    echo: [],
    put: [],
    privately: [],
    group: [],
  };
  const round = async (name: string, milliseconds: number) => {
    progress(`${name}: ${WIDTH} clients, echo`);
    taken.echo.push(await bare.echo.run(milliseconds));
    progress(`${name}: ${WIDTH} clients, put`);
    taken.put.push(await bare.put.run(milliseconds));
    progress(`${name}: ${WIDTH} clients, private messages`);
    taken.privately.push(await privately.run(milliseconds));
    progress(`${name}: ${WRITERS} clients, a group of ${GROUP}`);
    taken.group.push(await group.run(milliseconds));
  };
  await round('warming up', WARM_UP_MS);
  for (const kind of Object.values(taken)) kind.length = 0;
  for (let at = 1; at <= ROUNDS; at++) await round(`round ${at} of ${ROUNDS}`, (seconds * 1000) / ROUNDS);
  progress('');
  await Promise.all([bare.echo.end(), bare.put.end()]);
  return taken;
}

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
const { servers, stop } = await startServers();
const people = new People(servers.chat);
const taken = await measure(servers, people);
await people.leave();
stop();
const both = (name: string, rounds: readonly ChatSamples[]) => [
  { name: `${name}: sent`, rounds: rounds.map(({ sent }) => sent) },
  { name: `${name}: received`, rounds: rounds.map(({ received }) => received) },
];
print(
  [
    { name: 'echo by ws', rounds: taken.echo },
    { name: 'put by the SDK', rounds: taken.put },
    ...both('private messages', taken.privately),
    ...both(`messages to a group of ${GROUP}`, taken.group),
  ],
  taken,
);
