import { beforeEach, describe, expect, test } from 'vitest';
import { login } from '../../../chat/accounts/login.ts';
import { presence } from '../../../chat/delivery/presence.ts';
import { OutcomeUnknown, Unavailable } from '../../../chat/errors.ts';
import { createGroup, joinGroup } from '../../../chat/groups/groups.ts';
import { listMembers } from '../../../chat/groups/list-members.ts';
import { type Caller, CONNECTION_LIFE } from '../../../chat/model.ts';
import { callerAt, type Service, service } from '../../support/chat.ts';

let chat: Service;
let alice: Caller;
let start: number;
let looked: string[];
let writes: number;
beforeEach(() => {
  looked = [];
  writes = 0;
  chat = service(async (call, perform) => {
    if (call.method === 'isOpen') looked.push(String(call.args[0]));
    if (call.port === 'inboxes' && call.method === 'disconnect') writes++;
    return perform();
  });
  chat.users('alice', 'bob', 'carol');
  alice = chat.online('alice', 'a1');
  start = chat.runtime.at;
});

/** The socket dies, and nobody is told. */
const die = (...connectionIds: string[]) => {
  for (const id of connectionIds) chat.state.sockets[id] = { open: false, frames: [] };
};
const devicesOf = (username: string) => Object.keys(chat.state.inboxes[username]?.connections ?? {});
const at = (millis: number) => new Date(millis).toISOString();

/** Both commands that say who is online, asked about bob, who shares a group with alice. */
const asking: Record<string, () => Promise<{ online: boolean }>> = {
  presence: async () => {
    const { users } = await presence(chat.ports, { usernames: ['bob'] }, alice);
    return users[0] as { online: boolean };
  },
  list_members: async () => {
    const { members } = await listMembers(chat.ports, { group_id: 'team' }, alice);
    return members.find(({ username }) => username === 'bob') as { online: boolean };
  },
};

describe.each(Object.keys(asking))('%s', (command) => {
  const isOnline = async () => (await asking[command]?.())?.online;
  const lastSeen = async () => {
    const { users } = await presence(chat.ports, { usernames: ['bob'] }, alice);
    return users[0]?.last_seen;
  };

  beforeEach(async () => {
    await createGroup(chat.ports, { group_name: 'team' }, alice);
    const bob = chat.online('bob', 'b1');
    await joinGroup(chat.ports, { group_id: 'team' }, bob);
    writes = 0;
  });

  test('asks the newest device first, and no other if that is alive, and writes nothing', async () => {
    chat.runtime.at += 1000;
    chat.online('bob', 'b0');
    expect(await isOnline()).toBe(true);
    expect(looked.filter((id) => id.startsWith('b'))).toEqual(['b0']);
    expect(writes).toBe(0);
  });

  test('removes a device whose end was never reported, and takes its connect time as last seen', async () => {
    die('b1');
    chat.runtime.at += 60_000;
    expect(await isOnline()).toBe(false);
    expect(devicesOf('bob')).toEqual([]);
    expect(await lastSeen()).toBe(at(start));
    looked = [];
    expect(await isOnline()).toBe(false);
    expect(looked).not.toContain('b1');
    expect(writes).toBe(1);
  });

  test('shows a user online who has another device', async () => {
    chat.runtime.at += 1000;
    chat.online('bob', 'b2');
    die('b2');
    expect(await isOnline()).toBe(true);
    expect(devicesOf('bob')).toEqual(['b1']);
  });

  test('keeps a device if the gateway cannot say', async () => {
    die('b1');
    chat.ports.gateway = { ...chat.ports.gateway, isOpen: async () => true };
    expect(await isOnline()).toBe(true);
    expect(devicesOf('bob')).toEqual(['b1']);
  });

  test('does not ask about a device that is older than any connection can be', async () => {
    chat.runtime.at += CONNECTION_LIFE + 1;
    expect(await isOnline()).toBe(false);
    expect(looked).not.toContain('b1');
  });

  test.each([new Unavailable('down'), new OutcomeUnknown('lost')])(
    'reports a device as gone though the database does not store it: $message',
    async (error) => {
      chat.runtime.at += 1000;
      chat.online('bob', 'b2');
      die('b1', 'b2');
      const { inboxes } = chat.ports;
      chat.ports.inboxes = { ...inboxes, disconnect: () => Promise.reject(error) };
      expect(await isOnline()).toBe(false);
      expect(await lastSeen()).toBe(at(start + 1000));
      expect(devicesOf('bob')).toEqual(['b1', 'b2']);
    },
  );

  test('throws a mistake of this program as it is', async () => {
    die('b1');
    const { inboxes } = chat.ports;
    chat.ports.inboxes = { ...inboxes, disconnect: () => Promise.reject(new TypeError('ours')) };
    await expect(isOnline()).rejects.toThrow('ours');
  });

  test('shows a user online who comes back while their old device is found gone', async () => {
    die('b1');
    const { inboxes } = chat.ports;
    const disconnect: typeof inboxes.disconnect = (...of) => {
      if (of[1] === 'b1') chat.online('bob', 'b2');
      return inboxes.disconnect(...of);
    };
    chat.ports.inboxes = { ...inboxes, disconnect };
    expect(await isOnline()).toBe(true);
    expect(devicesOf('bob')).toEqual(['b2']);
  });

  test('asks about nobody when the time is up', async () => {
    die('b1');
    chat.ports.runtime = { ...chat.ports.runtime, now: () => chat.runtime.at, timeLeft: () => 9_999 };
    expect(await isOnline()).toBe(true);
    expect(looked).toEqual([]);
  });
});

