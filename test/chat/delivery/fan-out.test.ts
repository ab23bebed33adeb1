import { beforeEach, describe, expect, test } from 'vitest';
import { login } from '../../../chat/accounts/login.ts';
import { resume } from '../../../chat/delivery/fan-out.ts';
import { OutcomeUnknown, Unavailable } from '../../../chat/errors.ts';
import { sendGroupMessage } from '../../../chat/messages/send.ts';
import { typing } from '../../../chat/messages/typing.ts';
import type { Caller, FanOut, Posted } from '../../../chat/model.ts';
import { type Service, service } from '../../support/chat.ts';
import { memoryPorts } from '../../support/memory.ts';

// memory.ts lets one invocation take on 10 members.
const names = Array.from({ length: 24 }, (_, index) => `m${String(index).padStart(2, '0')}`);
const chat_id = '#team';

let chat: Service;
let alice: Caller;
beforeEach(() => {
  chat = service();
  chat.users('alice', ...names);
  chat.group('team', 'alice', ...names);
  alice = chat.online('alice', 'a1');
});

const send = (content: string, ports = chat.ports) =>
  sendGroupMessage(ports, { group_id: 'team', content }, alice);

/** As the function that the queue feeds does; a message that waits does so for no time. */
async function workOff(ports = chat.ports): Promise<number> {
  let done = 0;
  for (let rest = chat.state.later.shift(); rest; rest = chat.state.later.shift()) {
    done++;
    await resume(ports, rest);
  }
  return done;
}

function everybodyIsOnline(): void {
  for (const name of names) chat.online(name, `c-${name}`);
}

function everybodyHasOne(): void {
  for (const name of names) expect(chat.framesOf(`c-${name}`), name).toHaveLength(1);
}

const rowOf = (username: string) => chat.state.members[chat_id]?.[username];

test('members beyond one page are left to later invocations, which skip nobody and read nobody twice', async () => {
  everybodyIsOnline();
  await send('hi');
  expect(chat.state.later).toEqual([{ chat: chat_id, seq: 1, after: 'm08', copy: expect.any(String) }]);
  expect(await workOff()).toBe(2);
  everybodyHasOne();
  expect(chat.framesOf('a1')).toEqual([]);
});

test('a message is marked pending for a member away; from then on the away note alone says so, until they log in', async () => {
  const [name = ''] = names;
  await send('one');
  await workOff();
  expect(chat.state.inboxes[name]?.pending).toEqual({ [chat_id]: 1 });
  expect(rowOf(name)).toHaveProperty('away', 1);
  const asked: unknown[] = [];
  const { inboxes } = chat.ports;
  const watched = {
    ...chat.ports,
    inboxes: new Proxy(inboxes, {
      get: (_, method: keyof typeof inboxes) =>
        method === 'getMany'
          ? (users: string[]) => {
              asked.push(...users);
              return inboxes.getMany(users);
            }
          : inboxes[method],
    }),
  };
  await send('two', watched);
  await workOff(watched);
  expect(asked).toEqual(['alice']);
  chat.state.sockets.c1 = { open: true, frames: [] };
  await login(chat.ports, { username: name }, { ...alice, connectionId: 'c1' });
  expect(chat.framesOf('c1')).toEqual([
    expect.objectContaining({ pending_messages: [1, 2].map((seq) => expect.objectContaining({ seq })) }),
  ]);
  expect(rowOf(name)).not.toHaveProperty('away');
  await send('three');
  await workOff();
  expect(chat.framesOf('c1')).toHaveLength(2);
});

test('a member who joined after a message does not get it', async () => {
  const [name = ''] = names;
  chat.online(name, 'c1');
  const row = rowOf(name);
  if (row) (chat.state.members[chat_id] as Record<string, object>)[name] = { ...row, since: 2 };
  await send('before');
  await send('after');
  expect(chat.framesOf('c1')).toEqual([expect.objectContaining({ content: 'after' })]);
});

