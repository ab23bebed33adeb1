import { availableParallelism } from 'node:os';
import type { FunctionModel } from '../template/model.ts';
import { type FunctionSettings, type Hanging, Instance, InvocationError } from './instance.ts';

interface Waiting {
  event: unknown;
  requestId: string;
  succeed(result: unknown): void;
  fail(error: Error): void;
}

const CORES = availableParallelism();
// If more events than that wait for each instance, another one is worth its start; more than one for each core never is.
const WAITING = 2;
const STUCK_MS = 500;
// Lambda, too, keeps an instance for some minutes.
const KEPT_MS = 5 * 60_000;

/**
 * The instances of one function. Lambda starts another one for each event that finds all busy. Here they share the machine's
 * cores, and a new one costs memory and half a second of computing. So a few events wait for an instance that there is, unless
 * all instances seem to wait for something themselves. While faults are injected it is as in Lambda, so that events overlap.
 */
export class Pool {
  readonly #model: FunctionModel;
  readonly #settings: FunctionSettings;
  readonly #limit: number;
  readonly #idle: Instance[] = [];
  readonly #all = new Set<Instance>();
  readonly #queue: Waiting[] = [];
  #started = 0;
  #starting = 0;
  #stuck: NodeJS.Timeout | undefined;
  readonly #stuckMs: number;
  #closed = false;

  /** @param stuckMs milliseconds without any result, after which instances are taken to wait rather than to compute */
  constructor(model: FunctionModel, settings: FunctionSettings, limit: number, stuckMs = STUCK_MS) {
    this.#stuckMs = stuckMs;
    this.#model = model;
    this.#settings = settings;
    this.#limit = limit;
  }

  /** Runs the function, and waits for an instance if all are busy. @throws InvocationError */
  async invoke(event: unknown, requestId: string): Promise<unknown> {
    const { faults } = this.#settings;
    if (faults.happens('twice')) this.#handle(event, requestId).catch(() => {});
    return this.#handle(event, requestId);
  }

  /** Kills the instance with this access key. */
  kill(key: string): void {
    for (const instance of this.#all) if (instance.key === key) void instance.kill();
  }

  /** Stops the instances that were idle for minutes. @param now milliseconds since 1970 */
  retire(now: number): void {
    const kept = this.#idle.filter(({ idleSince }) => idleSince > now - KEPT_MS);
    for (const instance of this.#idle.filter((each) => !kept.includes(each))) this.#drop(instance);
    this.#idle.splice(0, this.#idle.length, ...kept);
  }

  #handle(event: unknown, requestId: string): Promise<unknown> {
    return new Promise((succeed, fail) => {
      if (this.#closed) return fail(new InvocationError('The local cloud was closed'));
      this.#queue.push({ event, requestId, succeed, fail });
      this.#next();
    });
  }

  /** Stops all instances, busy ones included. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#stuck);
    for (const { fail } of this.#queue.splice(0)) fail(new InvocationError('The local cloud was closed'));
    await Promise.all([...this.#all].map((instance) => instance.kill()));
  }

  #next(): void {
    const instance = this.#free() ?? (this.#isWorthAnother() ? this.#start() : undefined);
    const job = instance && this.#queue.shift();
    if (job) void this.#run(instance, job);
    if (this.#queue.length > 0) this.#stuck ??= setTimeout(() => this.#unstick(), this.#stuckMs);
  }

  #free(): Instance | undefined {
    for (let instance = this.#idle.pop(); instance; instance = this.#idle.pop()) {
      if (instance.alive && !this.#settings.faults.happens('cold')) return instance;
      this.#drop(instance);
    }
    return undefined;
  }

  #drop(instance: Instance): void {
    if (instance.alive) void instance.kill();
    this.#all.delete(instance);
  }

  get #hasRoom(): boolean {
    return this.#all.size < this.#limit;
  }

  #isWorthAnother(): boolean {
    if (!this.#hasRoom) return false;
    if (this.#all.size === 0 || this.#settings.faults.areOn) return true;
    return this.#queue.length > WAITING * this.#all.size && this.#all.size < CORES;
  }

  /** One instance after the other, as starting is computing. */
  #unstick(): void {
    this.#stuck = undefined;
    const job = this.#hasRoom && this.#starting === 0 ? this.#queue.shift() : undefined;
    if (job) void this.#run(this.#start(), job);
    if (this.#queue.length > 0) this.#next();
  }

  async #run(instance: Instance, { event, requestId, succeed, fail }: Waiting): Promise<void> {
    try {
      await instance.ready;
      succeed(await instance.invoke(event, requestId, this.#hanging()));
    } catch (error) {
      fail(error as Error);
    }
    this.#stuck?.refresh();
    if (instance.alive) {
      instance.idleSince = Date.now();
      this.#idle.push(instance);
    } else this.#all.delete(instance);
    if (this.#queue.length > 0) this.#next();
  }

  /** The injected fault, if any: where the event hangs until its timeout. */
  #hanging(): Hanging | undefined {
    const { faults } = this.#settings;
    if (!faults.happens('hang')) return undefined;
    return faults.outcome('hang') < 0.5 ? 'before' : 'after';
  }

  #start(): Instance {
    const instance = new Instance(this.#model, this.#settings, ++this.#started);
    // Waiting callers get the error. Without this handler, an error that nobody waits for would end the process.
    const started = () => void this.#starting--;
    instance.ready.then(started, started);
    this.#starting++;
    this.#all.add(instance);
    return instance;
  }
}
