import type { FaultKind, FaultPlan } from './plan.ts';

/** Decides, by the plan and its seed, what goes wrong; and counts it. Without a plan nothing does. */
export class Faults {
  readonly #counts = new Map<FaultKind, number>();
  #plan: FaultPlan | undefined;
  #streams = new Map<FaultKind, () => number>();

  constructor(plan?: FaultPlan) {
    this.follow(plan);
  }

  /** From now on. The counts go on. */
  follow(plan: FaultPlan | undefined): void {
    this.#plan = plan;
    this.#streams = new Map();
  }

  /** Milliseconds that every call takes at least. */
  get latency(): number {
    return this.#plan?.latency ?? 0;
  }

  /** Whether it happens this time. */
  happens(kind: FaultKind): boolean {
    const share = this.#plan?.[kind];
    if (!share || this.random(kind) >= share) return false;
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    return true;
  }

  /** The first of them that happens. */
  first<K extends FaultKind>(kinds: readonly K[]): K | undefined {
    return this.#plan && kinds.find((kind) => this.happens(kind));
  }

  /** 0 to 1, from a stream of its own for each kind. */
  random(kind: FaultKind): number {
    let stream = this.#streams.get(kind);
    if (stream === undefined) {
      stream = mulberry32(hash(`${this.#plan?.seed} ${kind}`));
      this.#streams.set(kind, stream);
    }
    return stream();
  }

  counts(): Partial<Record<FaultKind, number>> {
    return Object.fromEntries(this.#counts);
  }
}

/** Tommy Ettinger's generator of 32 bits: small, and good enough to pick occasions. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const char of text) value = Math.imul(value ^ char.charCodeAt(0), 0x01000193);
  return value;
}
