import { type ManagementAccess, managementOf, type RawAnswer } from './management.ts';
import { Probe } from './probe.ts';

const KB = 1024;
const INSIDE = [31, 33, 96, 128, 129];
// More than every route's burst, and not more than is needed to reach its throttle.
const FLOOD = 450;
const PASSWORD = 'a long enough password';

/** Where the stage is, and who may call its management API. */
export interface Stage {
  url: string;
  /** Absent, the management API is not recorded. */
  management?: ManagementAccess;
}

/** A fact's name, and what was observed, as JSON. */
export type Facts = Record<string, unknown>;

const run = `${process.pid}-${Date.now().toString(36)}`;
let names = 0;
const newName = () => `facts-${run}-${++names}`;
const isTooMany = (text: string) => text.includes('Too Many Requests');

/** The fields of a JSON object, with those that differ between runs replaced. */
function shapeOf(text: string): unknown {
  try {
    const object = JSON.parse(text) as Record<string, unknown>;
    const variable = /^(connectionId|requestId|request_id)$/;
    return Object.fromEntries(
      Object.entries(object).map(([key, value]) => [key, variable.test(key) ? typeof value : value]),
    );
  } catch {
    return text;
  }
}

/** What the local gateway assumes of the real one, as this stage behaves. */
export async function recordFacts(stage: Stage, say: (line: string) => void): Promise<Facts> {
  const facts: Facts = {};
  for (const [name, record] of Object.entries(recorders)) {
    say(`  ${name}`);
    // An error is a fact, too.
    Object.assign(
      facts,
      await record(stage).catch((error: Error) => ({ [name]: { failed: error.message } })),
    );
  }
  return facts;
}

const recorders: Record<string, (stage: Stage) => Promise<Facts>> = {
  'close codes': closeCodes,
  'frames in': framesIn,
  'types of the gateway': gatewayTypes,
  'empty route responses': emptyResponses,
  'order of replies and pushes': order,
  $disconnect: disconnects,
  throttle,
  'management API': management,
};

async function closeCodes({ url }: Stage): Promise<Facts> {
  const binary = await new Probe(url).open();
  binary.socket.send(Buffer.from('x'));
  const large = await new Probe(url).open();
  large.send('x'.repeat(33 * KB), 64 * KB);
  return { 'close: binary': await binary.closed, 'close: a frame of 33 KB': await large.closed };
}

/** What happens to a message of this many KB, in WebSocket frames of 32 KB. */
async function framesIn({ url }: Stage): Promise<Facts> {
  const facts: Facts = {};
  for (const size of INSIDE) {
    const probe = await new Probe(url).open();
    const frame = JSON.stringify({ type: 'ping', request_id: 'big', pad: '' });
    probe.send(frame.replace('""', `"${'x'.repeat(size * KB - frame.length)}"`));
    const [reply] = await probe.until((text) => text.includes('"big"'));
    facts[`in: ${size} KB`] = reply ? JSON.parse(reply.text).type : { closed: await probe.closed };
    probe.end();
  }
  return facts;
}

async function gatewayTypes({ url }: Stage): Promise<Facts> {
  const probe = await new Probe(url).open();
  const facts: Facts = {};
  for (const type of ['$connect', '$disconnect', '$default'])
    facts[`type ${type}`] = (await probe.ask({ type }))?.code ?? 'no answer';
  probe.end();
  return facts;
}

/** A new user, logged in. */
async function enter(url: string): Promise<{ probe: Probe; name: string }> {
  const probe = await new Probe(url).open();
  const name = newName();
  const credentials = { username: name, password: PASSWORD };
  const registered = await probe.ask({ type: 'register', ...credentials });
  if (registered?.status !== 'register_success') throw new Error(`register: ${JSON.stringify(registered)}`);
  const login = await probe.ask({ type: 'login', ...credentials });
  if (login?.status !== 'login_success') throw new Error(`login: ${JSON.stringify(login)}`);
  return { probe, name };
}

/** `login` and `$default` return nothing: with a route response, that would be an empty frame. */
async function emptyResponses({ url }: Stage): Promise<Facts> {
  const { probe } = await enter(url);
  probe.send('ping');
  await probe.until((text) => text === 'pong');
  await probe.ask({ type: 'ping' });
  const empty = probe.arrivals.filter(({ text }) => text === '').length;
  probe.end();
  return { 'empty frames after login and $default': empty };
}

