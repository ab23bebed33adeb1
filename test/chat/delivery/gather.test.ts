import { beforeEach, describe, expect, test } from 'vitest';
import { resume } from '../../../chat/delivery/fan-out.ts';
import { editMessage } from '../../../chat/messages/change-message.ts';
import { sendGroupMessage } from '../../../chat/messages/send.ts';
import type { Caller, FanOut, LogEntry, Posted } from '../../../chat/model.ts';
import { type Service, service } from '../../support/chat.ts';
import { memoryPorts, type PortCall } from '../../support/memory.ts';

// memory.ts lets one invocation take on 10 members.
const names = Array.from({ length: 24 }, (_, index) => `m${String(index).padStart(2, '0')}`);
const chat_id = '#team';
const batchWindow = 1_000;

interface Frame {
  type: string;
  seq: number;
  messages?: Frame[];
}

let chat: Service;
let alice: Caller;
/** Every call of a port. */
let calls: PortCall[];

function begin(): void {
  calls = [];
  chat = service(async (call, perform) => {
    calls.push(call);
    return perform();
  });
  chat.ports = { ...chat.ports, batchWindow };
  chat.users('alice', ...names);
  chat.group('team', 'alice', ...names);
  alice = chat.online('alice', 'a1');
  // The first message is the last of its window.
  chat.runtime.at = 9_800;
}
beforeEach(begin);

function everybodyIsOnline(how?: 'without batches'): void {
  for (const name of names)
    chat.online(name, `c-${name}`, 'json', how === undefined ? 'takes batches' : undefined);
}

/** Sends messages, 100 ms after one another. */
async function say(contents: readonly string[], from = alice): Promise<void> {
  for (const content of contents) {
    chat.runtime.at += 100;
    await sendGroupMessage(chat.ports, { group_id: 'team', content }, from);
  }
}

/** As the function that the queue feeds does, when all that waits is due. */
async function workOff(ports = chat.ports): Promise<void> {
  for (let rest = chat.state.later.shift(); rest; rest = chat.state.later.shift()) await resume(ports, rest);
}

const framesOf = (name: string) => chat.framesOf(`c-${name}`) as Frame[];
/** What a client got, each frame as the seqs that it carries. */
const seqsOf = (name: string) =>
  framesOf(name).map(({ seq, messages }) => messages?.map((each) => each.seq) ?? [seq]);

const countOf = (port: string, method: string) =>
  calls.filter((call) => call.port === port && call.method === method).length;
/** How many inboxes were read. */
const inboxesRead = () =>
  calls
    .filter(({ port, method }) => port === 'inboxes' && method === 'getMany')
    .reduce((sum, { args }) => sum + (args[0] as string[]).length, 0);

const ten = Array.from({ length: 10 }, (_, index) => `message ${index}`);

test('the first message goes out at once, and those that follow closely together, in one frame', async () => {
  everybodyIsOnline();
  await say(['first']);
  await workOff();
  await say(ten);
  expect(chat.state.later).toHaveLength(10);
  await workOff();
  const [, ...following] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
  for (const name of names) expect(seqsOf(name), name).toEqual([[1], following]);
  expect(framesOf('m00')[1]).toMatchObject({
    type: 'MESSAGES',
    messages: ten.map((content) => ({ chat_id, sender: 'alice', content, group_id: 'team' })),
  });
  expect(chat.framesOf('a1')).toEqual([]);
});

test('ten messages a second cost a tenth of the posts and reads of inboxes, and a write more each', async () => {
  everybodyIsOnline();
  await say(['first']);
  await workOff();
  calls.length = 0;
  await say(ten);
  await workOff();
  expect(countOf('gateway', 'post')).toBe(names.length);
  // Alice's is read for her other devices.
  expect(inboxesRead()).toBe(names.length + 10);
  // Each part asks who delivers its message. The one that does is claimed, as are its two further pages.
  expect(countOf('copies', 'gathered')).toBe(10);
  expect(countOf('copies', 'gather')).toBe(1);
  expect(countOf('copies', 'claim')).toBe(3);
  // Each message for its slot, and for the one before it. Only who stores the list looks around: once back, and on in steps.
  expect(countOf('history', 'newest')).toBe(2 * 10 + 1);
  expect(countOf('history', 'from')).toBe(3);
  expect(countOf('members', 'page')).toBe(10 + 3);
});

