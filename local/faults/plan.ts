/** What goes wrong, and how often. Shares are 0 to 1 of the occasions; what is absent never happens. */
export interface FaultPlan {
  /** The same seed makes the same choices, kind by kind, as far as the same occasions come up. */
  seed: number;
  dynamo?: {
    throttle?: number;
    errorBefore?: number;
    errorAfter?: number;
    errorLate?: number;
    delay?: number;
    /** The longest of those delays, in milliseconds (100). */
    delayMs?: number;
    /** Not a share: milliseconds added to every call. */
    latency?: number;
    stale?: number;
  };
  lambda?: { kill?: number; hang?: number; cold?: number; twice?: number; busy?: number };
  posts?: { gone?: number; throttled?: number; error?: number; lost?: number };
  disconnect?: {
    late?: number;
    /** The latest, in milliseconds (2000). */
    lateMs?: number;
    missing?: number;
    early?: number;
  };
  sockets?: { cut?: number };
  answers?: { bare?: number; nullMessage?: number; typeInBody?: number; html?: number };
}

type Group = Exclude<keyof FaultPlan, 'seed'>;
type KeysOf<G extends Group> = keyof NonNullable<FaultPlan[G]>;
type Key = { [G in Group]: KeysOf<G> }[Group];

/** What is not a share but a time. */
export type FaultTime = 'delayMs' | 'latency' | 'lateMs';

/** Everything that can go wrong. */
export type FaultKind = Exclude<Key, FaultTime>;

type Explained<K extends Key> = Readonly<Record<K, readonly [Group, string]>>;

/** The kinds, each with what it means. */
export const faultKinds: Explained<FaultKind> = {
  throttle: ['dynamo', 'DynamoDB refuses a call for its rate'],
  errorBefore: ['dynamo', 'DynamoDB answers 500, and did nothing'],
  errorAfter: ['dynamo', 'DynamoDB answers 500 although a write took effect: the SDK repeats it'],
  errorLate: ['dynamo', 'DynamoDB answers 500 to a write, which takes effect up to delayMs later'],
  delay: ['dynamo', 'DynamoDB takes up to delayMs longer'],
  stale: ['dynamo', 'a read that is not marked consistent is answered with what was true a second ago'],
  kill: ['lambda', 'a Lambda is killed at one of its calls, just before or just after it took effect'],
  hang: ['lambda', 'a Lambda runs into its timeout, with nothing done or with everything done'],
  cold: ['lambda', 'a Lambda starts cold though a warm one is idle'],
  twice: ['lambda', 'an event is run a second time, at once'],
  busy: ['lambda', 'Lambda refuses for its rate to run a function for another one'],
  gone: ['posts', 'a post is answered 410, and its socket is destroyed'],
  throttled: ['posts', 'a post, or a look at a connection, is answered 429'],
  error: [
    'posts',
    'a post, or a look at a connection, is answered 500; a post in half of the cases after the frame went out',
  ],
  lost: ['posts', 'a post is accepted, then the socket dies before the frame is out'],
  late: ['disconnect', '$disconnect comes up to lateMs late'],
  missing: ['disconnect', '$disconnect never comes'],
  early: [
    'disconnect',
    "a socket dies with a frame, and $disconnect is over before that frame's Lambda runs",
  ],
  cut: ['sockets', 'a socket is destroyed without a close, at a message in either direction'],
  bare: ['answers', 'an error of @connections, or a 5xx of DynamoDB, comes without a name and a body'],
  nullMessage: ['answers', 'an error of @connections comes without a name, its message is null'],
  typeInBody: ['answers', 'an error of @connections has its name in its body, and not in a header'],
  html: ['answers', 'an error of @connections, or a 5xx of DynamoDB, comes as a page of HTML'],
};

/** The times that go with them, in milliseconds. */
const faultTimes: Explained<FaultTime> = {
  delayMs: ['dynamo', 'the longest delay (100)'],
  latency: ['dynamo', 'added to every call of DynamoDB'],
  lateMs: ['disconnect', 'the latest $disconnect (2000)'],
};

const LONGEST_MS = 60_000;

/**
 * Reads `throttle=0.05,kill=0.01,latency=5`, as the flag takes it.
 * @throws Error that names what is not understood
 */
export function readPlan(text: string, seed: number): FaultPlan {
  if (!Number.isSafeInteger(seed)) throw new Error('--seed: must be a whole number');
  const plan: Record<string, Record<string, number>> = {};
  for (const part of text.split(',')) {
    const [, name = '', value = ''] = /^\s*(\w*)=([\d.]+)\s*$/.exec(part) ?? [];
    const known = Object.hasOwn(faultKinds, name) || Object.hasOwn(faultTimes, name);
    if (!known) {
      throw new Error(`${part}: must be KIND=SHARE; kinds: ${Object.keys(faultKinds).join(' ')}`);
    }
    const isTime = Object.hasOwn(faultTimes, name);
    const number = Number(value);
    if (!(number >= 0 && number <= (isTime ? LONGEST_MS : 1)))
      throw new Error(`${part}: must be ${isTime ? `0 to ${LONGEST_MS} milliseconds` : '0 to 1'}`);
    const [group] = isTime ? faultTimes[name as FaultTime] : faultKinds[name as FaultKind];
    plan[group] = { ...plan[group], [name]: number };
  }
  return { seed, ...plan };
}

/** What `--faults help` prints. */
export function explainFaults(): string {
  const lines = (all: Explained<never>) =>
    Object.entries<readonly [Group, string]>(all).map(([name, [, says]]) => `  ${name.padEnd(12)}${says}`);
  return ['Shares, 0 to 1:', ...lines(faultKinds), 'Milliseconds:', ...lines(faultTimes)].join('\n');
}
