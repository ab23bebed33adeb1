/** What goes wrong, and how often: shares of 0 to 1 of the occasions; what is absent never happens. */
export interface FaultPlan {
  /** The same seed makes the same choices, kind by kind, as far as the same occasions come up. */
  seed: number;
  /** DynamoDB refuses a call for its rate. */
  throttle?: number;
  /** DynamoDB answers 500, and did nothing. */
  errorBefore?: number;
  /** DynamoDB answers 500 although the call took effect: the SDK makes it again. */
  errorAfter?: number;
  /** DynamoDB takes up to 100 ms longer. */
  delay?: number;
  /** A read that is not marked consistent is answered with what it would have been answered before. */
  stale?: number;
  /** A Lambda is killed at one of its calls: before it takes effect, or after. */
  killBefore?: number;
  killAfter?: number;
  /** A Lambda's answer does not come before its time is out. */
  hang?: number;
  /** A Lambda starts cold, though a warm one is there. */
  cold?: number;
  /** An event is handled twice, at once. */
  twice?: number;
  /** A post is answered 410, and its socket is gone for good. */
  gone?: number;
  /** A post is answered 429. */
  tooMany?: number;
  /** A post is answered 500. */
  postError?: number;
  /** A post is accepted, and lost with its socket. */
  lost?: number;
  /** `$disconnect` comes up to 2 s late. */
  late?: number;
  /** `$disconnect` never comes. */
  missing?: number;
  /** The socket is gone, and `$disconnect` there, before the connection's last frame is handled. */
  early?: number;
  /** A socket is cut when a message comes in. */
  cut?: number;
  /** Not a share: milliseconds that every call to DynamoDB takes at least. */
  latency?: number;
}

/** Everything that can go wrong. */
export type FaultKind = Exclude<keyof FaultPlan, 'seed' | 'latency'>;

export const faultKinds = [
  'throttle',
  'errorBefore',
  'errorAfter',
  'delay',
  'stale',
  'killBefore',
  'killAfter',
  'hang',
  'cold',
  'twice',
  'gone',
  'tooMany',
  'postError',
  'lost',
  'late',
  'missing',
  'early',
  'cut',
] as const satisfies readonly FaultKind[];

/**
 * Reads `throttle=0.05,kill…=0.01`, as the flag takes it.
 * @throws Error that names what is not understood
 */
export function readPlan(text: string, seed: number): FaultPlan {
  const plan: FaultPlan = { seed };
  for (const part of text.split(',')) {
    const [name = '', value] = part.split('=');
    const share = Number(value);
    const isKind = (faultKinds as readonly string[]).includes(name) && share >= 0 && share <= 1;
    const isLatency = name === 'latency' && share >= 0 && share < 10_000;
    if (!value || !(isKind || isLatency)) {
      throw new Error(`--faults ${part}: must be KIND=SHARE, of 0 to 1; kinds: ${faultKinds.join(' ')}`);
    }
    plan[name as FaultKind] = share;
  }
  return plan;
}