test('nothing changes for a group of one page', async () => {
  chat.group('team', 'alice', ...names.slice(0, 8));
  await say(ten);
  expect(chat.state.later).toEqual([]);
  expect(chat.state.copies).toEqual({});
  expect(countOf('history', 'newest')).toBe(10);
});

test('nothing waits where the window is off', async () => {
  chat.ports = { ...chat.ports, batchWindow: 0 };
  everybodyIsOnline();
  await say(ten);
  await workOff();
  for (const name of names) expect(seqsOf(name)).toHaveLength(10);
  expect(countOf('history', 'newest')).toBe(10);
});

test('a message behind the window waits as well, so that it overtakes none; one after a silence goes at once', async () => {
  everybodyIsOnline();
  await say(['one', 'two']);
  chat.runtime.at += 2 * batchWindow;
  await say(['three']);
  expect(chat.state.later.filter(({ window }) => window !== undefined)).toHaveLength(2);
  await workOff();
  expect(seqsOf('m00')).toEqual([[1], [2], [3]]);
  chat.runtime.at += 3 * batchWindow;
  await say(['four']);
  expect(seqsOf('m00')).toEqual([[1], [2], [3], [4]]);
});

test('a client that does not take batches, or reads lines, gets each message by itself, in order', async () => {
  everybodyIsOnline('without batches');
  chat.online('m05', 'c-m05', 'text', 'takes batches');
  await say(['first', 'second', 'third']);
  await workOff();
  expect(seqsOf('m00')).toEqual([[1], [2], [3]]);
  expect(framesOf('m00').map(({ type }) => type)).toEqual(Array(3).fill('RECEIVE_GROUP_MESSAGE'));
  const lines = chat.framesOf('c-m05') as string[];
  expect(lines.map((line) => line.replace(/ \S+$/, ''))).toEqual(
    ['first', 'second', 'third'].map((content) => `receive team alice: ${content}`),
  );
});

test('each frame has at most 32,000 bytes as it is posted, however long texts have become since they were gathered', async () => {
  everybodyIsOnline();
  await say(['first', 'second', 'third', 'fourth']);
  for (const seq of [2, 3, 4])
    await editMessage(chat.ports, { chat: chat_id, seq, content: `edit ${seq}` }, alice);
  const [due] = chat.state.later.splice(1, 1) as [FanOut];
  await resume(chat.ports, due);
  for (const seq of [2, 3, 4])
    await editMessage(chat.ports, { chat: chat_id, seq, content: `${seq}`.repeat(14_000) }, alice);
  await workOff();
  for (const name of names) {
    const bytes = (chat.state.sockets[`c-${name}`]?.frames ?? []).map((frame) => Buffer.byteLength(frame));
    expect(Math.max(...bytes), name).toBeLessThanOrEqual(32_000);
    expect(
      seqsOf(name)
        .flat()
        .toSorted((one = 0, other = 0) => one - other),
      name,
    ).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  }
});

test('of what is gathered, each member gets what they would get of each message', async () => {
  everybodyIsOnline();
  await say(['first']);
  await say(['by alice']);
  await say(['by m00'], chat.online('m00', 'c-m00', 'json', 'takes batches'));
  const rows = chat.state.members[chat_id];
  const row = rows?.m01;
  // m01 joins here, m02 leaves, m03 is away.
  if (rows && row) rows.m01 = { ...row, since: 4 };
  delete rows?.m02;
  chat.state.inboxes.m03 = { connections: {}, pending: {} };
  await say(['by alice again']);
  await workOff();
  expect(seqsOf('m00')).toEqual([[1], [2, 4]]);
  expect(seqsOf('m01')).toEqual([[1], [4]]);
  expect(seqsOf('m02')).toEqual([[1]]);
  expect(chat.state.inboxes.m03.pending).toEqual({ [chat_id]: 2 });
  expect(rows?.m03).toHaveProperty('away', 2);
  expect(chat.framesOf('a1')).toMatchObject([{ seq: 3, sender: 'm00' }]);
  expect(seqsOf('m20')).toEqual([[1], [2, 3, 4]]);
});

