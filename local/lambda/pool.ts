import type { FunctionModel } from '../template/model.ts';
import { type FunctionSettings, type Hanging, Instance, InvocationError } from './instance.ts';

interface Waiting {
  event: unknown;
  requestId: string;
  succeed(result: unknown): void;
  fail(error: Error): void;
}

/** The instances of one function: started on demand, kept warm, and limited in number. */
export class Pool {
  readonly #model: FunctionModel;
  readonly #settings: FunctionSettings;
  readonly #limit: number;
  readonly #idle: Instance[] = [];
  readonly #all = new Set<Instance>();
  readonly #queue: Waiting[] = [];
  #started = 0;
  #closed = false;

  constructor(model: FunctionModel, settings: FunctionSettings, limit: number) {
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
    for (const { fail } of this.#queue.splice(0)) fail(new InvocationError('The local cloud was closed'));
    await Promise.all([...this.#all].map((instance) => instance.kill()));
  }

  #next(): void {
    const instance = this.#free();
    const job = instance && this.#queue.shift();
    if (job) void this.#run(instance, job);
  }

  #free(): Instance | undefined {
    for (let instance = this.#idle.pop(); instance; instance = this.#idle.pop()) {
      if (instance.alive && !this.#settings.faults.happens('cold')) return instance;
      if (instance.alive) void instance.kill();
      this.#all.delete(instance);
    }
    return this.#all.size < this.#limit ? this.#start() : undefined;
  }

  async #run(instance: Instance, { event, requestId, succeed, fail }: Waiting): Promise<void> {
    try {
      await instance.ready;
      succeed(await instance.invoke(event, requestId, this.#hanging()));
    } catch (error) {
      fail(error as Error);
    }
    if (instance.alive) this.#idle.push(instance);
    else this.#all.delete(instance);
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
    instance.ready.catch(() => {});
    this.#all.add(instance);
    return instance;
  }
}