test('asks about at most 50 users at once, and about all in the order in which they were named', async () => {
  const names = Array.from({ length: 120 }, (_, index) => `user-${index}`);
  for (const name of names) chat.online(name, `c-${name}`);
  let [now, most] = [0, 0];
  const isOpen = async (id: string) => {
    most = Math.max(most, ++now);
    await new Promise(setImmediate);
    now--;
    return !id.endsWith('7');
  };
  chat.ports.gateway = { ...chat.ports.gateway, isOpen };
  const { users } = await presence(chat.ports, { usernames: names }, alice);
  expect(most).toBe(50);
  expect(users.map(({ username }) => username)).toEqual(names);
  expect(users.filter(({ online }) => !online).map(({ username }) => username)).toEqual(
    names.filter((name) => name.endsWith('7')),
  );
});

describe('a login at the limit of devices', () => {
  const devices = Array.from({ length: 10 }, (_, index) => `b${index}`);
  const logIn = (connectionId = 'new') => {
    chat.state.sockets[connectionId] ??= { open: true, frames: [] };
    return login(chat.ports, { username: 'bob' }, callerAt(connectionId, 'text'));
  };
  beforeEach(() => {
    for (const id of devices) chat.online('bob', id);
  });

  test('succeeds if one of them is gone', async () => {
    die('b4');
    await logIn();
    expect(devicesOf('bob').toSorted()).toEqual([...devices.filter((id) => id !== 'b4'), 'new'].toSorted());
  });

  test('removes all that are gone', async () => {
    die(...devices);
    await logIn();
    expect(devicesOf('bob')).toEqual(['new']);
    expect(looked.toSorted()).toEqual(devices);
  });

  test('removes those older than any connection, without asking', async () => {
    chat.runtime.at += CONNECTION_LIFE + 1;
    await logIn();
    expect(devicesOf('bob')).toEqual(['new']);
    expect(looked).toEqual([]);
  });

  test('is refused if all are alive, keeps them, and does not log in', async () => {
    await expect(logIn()).rejects.toMatchObject({ code: 'limit_reached' });
    expect(devicesOf('bob')).toEqual(devices);
    expect(chat.state.connections.new).toBeUndefined();
  });

  test('is refused if the gateway cannot say, and removes none', async () => {
    die(...devices);
    chat.ports.gateway = { ...chat.ports.gateway, isOpen: async () => true };
    await expect(logIn()).rejects.toMatchObject({ code: 'limit_reached' });
    expect(devicesOf('bob')).toEqual(devices);
  });

  test('of a device that is among them asks nothing', async () => {
    die(...devices.slice(1));
    await logIn('b0');
    expect(looked).toEqual([]);
  });
});

test('a login below the limit asks about no device', async () => {
  for (let index = 0; index < 9; index++) chat.online('bob', `b${index}`);
  chat.state.sockets.new = { open: true, frames: [] };
  await login(chat.ports, { username: 'bob' }, callerAt('new', 'text'));
  expect(looked).toEqual([]);
});
