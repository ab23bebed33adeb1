import fc from 'fast-check';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import { ensureAssembly } from '../../local/synth.ts';
import { Attacker, type Outcome } from './attacker.ts';
import { anyFrame, type HostileFrame } from './frames.ts';
import { codeOf, complaint, writtenThough } from './judge.ts';
import { groups, people } from './values.ts';
import { type Testimony, testimonyOf, witnessed } from './witness.ts';

/** The parameters of a storm. */
export interface Storm {
  frames: number;
  seed: number;
  /** Called for each frame with the number sent so far. */
  onProgress?(sent: number): void;
}

/** The result. */
export interface Report {
  sent: number;
  /** The number of frames of each kind. */
  kinds: Record<string, number>;
  /** The number of results of each kind: `ok`, the code of a refusal, the closing that the service promises. */
  outcomes: Record<string, number>;
  /** The violations, each with the frame that caused it. */
  wrong: string[];
  /** The writes that functions logged, and those that the engine counted: they must be equal. */
  writes: { seen: number; counted: number };
}

/** A frame, and where fast-check finds it again. */
interface Drawn {
  frame: HostileFrame;
  seed: number;
  path: string;
  isMember: boolean;
}

const ATTACKERS = 16;
const BATCH = 500;
const MOST_WRONG = 20;
// Few enough that nobody is refused for the number of malformed frames alone.
const LIFE = 250;
const SHRINK_MS = 20_000;
// For each function; more would take longer to start than they save.
const INSTANCES = 3;
// A user with a password derives a key, which takes a core and 128 MiB. In the cloud each function has its own, but here
// all share one machine: so these take turns, or the test would measure the machine.
const HEAVY = /password|\b(register|login)\b/i;

/** Sends hostile frames on several sockets concurrently, one at a time on each, and judges all results. */
export async function storm({ frames, seed, onProgress = () => {} }: Storm): Promise<Report> {
  const assembly = await witnessed(await ensureAssembly());
  const scene = new Scene();
  const log = ({ line }: { line: string }) => scene.hear(line);
  const cloud = await startCloud({ assembly: assembly.folder, port: 0, log, instances: INSTANCES });
  try {
    await scene.set(cloud.url);
    const supply = draw(seed, frames);
    await Promise.all(
      Array.from({ length: ATTACKERS }, (_, index) => scene.attack(index, supply, onProgress)),
    );
    scene.report.writes = await scene.writes(cloud);
    await scene.shrink();
  } finally {
    await cloud.close();
    await assembly.remove();
  }
  return scene.report;
}

function* draw(seed: number, count: number): Generator<Omit<Drawn, 'isMember'>> {
  for (let start = 0; start < count; start += BATCH) {
    const numRuns = Math.min(BATCH, count - start);
    const drawn = fc.sample(anyFrame, { numRuns, seed: seed + start });
    yield* drawn.map((frame, index) => ({ frame, seed: seed + start, path: String(index) }));
  }
}

class Scene {
  readonly report: Report = { sent: 0, kinds: {}, outcomes: {}, wrong: [], writes: { seen: 0, counted: 0 } };
  #url = '';
  #newcomers = 0;
  #seen = 0;
  #first: Drawn | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  /** Frames that may still turn out to have written something. */
  readonly #recent: Drawn[] = [];

  /** The users whom frames name. */
  async set(url: string): Promise<void> {
    this.#url = url;
    const host = await Attacker.enter(url);
    for (const name of people) await host.say(`register ${name}`);
    await host.say(`login ${people[0]}`);
    for (const group of groups) await host.say(`create_group ${group}`);
    await host.leave();
  }

