import { beforeEach, describe, expect, test } from 'vitest';
import { deleteUser, exportUser } from '../../../chat/accounts/erasure.ts';
import { login } from '../../../chat/accounts/login.ts';
import { disconnected, logout } from '../../../chat/accounts/logout.ts';
import { sendGroupMessage, sendMessage } from '../../../chat/messages/send.ts';
import type { Caller } from '../../../chat/model.ts';
import { sync } from '../../../chat/sync/sync.ts';
import type { Form } from '../../../protocol/index.ts';
import { callerAt, type Service, service } from '../../support/chat.ts';
import type { Gate } from '../../support/memory.ts';
import { scansOf } from '../../support/scans.ts';

const ROOM = 2;
// More than a page of the overflow.
const STRANGERS = 600;

let chat: Service;
let senders: Caller[];
beforeEach(() => {
  chat = service();
  chat.state.room = ROOM;
  const names = Array.from({ length: STRANGERS }, (_, index) => `s${String(index).padStart(3, '0')}`);
  chat.users('bob', ...names);
  chat.state.inboxes.bob = { connections: {}, pending: {} };
  senders = names.map((name) => chat.online(name, `of ${name}`));
});

const write = (from: Caller | undefined, content: string) =>
  sendMessage(chat.ports, { recipient: 'bob', content }, from as Caller);

async function everybodyWrites(): Promise<void> {
  for (const sender of senders) await write(sender, `${sender.connectionId} 1`);
}

interface Frame {
  type?: string;
  pending_messages?: { content: string }[];
  messages?: { content: string }[];
  more?: boolean;
  next?: object;
}

const contents = (frames: readonly Frame[]) =>
  frames.flatMap(({ pending_messages = [], messages = [] }) =>
    [...pending_messages, ...messages].map(({ content }) => content),
  );

async function logIn(form: Form, cursors?: Record<string, number>): Promise<unknown[]> {
  chat.state.sockets.b1 = { open: true, frames: [] };
  const caller: Caller = callerAt('b1', form);
  await login(chat.ports, { username: 'bob', cursors }, caller);
  return chat.framesOf('b1');
}

/** Logs in and goes on page by page; `answered` is called once the login is through. */
async function catchUp(cursors: Record<string, number>, answered?: () => unknown): Promise<Frame[]> {
  const frames = (await logIn('json', cursors)) as Frame[];
  answered?.();
  const first = frames.findLast(({ type }) => type === 'sync_response');
  return [first as Frame, ...(await goOn(first?.next, cursors))];
}

async function goOn(from: object | undefined, cursors: Record<string, number> = {}): Promise<Frame[]> {
  const caller: Caller = callerAt('b1');
  const pages: Frame[] = [];
  for (let next = from; next; next = pages.at(-1)?.next) {
    // Each settles, or carries, at least one chat or some of it.
    expect(pages.length).toBeLessThan(2 * STRANGERS);
    pages.push(await sync(chat.ports, { cursors, ...next }, caller));
  }
  return pages;
}

/** The index of a user's chats does not know these yet. */
function notListed(isLate: (id: string) => boolean): void {
  const { members } = chat.ports;
  const chatsOf: typeof members.chatsOf = async (...args) =>
    (await members.chatsOf(...args)).filter((id) => !isLate(id));
  chat.ports.members = { ...members, chatsOf };
}

/** Nothing of the overflow is removed before the function that comes back is called. */
function notSettled(): () => void {
  const { overflow } = chat.ports;
  chat.ports.overflow = { ...overflow, remove: async () => {} };
  return () => {
    chat.ports.overflow = overflow;
  };
}

const everything = () => senders.map(({ connectionId }) => `${connectionId} 1`).toSorted();
const owesNothing = () => {
  expect(chat.state.inboxes.bob).toMatchObject({ pending: {} });
  expect(chat.state.inboxes.bob).not.toHaveProperty('overflow');
  expect(chat.state.overflow.bob ?? []).toEqual([]);
};

