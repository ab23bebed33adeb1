// `npm run bench:peers`: the same clients' loop on `npm start` and on Prosody, a server for XMPP, if that is installed
// (`apt-get install prosody`; it is no dependency). Both keep messages in a folder, with archives and for who is away.
//
// How to read it: each client writes again when all recipients have its last message; ours also waits for MESSAGE_SENT, which
// XMPP lacks. The servers take turns on the same cores, and a ratio is the median over the rounds, each to the round beside
// it. CPU and memory are those of the server's process. Only ratios carry over to other machines.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { number, parseOrExit } from '../../cli/command.ts';
import { freePort } from '../../test/support/free-port.ts';
import { median } from '../harness/numbers.ts';
import { type Chat, chat, groupChat, privateChats } from './chats.ts';
import { People } from './people.ts';
import { XmppClient } from './xmpp.ts';

const { seconds, rounds } = parseOrExit({
  name: 'npm run bench:peers',
  about: 'Compares the local cloud with Prosody, if that is installed: messages a second, CPU and memory.',
  flags: {
    seconds: number('duration of each measurement of a round', { min: 1, max: 600, default: 6 }),
    rounds: number('rounds', { min: 1, max: 20, default: 3 }),
  },
}).values;

const PAIRS = 8;
const GROUP = 50;
const WRITERS = 4;
// The JIT compiler takes about this long.
const WARM_UP_MS = 12_000;
const content = 'x'.repeat(100);
const MEASURED = ['private messages', `deliveries in a group of ${GROUP}`] as const;

/** A running server, with the chats that are measured in it. */
interface Peer {
  name: string;
  pid: number;
  chats: readonly Chat[];
  /** Megabytes before anybody has logged in. */
  idle: number;
  close(): Promise<void>;
}

const megabytes = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

/** The CPU that a process has used, in milliseconds. Source: proc(5), `utime` and `stime` in hundredths of a second. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Starts a server in a folder of its own, and waits until it says so, or can be reached. */
async function started(
  command: string,
  parameters: readonly string[],
  isUp: (said: string) => boolean,
): Promise<ChildProcess & { pid: number }> {
  const child = spawn(command, parameters, { stdio: ['ignore', 'pipe', 'pipe'] });
  process.once('exit', () => child.kill());
  let said = '';
  await new Promise<void>((up, fail) => {
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data) => {
        said += data;
        if (isUp(said)) up();
      });
    child.once('error', fail);
    child.once('exit', (code) => fail(new Error(`${command} exited with ${code}:\n${said}`)));
  });
  return child as ChildProcess & { pid: number };
}

async function ended(server: ChildProcess): Promise<void> {
  const exit = once(server.removeAllListeners('exit'), 'exit');
  server.kill();
  await exit;
}

const settled = () => new Promise((done) => setTimeout(done, 3_000));

async function ours(folder: string): Promise<Peer> {
  const port = await freePort();
  const flags = ['--import', 'tsx', 'bin/start.ts', '--port', String(port), '--data', join(folder, 'data')];
  const server = await started(process.execPath, flags, (said) => said.includes('is up'));
  await settled();
  const idle = megabytes(server.pid);
  const people = new People(`ws://localhost:${port}`);
  const chats = [
    await privateChats(people, PAIRS, content),
    await groupChat(people, GROUP, WRITERS, content),
  ];
  const close = async () => {
    await people.leave();
    await ended(server);
  };
  return { name: 'npm start', pid: server.pid, chats, idle, close };
}

// Anybody may log in, as with ours. Passwords, limits and encryption would be no part of what is measured.
const prosodyConfig = (folder: string, port: number) => `
run_as_root = true
pidfile = "${folder}/prosody.pid"
data_path = "${folder}/data"
interfaces = { "127.0.0.1" }
c2s_ports = { ${port} }
modules_enabled = { "roster", "saslauth", "mam", "offline" }
modules_disabled = { "s2s", "tls" }
authentication = "insecure"
insecure_open_authentication = "Yes please, I know what I'm doing!"
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
default_archive_policy = true
storage = "internal"
log = { info = "*console" }
VirtualHost "localhost"
Component "conference.localhost" "muc"
modules_enabled = { "muc_mam" }
muc_log_by_default = true
muc_room_locking = false
restrict_room_creation = false
`;

