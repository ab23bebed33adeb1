import type { CloudModel, ThrottleModel as Rate } from '../template/model.ts';

/** The account's limits. */
export interface AccountRates {
  /** For frames from clients, handshakes, and calls of the management API together. */
  account?: Rate;
  /** A lower limit for the management API, to throttle posts only. */
  posts?: Rate;
}

/** Source: API Gateway's quotas, "API Gateway account-level quotas, per Region". */
const SERVICE: Rate = { rate: 10_000, burst: 5_000 };

/** A token bucket; each request takes one token. */
class Bucket {
  readonly #limits: Rate;
  #tokens: number;
  #at = Date.now();

  constructor(limits: Rate) {
    this.#limits = limits;
    this.#tokens = limits.burst;
  }

  get isEmpty(): boolean {
    const now = Date.now();
    const { rate, burst } = this.#limits;
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#at) / 1000) * rate);
    this.#at = now;
    return this.#tokens < 1;
  }

  take(): void {
    this.#tokens--;
  }
}

/** Takes one token from each bucket, or none. @returns whether it did */
function takeAll(buckets: readonly (Bucket | undefined)[]): boolean {
  const all = buckets.filter((bucket) => bucket !== undefined);
  if (all.some((bucket) => bucket.isEmpty)) return false;
  for (const bucket of all) bucket.take();
  return true;
}

/** API Gateway's throttles. */
export class Throttles {
  readonly #account: Bucket;
  readonly #posts: Bucket | undefined;
  readonly #stage: Bucket | undefined;
  readonly #routes: ReadonlyMap<string, Bucket>;

  constructor({ all, routes }: CloudModel['throttles'], { account = SERVICE, posts }: AccountRates) {
    this.#account = new Bucket(account);
    this.#posts = posts && new Bucket(posts);
    this.#stage = all && new Bucket(all);
    this.#routes = new Map(Object.entries(routes).map(([key, rate]) => [key, new Bucket(rate)]));
  }

  /** Whether a frame or handshake may reach its route. */
  admits(routeKey: string): boolean {
    return takeAll([this.#account, this.#routes.get(routeKey) ?? this.#stage]);
  }

  /** Whether a call of the management API is accepted. */
  admitsPost(): boolean {
    return takeAll([this.#account, this.#posts]);
  }
}