describe('a user with messages pending in more chats than the inbox has room for', () => {
  test('has a limited number of pointers there, and the others in the overflow', async () => {
    await everybodyWrites();
    expect(Object.keys(chat.state.inboxes.bob?.pending ?? {})).toHaveLength(ROOM);
    expect(chat.state.overflow.bob).toHaveLength(STRANGERS - ROOM);
    const ids = new Set(chat.state.overflow.bob?.map(({ overflow }) => overflow));
    expect([...ids]).toEqual([chat.state.inboxes.bob?.overflow]);
  });

  test('gets everything at a login, each message once, and nothing is pending afterwards', async () => {
    await everybodyWrites();
    const frames = (await logIn('json')) as Frame[];
    expect(contents(frames).toSorted()).toEqual(everything());
    owesNothing();
  });

  test('gets everything as text too', async () => {
    await everybodyWrites();
    const lines = (await logIn('text')) as string[];
    const received = lines.flatMap((line) => /^receive \w+ (of \w+ 1) /.exec(line)?.[1] ?? []);
    expect(received.toSorted()).toEqual(everything());
    owesNothing();
  });

  test('gets everything page by page, each message once, and nothing is pending at the end', async () => {
    await everybodyWrites();
    const pages = await catchUp({});
    expect(contents(pages).toSorted()).toEqual(everything());
    owesNothing();
  });

  test('receives later messages from the first one on, in order', async () => {
    await everybodyWrites();
    for (const content of ['two', 'three']) await write(senders.at(-1), content);
    const last = contents((await logIn('json')) as Frame[]).slice(-3);
    expect(last).toEqual(['of s599 1', 'two', 'three']);
    owesNothing();
  });

  test('is marked away in a group, so that later messages cost no more than reading their row', async () => {
    for (const sender of senders.slice(0, ROOM)) await write(sender, 'first');
    chat.group('team', 's000', 'bob');
    const say = () => sendGroupMessage(chat.ports, { group_id: 'team', content: 'hi' }, senders[0] as Caller);
    await say();
    await say();
    expect(chat.state.overflow.bob).toMatchObject([{ chat: '#team', from: 1 }]);
    expect(chat.state.members['#team']?.bob).toMatchObject({ away: 1 });
    expect(contents((await logIn('json')) as Frame[]).filter((content) => content === 'hi')).toHaveLength(2);
    expect(chat.state.members['#team']?.bob).not.toHaveProperty('away');
    owesNothing();
  });
});

describe('a client that continues after a page keeps everything pending that no page contained', () => {
  const chatWith = (index: number) => `bob:s${String(index).padStart(3, '0')}`;

  describe.each(['at once', 'late'])('if a login acknowledges %s', (when) => {
    const settling = () => (when === 'late' ? notSettled() : undefined);

    test('though the index lists none of the chats', async () => {
      await everybodyWrites();
      notListed(() => true);
      const pages = await catchUp({}, settling());
      expect(contents(pages).toSorted()).toEqual(everything());
      owesNothing();
    });

    test('though the index lists all but one, and the client has what is in those', async () => {
      await everybodyWrites();
      notListed((id) => id === chatWith(400));
      const cursors = Object.fromEntries(senders.map((_, index) => [chatWith(index), 1]));
      delete cursors[chatWith(400)];
      const pages = await catchUp(cursors, settling());
      expect(contents(pages)).toEqual(['of s400 1']);
      owesNothing();
    });

    test('though one chat has more pointers than are read at a time', async () => {
      for (const sender of senders.slice(0, ROOM)) await write(sender, `${sender.connectionId} 1`);
      const long = Array.from({ length: STRANGERS }, (_, index) => `${index}`);
      for (const content of long) await write(senders[ROOM], content);
      await write(senders.at(-2), 'behind it');
      await write(senders.at(-1), 'and that');
      notListed((id) => id === chatWith(STRANGERS - 2));
      const pages = await catchUp({}, settling());
      expect(contents(pages)).toEqual(['of s000 1', 'of s001 1', ...long, 'behind it', 'and that']);
      owesNothing();
    });

    test('though the client has all of such a chat', async () => {
      for (const sender of senders.slice(0, ROOM)) await write(sender, 'first');
      for (let times = 0; times < STRANGERS; times++) await write(senders[ROOM], 'again');
      await write(senders.at(-2), 'behind it');
      await write(senders.at(-1), 'and that');
      notListed((id) => id === chatWith(STRANGERS - 2));
      const cursors = { [chatWith(0)]: 1, [chatWith(1)]: 1, [chatWith(ROOM)]: STRANGERS };
      const pages = await catchUp(cursors, settling());
      expect(contents(pages)).toEqual(['behind it', 'and that']);
      owesNothing();
    });
  });

  test('and gets nothing twice of a chat with more pointers than are read at a time, if it has all of that chat', async () => {
    for (const sender of senders.slice(0, ROOM)) await write(sender, 'first');
    for (let times = 0; times < STRANGERS; times++) await write(senders[ROOM], 'again');
    await write(senders.at(-1), 'behind it');
    await logIn('json', {});
    const pages = await goOn({ from_chat: chatWith(ROOM), from_seq: STRANGERS + 1 });
    expect(contents(pages)).toEqual(['behind it']);
    owesNothing();
  });

  test('also if there are more pointers of groups to keep than are read at a time', async () => {
    for (const sender of senders.slice(0, ROOM)) await write(sender, 'first');
    for (const sender of senders.slice(-2)) await write(sender, 'last');
    chat.state.sockets.b1 = { open: true, frames: [] };
    chat.online('bob', 'b1');
    const { overflow = '' } = chat.state.inboxes.bob ?? {};
    const groups = senders.map((_, index) => `#g${String(index).padStart(3, '0')}`);
    for (const group of groups) {
      chat.group(group.slice(1), 'bob');
      await chat.ports.overflow.add('bob', { overflow, chat: group, from: 1, id: 'slow' });
    }
    notListed(() => true);
    const pages = await goOn({ from_chat: '#g' });
    expect(contents(pages)).toEqual(['first', 'first', 'last', 'last']);
    expect(chat.state.overflow.bob).toHaveLength(groups.length);
  });

  test('and gets nothing if it says that it has everything, in as many requests as that takes', async () => {
    await everybodyWrites();
    await logIn('json', {});
    expect(contents(await goOn({ from_chat: 'z:z' }))).toEqual([]);
    owesNothing();
  });
});

