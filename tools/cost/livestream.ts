import type { Counted } from './counter.ts';
import { POST_MS } from './kept.ts';
import { minus, only, sum, times, type Usage } from './usage.ts';

/** An hour in one room, in which everybody writes (`--preset livestream`). */
export const livestream = {
  people: 5_000,
  /** Sent by each. Parley has no reactions: here they are messages, as Ably counts them. */
  messages: 5,
  reactions: 2,
  seconds: 3_600,
  bytes: 200,
} as const;

/** Ably's example of that hour. */
export const ably = {
  source: 'https://ably.com/docs/platform/pricing/examples/livestream',
  date: '2026-11-28',
  alone: 440,
  /** In windows of half a second. */
  together: 94.5,
} as const;

/** Messages that one person sends to a room in which everybody is online. All of it for all these messages together. */
export interface Point {
  members: number;
  messages: number;
  /** Frames posted to members. */
  posts: number;
  /** Seconds of the function that delivers what the queue brings. */
  fanOut: number;
  usage: Usage;
}

/** What was counted in small rooms. Each has as many pages of members as a large one with the default of `fanOutPageSize`. */
export interface RoomMeasures {
  /** A message by itself, without `batchWindow`: in the smaller room and in the larger one. */
  alone: readonly [Point, Point];
  /** Messages that go out together: few in both rooms, then more in both rooms. */
  together: readonly [readonly [Point, Point], readonly [Point, Point]];
  /** A login, and what the SDK does after a message of its own: it fetches those that still wait. */
  login: Counted;
  sync: Counted;
  /** A read mark, which Ably's example has none of. */
  mark: Counted;
  /** MB of the function that delivers. */
  memory: number;
}

/** What the hour takes. */
export interface Hour {
  /** Absent if no message waits for another. */
  window?: number;
  usage: Usage;
  /** A second, on average: posts and requests at API Gateway, and sends to the queue. */
  calls: number;
  queued: number;
  /** Invocations at once, on average: of the function that delivers, and of all. */
  fanOut: number;
  functions: number;
  /** What comes on top if everybody's client marks each window as read: not in the hour. */
  marks: { usage: Usage; calls: number };
}

/** The messages that everybody sends in the hour. */
export const sentIn = ({ people, messages, reactions }: typeof livestream): number =>
  people * (messages + reactions);

/** The hour without `batchWindow`: each message costs what it costs alone in a room of that size. */
export function hourAlone(measures: RoomMeasures): Hour {
  const count = sentIn(livestream);
  const one = inRoom(measures.alone, livestream.people, measures);
  // Marks of a client are sent one after the other, so those of some messages go together, as with windows.
  return hourOf(measures, count, multiplied(count, one), { usage: {}, requests: 0, marks: 1 });
}

/**
 * The hour with `batchWindow`. Messages come evenly, so each window has as many, and all of them go out together. After
 * each message of its own the SDK fetches those before it that still wait.
 * @param window seconds
 */
export function hourTogether(measures: RoomMeasures, window: number): Hour {
  const count = sentIn(livestream);
  const windows = livestream.seconds / window;
  const [few, more] = measures.together.map((both) => inRoom(both, livestream.people, measures));
  const one = between(few as Point, more as Point, 'messages', count / windows);
  const fetched = { usage: times(count, measures.sync.usage), requests: count, marks: 1 / window };
  return { ...hourOf(measures, count, multiplied(windows, one), fetched), window };
}

function hourOf(
  { login, mark, memory }: RoomMeasures,
  count: number,
  { usage, posts, fanOut }: Point,
  // `marks` of each person, a second.
  fetched: { usage: Usage; requests: number; marks: number },
): Hour {
  const { people, seconds } = livestream;
  const logins = times(people, login.usage);
  const all = sum(usage, fetched.usage, logins, { minutes: (people * seconds) / 60 });
  const perSecond = (amount: number) => amount / seconds;
  const fanOutGb = (fanOut * memory) / 1_024;
  // The others have half a GB each; more memory would make them fewer.
  const others = ((all.gbSeconds ?? 0) - fanOutGb) * 2;
  return {
    usage: all,
    calls: perSecond(posts + count + fetched.requests),
    queued: perSecond((all.queued ?? 0) / 3),
    fanOut: perSecond(fanOut),
    functions: perSecond(fanOut + others),
    marks: {
      usage: times(fetched.marks * people * seconds, mark.usage),
      calls: fetched.marks * people,
    },
  };
}

// What each member adds to. All else is so much for each message and each page of members; that it differs at all is chance:
// when pages charge their sender at the same time, some do so twice.
const BY_MEMBER = ['messages', 'reads', 'sentOut'] as const;

/**
 * A point in a room of another size, on the line through two points. Only Lambda's time is computed from the posts, as two
 * measured times tell too little of a room that is far larger.
 */
function inRoom(
  [small, large]: readonly [Point, Point],
  members: number,
  { memory }: Pick<RoomMeasures, 'memory'>,
): Point {
  const { posts, usage } = between(small, large, 'members', members);
  const more = ((posts - large.posts) * POST_MS) / 1_000;
  return {
    ...large,
    members,
    posts,
    fanOut: large.fanOut + more,
    usage: sum(minus(large.usage, only(large.usage, BY_MEMBER)), only(usage, BY_MEMBER), {
      gbSeconds: (more * memory) / 1_024,
    }),
  };
}

/** A point on the line through two. */
function between(one: Point, other: Point, axis: 'members' | 'messages', at: number): Point {
  const share = (at - one[axis]) / (other[axis] - one[axis]);
  const mixed = (of: Exclude<keyof Point, 'usage'>) => one[of] + share * (other[of] - one[of]);
  return {
    members: mixed('members'),
    messages: mixed('messages'),
    posts: mixed('posts'),
    fanOut: mixed('fanOut'),
    usage: sum(one.usage, times(share, minus(other.usage, one.usage))),
  };
}

const multiplied = (factor: number, point: Point): Point => ({
  ...point,
  posts: factor * point.posts,
  fanOut: factor * point.fanOut,
  usage: times(factor, point.usage),
});