test('members for whom there is no time left are queued by name', async () => {
  everybodyIsOnline();
  const late = {
    ...chat.ports,
    runtime: { ...chat.runtime, now: () => chat.runtime.at, timeLeft: () => 100 },
  };
  await send('hi', late);
  const left = names.slice(0, 9);
  expect(chat.state.later).toEqual([
    expect.objectContaining({ chat: chat_id, seq: 1, after: 'm08' }),
    expect.objectContaining({ chat: chat_id, seq: 1, names: left, tries: 0 }),
  ]);
  await workOff();
  everybodyHasOne();
});

/** A gateway that throttles the posts to a connection so often. */
function throttling(connection: string, times: number) {
  const { gateway } = chat.ports;
  const post = async (id: string, frame: string): Promise<Posted> =>
    id === connection && times-- > 0 ? 'throttled' : gateway.post(id, frame);
  return { ...chat.ports, gateway: { ...gateway, post } };
}

test('a throttled member is retried later, alone, and stays connected', async () => {
  everybodyIsOnline();
  const ports = throttling('c-m03', 3);
  await send('hi', ports);
  await workOff(ports);
  everybodyHasOne();
  expect(chat.state.sockets['c-m03']).toHaveProperty('open', true);
});

test('a throttled member is retried, however often the page could not be read before', async () => {
  everybodyIsOnline();
  await chat.write({ chat: chat_id, sender: 'alice', content: 'hi' });
  const ports = throttling('c-m03', 3);
  await resume(ports, { chat: chat_id, seq: 1, after: '', copy: 'one', tries: 10 });
  await workOff(ports);
  everybodyHasOne();
  expect(chat.state.sockets['c-m03']).toHaveProperty('open', true);
});

test('a connection that stays throttled is closed, and the message is marked pending', async () => {
  everybodyIsOnline();
  const ports = throttling('c-m03', 1_000);
  await send('hi', ports);
  expect(await workOff(ports)).toBeLessThan(20);
  expect(chat.state.sockets['c-m03']).toHaveProperty('open', false);
  expect(chat.state.inboxes.m03).toEqual({ connections: {}, pending: { [chat_id]: 1 }, hasPending: true });
});

test('only a member throttled too often is closed, not those queued behind them', async () => {
  everybodyIsOnline();
  const many = Array.from({ length: 250 }, (_, index) => `n${String(index).padStart(3, '0')}`);
  chat.users(...many);
  chat.group('crowd', 'alice', ...many);
  for (const name of many) chat.online(name, `c-${name}`);
  const tried = new Set<string>();
  const { gateway } = chat.ports;
  const post = async (id: string, frame: string): Promise<Posted> => {
    if (Number(id.slice(3)) % 10 === 0) return 'throttled';
    tried.add(id);
    return gateway.post(id, frame);
  };
  const ports = { ...chat.ports, fanOutPageSize: 1_000, gateway: { ...gateway, post } };
  await sendGroupMessage(ports, { group_id: 'crowd', content: 'hi' }, alice);
  await workOff(ports);
  const isOpen = (name: string) => chat.state.sockets[`c-${name}`]?.open;
  expect(many.filter((name) => !isOpen(name))).toEqual(many.filter((name) => name.endsWith('0')));
  for (const name of many.filter(isOpen)) expect(chat.framesOf(`c-${name}`), name).toHaveLength(1);
  expect(tried.size).toBe(225);
});

test('a failure of any kind does not repeat a whole page, nor the pages after it', async () => {
  everybodyIsOnline();
  const { gateway } = chat.ports;
  const taken: string[] = [];
  const post = async (id: string, frame: string): Promise<Posted> => {
    if (['c-m12', 'c-m20'].includes(id)) throw new Error('our own mistake');
    taken.push(id);
    return gateway.post(id, frame);
  };
  const ports = { ...chat.ports, gateway: { ...gateway, post } };
  await send('hi', ports);
  const failed: string[] = [];
  for (let rest = chat.state.later.shift(); rest; rest = chat.state.later.shift()) {
    const { names = [] } = rest;
    await resume(ports, rest).catch(() => failed.push(...names));
  }
  expect(failed).toEqual(expect.arrayContaining(['m12', 'm20']));
  // Nobody twice, though they were tried together.
  expect(taken.toSorted()).toEqual(
    names.filter((name) => !['m12', 'm20'].includes(name)).map((name) => `c-${name}`),
  );
});

