import type { FaultKind, FaultPlan, FaultTime } from './plan.ts';
import { randomFrom } from './random.ts';

/** How often each fault was injected. */
export type FaultCounts = Partial<Record<FaultKind, number>>;

/** Decides which faults to inject, by a plan and its seed, and counts them. Without a plan there are none. */
export class Faults {
  readonly #place: string;
  readonly #counts = new Map<FaultKind, number>();
  readonly #streams = new Map<string, () => number>();
  #seed = 0;
  #shares: Partial<Record<FaultKind | FaultTime, number>> | undefined;

  /** @param place where it decides; each has its own chances */
  constructor(place: string) {
    this.#place = place;
  }

  /** Replaces the plan. The counts continue. */
  follow(plan: FaultPlan | undefined): void {
    this.#shares = plan && {
      ...plan.dynamo,
      ...plan.lambda,
      ...plan.posts,
      ...plan.disconnect,
      ...plan.sockets,
      ...plan.events,
      ...plan.answers,
    };
    this.#seed = plan?.seed ?? 0;
    this.#streams.clear();
  }

  /** Whether there is a plan. */
  get areOn(): boolean {
    return this.#shares !== undefined;
  }

  /** Whether to inject this fault now. */
  happens(kind: FaultKind): boolean {
    const share = this.#shares?.[kind];
    if (!share || this.#random(kind) >= share) return false;
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    return true;
  }

  /** The first of these faults that is to be injected. */
  first<K extends FaultKind>(kinds: readonly K[]): K | undefined {
    return this.#shares && kinds.find((kind) => this.happens(kind));
  }

  /** How an injected fault turns out, 0 to 1, from a random stream of its own. */
  outcome(kind: FaultKind): number {
    return this.#random(`outcome of ${kind}`);
  }

  /** A time of the plan, in milliseconds. */
  time(name: FaultTime, otherwise: number): number {
    return this.#shares?.[name] ?? otherwise;
  }

  counts(): FaultCounts {
    return Object.fromEntries(this.#counts);
  }

  /** Each name has its own random stream, so that kinds don't affect each other's choices. */
  #random(name: string): number {
    let stream = this.#streams.get(name);
    if (stream === undefined) {
      stream = randomFrom(`${this.#seed} ${this.#place} ${name}`);
      this.#streams.set(name, stream);
    }
    return stream();
  }
}

/** Waits. @param ms 0 doesn't wait */
export const pause = (ms: number): Promise<void> | undefined =>
  ms > 0 ? new Promise((done) => setTimeout(done, ms)) : undefined;
