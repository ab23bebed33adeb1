import { disconnected } from '../../chat/accounts/logout.ts';
import { resume } from '../../chat/delivery/fan-out.ts';
import { Unavailable } from '../../chat/errors.ts';
import type { FanOut, LogEntry } from '../../chat/model.ts';
import { ChatError } from '../../protocol/index.ts';
import { type AllPorts, type MemoryState, memoryPorts, type PortCall } from '../support/memory.ts';
import { hashOf, plain } from './hash.ts';

/** How a handler's run ended, as its client sees it. */
export type Outcome<T = unknown> = { reply: T } | { refused: unknown } | { busy: true } | { silence: true };

/** What a script may do: run a handler of a rule's, or wait for its own socket to be cut. */
export interface Actor {
  /** Runs a rule as one invocation of a Lambda. A crash, or an error of the store, is silence to its client. */
  invoke<T>(rule: (ports: AllPorts) => Promise<T>): Promise<Outcome<T>>;
  /** Opens a connection. */
  open(connectionId: string): void;
  /** What a connection has taken so far. */
  framesOf(connectionId: string): readonly string[];
  /** Brings the reply of a rule that answers in band to its client, if that is still there. @returns whether it is */
  deliver(connectionId: string, reply: object): boolean;
  /** How long a chat's log is at this moment. */
  lengthOf(chat: string): number;
  /** What is in a chat's log. */
  entryOf(chat: string, seq: number): LogEntry;
  /** Ends a connection from the client's side. */
  close(connectionId: string): void;
}

/** How much may go wrong in one run. */
export interface Budget {
  /** A Lambda dies before one of its calls. */
  crash: number;
  /** The SDK makes a call twice, though the first took effect. */
  twice: number;
  /** A call fails for good: without effect, which the rule is told; or after it, and then nobody knows. */
  fail: number;
  /** A socket is cut. */
  cut: number;
  /** A write is made twice, and takes effect once more at any later time; or only then, and is told to have failed. */
  late: number;
}

/** What happens between clients and the service, and who takes part. */
export interface Scenario {
  name: string;
  state: () => MemoryState;
  /** Each runs by itself, side by side with the others. Its clock may differ. */
  actors: Record<string, { now: number; script: (actor: Actor, log: RunLog) => Promise<unknown> }>;
  budget: Partial<Budget>;
  /** Members whom one invocation takes on; absent, all of them. */
  fanOutPageSize?: number;
}

/** What the clients know at the end of a run. */
const emptyLog = () => ({
  /** Messages that were answered with MESSAGE_SENT. */
  sent: [] as { sender: string; recipients: string[]; message_id: string; chat_id: string; seq: number }[],
  /** Connections by the user that they logged in as. */
  devices: {} as Record<string, string>,
  /** Who joined a group, and how long its log was when they were told so. */
  joined: [] as { username: string; chat: string; after: number }[],
  /** Connections of users who had left a group by then, and how long its log was when they were told so. */
  left: [] as { connection: string; chat: string; after: number }[],
  /** Connections and tokens of before a user logged out everywhere, and how long the chat's log was by then. */
  ended: [] as { connection: string; token: string; chat: string; after: number }[],
  /** Who was told that they are in a group, and did not leave it since. */
  inside: [] as { username: string; chat: string }[],
  /** Whose removal was asked for: from then on nobody is promised that they are in. */
  unsure: [] as string[],
  /** Who was removed from a group and not invited since. */
  removed: [] as { username: string; chat: string }[],
  /** What was said in a group that is no more, and who is not to see it: they have its name now. */
  hidden: [] as { username: string; chat: string; content: string }[],
  /** Keys of messages whose last word to the sender was busy: nothing was stored. */
  busy: [] as string[],
  /** Messages whose deletion was answered, and connections that were opened after that. */
  deleted: [] as { chat: string; seq: number; later: string[] }[],
});

export type RunLog = ReturnType<typeof emptyLog>;

interface Pending {
  actor: string;
  call: PortCall;
  perform: () => unknown;
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
}

/** Who was told something, and what stands for all that they have been told so far. */
export interface Told {
  actor: string;
  hash: number;
}

const labelOf = ({ port, method, args }: PortCall) => `${port}.${method} ${JSON.stringify(args)}`;

const READS =
  /\.(get|getMany|page|newest|behind|from|reaching|chatsOf|groupsOf|isBarred)$|^members\.count$|^(gateway|fanOutQueue)\./;

const lateChoices = ({ actor, call: { port, method } }: Pending, index: number): string[] =>
  actor !== LATE && !READS.test(`${port}.${method}`) ? [`late ${index}`, `fail-late ${index}`] : [];