async function prosody(folder: string): Promise<Peer> {
  const port = await freePort();
  mkdirSync(join(folder, 'data'));
  const config = join(folder, 'prosody.cfg.lua');
  writeFileSync(config, prosodyConfig(folder, port));
  const server = await started('prosody', ['-F', '--config', config], (said) =>
    said.includes("Activated service 'c2s'"),
  );
  await settled();
  const idle = megabytes(server.pid);
  const names = Array.from({ length: 2 * PAIRS + GROUP }, (_, at) => `user${at}`);
  const clients = await Promise.all(names.map((name) => XmppClient.login(name, port)));
  const [writers, readers, members] = [
    clients.slice(0, PAIRS),
    clients.slice(PAIRS, 2 * PAIRS),
    clients.slice(2 * PAIRS),
  ];
  for (const member of members) await member.enter('group');
  const chats = [
    chat(
      writers.map((writer, at) => writer.privately(readers[at] as XmppClient)),
      content,
    ),
    chat(
      members.slice(0, WRITERS).map((writer) =>
        writer.toRoom(
          'group',
          members.filter((member) => member !== writer),
        ),
      ),
      content,
    ),
  ];
  const close = async () => {
    for (const client of clients) client.close();
    await ended(server);
  };
  return { name: 'prosody', pid: server.pid, chats, idle, close };
}

/** What one round of one chat showed. */
interface Round {
  perSecond: number;
  /** Milliseconds of the server's CPU for each. */
  cpu: number;
}

async function round({ pid, chats }: Peer, at: number, milliseconds: number): Promise<Round> {
  const before = cpuOf(pid);
  const { received } = await (chats[at] as Chat).run(milliseconds);
  const count = received.times.length;
  return { perSecond: (count * 1000) / received.milliseconds, cpu: (cpuOf(pid) - before) / count };
}

const folder = mkdtempSync(join(tmpdir(), 'parley-peers-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const hasProsody = spawnSync('prosodyctl', ['about']).error === undefined;
if (!hasProsody)
  console.log('Prosody is not installed (apt-get install prosody), so there is nothing to compare with.\n');
const peers: (Peer & { rounds: Round[][] })[] = [];
for (const start of hasProsody ? [ours, prosody] : [ours]) {
  const own = join(folder, start.name);
  mkdirSync(own);
  peers.push({ ...(await start(own)), rounds: MEASURED.map(() => [] as Round[]) });
}
for (let at = 0; at <= rounds; at++)
  for (const [index] of MEASURED.entries())
    for (const peer of peers) {
      const result = await round(peer, index, at === 0 ? WARM_UP_MS : seconds * 1000);
      if (at > 0) peer.rounds[index]?.push(result);
    }

const cells = (values: readonly (string | number)[]) =>
  `| ${values.map((value) => (typeof value === 'number' ? String(Number(value.toPrecision(3))) : value)).join(' | ')} |`;
console.log(cells(['', ...peers.map(({ name }) => name), ...(hasProsody ? ['ratio'] : [])]));
console.log(cells(['', ...peers, ...(hasProsody ? [''] : [])].map(() => '---')));
const line = (name: string, of: (peer: Peer & { rounds: Round[][] }) => number[]) => {
  const [one = [], other] = peers.map(of);
  const ratio = other && median(one.map((value, at) => value / (other[at] as number)));
  console.log(
    cells([name, ...peers.map((peer) => median(of(peer))), ...(ratio === undefined ? [] : [ratio])]),
  );
};
for (const [index, name] of MEASURED.entries()) {
  line(`${name}, a second`, (peer) => peer.rounds[index]?.map(({ perSecond }) => perSecond) ?? []);
  line(`${name}: ms of the server's CPU each`, (peer) => peer.rounds[index]?.map(({ cpu }) => cpu) ?? []);
}
line('memory before the load, MB', ({ idle }) => [idle]);
line('memory after it, MB', ({ pid }) => [megabytes(pid)]);
await Promise.all(peers.map(({ close }) => close()));
process.exit(0);
