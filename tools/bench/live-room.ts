// `npm run bench:live-room`: a room in which everybody is online and somebody writes all the time, through the local cloud
// with the deployed bundles: first with `batchWindow` off, the baseline, then with it. The room has five pages of members, as
// one of 5,000 has. The store's own code writes users and members into the data; they log in as usual. Fails if a
// message reaches somebody twice, not at all, or who shouldn't get it, or if more than an eighth of the baseline's posts are left
// with ten or more messages in a window; with fewer it says that this was not judged.
//
// How to read it: counts and ratios carry over to other machines. Server and clients share the cores, so a baseline that takes
// more posts than they can make falls behind, and its seconds only say so. `npm run cost -- --preset livestream` scales the
// counts to 5,000 members.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { number, parseOrExit } from '../../cli/command.ts';
import { ensureAssembly } from '../../local/synth.ts';
import { type Connection, connect, type Frame } from '../harness/connection.ts';
import { percentile } from '../harness/numbers.ts';
import type { Work } from './live-room-server.ts';
import { judgePosts } from './posts-left.ts';
import { each, nameOf, progress, seed } from './seeded.ts';

const { members, rate, seconds, window, bytes } = parseOrExit({
  name: 'npm run bench:live-room',
  about:
    'Measures a room in which everybody is online and somebody writes all the time, without batchWindow and with it.',
  flags: {
    members: number('members, each on a socket', { min: 10, max: 5_000, whole: true, default: 500 }),
    rate: number('messages a second', { min: 0.1, max: 200, default: 10 }),
    seconds: number('duration of each of the two rounds', { min: 2, max: 600, default: 60 }),
    window: number('seconds of batchWindow', { min: 1, max: 2, whole: true, default: 1 }),
    bytes: number("size of a message's content", { min: 20, max: 16_384, whole: true, default: 200 }),
  },
}).values;

const GROUP = 'room';
const PAGES = 5;
const WARM_UP = 10;
/** How long nothing may come, before what is missing counts as lost. */
const QUIET_MS = 45_000;

/** A server process, which ends with this one. */
class Server {
  readonly #child: ChildProcess;