/** A log and a member list that fail so often each. */
function unread(times: number) {
  const { history, members } = chat.ports;
  let [logs, lists] = [times, times];
  const get = async (...of: Parameters<typeof history.get>) => {
    if (logs-- > 0) throw new Unavailable('no answer');
    return history.get(...of);
  };
  const page = async (...of: Parameters<typeof members.page>) => {
    if (lists-- > 0) throw new Unavailable('no answer');
    return members.page(...of);
  };
  return { ...chat.ports, history: { ...history, get }, members: { ...members, page } };
}

test('a page whose list or message cannot be read is requeued, and goes out once', async () => {
  everybodyIsOnline();
  await send('hi');
  await workOff(unread(4));
  everybodyHasOne();
});

test('a page that can never be read is reported', async () => {
  everybodyIsOnline();
  await send('hi');
  await expect(workOff(unread(1_000))).rejects.toThrow('no answer');
});

/** A database that fails so often when the inboxes of these are read. */
function failing(username: string, times: number) {
  const { inboxes } = chat.ports;
  const getMany = async (users: readonly string[]) => {
    if (users.includes(username) && times-- > 0) throw new Unavailable('no answer');
    return inboxes.getMany(users);
  };
  return { ...chat.ports, inboxes: { ...inboxes, getMany } };
}

test('a member whom the database fails is retried, and the others need not wait', async () => {
  everybodyIsOnline();
  const ports = failing('m12', 3);
  await send('hi', ports);
  await workOff(ports);
  everybodyHasOne();
});

test('a database that fails for good is reported, so that the message waits for a person', async () => {
  const ports = failing('m12', 1_000);
  await send('hi', ports);
  await expect(workOff(ports)).rejects.toThrow(Unavailable);
});

test('the sender is told if members of the first page were not reached', async () => {
  const ports = failing('m03', 1);
  await expect(send('hi', ports)).rejects.toThrow('not delivered to everyone');
});

test('typing is not shown in a group of more than a hundred', async () => {
  chat.group('crowd', 'alice', 'm00', ...Array.from({ length: 99 }, (_, index) => `n${index}`));
  chat.online('m00', 'c1');
  await typing(chat.ports, { chat: '#team' }, alice);
  expect(chat.framesOf('c1')).toHaveLength(1);
  await typing(chat.ports, { chat: '#crowd' }, alice);
  expect(chat.framesOf('c1')).toHaveLength(1);
});

/** Some of the first page are throttled, and of what is behind them there is no time for some. */
function troubled() {
  const many = Array.from({ length: 250 }, (_, index) => `n${String(index).padStart(3, '0')}`);
  chat.users(...many);
  chat.group('team', 'alice', ...many);
  for (const name of many) chat.online(name, `c-${name}`);
  const throttled = new Set(many.filter((name) => name.endsWith('7')).map((name) => `c-${name}`));
  const { gateway } = chat.ports;
  const post = async (id: string, frame: string): Promise<Posted> =>
    throttled.delete(id) ? 'throttled' : gateway.post(id, frame);
  return { many, ports: { ...chat.ports, fanOutPageSize: 220, gateway: { ...gateway, post } } };
}

