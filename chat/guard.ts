import { ChatError, tooFast } from '../protocol/index.ts';
import { filled, take } from './buckets.ts';
import type { Caller, Level, Levels, Millis, Policy, World } from './ports.ts';

interface Ports {
  levels: Levels;
  policy: Policy;
  world: World;
}

// One failure is forgiven each minute.
const FORGIVEN_PER_SECOND = 1 / 60;
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
/** In a record only: the try is counted already. */
const claimedOf = (username: string) => `claimed as ${username}`;
const knownOf = (username: string, { address }: Caller) => `${username} known at ${address}`;

/** What is known of those who try to log in. */
export type Record = ReadonlyMap<string, Level>;

// Others try for the same account at the same moment.
const ATTEMPTS = 8;

/**
 * Lets somebody try to prove who they are, unless too much failed lately: on this connection, from this address, or
 * on this account. The last does not hold at an address where the user has been before, so a stranger who guesses
 * cannot keep the user out.
 * @throws ChatError `rate_limited`
 */
export async function admit(ports: Ports, username: string | undefined, caller: Caller): Promise<Record> {
  const counts = countsOf(ports, username, caller);
  const known = username === undefined ? [] : [knownOf(username, caller)];
  const record = await ports.levels.getMany([...counts.map(({ id }) => id), ...known]);
  const now = ports.world.now();
  const isKnown = known.some((id) => record.has(id));
  const waits = counts
    .filter(({ id }) => !(isKnown && username !== undefined && id === accountOf(username)))
    .map(({ id, free }) => waitAfter(record.get(id), free, now));
  const wait = Math.max(...waits);
  if (wait > 0) throw tooFast('Too many logins failed.', wait);
  return record;
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
  if (policy.failedLogins === undefined || record.has(knownOf(username, caller))) return record;
  let found = record.get(id);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const now = world.now();
    const wait = waitAfter(found, policy.failedLogins, now);
    if (wait > 0) throw tooFast('Too many logins failed.', wait);
    const { level, empty } = filled(found, 1, FORGIVEN_PER_SECOND, now);
    const stood = await levels.set(id, found, level, empty);
    if (stood === undefined) return new Map([...record, [id, level], [claimedOf(username), level]]);
    found = stood;
  }
  throw tooFast('Too many try this login at once.', FIRST_WAIT);
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
  const isClaimed = username !== undefined && record.has(claimedOf(username));
  const counts = countsOf(ports, username, caller).filter(
    ({ id, free }) =>
      free !== undefined && !(isClaimed && username !== undefined && id === accountOf(username)),
  );
  await Promise.all(counts.map(({ id }) => count(ports, id, record.get(id))));
  throw invalidCredentials();
}

/** There is always room for one more failure. */
async function count({ levels, world }: Ports, id: string, found: Level | undefined): Promise<void> {
  const endless = { perSecond: FORGIVEN_PER_SECOND, burst: Number.POSITIVE_INFINITY };
  await take(levels, id, 1, endless, world.now(), found);
}

/** Forgives what failed before, and remembers where the user was. */
export async function pass(ports: Ports, username: string, caller: Caller, record: Record): Promise<void> {
  const { levels, policy, world } = ports;
  if (policy.failedLogins === undefined) return;
  const now = world.now();
  const [connection] = countsOf(ports, undefined, caller);
  const forgiven = [accountOf(username), connection?.id ?? ''].filter(
    (id) => (record.get(id)?.level ?? 0) > 0,
  );
  const known = knownOf(username, caller);
  await Promise.all([
    ...forgiven.map((id) => levels.set(id, record.get(id), { level: 0, at: now }, now)),
    record.has(known) || levels.set(known, undefined, { level: 1, at: now }, now + KNOWN_FOR),
  ]);
}
