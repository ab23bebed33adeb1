/** Who uses the service, and how much, day by day. */
export interface Load {
  users: number;
  /** Each user sends so many a day. */
  messages: number;
  /** Of each group; every user is in one. */
  members: number;
  /** The share of all users who are connected, on average over the day. */
  online: number;
  /** The share of messages that go to one user; the others go to the group. */
  direct: number;
  /** Of a message's content. */
  bytes: number;
  /** How often a day each user comes and goes. */
  visits: number;
  /** Months for which messages are kept: the bill is that of the last of them. */
  kept: number;
  /** Seconds of silence after which a client pings. */
  ping: number;
}

/** What `npm run cost` prices if it is not told otherwise. */
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
// After such a silence of the server a client pings before it sends (clients/sdk/timing.ts).
const DOUBT_MINUTES = 3;
// The group, and one other user.
const CHATS = 2;

/** How often what happens in a month. */
export interface Month {
  /** Messages to one user who is there, and to one who is away. */
  toOnline: number;
  toAway: number;
  toGroup: number;
  /** Logins of users who come back, each of whom is owed messages of so many chats. */
  visits: number;
  chats: number;
  /** Messages that one of them is owed. */
  owed: number;
  /** Logins because a connection was 2 hours old. */
  renewals: number;
  /** Pages of history that are looked at. */
  pages: number;
  /** Of all connections together. */
  minutes: number;
  pings: number;
}

/** @param here how many other members of a group are connected */
export function monthOf(load: Load, here: number): Month {
  const { users, online, direct, visits } = load;
  const sent = users * load.messages * DAYS;
  const [toOne, toGroup] = [sent * direct, sent * (1 - direct)];
  const minutes = users * online * MINUTES;
  const visiting = users * visits * DAYS;
  const received = toOne * online + toGroup * here;
  const missed = toOne * (1 - online) + toGroup * (load.members - 1 - here);
  const owed = visiting === 0 ? 0 : missed / visiting;
  return {
    toOnline: toOne * online,
    toAway: toOne * (1 - online),
    toGroup,
    visits: visiting,
    chats: Math.min(CHATS, owed),
    owed,
    renewals: Math.max(0, minutes / RENEWAL_MINUTES - visiting),
    pages: visiting * CHATS,
    minutes,
    pings: silences(minutes, received + sent, load.ping / 60) + doubts(minutes, received, sent),
  };
}

const rateOf = (frames: number, minutes: number): number => (minutes === 0 ? 0 : frames / minutes);

/**
 * A client pings when nothing came or went for so long. With frames that come by chance, λ a minute, one of T minutes'
 * silences follows on another with e^-λT, and takes (1 - e^-λT) / λ.
 */
function silences(minutes: number, frames: number, silence: number): number {
  const rate = rateOf(frames, minutes);
  if (rate === 0) return minutes / silence;
  const still = Math.exp(-rate * silence);
  return (minutes * rate * still) / (1 - still);
}

/** Of the messages that are sent, those before which nothing came or went for a while: each is another ping. */
const doubts = (minutes: number, received: number, sent: number): number =>
  minutes === 0 ? 0 : sent * Math.exp(-rateOf(received + sent, minutes) * DOUBT_MINUTES);
