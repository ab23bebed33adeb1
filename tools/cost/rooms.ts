import { setTimeout as pause } from 'node:timers/promises';
import type { Frame } from '../harness/connection.ts';
import type { Say } from './crowd.ts';
import { type InCloud, inCloud } from './in-cloud.ts';
import { livestream, type Point, type RoomMeasures } from './livestream.ts';
import { times } from './usage.ts';
import type { Person } from './wire.ts';

/** How many pages of members a room of this size has with the default page of a thousand. */
const PAGES = livestream.people / 1_000;
const PAGE_SIZES = [20, 60] as const;
/** Messages that go out together: fewer and more. They must be stored within one window. */
const TOGETHER = [2, 6] as const;
// The longest: how long they wait changes nothing about what a list of messages costs.
const WINDOW = 2;
const TRIES = 30;
// The rate limiter writes its count once in so many messages.
const REPEAT = 20;
const SOME = 5;

interface RoomOptions {
  /** CDK context, as in `cdk deploy -c key=value`. */
  context: Readonly<Record<string, string>>;
  /** The assumed duration of each invocation in milliseconds, instead of the measured one. */
  ms?: number;
  say: Say;
}

/** Runs the deployed bundles on local clouds in memory, and counts what messages to two sizes of rooms do there. */
export async function measureRooms({ context, ms, say }: RoomOptions): Promise<RoomMeasures> {
  const [smallPage, largePage] = PAGE_SIZES;
  const on = <R>(fanOutPageSize: number, batchWindow: string, run: (room: Room) => Promise<R>) =>
    inCloud(
      { context: { ...context, fanOutPageSize: String(fanOutPageSize), batchWindow }, ms, say },
      async (cloud) => run(await roomIn(cloud, fanOutPageSize * PAGES, say)),
    );
  const small = await on(smallPage, 'off', async (room) => ({
    alone: await alone(room),
    login: await login(room),
    memory: room.memory,
  }));
  const large = await on(largePage, 'off', alone);
  const few = await on(smallPage, String(WINDOW), async (room) => ({
    together: await together(room),
    sync: await sync(room),
    mark: await mark(room),
  }));
  const many = await on(largePage, String(WINDOW), together);
  return {
    alone: [small.alone, large],
    together: [
      [few.together[0], many[0]],
      [few.together[1], many[1]],
    ],
    login: small.login,
    sync: few.sync,
    mark: few.mark,
    memory: small.memory,
  };
}

const ROUTE = 'SEND_GROUP_MESSAGE';

/** A room in which everybody is online, and one writes. */
interface Room extends InCloud {
  members: number;
  group: string;
  writer: Person;
  /** MB of the function that the queue feeds. */
  memory: number;
  send: () => Promise<Frame>;
}

async function roomIn(cloud: InCloud, members: number, say: Say): Promise<Room> {
  const { model, crowd } = cloud;
  const fed = model.functions.find(({ id }) => id === model.feeds[0]?.functionId);
  if (fed === undefined) throw new Error('The template has no queue that feeds a function');
  const { group, member: writer } = await crowd.group(members, members - 1);
  say(`messages to a room of ${members}`);
  const content = 'x'.repeat(livestream.bytes);
  const send = () => writer.request({ type: ROUTE, group_id: group, content });
  return { ...cloud, members, group, writer, memory: fed.memory, send };
}

/** Sends messages that nobody waits for, and checks that each member got one frame. */
async function counted(room: Room, messages: number): Promise<Point> {
  const { counter, members, memory, send } = room;
  const each = await counter.count({ route: ROUTE, events: 1, repeat: messages, run: send });
  const sender = (each.ms * each.memory) / 1_024 / 1_000;
  return {
    members,
    messages,
    posts: each.posts * messages,
    fanOut: (messages * ((each.usage.gbSeconds ?? 0) - sender) * 1_024) / memory,
    usage: times(messages, each.usage),
  };
}

/** A message by itself: the average of some. */
async function alone(room: Room): Promise<Point> {
  for (let warm = 0; warm < 2; warm++) await counted(room, 1);
  const { messages, posts, fanOut, usage, members } = await counted(room, REPEAT);
  if (posts !== messages * (members - 1))
    throw new Error(`${posts} frames for ${messages} messages to ${members - 1} members`);
  const share = 1 / messages;
  return { members, messages: 1, posts: posts * share, fanOut: fanOut * share, usage: times(share, usage) };
}

/** Fewer messages that go out together, and more. */
async function together(room: Room): Promise<readonly [Point, Point]> {
  const [few, more] = TOGETHER;
  return [await oneList(room, few), await oneList(room, more)];
}

/** Messages that are stored within one window. Those of a machine that was too slow for that are not counted. */
async function oneList(room: Room, messages: number): Promise<Point> {
  for (let tries = 0; tries < TRIES; tries++) {
    // It goes out at once if it comes after a silence, so that the next ones wait.
    await counted(room, 1);
    await pause(WINDOW * 1_000 - (Date.now() % (WINDOW * 1_000)));
    const point = await counted(room, messages);
    if (point.posts === room.members - 1) return point;
  }
  throw new Error(
    `This machine is too busy: ${messages} messages took more than ${WINDOW} s, ${TRIES} times`,
  );
}

/** Logins of one user, on several connections. */
async function login({ counter, crowd }: Room) {
  const username = await crowd.away();
  const phones = await Promise.all(Array.from({ length: SOME }, () => crowd.stranger()));
  let next = 0;
  const run = async () => phones[next++]?.request({ type: 'login', username, batches: true });
  return counter.count({ route: 'login', repeat: SOME, run });
}

/** Fetches as many messages as went together, as a member who hasn't got them. */
async function sync({ counter, writer, group, send }: Room) {
  const [, more] = TOGETHER;
  const { seq } = await send();
  await counter.count({ route: ROUTE, events: 1, run: send });
  const cursors = { [`#${group}`]: Number(seq) - more };
  return counter.count({
    route: 'sync',
    repeat: SOME,
    run: () => writer.request({ type: 'sync', cursors }),
  });
}

/** Read marks of one member, each further than the one before. The member joins for it, so nothing is counted after it. */
async function mark({ counter, crowd, group, send }: Room) {
  const { person } = await crowd.user();
  await person.request({ type: 'join_group', group_id: group });
  let { seq: next } = await send();
  for (let more = 1; more < SOME; more++) await counter.count({ route: ROUTE, events: 1, run: send });
  const run = () => {
    const seq = Number(next);
    next = seq + 1;
    return person.request({ type: 'mark_read', chat: `#${group}`, seq });
  };
  return counter.count({ route: 'mark_read', repeat: SOME, run });
}