  constructor(data: string, context: Readonly<Record<string, string>>) {
    this.#child = fork(new URL('./live-room-server.ts', import.meta.url), [data, JSON.stringify(context)]);
    this.#child.once('exit', (code) => {
      console.error(`The server exited with code ${code}`);
      process.exit(1);
    });
  }

  async url(): Promise<string> {
    const [{ url }] = (await once(this.#child, 'message')) as [{ url: string }];
    return url;
  }

  async ask(what: 'reset' | 'work'): Promise<Work> {
    const answer = once(this.#child, 'message') as Promise<[Work]>;
    this.#child.send(what);
    return (await answer)[0];
  }

  /** Until its queues are empty. */
  async rested(): Promise<void> {
    for (let left = 1; left > 0; await pause(100)) {
      left = (await this.ask('work')).queued;
      progress(`${left} jobs in the queue`);
    }
  }

  async close(): Promise<void> {
    const exit = once(this.#child.removeAllListeners('exit'), 'exit');
    this.#child.disconnect();
    await exit;
  }
}

/** A message, and who has got it. */
interface Sent {
  sender: number;
  at: number;
  /** When it was stored, in milliseconds since 1970; undefined if it wasn't, as far as its sender knows. */
  stored: number | undefined;
  got: Uint8Array;
  count: number;
  last: number;
}

/** Everybody in the room, and what they get. */
class Room {
  readonly frames: number[] = [];
  readonly messages: Sent[] = [];
  /** Why messages were not stored, as far as their senders know. */
  readonly refused: string[] = [];
  wrong = 0;
  /** Connections that the service has closed. */
  closed = 0;
  lastFrame = 0;
  readonly #people: Connection[] = [];
  readonly #mode: string;
  #bytes = 0;
  #round = 0;

  constructor(mode: string) {
    this.#mode = mode;
  }

  async enter(url: string): Promise<void> {
    await each(members, 'logins', async (index) => {
      const person = await connect(url, nameOf(index), {
        onBytes: (size) => {
          this.#bytes = size;
        },
        onPush: (frame, at) => this.#take(index, frame, at),
        patienceMs: 120_000,
      });
      this.#people[index] = person;
      void person.closed.then(() => this.closed++);
      const { frame } = await person.request({ type: 'login', username: nameOf(index), batches: true });
      if (frame.status !== 'login_success') throw new Error(`${nameOf(index)}: ${JSON.stringify(frame)}`);
    });
  }

  /** Messages by one member after the other, at regular times. */
  async talk(count: number): Promise<void> {
    const begun = performance.now();
    const replies: Promise<void>[] = [];
    for (let index = 0; index < count; index++) {
      const wait = begun + (index * 1_000) / rate - performance.now();
      if (wait > 0) await pause(wait);
      replies.push(this.#say());
      if (index % 10 === 0) progress(`${this.#mode}: ${index} of ${count} messages sent`);
    }
    await Promise.all(replies);
    await this.#delivered();
  }

  /** Forgets what was so far. */
  reset(): void {
    this.#round++;
    this.frames.length = 0;
    this.messages.length = 0;
    this.refused.length = 0;
    this.wrong = 0;
  }

  get stored(): Sent[] {
    return this.messages.filter(({ stored }) => stored !== undefined);
  }

  /** Messages a second, by the times at which they were stored. */
  get rate(): number {
    const times = this.stored.map(({ stored = 0 }) => stored);
    return ((times.length - 1) * 1_000) / (Math.max(...times) - Math.min(...times));
  }

  get missing(): number {
    return this.stored.reduce((sum, { count }) => sum + members - 1 - count, 0);
  }

  async leave(): Promise<void> {
    const { closed } = this;
    await Promise.all(this.#people.map((person) => person.close()));
    this.closed = closed;
  }

  async #say(): Promise<void> {
    const index = this.messages.length;
    // Members of all pages in turns.
    const sender = (index * 7 + 3) % members;
    const message = {
      sender,
      at: performance.now(),
      stored: undefined as number | undefined,
      got: new Uint8Array(members),
      count: 0,
      last: 0,
    };
    this.messages.push(message);
    const content = `${this.#round}-${index} `.padEnd(bytes, 'x');
    const request = { type: 'SEND_GROUP_MESSAGE', group_id: GROUP, content };
    try {
      const { frame } = (await (this.#people[sender] as Connection).request(request)) ?? {};
      if (frame.status === 'send_success') message.stored = Date.parse(String(frame.timestamp));
      else this.refused.push(`${frame.code}: ${frame.reason}`);
    } catch (error) {
      this.refused.push((error as Error).message);
    }
  }

  #indexOf(content: string): number {
    const [, round, index] = /^(\d+)-(\d+) /.exec(content) ?? [];
    return Number(round) === this.#round ? Number(index) : -1;
  }

  #take(member: number, frame: Frame, at: number): void {
    this.lastFrame = at;
    if (frame.type !== 'MESSAGES' && frame.type !== 'RECEIVE_GROUP_MESSAGE') return;
    this.frames.push(this.#bytes);
    const all = frame.type === 'MESSAGES' ? (frame.messages as Frame[]) : [frame];
    for (const { content } of all) {
      const message = this.messages[this.#indexOf(String(content))];
      if (message === undefined || message.sender === member || message.got[member] === 1) {
        this.wrong++;
        continue;
      }
      message.got[member] = 1;
      message.count++;
      message.last = at;
    }
  }

  /** Until everybody has everything, or nothing has come for a while. */
  async #delivered(): Promise<void> {
    this.lastFrame = performance.now();
    while (this.missing > 0 && performance.now() - this.lastFrame < QUIET_MS) {
      progress(`${this.#mode}: ${this.missing} deliveries to come`);
      await pause(200);
    }
  }
}

/** A round: what was sent and received, and what the server did for it. */
interface Round {
  name: string;
  room: Room;
  work: Work;
}

async function round(batchWindow: string): Promise<Round> {
  const name = `batchWindow=${batchWindow}`;
  const context = { batchWindow, fanOutPageSize: String(Math.ceil(members / PAGES)) };
  const data = mkdtempSync(join(tmpdir(), 'parley-room-'));
  process.once('exit', () => rmSync(data, { recursive: true, force: true }));
  progress(`${name}: the template`);
  await seed(data, await ensureAssembly({ context }), { name: GROUP, members });
  const server = new Server(data, context);
  const room = new Room(name);
  await room.enter(await server.url());
  await room.talk(WARM_UP);
  await server.rested();
  room.reset();
  await server.ask('reset');
  await room.talk(Math.round(rate * seconds));
  await server.rested();
  const work = await server.ask('work');
  await room.leave();
  await server.close();
  progress('');
  return { name, room, work };
}

const digits = (value: number): string =>
  value >= 1_000 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)));

/** What is measured of a round, each with how it is called. */
const measured: readonly (readonly [string, (round: Round) => number])[] = [
  ['messages stored', ({ room }) => room.stored.length],
  ['messages stored a second', ({ room }) => room.rate],
  ['posts a message', ({ room, work }) => work.posts / room.stored.length],
  ['bytes of a frame, median', ({ room }) => percentile(room.frames, 0.5)],
  ['bytes of a frame, largest', ({ room }) => percentile(room.frames, 1)],
  ['read units a message', ({ room, work }) => work.reads / room.stored.length],
  ['read units a delivery', ({ room, work }) => work.reads / (room.stored.length * (members - 1))],
  ['write units a message', ({ room, work }) => work.writes / room.stored.length],
  ['seconds to the last delivery, p50', ({ room }) => secondsOf(room, 0.5)],
  ['seconds to the last delivery, p99', ({ room }) => secondsOf(room, 0.99)],
  ["ms of the server's CPU a message", ({ room, work }) => work.cpu / room.stored.length],
  ['invocations that deliver, a message', ({ room, work }) => work.fanOuts / room.stored.length],
  ['ms of these, a message', ({ room, work }) => work.fanOutMs / room.stored.length],
];

const secondsOf = (room: Room, share: number): number =>
  percentile(
    room.stored.map(({ at, last }) => (last - at) / 1_000),
    share,
  );

/** What a round must not show. */
function wrongOf({ name, room, work }: Round): string[] {
  const { missing, wrong, stored, refused, closed } = room;
  return [
    ...(stored.length > 0 ? [] : [`${name}: no message was stored`]),
    ...(missing === 0 ? [] : [`${name}: ${missing} deliveries are missing`]),
    ...(wrong === 0 ? [] : [`${name}: ${wrong} deliveries to somebody who had the message or sent it`]),
    ...(work.errors.length === 0 ? [] : [`${name}: ${work.errors.length} errors, like ${work.errors[0]}`]),
    ...(closed === 0 ? [] : [`${name}: ${closed} connections were closed`]),
    ...(refused.length === 0
      ? []
      : [`${name}: ${refused.length} messages were refused or got no answer, like ${refused[0]}`]),
  ];
}

console.log(
  `${members} members online, ${rate} messages a second for ${seconds} s, ${bytes} bytes each; ${Math.ceil(members / PAGES)} members to a page.\n`,
);
const rounds = [await round('off'), await round(String(window))] as const;
const [baseline, batched] = rounds;
console.log(`| | ${baseline.name} | ${batched.name} | ratio |\n| --- | --- | --- | --- |`);
for (const [name, of] of measured) {
  const [before, after] = [of(baseline), of(batched)];
  console.log(`| ${name} | ${digits(before)} | ${digits(after)} | ${digits(after / before)} |`);
}
const share = batched.work.posts / batched.room.stored.length / (members - 1);
const posts = judgePosts(batched.room.rate * window, share);
const wrong = [...rounds.flatMap(wrongOf), ...posts.wrong.map((line) => `${batched.name}: ${line}`)];
for (const line of posts.notJudged) console.log(`NOT JUDGED: ${batched.name}: ${line}`);
for (const line of wrong) console.log(`WRONG: ${line}`);
process.exit(wrong.length > 0 ? 1 : 0);