describe('a page that is queued twice is delivered once', () => {
  /** Ports whose queue has what it is sent, but loses its answer: each time, but the last that is tried. */
  function losingAnswers(ports = chat.ports) {
    const sent: Record<string, number> = {};
    const fanOut: typeof ports.fanOutQueue.send = async (part, when) => {
      await ports.fanOutQueue.send(part, when);
      const what = JSON.stringify({ ...part, copy: undefined });
      sent[what] = (sent[what] ?? 0) + 1;
      if (sent[what] % 3 > 0) throw new OutcomeUnknown('no answer');
    };
    return { ...ports, fanOutQueue: { send: fanOut } };
  }

  test('although the answer to each first sending is lost', async () => {
    everybodyIsOnline();
    const ports = losingAnswers();
    await send('hi', ports);
    // Of three pages, the request takes the first on.
    expect(await workOff(ports)).toBe(2 * 3);
    everybodyHasOne();
  });

  test('although its list or message cannot be read', async () => {
    everybodyIsOnline();
    await send('hi', losingAnswers());
    await workOff(losingAnswers(unread(4)));
    everybodyHasOne();
  });

  test('although some members are throttled', async () => {
    const { many, ports } = troubled();
    const losing = losingAnswers(ports);
    await send('hi', losing);
    await workOff(losing);
    for (const name of many) expect(chat.framesOf(`c-${name}`), name).toHaveLength(1);
  });

  test('although the sender repeats the message', async () => {
    everybodyIsOnline();
    const ask = () =>
      sendGroupMessage(chat.ports, { group_id: 'team', content: 'hi', client_message_id: 'k' }, alice);
    await ask();
    await ask();
    await workOff();
    // The first page is handed over with each reply.
    expect(names.map((name) => chat.framesOf(`c-${name}`).length)).toEqual(
      names.map((_, index) => (index < 9 ? 2 : 1)),
    );
  });

  test('although the function dies at any call, since the queue repeats that copy', async () => {
    for (let nth = 0, dies = true; dies; nth++) {
      chat = service();
      chat.users('alice', ...names);
      chat.group('team', 'alice', ...names);
      alice = chat.online('alice', 'a1');
      everybodyIsOnline();
      await send('hi');
      const [rest] = chat.state.later.splice(0) as [FanOut];
      let calls = 0;
      const dying = memoryPorts(chat.state, chat.runtime, async (_, perform) => {
        if (calls++ >= nth) throw new Error('dead');
        return perform();
      });
      dies = await resume(dying, rest).then(
        () => false,
        () => true,
      );
      if (dies) chat.state.later.push(rest);
      await workOff();
      const frames = (name: string) => chat.framesOf(`c-${name}`).length;
      for (const name of names.slice(9, 19)) expect([1, 2], `${name}, ${nth}`).toContain(frames(name));
      for (const name of names.slice(19)) expect(frames(name), `${name}, ${nth}`).toBe(1);
      expect(nth).toBeLessThan(100);
    }
  });
});

describe('a page that the queue brings again, after its list of members has changed', () => {
  const page: FanOut = { chat: chat_id, seq: 1, after: 'm08', copy: 'one' };
  const leaves = () => {
    delete chat.state.members[chat_id]?.m10;
  };
  const joins = () => {
    const [rows, row] = [chat.state.members[chat_id], rowOf('m10')];
    if (rows && row) rows.m10a = { ...row, username: 'm10a', since: 2 };
  };

  /** Has the function die at its nth call. @returns whether it did */
  async function diesAt(nth: number, part: FanOut, fails?: 'is told'): Promise<boolean> {
    let calls = 0;
    const error = fails ? new Unavailable('no answer') : new Error('dead');
    const dying = memoryPorts(chat.state, chat.runtime, async (_, perform) => {
      const call = calls++;
      if (fails ? call === nth : call >= nth) throw error;
      return perform();
    });
    return resume(dying, part).then(
      () => calls > nth,
      () => true,
    );
  }

  function again(): void {
    chat = service();
    chat.users('alice', 'm10a', ...names);
    chat.group('team', 'alice', ...names);
    alice = chat.online('alice', 'a1');
    everybodyIsOnline();
    chat.online('m10a', 'c-m10a');
  }

  /** Of the members that any page may hold, each gets it; those behind them get it once. */
  function nobodyIsLeftOut(when: string): void {
    const frames = (name: string) => chat.framesOf(`c-${name}`).length;
    for (const name of names.slice(9).filter(rowOf))
      expect(frames(name), `${name}, ${when}`).toBeGreaterThan(0);
    for (const name of names.slice(20)) expect(frames(name), `${name}, ${when}`).toBe(1);
    expect(frames('m10a')).toBe(0);
  }

  test.each([
    { first: leaves, second: joins },
    { first: joins, second: leaves },
    { first: joins, second: () => {} },
  ])('starts no second chain of pages, and leaves nobody out', async ({ first, second }) => {
    for (let one = 0, dies = true; dies; one++) {
      for (let other = 0, diesAgain = true; diesAgain; other += 2) {
        again();
        await chat.write({ chat: chat_id, sender: 'alice', content: 'hi' });
        dies = await diesAt(one, page);
        first();
        diesAgain = await diesAt(other, page);
        second();
        await resume(chat.ports, page);
        await workOff();
        nobodyIsLeftOut(`${one} and ${other}`);
        expect(one + other).toBeLessThan(200);
      }
    }
  });

  test.each([leaves, joins])('starts none if it is requeued after it was claimed', async (change) => {
    for (let one = 0, dies = true; dies; one++) {
      for (let other = 0, fails = true; fails && other < 4; other++) {
        again();
        await chat.write({ chat: chat_id, sender: 'alice', content: 'hi' });
        dies = await diesAt(one, page);
        change();
        fails = await diesAt(other, page, 'is told');
        await workOff();
        nobodyIsLeftOut(`${one} and ${other}`);
      }
    }
  });
});