  /** One attacker's part; every other attacker is logged in, as far as its frames allow. */
  async attack(index: number, supply: Iterable<Omit<Drawn, 'isMember'>>, onProgress: (sent: number) => void) {
    const isMember = index % 2 === 0;
    let attacker = await this.#enter(isMember, index);
    let age = 0;
    for (const each of supply) {
      if (this.report.wrong.length >= MOST_WRONG) break;
      const drawn = { ...each, isMember };
      this.#recent.push(drawn);
      if (this.#recent.length > 4 * BATCH) this.#recent.splice(0, BATCH);
      const outcome = await this.#send(attacker, drawn.frame);
      this.#judge(drawn, outcome);
      onProgress(this.report.sent);
      const isOver = outcome.reply === undefined || ++age > LIFE;
      if (isOver) {
        await this.#leave(attacker);
        attacker = await this.#enter(isMember, index);
        age = 0;
      } else if (isMember && codeOf(outcome) === 'not_logged_in') await this.#logIn(attacker, index);
    }
    await this.#leave(attacker);
  }

  /** What a function logged: its writes, or its failure. */
  hear(line: string): void {
    const testimony = testimonyOf(line);
    if (testimony) this.#weigh(testimony);
    // The local cloud logs an exception or a timeout of a function in such a line.
    else if (line.includes('"level":"error"')) this.report.wrong.push(line.slice(0, 1_000));
  }

  /** The number of writes that functions logged, and that the engine counted, once all have arrived. */
  async writes(cloud: Cloud): Promise<Report['writes']> {
    for (let attempt = 0; ; attempt++) {
      const { calls } = await cloud.counts();
      const counted = calls
        .filter(({ caller, operation }) => caller !== '' && /^(Put|Update|Delete|BatchWrite)/.test(operation))
        .reduce((sum, { requests }) => sum + requests, 0);
      if (counted === this.#seen || attempt === 50) return { seen: this.#seen, counted };
      await new Promise((done) => setTimeout(done, 100));
    }
  }

  /** Makes the first violating frame as small as possible. */
  async shrink(): Promise<void> {
    if (this.#first === undefined) return;
    const { seed, path, isMember } = this.#first;
    const passes = async (frame: HostileFrame) => {
      const before = this.report.wrong.length;
      const attacker = await this.#enter(isMember, 0);
      const problem = complaint(frame, await attacker.send(frame));
      await this.#leave(attacker);
      // The function's log line may still be on its way.
      await new Promise((done) => setTimeout(done, 50));
      return problem === undefined && this.report.wrong.splice(before).length === 0;
    };
    const { counterexample } = await fc.check(fc.asyncProperty(anyFrame, passes), {
      seed,
      path,
      numRuns: 1,
      interruptAfterTimeLimit: SHRINK_MS,
    });
    const says = counterexample
      ? `shrunk: ${describe(counterexample[0])}`
      : 'by itself the first of them does no harm';
    this.report.wrong.push(says);
  }

  async #send(attacker: Attacker, frame: HostileFrame): Promise<Outcome> {
    if (!HEAVY.test(Buffer.from(frame.body).toString())) return attacker.send(frame);
    const outcome = this.#turn.then(() => attacker.send(frame));
    this.#turn = outcome;
    return outcome;
  }

  #judge(drawn: Drawn, outcome: Outcome): void {
    const { frame } = drawn;
    this.report.sent++;
    count(this.report.kinds, frame.kind);
    count(this.report.outcomes, codeOf(outcome));
    const problem = complaint(frame, outcome);
    if (problem === undefined) return;
    this.#first ??= drawn;
    this.report.wrong.push(`${problem}: ${describe(frame)}\n    ${outcome.reply?.slice(0, 500)}`);
  }

  #weigh(testimony: Testimony): void {
    this.#seen += testimony.writes.length;
    const problem = writtenThough(testimony);
    if (problem === undefined) return;
    const isIt = ({ frame }: Drawn) => Buffer.from(frame.body).toString() === testimony.body;
    this.#first ??= this.#recent.find(isIt);
    this.report.wrong.push(`${problem}: ${testimony.body?.slice(0, 1_000)}`);
  }

  async #enter(isMember: boolean, index: number): Promise<Attacker> {
    const attacker = await Attacker.enter(this.#url);
    if (isMember) await this.#logIn(attacker, index);
    return attacker;
  }

  /** As a user whom frames name, or as a new one, since frames may have given that user a password. */
  async #logIn(attacker: Attacker, index: number): Promise<void> {
    const type = 'login';
    const reply = await attacker.say({ type, username: people[(index / 2) % people.length] });
    if (!reply.includes('login_success')) {
      const username = `newcomer-${++this.#newcomers}`;
      await attacker.say({ type: 'register', username });
      await attacker.say({ type, username });
    }
    for (const group_id of groups) await attacker.say({ type: 'join_group', group_id });
  }

  /** Not before a last request, so that a duplicate shows. */
  async #leave(attacker: Attacker): Promise<void> {
    const last = await attacker.say('ping');
    await attacker.leave();
    const unasked = last === '' || last === 'pong' ? attacker.surplus : [last, ...attacker.surplus];
    for (const text of unasked) this.report.wrong.push(`nobody asked for: ${text.slice(0, 500)}`);
  }
}

const count = (counts: Record<string, number>, what: string): void => {
  counts[what] = (counts[what] ?? 0) + 1;
};

const describe = ({ kind, body, binary, fragment }: HostileFrame): string =>
  `${kind}, ${body.length} bytes${binary ? ', binary' : ''}, in fragments of ${Math.min(fragment, body.length)}: ` +
  JSON.stringify(Buffer.from(body).toString()).slice(0, 1_000);