test('messages go out once, whichever of those that wait is due first', async () => {
  everybodyIsOnline();
  await say(['first']);
  await workOff();
  await say(['second', 'third', 'fourth', 'fifth']);
  const [second, third, fourth, fifth] = chat.state.later;
  chat.state.later = [fourth, second, third, fifth] as FanOut[];
  await workOff();
  for (const name of names) expect(seqsOf(name), name).toEqual([[1], [2, 3, 4, 5]]);
});

test('a message that was stored after those of its window went out begins another list', async () => {
  everybodyIsOnline();
  await say(['first', 'second']);
  await workOff();
  // By a function whose clock is late.
  chat.runtime.at -= 100;
  await say(['third', 'fourth']);
  await workOff();
  for (const name of names) expect(seqsOf(name), name).toEqual([[1], [2], [3, 4]]);
});

test('a message goes out though its window has too many lists', async () => {
  everybodyIsOnline();
  await say(['first']);
  // A clock that is ahead makes all messages be of one moment.
  chat.runtime.at = 60_000;
  await say(['ahead']);
  await workOff();
  chat.runtime.at = 1_000;
  const contents = Array.from({ length: 25 }, (_, index) => `message ${index}`);
  for (const content of contents) {
    await say([content]);
    await workOff();
  }
  for (const name of names)
    expect(seqsOf(name), name).toEqual(Array.from({ length: 27 }, (_, index) => [index + 1]));
});

test('a part whose setting has changed delivers its own message', async () => {
  everybodyIsOnline();
  await say(['first', 'second', 'third']);
  await workOff({ ...chat.ports, batchWindow: 0 });
  for (const name of names) expect(seqsOf(name), name).toEqual([[1], [2], [3]]);
});

test('a part whose message is removed delivers no other, and says so', async () => {
  everybodyIsOnline();
  await say(['first', 'second', 'third']);
  const [second] = chat.state.later.splice(1, 1) as [FanOut];
  const { history } = chat.ports;
  const left = async (entries: Promise<LogEntry[]>) => (await entries).filter(({ seq }) => seq !== 2);
  const newest: typeof history.newest = (...args) => left(history.newest(...args));
  const from: typeof history.from = async (...args) => {
    const { entries, more } = await history.from(...args);
    return { entries: await left(Promise.resolve(entries)), more };
  };
  const getMany: typeof history.getMany = (...args) => left(history.getMany(...args));
  const ports = { ...chat.ports, history: { ...history, newest, from, getMany } };
  await workOff(ports);
  await expect(resume(ports, { ...second, tries: 10 })).rejects.toThrow('#team 2 does not exist');
  for (const name of names) expect(seqsOf(name), name).toEqual([[1], [3]]);
});

test('what is read for those that wait ends near their window, however much is said before and after it', async () => {
  everybodyIsOnline();
  await say(Array.from({ length: 40 }, (_, index) => `before ${index}`));
  await workOff();
  // To the next window.
  chat.runtime.at = Math.ceil(chat.runtime.at / batchWindow) * batchWindow;
  await say(ten.slice(0, 3));
  chat.runtime.at += batchWindow;
  await say(Array.from({ length: 40 }, (_, index) => `after ${index}`));
  const [due] = chat.state.later.filter(({ seqs = [] }) => seqs[0] === 41) as [FanOut];
  const { history } = chat.ports;
  let read = 0;
  const counted = (entries: LogEntry[]) => {
    read += entries.length;
    return entries;
  };
  const newest: typeof history.newest = async (...args) => counted(await history.newest(...args));
  const from: typeof history.from = async (...args) => {
    const page = await history.from(...args);
    counted(page.entries);
    return page;
  };
  await resume({ ...chat.ports, history: { ...history, newest, from } }, due);
  expect(seqsOf('m00').at(-1)).toEqual([41, 42, 43]);
  expect(read).toBeLessThanOrEqual(8);
});

test("the sender's other devices get it at once, and no device gets what it sent", async () => {
  chat.online('alice', 'c-alice', 'json', 'takes batches');
  await say(['first', 'second', 'third']);
  expect(seqsOf('alice')).toEqual([[1], [2], [3]]);
  await workOff();
  expect(seqsOf('alice')).toHaveLength(3);
  expect(chat.framesOf('a1')).toEqual([]);
});

test('a message that its sender repeats goes out once', async () => {
  everybodyIsOnline();
  await say(['first']);
  chat.runtime.at += 100;
  const ask = () =>
    sendGroupMessage(chat.ports, { group_id: 'team', content: 'hi', client_message_id: 'k' }, alice);
  await ask();
  await ask();
  await workOff();
  await ask();
  await workOff();
  for (const name of names) expect(seqsOf(name), name).toEqual([[1], [2]]);
});

