/** The faults to inject, with their probabilities from 0 to 1 per occasion. Absent faults are not injected. */
export interface FaultPlan {
  /** The same seed makes the same choices for each kind of fault, as long as the same occasions occur. */
  seed: number;
  dynamo?: {
    throttle?: number;
    errorBefore?: number;
    errorAfter?: number;
    errorLate?: number;
    delay?: number;
    /** The maximum delay, in milliseconds (100). */
    delayMs?: number;
    /** Milliseconds added to every call. */
    latency?: number;
    stale?: number;
  };
  lambda?: { kill?: number; hang?: number; cold?: number; twice?: number; busy?: number };
  posts?: { gone?: number; throttled?: number; error?: number; lost?: number };
  disconnect?: {
    late?: number;
    /** The maximum delay, in milliseconds (2000). */
    lateMs?: number;
    missing?: number;
    early?: number;
  };
  sockets?: { cut?: number };
  events?: {
    recordsLate?: number;
    recordsTwice?: number;
    recordsFail?: number;
    entryFails?: number;
    eventLate?: number;
    eventTwice?: number;
    targetFails?: number;
    /** The maximum of recordsLate and eventLate, in milliseconds (2000). */
    eventLateMs?: number;
  };
  answers?: { bare?: number; nullMessage?: number; typeInBody?: number; html?: number };
}

type Group = Exclude<keyof FaultPlan, 'seed'>;
type KeysOf<G extends Group> = keyof NonNullable<FaultPlan[G]>;
type Key = { [G in Group]: KeysOf<G> }[Group];

/** The parameters that are times, not probabilities. */
export type FaultTime = 'delayMs' | 'latency' | 'lateMs' | 'eventLateMs';

/** The faults. */
export type FaultKind = Exclude<Key, FaultTime>;

type Explained<K extends Key> = Readonly<Record<K, readonly [Group, string]>>;

/** The faults and their descriptions. */
export const faultKinds: Explained<FaultKind> = {
  throttle: ['dynamo', 'DynamoDB throttles a call'],
  errorBefore: ['dynamo', 'DynamoDB answers 500 and does nothing'],
  errorAfter: ['dynamo', 'DynamoDB answers 500 after a write took effect, so the SDK repeats it'],
  errorLate: ['dynamo', 'DynamoDB answers 500 to a write, which takes effect up to delayMs later'],
  delay: ['dynamo', 'DynamoDB takes up to delayMs longer'],
  stale: ['dynamo', 'an eventually consistent read returns the state of a second ago'],
  kill: ['lambda', 'a Lambda is killed at one of its calls, just before or just after the call takes effect'],
  hang: ['lambda', 'a Lambda times out, before or after doing its work'],
  cold: ['lambda', 'a Lambda starts cold though a warm one is idle'],
  twice: ['lambda', 'an event is processed a second time, at once'],
  busy: ['lambda', 'Lambda throttles the invocation of a function by another'],
  gone: ['posts', 'a post is answered with 410, and its socket is destroyed'],
  throttled: ['posts', 'a post, or a check of a connection, is answered with 429'],
  error: [
    'posts',
    'a post, or a check of a connection, is answered with 500; half of the posts after the frame was sent',
  ],
  lost: ['posts', 'a post is accepted, but the socket dies before the frame is sent'],
  late: ['disconnect', '$disconnect comes up to lateMs late'],
  missing: ['disconnect', '$disconnect never comes'],
  early: [
    'disconnect',
    "a socket dies after a frame, and $disconnect is done before that frame's Lambda runs",
  ],
  cut: ['sockets', 'a socket is destroyed without a close frame, at a message in either direction'],
  recordsLate: ['events', 'records of a stream come up to eventLateMs late'],
  recordsTwice: ['events', 'a batch of records of a stream comes twice'],
  recordsFail: [
    'events',
    'a batch of records counts as failed though its function handled it: it is split, or comes again',
  ],
  entryFails: ['events', 'EventBridge refuses one of the events that it is given'],
  eventLate: ['events', 'an event reaches the target of a rule up to eventLateMs late'],
  eventTwice: ['events', 'an event reaches the target of a rule twice'],
  targetFails: ['events', 'the target of a rule fails, before or after it took the event'],
  bare: ['answers', 'an error of @connections, or a 5xx of DynamoDB, has no name and no body'],
  nullMessage: ['answers', 'an error of @connections has no name, and its message is null'],
  typeInBody: ['answers', 'an error of @connections has its name in the body instead of a header'],
  html: ['answers', 'an error of @connections, or a 5xx of DynamoDB, is a page of HTML'],
};

/** The times, in milliseconds. */
const faultTimes: Explained<FaultTime> = {
  delayMs: ['dynamo', 'maximum of delay (100)'],
  latency: ['dynamo', 'added to every DynamoDB call'],
  lateMs: ['disconnect', 'maximum delay of $disconnect (2000)'],
  eventLateMs: ['events', 'maximum of recordsLate and eventLate (2000)'],
};

const LONGEST_MS = 60_000;

/**
 * Parses the value of `--faults`, like `throttle=0.05,kill=0.01,latency=5`.
 * @throws Error that names the invalid part
 */
export function readPlan(text: string, seed: number): FaultPlan {
  if (!Number.isSafeInteger(seed)) throw new Error('--seed: must be a whole number');
  const plan: Record<string, Record<string, number>> = {};
  for (const part of text.split(',')) {
    const [, name = '', value = ''] = /^\s*(\w*)=([\d.]+)\s*$/.exec(part) ?? [];
    const known = Object.hasOwn(faultKinds, name) || Object.hasOwn(faultTimes, name);
    if (!known) {
      throw new Error(`${part}: must be FAULT=PROBABILITY; faults: ${Object.keys(faultKinds).join(' ')}`);
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

/** The text of `--faults help`. */
export function explainFaults(): string {
  const lines = (all: Explained<never>) =>
    Object.entries<readonly [Group, string]>(all).map(
      ([name, [, description]]) => `  ${name.padEnd(13)}${description}`,
    );
  return ['Probabilities, 0 to 1:', ...lines(faultKinds), 'Milliseconds:', ...lines(faultTimes)].join('\n');
}
