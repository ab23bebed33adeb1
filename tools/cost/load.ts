/** The daily use of the service. */
export interface Load {
  users: number;
  /** Messages that each user sends per day. */
  messages: number;
  /** Members of each group; every user is in one. */
  members: number;
  /** The share of users who are connected, averaged over the day. */
  online: number;
  /** The share of messages that go to one user; the others go to the group. */
  direct: number;
  /** The size of a message's content. */
  bytes: number;
  /** Visits of each user per day. */
  visits: number;
  /** Months that messages are kept; the bill is that of the last month. */
  kept: number;
  /** Seconds of silence after which a client pings. */
  ping: number;
}

/** The default load of `npm run cost`. */
export const defaultLoad: Load = {
  users: 1_000,
  messages: 100,
  members: 20,
  online: 0.3,
  direct: 0.2,
  bytes: 200,
  visits: 2,
  kept: 12,
  ping: 300,
};

/** Days of a month. */
export const DAYS = 30;
const MINUTES = DAYS * 24 * 60;
// The SDK opens its next connection before API Gateway ends the last one after 2 hours (clients/sdk/timing.ts).
const RENEWAL_MINUTES = 110;
// A client that has received nothing for so long pings before it sends (clients/sdk/timing.ts).
const STALE_MINUTES = 3;
// The group, and one other user.
const CHATS = 2;

/** The number of operations in a month. */
export interface Month {
  /** Messages to a user who is online, and to one who is away. */
  toOnline: number;
  toAway: number;
  toGroup: number;
  /** Logins of returning users, each with messages pending in a number of chats. */
  visits: number;
  chats: number;
  /** Messages pending at each of these logins. */
  pending: number;
  /** Logins because a connection reached its maximum age of 2 hours. */
  renewals: number;
  /** Pages of history that are read. */
  pages: number;
  /** Minutes of all connections together. */
  minutes: number;
  pings: number;
}

/** @param here the number of other connected members of a group */
export function monthOf(load: Load, here: number): Month {
  const { users, online, direct, visits } = load;
  const sent = users * load.messages * DAYS;
  const [toOne, toGroup] = [sent * direct, sent * (1 - direct)];
  const minutes = users * online * MINUTES;
  const visiting = users * visits * DAYS;
  const received = toOne * online + toGroup * here;
  const missed = toOne * (1 - online) + toGroup * (load.members - 1 - here);
  const pending = visiting === 0 ? 0 : missed / visiting;
  return {
    toOnline: toOne * online,
    toAway: toOne * (1 - online),
    toGroup,
    visits: visiting,
    chats: Math.min(CHATS, pending),
    pending,
    renewals: Math.max(0, minutes / RENEWAL_MINUTES - visiting),
    pages: visiting * CHATS,
    minutes,
    pings:
      pingsAfterSilence(minutes, received + sent, load.ping / 60) +
      pingsBeforeSending(minutes, received, sent),
  };
}

const rateOf = (frames: number, minutes: number): number => (minutes === 0 ? 0 : frames / minutes);

/**
 * A client pings after a silence of T minutes. If frames arrive at random, λ per minute, the silence lasts that long with
 * probability e^-λT; its mean length, at most T, is (1 - e^-λT) / λ.
 */
function pingsAfterSilence(minutes: number, frames: number, silence: number): number {
  const rate = rateOf(frames, minutes);
  if (rate === 0) return minutes / silence;
  const still = Math.exp(-rate * silence);
  return (minutes * rate * still) / (1 - still);
}

/** Messages that are sent after a silence; the client pings before each. */
const pingsBeforeSending = (minutes: number, received: number, sent: number): number =>
  minutes === 0 ? 0 : sent * Math.exp(-rateOf(received + sent, minutes) * STALE_MINUTES);