test('more groups than one read returns come page by page too, and are not pending afterwards', async () => {
  for (const sender of senders.slice(0, ROOM)) await write(sender, `${sender.connectionId} 1`);
  const groups = Array.from({ length: 300 }, (_, index) => `g${String(index).padStart(3, '0')}`);
  for (const group of groups) {
    chat.group(group, 's000', 'bob');
    await sendGroupMessage(chat.ports, { group_id: group, content: group }, senders[0] as Caller);
  }
  for (const sender of senders.slice(ROOM)) await write(sender, `${sender.connectionId} 1`);
  expect(contents(await catchUp({})).toSorted()).toEqual([...everything(), ...groups].toSorted());
  owesNothing();
});

test('a page removes no pointer of a group that came after its login had read them', async () => {
  for (const sender of senders.slice(0, ROOM)) await write(sender, 'first');
  chat.group('team', 's000', 'bob');
  await write(senders[ROOM], 'in the overflow');
  chat.state.sockets.b1 = { open: true, frames: [] };
  const bob = chat.online('bob', 'b1');
  // A sender who had seen bob away is only now about to note it.
  const { overflow = '' } = chat.state.inboxes.bob ?? {};
  await chat.ports.overflow.add('bob', { overflow, chat: '#team', from: 1, id: 'slow' });
  await sync(chat.ports, { cursors: {}, from_chat: 'z:z' }, bob);
  expect(chat.state.overflow.bob).toMatchObject([{ chat: '#team', id: 'slow' }]);
  expect(chat.state.inboxes.bob).toMatchObject({ overflow, pending: {} });
  // The next login has it.
  await logIn('json');
  owesNothing();
});

describe('a long chat in the overflow', () => {
  const LONG = 120;
  // As many frames as are posted before a login settles.
  const SETTLED = 50;

  /** Bob's inbox is full of Alice's chat, and a group of theirs has so many messages for him. */
  async function owedLong(gate?: Gate): Promise<Service> {
    const fresh = service(gate);
    fresh.state.room = 0;
    fresh.users('alice', 'bob');
    fresh.state.inboxes.bob = { connections: {}, pending: {} };
    fresh.group('a', 'alice', 'bob');
    const alice = fresh.online('alice', 'a1');
    for (let index = 1; index <= LONG; index++)
      await sendGroupMessage(fresh.ports, { group_id: 'a', content: `${index}` }, alice);
    return fresh;
  }

  /** A login as text, whose Lambda is killed before this post. */
  function killedAt({ ports, state }: Service, connectionId: string, post: number): Promise<void> {
    state.sockets[connectionId] ??= { open: true, frames: [] };
    let left = post;
    const gateway: typeof ports.gateway = {
      isOpen: (id) => ports.gateway.isOpen(id),
      close: (id) => ports.gateway.close(id),
      post: async (id, frame) => {
        if (left-- === 0) throw new Error('killed');
        return ports.gateway.post(id, frame);
      },
    };
    const caller: Caller = callerAt(connectionId, 'text');
    return login({ ...ports, gateway }, { username: 'bob' }, caller);
  }

  const received = ({ framesOf }: Service, connectionId: string) =>
    framesOf(connectionId).flatMap((line) => {
      const [, content] = /^receive a alice: (\d+)/.exec(String(line)) ?? [];
      return content === undefined ? [] : [Number(content)];
    });

  test('is acknowledged while it is delivered, so that the next login continues there', async () => {
    const fresh = await owedLong();
    await expect(killedAt(fresh, 'b1', SETTLED + 5)).rejects.toThrow('killed');
    expect(fresh.state.inboxes.bob?.pending).toEqual({ '#a': SETTLED });
    expect(fresh.state.overflow.bob).toEqual([]);
    expect(fresh.state.inboxes.bob).not.toHaveProperty('overflow');
  });

  test('is not put back by a slow login, wherever the next one overtakes it', async () => {
    for (let nth = 0, calls = nth; nth <= calls; nth++) {
      let overtake: (() => Promise<void>) | undefined;
      calls = 0;
      const gate: Gate = async ({ port }, perform) => {
        const isNext = overtake && ['inboxes', 'overflow'].includes(port) && calls++ === nth;
        if (isNext) await overtake?.();
        return perform();
      };
      const fresh = await owedLong(gate);
      const connect = (connectionId: string): Caller => {
        fresh.state.sockets[connectionId] = { open: true, frames: [] };
        return callerAt(connectionId, 'text');
      };
      const slow = connect('b1');
      const leave = (caller: Caller) => logout(fresh.ports, {}, caller).catch(() => {});
      overtake = async () => {
        overtake = undefined;
        await leave(slow);
        await killedAt(fresh, 'b2', 2 * SETTLED + 5).catch(() => {});
        await leave({ ...slow, connectionId: 'b2' });
      };
      await login(fresh.ports, { username: 'bob' }, slow);
      await leave(slow);
      await login(fresh.ports, { username: 'bob' }, connect('b3'));
      // What the second one settled is not handed to the last one.
      if (received(fresh, 'b2').length > 0)
        expect(received(fresh, 'b3').filter((seq) => seq < 2 * SETTLED)).toEqual([]);
    }
  });
});