/** A message to oneself arrives as a push, and is answered by a reply: which comes first, in this many tries. */
async function order({ url }: Stage): Promise<Facts> {
  const { probe, name } = await enter(url);
  const before = probe.arrivals.length;
  for (let index = 0; index < 10; index++)
    await probe.ask({ type: 'SEND_MESSAGE', recipient: name, content: 'me' });
  await probe.until((text) => text.includes('RECEIVE_MESSAGE'), 10);
  const types = probe.arrivals.slice(before).map(({ text }) => JSON.parse(text).type as string);
  const pushedFirst = types.filter((type, index) => index % 2 === 0 && type === 'RECEIVE_MESSAGE').length;
  probe.end();
  return { 'pushes that came before their reply, of 10': pushedFirst };
}

/** How long after a close, or a cut, others see that a user is offline. */
async function disconnects({ url }: Stage): Promise<Facts> {
  const watcher = await enter(url);
  const facts: Facts = {};
  for (const [how, leave] of [
    ['close', (probe: Probe) => probe.socket.close()],
    ['cut', (probe: Probe) => probe.end()],
  ] as const) {
    const { probe, name } = await enter(url);
    leave(probe);
    const from = Date.now();
    let online: unknown = true;
    while (online && Date.now() - from < 30_000) {
      const reply = await watcher.probe.ask({ type: 'presence', usernames: [name] });
      online = (reply?.users as { online: boolean }[] | undefined)?.[0]?.online;
    }
    facts[`$disconnect after a ${how}`] = online ? 'not within 30 s' : 'came';
    facts[`ms: $disconnect after a ${how}`] = Date.now() - from;
  }
  watcher.probe.end();
  return facts;
}

/** Sends more than a route's burst, of requests that cost its function nothing. */
async function flood(probe: Probe): Promise<string | undefined> {
  for (let index = 0; index < FLOOD; index++) probe.send(`{"type":"login","request_id":"f${index}"}`);
  await probe.until(() => true, FLOOD);
  return probe.arrivals.find(({ text }) => isTooMany(text))?.text;
}

async function throttle({ url }: Stage): Promise<Facts> {
  const probe = await new Probe(url).open();
  const frame = await flood(probe);
  const others = probe.arrivals.map(({ text }) => text).filter((text) => text.includes('connectionId'));
  probe.end();
  return {
    'throttled frame': frame === undefined ? 'none came' : shapeOf(frame),
    'the other error frames': [...new Set(others.filter((text) => !isTooMany(text)).map(messageOf))],
  };
}

const messageOf = (text: string): unknown => (shapeOf(text) as { message?: unknown }).message;

/** The forms of the management API's answers, and the WebSocket frames that its messages come in. */
async function management({ url, management: access }: Stage): Promise<Facts> {
  if (access === undefined) return { 'management API': 'nobody may call it' };
  const api = managementOf(access);
  const probe = await new Probe(url).open();
  // The gateway's own error frames are what tells a client its connection id.
  const frame = await flood(probe);
  const id = frame && (JSON.parse(frame) as { connectionId?: string }).connectionId;
  if (!id) return { 'management API': 'no frame told a connection id' };
  const facts: Facts = {};
  for (const size of INSIDE) {
    const text = `${size}:`.padEnd(size * KB, 'x');
    const { status } = await api.post(id, text);
    const [came] = status === 200 ? await probe.until((each) => each === text) : [];
    facts[`out: ${size} KB`] = came ? { frames: came.frames } : { status };
  }
  facts['a look'] = shownBy(await api.look(id));
  facts['413'] = await api.post(id, 'x'.repeat(129 * KB));
  facts['a client that does not read'] = await pileUp(api, probe, id);
  probe.socket.resume();
  facts.delete = await api.delete(id);
  facts['close: by the management API'] = await probe.closed;
  facts['410'] = await api.post(id, 'x');
  facts['410 to a delete'] = await api.delete(id);
  facts['410 to a look'] = await api.look(id);
  facts['a post to what is no id'] = (await api.post('no/id', 'x')).status;
  return facts;
}

/** What looking up a connection returns, apart from its address and its times. */
const shownBy = ({ status, body }: RawAnswer): unknown => ({
  status,
  fields: Object.keys(JSON.parse(body)).toSorted(),
});

/** Posts until an answer is not 200. */
async function pileUp(api: ReturnType<typeof managementOf>, probe: Probe, id: string): Promise<unknown> {
  probe.socket.pause();
  for (let posts = 0; posts < 300; posts++) {
    const answer = await api.post(id, 'x'.repeat(120 * KB));
    if (answer.status !== 200) return answer;
  }
  return '300 posts of 120 KB were taken';
}
