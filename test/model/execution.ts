import { disconnected } from '../../chat/accounts/logout.ts';
import { resume } from '../../chat/delivery/fan-out.ts';
import { OutcomeUnknown, Unavailable } from '../../chat/errors.ts';
import type { FanOut, LogEntry } from '../../chat/model.ts';
import { ChatError } from '../../protocol/index.ts';
import { type AllPorts, type MemoryState, memoryPorts, type PortCall } from '../support/memory.ts';
import { hashOf, plain } from './hash.ts';

/** How a handler's run ended, as its client sees it. */
export type Outcome<T = unknown> = { reply: T } | { refused: unknown } | { busy: true } | { silence: true };

/** What a script may do. */
export interface Actor {
  /** Runs a rule as one invocation of a Lambda. After a crash or an error of the store, its client gets no answer. */
  invoke<T>(rule: (ports: AllPorts) => Promise<T>): Promise<Outcome<T>>;
  /** Opens a connection. */
  open(connectionId: string): void;
  /** The frames that a connection has received so far. */
  framesOf(connectionId: string): readonly string[];
  /** Delivers a rule's reply to its client if that is still connected. @returns whether it is */
  deliver(connectionId: string, reply: object): boolean;
  /** The current length of a chat's log. */
  lengthOf(chat: string): number;
  /** The entries of a chat's log. */
  entryOf(chat: string, seq: number): LogEntry;
  /** Ends a connection from the client's side. */
  close(connectionId: string): void;
}

/** The maximum number of faults of each kind in one run. */
export interface Budget {
  /** A Lambda dies before one of its calls. */
  crash: number;
  /** The SDK repeats a call that took effect. */
  twice: number;
  /** A call fails for good: without effect, which the rule is told, or after it, with an unknown outcome. */
  fail: number;
  /** A socket is cut. */
  cut: number;
  /** A write takes effect again at any later time; or only then, and is reported as failed. */
  late: number;
}

/** A situation, and its actors. */
export interface Scenario {
  name: string;
  state: () => MemoryState;
  /** Actors run concurrently. Their clocks may differ. */
  actors: Record<string, { now: number; script: (actor: Actor, log: RunLog) => Promise<unknown> }>;
  budget: Partial<Budget>;
  /** The members per invocation of a fan-out; absent, all of them. */
  fanOutPageSize?: number;
  /** How long messages in quick succession to a larger group wait for one another; absent, not at all. */
  batchWindow?: number;
}

/** What the clients know at the end of a run. */
export const emptyLog = () => ({
  /** Messages whose sender got MESSAGE_SENT. */
  sent: [] as { sender: string; recipients: string[]; message_id: string; chat_id: string; seq: number }[],
  /** Connection → the user that it logged in as. */
  devices: {} as Record<string, string>,
  /** Who joined a group, and the length of its log when they were told. */
  joined: [] as { username: string; chat: string; after: number }[],
  /** Connections of users who had left a group, and the length of its log when they were told. */
  left: [] as { connection: string; chat: string; after: number }[],
  /** Connections and tokens from before a user logged out everywhere, and the length of the chat's log at that time. */
  ended: [] as { connection: string; token: string; chat: string; after: number }[],
  /** Users who were told that they are in a group, and have not left it since. */
  inside: [] as { username: string; chat: string }[],
  /** Users whose removal was requested: from then on they may or may not be members. */
  unsure: [] as string[],
  /** Users who were removed from a group, and not invited since. */
  removed: [] as { username: string; chat: string }[],
  /** Users who were invited to a group, and not removed since. */
  invited: [] as { username: string; chat: string }[],
  /** Messages of a group that ended, and the users who must not see them since they have its name now. */
  hidden: [] as { username: string; chat: string; content: string }[],
  /** Keys of messages whose last answer was busy: nothing was stored. */
  busy: [] as string[],
  /** Messages that the function before messages denies, or of which their sender was told so. */
  denied: [] as { key: string; content: string }[],
  /** Users whose account's deletion was answered. */
  gone: [] as string[],
  /** Messages that were answered while their sender's account was there yet. */
  early: [] as { sender: string; chat_id: string; seq: number }[],
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

/** An actor that was told something, and a digest of all that it has been told so far. */
export interface Told {
  actor: string;
  hash: number;
}

const labelOf = ({ port, method, args }: PortCall) => `${port}.${method} ${JSON.stringify(args)}`;

const READS =
  /\.(get|getMany|page|newest|behind|from|reaching|chatsOf|groupsOf|isBarred)$|^members\.count$|^(gateway|fanOutQueue)\./;

const lateChoices = ({ actor, call: { port, method } }: Pending, index: number): string[] =>
  actor !== LATE && !READS.test(`${port}.${method}`) ? [`late ${index}`, `fail-late ${index}`] : [];

// The number of times that the queue delivers a message (lib/fan-out-queue.ts).
const RECEIVES = 5;
const LATE = 'a write that is late';

/** Lets everything run that can, up to the next calls of ports. */
const settled = () => new Promise<void>((done) => setImmediate(done));

/** One run of a scenario, in which every call of a port waits until the scheduler lets it take effect. */
export class Execution {
  readonly state: MemoryState;
  readonly log: RunLog = emptyLog();
  readonly #steps: (() => string)[] = [];
  #known: Told | undefined;
  #last: Told = { actor: '', hash: 0 };
  readonly left: Budget;
  /** What each actor has been told so far, which determines where it is in its code. */
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

  /** @param alter removes a safeguard, to see whether the checker finds a violation */
  static async start(scenario: Scenario, alter: (ports: AllPorts) => AllPorts): Promise<Execution> {
    const execution = new Execution(scenario, alter);
    for (const [name, { script }] of Object.entries(scenario.actors)) {
      void script(execution.#actor(name), execution.log);
    }
    await settled();
    return execution;
  }

  /** All possible next steps; none if all actors have finished. */
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
   * @param known what an earlier run with the same steps returned here, which saves computing it
   * @returns the actor that was told something, and a digest of all that it has been told
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

  /** Equal for two runs in the same state: all that follows is the same. */
  key(): number {
    const sockets = Object.entries(this.state.sockets).map(([id, { open, unreachable, frames }]) => [
      id,
      open,
      unreachable,
      [...frames].sort(),
    ]);
    // No promise depends on these two.
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
      call.reject(word === 'fail-before' ? new Unavailable('a fault') : new OutcomeUnknown('a fault'));
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

  /** A socket is gone; its `$disconnect` runs some time later, concurrently with everything else. */
  #closed(connectionId: string): void {
    const socket = this.state.sockets[connectionId];
    if (!socket?.open) return;
    socket.open = false;
    void this.#actor(`$disconnect ${connectionId}`).invoke((ports) => disconnected(ports, connectionId));
  }

  /** Delivers a message of the queue, and again until it succeeds, concurrently with everything else. */
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
      pause: async () => {},
      timeLeft: () => 1e6,
    };
    const { fanOutPageSize = Number.POSITIVE_INFINITY, batchWindow = 0 } = this.scenario;
    const ports = this.#alter({ ...memoryPorts(this.state, runtime, gate), fanOutPageSize, batchWindow });
    this.#ports.set(actor, ports);
    return ports;
  }
}

/** What the client is told: a refusal and busy mean that nothing happened; anything else leaves it in doubt. */
function outcomeOf(error: unknown): Outcome<never> {
  if (error instanceof ChatError) return { refused: error };
  // Only a mistake in the rules or in a scenario fails in another way: an unhandled rejection shows it.
  if (error instanceof TypeError || error instanceof RangeError) throw error;
  return error instanceof Unavailable ? { busy: true } : { silence: true };
}