describe('a message that its sender repeats, after the list of members has changed', () => {
  const ask = (ports = chat.ports) =>
    sendGroupMessage(ports, { group_id: 'team', content: 'hi', client_message_id: 'k' }, alice);

  function again(): void {
    chat = service();
    chat.users('alice', 'm03a', ...names);
    chat.group('team', 'alice', ...names);
    alice = chat.online('alice', 'a1');
    everybodyIsOnline();
    chat.online('m03a', 'c-m03a');
  }

  const leaves = () => {
    delete chat.state.members[chat_id]?.m03;
  };
  const joins = () => {
    const [rows, row] = [chat.state.members[chat_id], rowOf('m03')];
    if (rows && row) rows.m03a = { ...row, username: 'm03a', since: 2 };
  };

  test.each([leaves, joins])(
    'has one chain of pages, wherever the first attempt died: only its first page goes out again',
    async (change) => {
      for (let nth = 0, dies = true; dies; nth++) {
        again();
        let calls = 0;
        const dying = memoryPorts(chat.state, chat.runtime, async (_, perform) => {
          if (calls++ >= nth) throw new Error('dead');
          return perform();
        });
        dies = await ask(dying).then(
          () => false,
          () => true,
        );
        // What it queued may be worked off before the repeat, or after it.
        if (nth % 2 === 0) await workOff();
        change();
        await ask();
        await workOff();
        const frames = (name: string) => chat.framesOf(`c-${name}`).length;
        for (const name of names.slice(0, 9).filter(rowOf))
          expect([1, 2], `${name}, ${nth}`).toContain(frames(name));
        // Behind the page of the first attempt; if it fixed no end, behind that of the repeat.
        for (const name of names.slice(10)) expect(frames(name), `${name}, ${nth}`).toBe(1);
        expect(frames('m09'), `m09, ${nth}`).toBe(1);
        expect(frames('m03a')).toBe(0);
        expect(nth).toBeLessThan(200);
      }
    },
  );

  test('to a group of one page writes nothing about pages', async () => {
    chat.group('team', 'alice', ...names.slice(0, 8));
    await ask();
    expect(chat.state.copies).toEqual({});
  });
});

describe('a queue that refuses a message once', () => {
  /** Ports whose queue fails at the nth time that it is sent something; 0 is the first. */
  function failingAt(nth: number, ports = chat.ports) {
    let sent = 0;
    const fanOut: typeof ports.fanOutQueue.send = async (...of) => {
      if (sent++ === nth) throw new Error('the queue is away');
      return ports.fanOutQueue.send(...of);
    };
    return { ports: { ...ports, fanOutQueue: { send: fanOut } }, sent: () => sent };
  }

  test.each(['in the request itself', 'in what the queue brings'])(
    'leaves nobody out, and nobody receives twice: %s',
    async (where) => {
      for (let nth = 0; ; nth++) {
        chat = service();
        chat.users('alice');
        alice = chat.online('alice', 'a1');
        const { many, ports } = troubled();
        const failing = failingAt(nth, ports);
        if (where === 'in the request itself') await send('hi', failing.ports);
        else {
          await chat.write({ chat: chat_id, sender: 'alice', content: 'hi' });
          await resume(failing.ports, { chat: chat_id, seq: 1, after: '', copy: 'one' });
        }
        await workOff(failing.ports);
        for (const name of many) expect(chat.framesOf(`c-${name}`), `${name}, ${nth}`).toHaveLength(1);
        if (failing.sent() <= nth) break;
        expect(nth).toBeLessThan(50);
      }
    },
  );
});