// As often as the queue brings a message (lib/fan-out-queue.ts).
const RECEIVES = 5;
const LATE = 'a write that is late';

/** Lets everything that can go on go on, up to the next calls of ports. */
const settled = () => new Promise<void>((done) => setImmediate(done));

/** One run of a scenario, in which every call of a port waits for the word to take effect. */
export class Execution {
  readonly state: MemoryState;
  readonly log: RunLog = emptyLog();
  readonly #steps: (() => string)[] = [];
  #known: Told | undefined;
  #last: Told = { actor: '', hash: 0 };
  readonly left: Budget;
  /** What each actor has been told so far: with it, where it stands in its code. */
  readonly #told = new Map<string, number>();
  readonly #crash = new Map<string, () => void>();
  readonly scenario: Scenario;
  readonly #alter: (ports: AllPorts) => AllPorts;
  readonly #ports = new Map<string, AllPorts>();
  #pending: Pending[] = [];
  readonly #ids = new Map<string, number>();
  #brought = 0;

  private constructor(scenario: Scenario, alter: (ports: AllPorts) => AllPorts) {
    this.scenario = scenario;
    this.#alter = alter;
    this.state = scenario.state();
    this.left = { crash: 0, twice: 0, fail: 0, cut: 0, late: 0, ...scenario.budget };
  }

  /** @param alter takes a mechanism out, to see whether it is missed */
  static async start(scenario: Scenario, alter: (ports: AllPorts) => AllPorts): Promise<Execution> {
    const execution = new Execution(scenario, alter);
    for (const [name, { script }] of Object.entries(scenario.actors)) {
      void script(execution.#actor(name), execution.log);
    }
    await settled();
    return execution;
  }

  /** All that can happen next; none if everybody is through. */
  choices(): string[] {
    const calls = this.#pending.map((_, index) => `run ${index}`);
    if (calls.length === 0) return [];
    const { crash, twice, fail, cut, late } = this.left;
    const actors = [...new Set(this.#pending.map(({ actor }) => actor))];
    const everyCall = (word: string) => this.#pending.map((_, index) => `${word} ${index}`);
    const open = Object.entries(this.state.sockets).filter(([, socket]) => socket.open);
    return [
      ...calls,
      ...(crash > 0 ? actors.map((actor) => `crash ${actor}`) : []),
      ...(twice > 0 ? everyCall('twice') : []),
      ...(fail > 0 ? [...everyCall('fail-before'), ...everyCall('fail-after')] : []),
      ...(late > 0 ? this.#pending.flatMap(lateChoices) : []),
      ...(cut > 0 ? open.map(([id]) => `cut ${id}`) : []),
    ];
  }

  /**
   * Takes a step.
   * @param known what an earlier run that took the same steps returned here, which saves working it out
   * @returns whom it told something, and what stands for all that they have been told
   */
  async take(choice: string, known?: Told): Promise<Told> {
    const [word = '', object = ''] = choice.split(/ (.*)/);
    this.#known = known;
    if (word === 'crash') this.#kill(object);
    else if (word === 'cut') this.#cut(object);
    else this.#call(word, Number(object));
    const told = this.#last;
    await settled();
    return told;
  }

  /** What has happened, for people. */
  steps(): string[] {
    return this.#steps.map((step) => step());
  }

  /** The same for two runs that stand at the same point: nothing that follows can differ. */
  key(): number {
    const sockets = Object.entries(this.state.sockets).map(([id, { open, unreachable, frames }]) => [
      id,
      open,
      unreachable,
      [...frames].sort(),
    ]);
    // Nothing of what is promised depends on these two.
    const { sockets: _, levels: __, lastSeen: ___, ...tables } = this.state;
    const where = [...this.#told].sort();
    const waiting = this.#pending.map(({ actor, call }) => `${actor} ${labelOf(call)}`).sort();
    return hashOf(JSON.stringify([tables, sockets, where, waiting, this.left, this.log]));
  }

  #call(word: string, index: number): void {
    const [call] = this.#pending.splice(index, 1);
    if (call === undefined) throw new Error(`There is no call ${index}`);
    this.#steps.push(() => `${call.actor}: ${labelOf(call.call)}${word === 'run' ? '' : ` (${word})`}`);
    if (word === 'twice') this.left.twice--;
    if (word === 'fail-before' || word === 'fail-after') this.left.fail--;
    if (word.endsWith('late')) {
      this.left.late--;
      this.#pending.push({ ...call, actor: LATE, resolve: () => {}, reject: () => {} });
    }
    if (word === 'twice' || word === 'fail-after') call.perform();
    this.#bring();
    if (word.startsWith('fail')) {
      this.#tell(call.actor, () => word);
      call.reject(word === 'fail-before' ? new Unavailable('a fault') : new Error('a fault'));
      return;
    }
    const result = call.perform();
    this.#bring();
    this.#tell(call.actor, () => `${labelOf(call.call)} ${JSON.stringify(result, plain)}`);
    call.resolve(result);
  }

  #kill(actor: string): void {
    this.#steps.push(() => `${actor}: dies`);
    this.left.crash--;
    this.#tell(actor, () => 'dies');
    this.#pending = this.#pending.filter((call) => call.actor !== actor);
    this.#crash.get(actor)?.();
  }

  #cut(connectionId: string): void {
    this.#steps.push(() => `the socket ${connectionId} is cut`);
    this.left.cut--;
    this.#closed(connectionId);
  }

  /** A socket is gone; its `$disconnect` runs some time later, side by side with everything else. */
  #closed(connectionId: string): void {
    const socket = this.state.sockets[connectionId];
    if (!socket?.open) return;
    socket.open = false;
    void this.#actor(`$disconnect ${connectionId}`).invoke((ports) => disconnected(ports, connectionId));
  }

  /** What was sent to the queue is brought, and again while it is not done: side by side with everything else. */
  #bring(): void {
    for (const part of this.state.later.splice(0)) void this.#handle(part);
  }

