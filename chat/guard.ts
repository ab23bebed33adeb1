import { ChatError, tooFast } from '../protocol/index.ts';
import { fill } from './buckets.ts';
import type { Caller, Level, Levels, Millis, Policy, World } from './ports.ts';

interface Ports {
  levels: Levels;
  policy: Policy;
  world: World;
}

// One failure is forgiven each minute.
const FAILURE = { amount: 1, perSecond: 1 / 60 };
// The wait doubles from failure to failure. It stays short enough that nobody is locked out, and long enough
// that guessing is hopeless: 30 s are 2,880 guesses a day.
const [FIRST_WAIT, LONGEST_WAIT]: [Millis, Millis] = [1_000, 30_000];
const KNOWN_FOR: Millis = 90 * 24 * 3600_000;

/** One thing that failed logins are counted on. */
interface Count {
  id: string;
  /** How many may fail before the next has to wait. */
  free: number | undefined;
}

const countsOf = ({ policy }: Ports, username: string | undefined, caller: Caller): Count[] => [
  { id: `login from connection ${caller.connectionId}`, free: policy.failedLogins },
  { id: `login from ${caller.address}`, free: policy.failedLoginsOfAddress },
  ...(username === undefined ? [] : [{ id: accountOf(username), free: policy.failedLogins }]),
];

const accountOf = (username: string) => `login as ${username}`;
const knownOf = (username: string, { address }: Caller) => `${username} known at ${address}`;

/** What is known of those who try to log in. */
export interface Record {
  levels: ReadonlyMap<string, Level>;
  /** What this very try is counted on already. */
  claimed?: string;
}

/**
 * Lets somebody try to prove who they are, unless too much failed lately: on this connection, from this address, or
 * on this account. The last does not hold at an address where the user has been before, so a stranger who guesses
 * cannot keep the user out.
 * @throws ChatError `rate_limited`
 */
export async function admit(ports: Ports, username: string | undefined, caller: Caller): Promise<Record> {
  const counts = countsOf(ports, username, caller);
  const known = username === undefined ? [] : [knownOf(username, caller)];
  const levels = await ports.levels.getMany([...counts.map(({ id }) => id), ...known]);
  const now = ports.world.now();
  const isKnown = known.some((id) => levels.has(id));
  const waits = counts
    .filter(({ id }) => !(isKnown && username !== undefined && id === accountOf(username)))
    .map(({ id, free }) => waitAfter(levels.get(id), free, now));
  const wait = Math.max(...waits);
  if (wait > 0) throw tooFast('Too many logins failed.', wait);
  return { levels };
}

/**
 * Counts a try at an account as failed before it is looked at, where the user has not been before: of many at once that
 * read the same record, no more are looked at than one after the other would be.
 * @returns the record as it is then
 * @throws ChatError `rate_limited`
 */
export async function claim(ports: Ports, username: string, caller: Caller, record: Record): Promise<Record> {
  const { levels, policy, world } = ports;
  const id = accountOf(username);
  if (policy.failedLogins === undefined || record.levels.has(knownOf(username, caller))) return record;
  const now = world.now();
  const waitOf = (found: Level | undefined) => waitAfter(found, policy.failedLogins, now);
  const done = await fill(levels, id, { ...FAILURE, waitOf }, now, record.levels.get(id));
  if (done === 'contended') throw tooFast('Too many try this login at once.', FIRST_WAIT);
  if ('wait' in done) throw tooFast('Too many logins failed.', done.wait);
  return { levels: new Map([...record.levels, [id, done.level]]), claimed: id };
}

/** Milliseconds from now until the next try, after so many failures. */
function waitAfter(found: Level | undefined, free: number | undefined, now: Millis): Millis {
  if (found === undefined || free === undefined || found.level < free) return 0;
  const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.floor(found.level - free));
  return Math.max(0, found.at + wait - now);
}

/** The refusal that tells nothing. */
export const invalidCredentials = () =>
  new ChatError('invalid_credentials', 'No such user, or not their password.');

/**
 * Counts a failure, and refuses.
 * @throws ChatError `invalid_credentials`, always, and the same for every reason
 */
export async function fail(
  ports: Ports,
  username: string | undefined,
  caller: Caller,
  record: Record,
): Promise<never> {
  const counts = countsOf(ports, username, caller).filter(
    ({ id, free }) => free !== undefined && id !== record.claimed,
  );
  await Promise.all(counts.map(({ id }) => count(ports, id, record.levels.get(id))));
  throw invalidCredentials();
}

/** There is always room for one more failure. */
async function count({ levels, world }: Ports, id: string, found: Level | undefined): Promise<void> {
  await fill(levels, id, { ...FAILURE, waitOf: () => 0 }, world.now(), found);
}

/** Forgives what failed before, and remembers where the user was. */
export async function pass(
  ports: Ports,
  username: string,
  caller: Caller,
  { levels: found }: Record,
): Promise<void> {
  const { levels, policy, world } = ports;
  if (policy.failedLogins === undefined) return;
  const now = world.now();
  const [connection] = countsOf(ports, undefined, caller);
  const forgiven = [accountOf(username), connection?.id ?? ''].filter(
    (id) => (found.get(id)?.level ?? 0) > 0,
  );
  const known = knownOf(username, caller);
  await Promise.all([
    ...forgiven.map((id) => levels.set(id, found.get(id), { level: 0, at: now }, now)),
    found.has(known) || levels.set(known, undefined, { level: 1, at: now }, now + KNOWN_FOR),
  ]);
}