test('a login with cursors puts no pointer of a group back, wherever the next one overtakes it', async () => {
  for (let nth = 0, calls = nth; nth <= calls; nth++) {
    chat = service();
    chat.state.room = 0;
    chat.users('alice', 'bob', 'zoe');
    chat.group('team', 'alice', 'bob');
    const [alice, zoe] = [chat.online('alice', 'a1'), chat.online('zoe', 'z1')];
    chat.state.inboxes.bob = { connections: {}, pending: {} };
    await sendGroupMessage(chat.ports, { group_id: 'team', content: 'hi' }, alice);
    await write(zoe, 'from zoe');
    const logInAt = (connectionId: string, ports: Service['ports']) => {
      chat.state.sockets[connectionId] = { open: true, frames: [] };
      return login(ports, { username: 'bob' }, callerAt(connectionId, 'text'));
    };
    const cut = (connectionId: string) => {
      Object.assign(chat.state.sockets[connectionId] ?? {}, { open: false });
      return disconnected(chat.ports, connectionId);
    };
    const { gateway } = chat.ports;
    // It takes the message of the group's, and no more.
    const post: typeof gateway.post = async (id, frame) =>
      frame.includes('zoe') ? 'failed' : gateway.post(id, frame);
    const slow = chat.interrupted(nth, async () => {
      await cut('b1');
      await logInAt('b2', { ...chat.ports, gateway: { ...gateway, post } });
    });
    chat.state.sockets.b1 = { open: true, frames: [] };
    const b1: Caller = callerAt('b1');
    await login(slow.ports, { username: 'bob', cursors: {} }, b1).catch(() => {});
    calls = slow.calls();
    await cut('b1');
    await logInAt('b3', chat.ports);
    const framesWith = (word: string, ...connections: string[]) =>
      connections.flatMap(chat.framesOf).filter((frame) => JSON.stringify(frame).includes(word)).length;
    expect(framesWith('alice: hi', 'b2', 'b3'), `call ${nth}`).toBeLessThan(2);
    for (const word of ['hi', 'from zoe']) expect(framesWith(word, 'b1', 'b2', 'b3')).toBeGreaterThan(0);
    owesNothing();
  }
});

test('a logout that overtakes its login leaves either everything or nothing pending', async () => {
  const few = senders.slice(0, 2 * ROOM + 1);
  const b1: Caller = callerAt('b1');
  const again: number[] = [];
  for (let nth = 0, calls = nth; nth <= calls; nth++) {
    chat.state.history = {};
    for (const sender of few) await write(sender, 'hi');
    chat.state.sockets.b1 = { open: true, frames: [] };
    const overtaken = chat.interrupted(nth, () => logout(chat.ports, {}, b1).catch(() => {}));
    await login(overtaken.ports, { username: 'bob' }, b1);
    expect(contents(chat.framesOf('b1') as Frame[])).toHaveLength(few.length);
    await logout(chat.ports, {}, b1).catch(() => {});
    again.push(contents((await logIn('json')) as Frame[]).length);
    owesNothing();
    await logout(chat.ports, {}, b1);
    calls = overtaken.calls();
  }
  // It is one call that decides.
  expect(new Set(again)).toEqual(new Set([0, few.length]));
});

test('an export shows the overflow, and an erasure removes it', async () => {
  await everybodyWrites();
  const ports = { ...chat.ports, scans: scansOf(chat.state) };
  expect((await exportUser(ports, { username: 'bob' })).pending).toHaveLength(STRANGERS);
  await deleteUser(ports, { username: 'bob' });
  owesNothing();
});
