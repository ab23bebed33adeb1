import type { Counted, Counter } from './counter.ts';
import type { Crowd, Say } from './crowd.ts';
import { fixedOf } from './fixed.ts';
import { type InCloud, inCloud } from './in-cloud.ts';
import type { Load } from './load.ts';
import type { Measures } from './measures.ts';
import { minus, only, sum, times, type Usage } from './usage.ts';

/** What to measure. */
export interface MeasureOptions {
  load: Pick<Load, 'members' | 'online' | 'bytes'>;
  /** The assumed duration of each invocation in milliseconds, instead of the measured one. */
  ms?: number;
  /** CDK context, as in `cdk deploy -c key=value`. */
  context?: Readonly<Record<string, string>>;
  say: Say;
}

// The rate limiter writes its count once in so many messages; each measurement covers whole cycles of it.
const MESSAGES = 20;
const FEW = 20;
// Other differences between two messages are noise.
const OF_MARKING = ['writes', 'reads', 'events', 'invocations'] as const;
const MANY = 120;
// Above this, the registration limit of one address would refuse users.
const REGISTERED = 4_000;

/** Runs the deployed bundles on a local cloud in memory, and counts what each operation does there. */
export async function measure({ load, ms, context = {}, say }: MeasureOptions): Promise<Measures> {
  const unlimited: Record<string, string> = load.members > REGISTERED ? { registerRate: 'off' } : {};
  return inCloud({ context: { ...context, ...unlimited }, ms, say }, async ({ assembly, logs, ...cloud }) => {
    const scene = { ...cloud, content: 'x'.repeat(load.bytes), say };
    const one = await privately(scene);
    const rest = await comingAndGoing(scene, ms === undefined);
    const group = await inGroup(scene, load);
    return { ...one, ...rest, ...group, fixed: fixedOf(assembly), metrics: logs.metrics.size };
  });
}

interface Scene extends Pick<InCloud, 'counter' | 'crowd'> {
  content: string;
  say: Say;
}

/** Private messages, and a login and a page of history that deliver them. */
async function privately({ counter, crowd, content, say }: Scene) {
  say('private messages');
  const [alice, bob] = [await crowd.user(), await crowd.user()];
  const few = await crowd.away();
  const many = await crowd.away();
  const send = (recipient: string) => alice.person.request({ type: 'SEND_MESSAGE', recipient, content });
  const route = 'SEND_MESSAGE';
  for (const recipient of [bob.name, few, many]) await send(recipient);
  const toOnline = await counter.count({
    route,
    repeat: MESSAGES,
    events: 1,
    run: () => send(bob.name),
  });
  const toAway = await counter.count({ route, repeat: MESSAGES, events: 1, run: () => send(many) });
  for (let index = 1; index < FEW; index++) await send(few);
  for (let index = 1 + MESSAGES; index < MANY; index++) await send(many);
  const fetch = () => alice.person.request({ type: 'fetch_history', recipient: many });
  await fetch();
  const page = await counter.count({ route: 'fetch_history', repeat: 5, run: fetch });
  say('logins');
  const [atFew, atMany, atNone] = [
    await counter.count(await login(crowd, few)),
    await counter.count(await login(crowd, many)),
    await counter.count(await login(crowd, bob.name)),
  ];
  const more = only(minus(atMany.usage, atFew.usage), ['writes', 'reads', 'sentOut']);
  const pendingMessage = times(1 / (MANY - FEW), more);
  const units = (usage: Usage) => only(usage, ['writes', 'reads']);
  const pendingChat = minus(units(minus(atFew.usage, atNone.usage)), times(FEW, units(pendingMessage)));
  return {
    toOnline,
    toAway,
    page,
    pendingChat,
    pendingMessage,
    markPrivate: await marking(counter, crowd, content),
  };
}

const login = async (crowd: Crowd, username: string) => {
  const stranger = await crowd.stranger();
  return { route: 'login', run: () => stranger.request({ type: 'login', username }) };
};

/** The extra work of the first message that an absent user misses, compared with the second. */
async function marking(counter: Counter, crowd: Crowd, content: string): Promise<Usage> {
  const [{ person: sender }, recipient] = [await crowd.user(), await crowd.user()];
  const run = () => sender.request({ type: 'SEND_MESSAGE', recipient: recipient.name, content });
  await run();
  await recipient.person.request({ type: 'logout' });
  const [first, second] = [
    // That it was sent, and that somebody is away.
    await counter.count({ route: 'SEND_MESSAGE', events: 2, run }),
    await counter.count({ route: 'SEND_MESSAGE', events: 1, run }),
  ];
  return only(minus(first.usage, second.usage), OF_MARKING);
}

/** Logins without pending messages, and the end and the upkeep of a connection. */
async function comingAndGoing({ counter, crowd }: Scene, measured: boolean) {
  const { name, person } = await crowd.user();
  const phones = await Promise.all(Array.from({ length: 6 }, () => crowd.stranger()));
  const each = <R>(run: (phone: (typeof phones)[number]) => Promise<R>) => {
    let next = 1;
    return () => run(phones[next++] ?? person);
  };
  const enter = (phone: typeof person) => phone.request({ type: 'login', username: name });
  const repeat = phones.length - 1;
  const login = await counter.count({ route: 'login', repeat, run: each(enter) });
  const ping = await counter.count({ route: 'ping', repeat, run: () => person.request({ type: 'ping' }) });
  const gone = await counter.count({ route: '$disconnect', repeat, run: each((phone) => phone.close()) });
  // A disconnect has no reply to wait for; assume that each of its calls takes as long as one of a login's.
  const disconnect = measured ? lasting(gone, (gone.requests * login.ms) / login.requests) : gone;
  return { login, ping, disconnect };
}

const lasting = ({ usage, ...rest }: Counted, ms: number): Counted => ({
  ...rest,
  ms,
  usage: { ...usage, gbSeconds: (ms * rest.memory) / 1_024 / 1_000 },
});

/** Messages to a group of the size asked for. */
async function inGroup({ counter, crowd, content, say }: Scene, { members, online }: MeasureOptions['load']) {
  const here = Math.round((members - 1) * online);
  const { group, member } = await crowd.group(members, here);
  say('messages to the group');
  const run = () => member.request({ type: 'SEND_GROUP_MESSAGE', group_id: group, content });
  const route = 'SEND_GROUP_MESSAGE';
  // The first message is marked pending for members away, the second may write away notes. Later ones cost the same each.
  const one = { route, events: 1, run };
  const away = members - 1 - here;
  const firsts = [await counter.count({ ...one, events: 1 + away }), await counter.count(one)];
  const third = await counter.count(one);
  const toGroup = await counter.count({ ...one, repeat: MESSAGES });
  const more = minus(sum(...firsts.map(({ usage }) => usage)), times(2, third.usage));
  return { here, toGroup, markGroup: only(times(away === 0 ? 0 : 1 / away, more), OF_MARKING) };
}
