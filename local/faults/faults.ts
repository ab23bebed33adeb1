import type { FaultKind, FaultPlan, FaultTime } from './plan.ts';
import { randomFrom } from './random.ts';

/** How often each kind happened. */
export type FaultCounts = Partial<Record<FaultKind, number>>;

/** Decides, by the plan and its seed, what goes wrong; and counts it. Without a plan nothing does. */
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

  /** From now on. The counts go on. */
  follow(plan: FaultPlan | undefined): void {
    this.#shares = plan && {
      ...plan.dynamo,
      ...plan.lambda,
      ...plan.posts,
      ...plan.disconnect,
      ...plan.sockets,
      ...plan.answers,
    };
    this.#seed = plan?.seed ?? 0;
    this.#streams.clear();
  }

  /** Whether it happens this time. */
  happens(kind: FaultKind): boolean {
    const share = this.#shares?.[kind];
    if (!share || this.#random(kind) >= share) return false;
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    return true;
  }

  /** The first of them that happens. */
  first<K extends FaultKind>(kinds: readonly K[]): K | undefined {
    return this.#shares && kinds.find((kind) => this.happens(kind));
  }

  /** How a fault that happens turns out, 0 to 1: of other chances than whether it happens. */
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

  /** From a stream of its own for each name, so that kinds do not shift one another's chances. */
  #random(name: string): number {
    let stream = this.#streams.get(name);
    if (stream === undefined) {
      stream = randomFrom(`${this.#seed} ${this.#place} ${name}`);
      this.#streams.set(name, stream);
    }
    return stream();
  }
}

/** Waits. @param ms nothing is waited for if it is 0 */
export const pause = (ms: number): Promise<void> | undefined =>
  ms > 0 ? new Promise((done) => setTimeout(done, ms)) : undefined;
