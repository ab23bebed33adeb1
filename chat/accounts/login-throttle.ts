import { ChatError, tooFast } from '../../protocol/index.ts';
import type { Bucket, Caller, Millis, Policy } from '../model.ts';
import type { RateLimits, World } from '../ports.ts';
import { type Filling, fill } from '../rate-limits/buckets.ts';

interface Ports {
  rateLimits: RateLimits;
  policy: Policy;
  world: World;
}

// One try is forgiven each minute.
const PER_SECOND = 1 / 60;
// The wait doubles from try to try. It stays short enough that nobody is locked out, and long enough
// that guessing is hopeless: 30 s are 2,880 guesses a day.
const [FIRST_WAIT, LONGEST_WAIT]: [Millis, Millis] = [1_000, 30_000];
const KNOWN_FOR: Millis = 90 * 24 * 3600_000;

/** A bucket that tries are counted in. */
interface Counter {
  id: string;
  /** Tries that it takes before the next has to wait. */
  free: number;
  /** How long it is kept although it is empty. */
  keep?: Millis;
}

/** A try that has been counted, and where. */
export interface Try {
  username: string;
  counted: readonly { counter: Counter; level: Bucket }[];
  /** Whether the user has logged in with this very password from here before. */
  isKnown: boolean;
}

const ofAddress = ({ address }: Caller) => `passwords from ${address}`;
const ofAccount = (username: string) => `passwords of ${username}`;
// A new password has a new mark, so it is known nowhere.
const ofAccountAt = (username: string, mark: string, { address }: Caller) =>
  `passwords of ${username} ${mark} at ${address}`;

/**
 * Counts a try to give a password, as if it had failed, before the password is looked at: of many at once no more
 * are looked at than of as many one after the other. Where the user has logged in with this password before, a try is
 * counted on the user at this address alone, so nothing that fails elsewhere, or on others, keeps the user out. Everywhere
 * else it is counted on the address and on the name. A name that nobody has is counted like any other: the answers must not differ.
 * @param mark of the user's credential; undefined if there is none
 * @throws ChatError `rate_limited`, also if too many are counted at the same moment; the password must not be looked at then
 */
export async function countTry(
  ports: Ports,
  username: string,
  mark: string | undefined,
  caller: Caller,
): Promise<Try> {
  const { rateLimits, policy, world } = ports;
  const known = mark === undefined ? [] : [ofAccountAt(username, mark, caller)];
  const found = await rateLimits.getMany([ofAddress(caller), ofAccount(username), ...known]);
  const now = world.now();
  const isKnown = known.some((id) => now - (found.get(id)?.at ?? Number.NEGATIVE_INFINITY) < KNOWN_FOR);
  const counters = isKnown
    ? known.flatMap((id) => counter(id, policy.failedLogins, KNOWN_FOR))
    : [
        ...counter(ofAddress(caller), policy.failedLoginsOfAddress),
        ...counter(ofAccount(username), policy.failedLogins),
      ];
  // All of them before any is counted, so that what one refuses is counted on none; but for who fills the second while the
  // first is counted.
  refuse(Math.max(0, ...counters.map((each) => waitAfter(found.get(each.id), each, now))));
  const counted = [];
  for (const each of counters) {
    const done = await fill(
      rateLimits,
      each.id,
      { ...byOne(each), waitOf: (is) => waitAfter(is, each, now) },
      now,
      found.get(each.id),
    );
    if (done === 'contended') throw tooFast('Too many passwords are tried at once.', FIRST_WAIT);
    if ('wait' in done) throw tooFast(TOO_MANY, done.wait);
    counted.push({ counter: each, level: done.level });
  }
  return { username, counted, isKnown };
}

const TOO_MANY = 'Too many passwords were tried.';

const counter = (id: string, free: number | undefined, keep?: Millis): Counter[] =>
  free === undefined ? [] : [{ id, free, keep }];

const byOne = ({ keep }: Counter): Pick<Filling, 'amount' | 'perSecond' | 'keep'> => ({
  amount: 1,
  perSecond: PER_SECOND,
  keep,
});

function refuse(wait: Millis): void {
  if (wait > 0) throw tooFast(TOO_MANY, wait);
}

/** Milliseconds from now until the next try. */
function waitAfter(found: Bucket | undefined, { free }: Counter, now: Millis): Millis {
  // What leaked between two tries of one storm makes no room for another.
  const tries = Math.ceil(found?.level ?? 0);
  if (found === undefined || tries < free) return 0;
  const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (tries - free));
  return Math.max(0, found.at + wait - now);
}

/** The refusal that tells nothing. */
export const invalidCredentials = () =>
  new ChatError('invalid_credentials', 'No such user, or not their password.');

/**
 * Takes back what a try was counted that succeeded, and remembers where it did. A counter that is not half full is left
 * alone: it leaks, and so most logins save the write.
 * @param mark of the credential that is good from now on
 */
export async function forgiveTry(
  { rateLimits, policy, world }: Ports,
  { username, counted, isKnown }: Try,
  mark: string,
  caller: Caller,
): Promise<void> {
  const now = world.now();
  const forgiven = counted
    .filter(({ counter: { free }, level }) => level.level > free / 2)
    .map(({ counter: { id, keep }, level }) =>
      // The user was here before: what failed here was their own mistyping.
      fill(rateLimits, id, { amount: isKnown ? -level.level : -1, perSecond: PER_SECOND, keep }, now, level),
    );
  await Promise.all([
    ...forgiven,
    isKnown || remember({ rateLimits, policy, world }, username, mark, caller),
  ]);
}

/** From now on the user is known here, by this credential. */
export async function remember(
  { rateLimits, policy, world }: Ports,
  username: string,
  mark: string,
  caller: Caller,
): Promise<void> {
  if (policy.failedLogins === undefined) return;
  const filling = { amount: 0, perSecond: PER_SECOND, keep: KNOWN_FOR };
  await fill(rateLimits, ofAccountAt(username, mark, caller), filling, world.now());
}