describe('a gateway that throttles', () => {
  /** Throttles the posts to a connection from one to another, counted from 0. */
  function throttling(connection: string, from: number, to: number) {
    const { gateway } = chat.ports;
    let posts = 0;
    const post = async (id: string, frame: string): Promise<Posted> => {
      if (id !== connection) return gateway.post(id, frame);
      const nth = posts++;
      return nth >= from && nth < to ? 'throttled' : gateway.post(id, frame);
    };
    return { ...chat.ports, gateway: { ...gateway, post } };
  }

  test('lets a member have all of them later, once', async () => {
    everybodyIsOnline();
    await say(['first', 'second', 'third']);
    await workOff(throttling('c-m03', 0, 2));
    for (const name of names) expect(seqsOf(name), name).toEqual([[1], [2, 3]]);
    expect(chat.state.sockets['c-m03']).toHaveProperty('open', true);
  });

  test('lets a client that got a part of them by itself have the rest later, once, and stay', async () => {
    everybodyIsOnline('without batches');
    await say(['first', 'second', 'third', 'fourth']);
    // Each try goes on by one message, so none counts as in vain.
    let posts = 0;
    const { gateway } = chat.ports;
    const post = async (id: string, frame: string): Promise<Posted> =>
      id === 'c-m03' && posts++ % 2 === 1 ? 'throttled' : gateway.post(id, frame);
    const ports = { ...chat.ports, gateway: { ...gateway, post } };
    const tries: (number | undefined)[] = [];
    for (let rest = chat.state.later.shift(); rest; rest = chat.state.later.shift()) {
      if (rest.names) tries.push(rest.tries);
      await resume(ports, rest);
    }
    for (const name of names) expect(seqsOf(name), name).toEqual([[1], [2], [3], [4]]);
    expect(tries).toEqual([0, 0]);
    expect(chat.state.sockets['c-m03']).toHaveProperty('open', true);
  });

  test('has the rest pending for a client that got a part of them, after ten tries in vain', async () => {
    everybodyIsOnline('without batches');
    await say(['first', 'second', 'third', 'fourth']);
    await workOff(throttling('c-m03', 1, 99));
    expect(seqsOf('m03')).toEqual([[1], [2]]);
    expect(chat.state.sockets['c-m03']).toHaveProperty('open', false);
    expect(chat.state.inboxes.m03?.connections).toEqual({});
    expect(chat.state.inboxes.m03?.pending).toEqual({ [chat_id]: 3 });
  });

  test('closes a device, if another of the same user has taken the message', async () => {
    everybodyIsOnline('without batches');
    chat.online('m03', 'd-m03', 'json', 'takes batches');
    await say(['first', 'second', 'third']);
    await workOff(throttling('c-m03', 1, 99));
    expect(chat.state.sockets['c-m03']).toHaveProperty('open', false);
    expect(chat.state.sockets['d-m03']).toHaveProperty('open', true);
    expect(chat.state.inboxes.m03?.pending).toEqual({});
    expect(chat.framesOf('d-m03')).toMatchObject([{ seq: 1 }, { seq: 2 }, { seq: 3 }]);
  });

  test('has members who lack different messages queued side by side', async () => {
    everybodyIsOnline('without batches');
    await say(['first', 'second', 'third', 'fourth']);
    const { gateway, fanOutQueue } = chat.ports;
    const posts: Record<string, number> = {};
    const post = async (id: string, frame: string): Promise<Posted> => {
      posts[id] = (posts[id] ?? 0) + 1;
      const taken = { 'c-m03': 1, 'c-m04': 2 }[id] ?? 99;
      return posts[id] > taken ? 'throttled' : gateway.post(id, frame);
    };
    let [sending, most] = [0, 0];
    const send: typeof fanOutQueue.send = async (part, when) => {
      if (part.names) most = Math.max(most, ++sending);
      await new Promise(setImmediate);
      if (part.names) sending--;
      return fanOutQueue.send(part, when);
    };
    const [due] = chat.state.later.filter(({ seqs = [] }) => seqs[0] === 2) as [FanOut];
    await resume({ ...chat.ports, gateway: { ...gateway, post }, fanOutQueue: { send } }, due);
    expect(most).toBe(2);
  });
});

