import { ChatError, tooFast } from '../../protocol/index.ts';
import type { Bucket, Caller, Millis, Policy } from '../model.ts';
import type { RateLimits, Runtime } from '../ports.ts';
import { type Filling, fill } from '../rate-limits/buckets.ts';

interface Ports {
  rateLimits: RateLimits;
  policy: Policy;
  runtime: Runtime;
}

// One failed attempt leaks each minute.
const PER_SECOND = 1 / 60;
// The wait doubles with each attempt. It stays short enough that nobody is locked out, and gets long enough to make
// guessing pointless: 30 s allow 2,880 guesses a day.
const [FIRST_WAIT, LONGEST_WAIT]: [Millis, Millis] = [1_000, 30_000];
const KNOWN_FOR: Millis = 90 * 24 * 3600_000;

/** A bucket that counts login attempts. */
interface Counter {
  id: string;
  /** The number of attempts without a wait. */
  free: number;
  /** How long to keep it once it is empty. */
  keep?: Millis;
}

/** A counted attempt, and the buckets that count it. */
export interface Try {
  username: string;
  counted: readonly { counter: Counter; level: Bucket }[];
  /** Whether this is a known address of the user. */
  isKnown: boolean;
}

const ofAddress = ({ address }: Caller) => `passwords from ${address}`;
const ofAccount = (username: string) => `passwords of ${username}`;
// A new password has a new attempt id, so no address is known for it.
const ofAccountAt = (username: string, attemptId: string, { address }: Caller) =>
  `passwords of ${username} ${attemptId} at ${address}`;

/**
 * Counts a password attempt as failed before the password is checked, so that parallel attempts gain nothing over
 * sequential ones. At a known address, only the user's bucket for that address counts, so failures elsewhere never lock
 * the user out. At any other, the address and the name count. Names that don't exist count too, so that replies are the same.
 * @param attemptId the attempt id of the user's credential; undefined if there is none
 * @throws ChatError `rate_limited`, also if the bucket is contended; the password must not be checked then
 */
export async function countTry(
  ports: Ports,
  username: string,
  attemptId: string | undefined,
  caller: Caller,
): Promise<Try> {
  const { rateLimits, policy, runtime } = ports;
  const known = attemptId === undefined ? [] : [ofAccountAt(username, attemptId, caller)];
  const found = await rateLimits.getMany([ofAddress(caller), ofAccount(username), ...known]);
  const now = runtime.now();
  const isKnown = known.some((id) => now - (found.get(id)?.at ?? Number.NEGATIVE_INFINITY) < KNOWN_FOR);
  const counters = isKnown
    ? known.flatMap((id) => counter(id, policy.invalidLogins, KNOWN_FOR))
    : [
        ...counter(ofAddress(caller), policy.failedLoginsOfAddress),
        ...counter(ofAccount(username), policy.invalidLogins),
      ];
  // Check all buckets before filling any, so that a refused attempt is counted nowhere, unless another request fills the
  // second bucket while this one fills the first.
  refuseIfWaiting(Math.max(0, ...counters.map((each) => waitAfter(found.get(each.id), each, now))));
  const counted = [];
  for (const each of counters) {
    const done = await fill(
      rateLimits,
      each.id,
      { ...oneAttempt(each), waitOf: (is) => waitAfter(is, each, now) },
      now,
      found.get(each.id),
    );
    if (done === 'contended') throw tooFast('Too many password attempts at once.', FIRST_WAIT);
    if ('wait' in done) throw tooFast(TOO_MANY, done.wait);
    counted.push({ counter: each, level: done.level });
  }
  return { username, counted, isKnown };
}

const TOO_MANY = 'Too many password attempts.';

const counter = (id: string, free: number | undefined, keep?: Millis): Counter[] =>
  free === undefined ? [] : [{ id, free, keep }];

const oneAttempt = ({ keep }: Counter): Pick<Filling, 'amount' | 'perSecond' | 'keep'> => ({
  amount: 1,
  perSecond: PER_SECOND,
  keep,
});

function refuseIfWaiting(wait: Millis): void {
  if (wait > 0) throw tooFast(TOO_MANY, wait);
}

/** Milliseconds from now until the next attempt is allowed. */
function waitAfter(found: Bucket | undefined, { free }: Counter, now: Millis): Millis {
  // Round up: the fraction that leaks during a burst must not allow another attempt.
  const tries = Math.ceil(found?.level ?? 0);
  if (found === undefined || tries < free) return 0;
  const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (tries - free));
  return Math.max(0, found.at + wait - now);
}

/** The same error for every failure, so that it reveals nothing. */
export const invalidCredentials = () => new ChatError('invalid_credentials', 'Wrong username or password.');

/**
 * Uncounts a successful attempt and remembers its address as known. A counter that is less than half full is left to
 * leak, which saves most logins the write.
 * @param attemptId the attempt id of the credential that is valid from now on
 */
export async function forgiveTry(
  { rateLimits, policy, runtime }: Ports,
  { username, counted, isKnown }: Try,
  attemptId: string,
  caller: Caller,
): Promise<void> {
  const now = runtime.now();
  const forgiven = counted
    .filter(({ counter: { free }, level }) => level.level > free / 2)
    .map(({ counter: { id, keep }, level }) =>
      // At a known address, the failures were the user's own typing errors.
      fill(rateLimits, id, { amount: isKnown ? -level.level : -1, perSecond: PER_SECOND, keep }, now, level),
    );
  await Promise.all([
    ...forgiven,
    isKnown || rememberAddress({ rateLimits, policy, runtime }, username, attemptId, caller),
  ]);
}

/** Makes the caller's address a known address of the user, for this credential. */
export async function rememberAddress(
  { rateLimits, policy, runtime }: Ports,
  username: string,
  attemptId: string,
  caller: Caller,
): Promise<void> {
  if (policy.invalidLogins === undefined) return;
  const filling = { amount: 0, perSecond: PER_SECOND, keep: KNOWN_FOR };
  await fill(rateLimits, ofAccountAt(username, attemptId, caller), filling, runtime.now());
}