  async #handle(part: FanOut): Promise<void> {
    for (let times = 0; times < RECEIVES; times++) {
      const done = await this.#invoke(`queue ${++this.#brought}`, (ports) => resume(ports, part));
      if ('reply' in done) return;
    }
  }

  #newId(actor: string): string {
    const id = (this.#ids.get(actor) ?? 0) + 1;
    this.#ids.set(actor, id);
    return `${actor}-${id}`;
  }

  #tell(actor: string, what: () => string): void {
    this.#last = this.#known ?? { actor, hash: hashOf(`${this.#told.get(actor) ?? 0} ${what()}`) };
    this.#told.set(actor, this.#last.hash);
  }

  #actor(name: string): Actor {
    return {
      invoke: (rule) => this.#invoke(name, rule),
      framesOf: (id) => this.state.sockets[id]?.frames ?? [],
      deliver: (id, reply) => {
        const socket = this.state.sockets[id];
        if (socket?.open) socket.frames.push(JSON.stringify(reply));
        return socket?.open === true;
      },
      lengthOf: (chat) => this.state.history[chat]?.length ?? 0,
      entryOf: (chat, seq) => this.state.history[chat]?.[seq - 1] as LogEntry,
      open: (id) => {
        this.state.sockets[id] ??= { open: true, frames: [] };
      },
      close: (id) => this.#closed(id),
    };
  }

  #invoke<T>(actor: string, rule: (ports: AllPorts) => Promise<T>): Promise<Outcome<T>> {
    const ports = this.#portsOf(actor);
    return new Promise((done) => {
      this.#crash.set(actor, () => done({ silence: true }));
      rule(ports).then(
        (reply) => done({ reply }),
        (error) => done(outcomeOf(error)),
      );
    });
  }

  /** An actor's ports: every call waits its turn. */
  #portsOf(actor: string): AllPorts {
    const known = this.#ports.get(actor);
    if (known) return known;
    const gate = <R>(call: PortCall, perform: () => R) =>
      new Promise<R>((resolve, reject) => {
        this.#pending.push({ actor, call, perform, resolve: resolve as (value: unknown) => void, reject });
      });
    const now = this.scenario.actors[actor]?.now ?? 0;
    const runtime = {
      now: () => now,
      newId: () => this.#newId(actor),
      backOff: async () => {},
      timeLeft: () => 1e6,
    };
    const { fanOutPageSize = Number.POSITIVE_INFINITY } = this.scenario;
    const ports = this.#alter({ ...memoryPorts(this.state, runtime, gate), fanOutPageSize });
    this.#ports.set(actor, ports);
    return ports;
  }
}

/** As a client is told it: refused and busy say that nothing happened; anything else leaves it in doubt. */
function outcomeOf(error: unknown): Outcome<never> {
  if (error instanceof ChatError) return { refused: error };
  // Nothing here fails this way but a mistake in the rules or in a scenario: an unhandled rejection shows it.
  if (error instanceof TypeError || error instanceof RangeError) throw error;
  return error instanceof Unavailable ? { busy: true } : { silence: true };
}