describe('what takes long', () => {
  const eleven = Array.from({ length: 11 }, (_, index) => index + 1);

  test('ends after a second: the rest goes by what the inbox, the members and the texts are then', async () => {
    everybodyIsOnline('without batches');
    await say(['first']);
    await workOff();
    await say(ten);
    const { gateway } = chat.ports;
    let posts = 0;
    const post = async (id: string, frame: string): Promise<Posted> => {
      if (id === 'c-m03') {
        chat.runtime.at += 300;
        // Logs out. Somebody else may log in on this socket.
        if (++posts === 2) chat.state.inboxes.m03 = { connections: {}, pending: {} };
      }
      return gateway.post(id, frame);
    };
    await workOff({ ...chat.ports, gateway: { ...gateway, post } });
    expect(seqsOf('m03').flat()).toEqual([1, 2, 3, 4, 5]);
    expect(chat.state.inboxes.m03?.pending).toEqual({ [chat_id]: 6 });
    for (const name of names.filter((each) => each !== 'm03'))
      expect(seqsOf(name).flat(), name).toEqual(eleven);
  });

  test('closes no device and repeats nothing, however often there was no time, and if one takes several at once', async () => {
    everybodyIsOnline();
    chat.online('m03', 'd-m03', 'text');
    await say(['first']);
    await workOff();
    await say(ten);
    const { gateway } = chat.ports;
    let [posts, left] = [0, 1e6];
    const post = async (id: string, frame: string): Promise<Posted> => {
      if (id === 'd-m03' && ++posts % 3 === 0) left = 100;
      return gateway.post(id, frame);
    };
    const runtime = { ...chat.runtime, now: () => chat.runtime.at, timeLeft: () => left };
    const ports = { ...chat.ports, runtime, gateway: { ...gateway, post } };
    const again: FanOut[] = [];
    for (let rest = chat.state.later.shift(); rest; rest = chat.state.later.shift()) {
      left = 1e6;
      if (rest.names) again.push(rest);
      // As if it had been throttled so often.
      await resume(ports, rest.names ? { ...rest, tries: 10 } : rest);
    }
    expect(again.map(({ seq, seqs = [seq] }) => seqs[0])).toEqual([5, 8, 11]);
    expect(seqsOf('m03').flat()).toEqual(eleven);
    expect(chat.framesOf('d-m03')).toHaveLength(11);
    expect(Object.keys(chat.state.inboxes.m03?.connections ?? {})).toEqual(['c-m03', 'd-m03']);
    for (const name of names) expect(seqsOf(name).flat(), name).toEqual(eleven);
  });
});

test.each([
  ['dies', 'death'],
  ['is told of a failure', 'failure'],
  ['gets no answer to what took effect', 'silence'],
] as const)(
  'wherever the function %s, each member gets each message, though another comes before the queue brings them again',
  async (_, fault) => {
    for (let nth = 0, fails = true; fails; nth++) {
      begin();
      everybodyIsOnline();
      await say(['first']);
      await workOff();
      await say(['second', 'third']);
      const part = chat.state.later.shift() as FanOut;
      expect(part).toMatchObject({ seqs: [2] });
      let done = 0;
      const failing = {
        ...memoryPorts(chat.state, chat.runtime, async ({ port }, perform) => {
          const now = done++;
          if (fault === 'death' ? now >= nth : fault === 'failure' && now === nth)
            throw new Error('no answer');
          const result = perform();
          // What a device took and didn't confirm comes again.
          if (fault === 'silence' && now === nth && port !== 'gateway') throw new Error('no answer');
          return result;
        }),
        batchWindow,
      };
      fails = await resume(failing, part).then(
        () => done > nth,
        () => true,
      );
      await say(['fourth']);
      // What the queue brings may be in any order.
      if (nth % 2 === 0) chat.state.later.reverse();
      if (fault === 'death' && fails) chat.state.later.splice(nth % 3, 0, part);
      await workOff();
      for (const name of names) {
        const got = seqsOf(name).flat().toSorted();
        expect(fault === 'death' ? [...new Set(got)] : got, `${name}, ${nth}`).toEqual([1, 2, 3, 4]);
      }
      expect(nth).toBeLessThan(200);
    }
  },
);
