import { beforeEach, describe, expect, test } from 'vitest';
import { login } from '../../chat/accounts/login.ts';
import { createGroup, joinGroup } from '../../chat/groups/groups.ts';
import { sendMessage } from '../../chat/messages/send.ts';
import type { Caller, Name } from '../../chat/model.ts';
import { limits } from '../../protocol/index.ts';
import { type Service, service } from '../support/chat.ts';

const many = (count: number, word: string) => Array.from({ length: count }, (_, index) => `${word}${index}`);
const limitReached = { code: 'limit_reached' };

let chat: Service;
let alice: Caller;
beforeEach(() => {
  chat = service();
  chat.users('alice', 'bob');
  alice = chat.online('alice', 'a1');
});

describe('devices', () => {
  const logIn = (connectionId: string) => {
    chat.state.sockets[connectionId] ??= { open: true, frames: [] };
    return login(chat.ports, { username: 'alice' }, { ...alice, connectionId });
  };

  beforeEach(() => {
    for (const id of many(chat.ports.policy.devices - 1, 'd')) chat.online('alice', id);
  });

  test('of one user are limited; one more is refused, and cannot send', async () => {
    const before = structuredClone(chat.state.inboxes);
    await expect(logIn('one-more')).rejects.toMatchObject(limitReached);
    expect(chat.state.connections['one-more']).toBeUndefined();
    expect(chat.state.inboxes).toEqual(before);
    expect(chat.state.sessions).toEqual({});
  });

  test('at the limit may log in again, and another may once one has gone', async () => {
    await expect(logIn('d7')).resolves.toBeUndefined();
    await chat.ports.inboxes.disconnect('alice', 'd7', 0);
    await expect(logIn('one-more')).resolves.toBeUndefined();
  });

  test('that API Gateway closed long ago make room', async () => {
    chat.runtime.at += (2 * 60 + 11) * 60_000;
    await expect(logIn('one-more')).resolves.toBeUndefined();
    expect(Object.keys(chat.state.inboxes.alice?.connections ?? {})).toEqual(['one-more']);
  });
});

describe('groups', () => {
  const inGroups = (count: number) => {
    for (const name of many(count, 'group')) chat.group(name, 'alice');
  };
  const create = (group_name: string) => createGroup(chat.ports, { group_name }, alice);
  const join = (group_id: string) => joinGroup(chat.ports, { group_id }, alice);

  test('of one user are limited; one more can be neither created nor joined', async () => {
    inGroups(limits.groups - 1);
    chat.group('other', 'bob');
    await create('the-last');
    await expect(create('one-more')).rejects.toMatchObject(limitReached);
    await expect(join('other')).rejects.toMatchObject(limitReached);
    expect(chat.state.names['one-more']).toBeUndefined();
    expect(chat.state.members['#other']).not.toHaveProperty('alice');
    await expect(join('the-last')).resolves.toBeDefined();
  });

  test('of one user may exceed the limit by concurrent joins only', async () => {
    inGroups(limits.groups - 1);
    const others = many(4, 'other-');
    for (const other of others) chat.group(other, 'bob');
    const [late = '', ...atOnce] = others;
    await Promise.all(atOnce.map(join));
    await expect(join(late)).rejects.toMatchObject(limitReached);
    expect(await chat.ports.members.groupsOf('alice')).toHaveLength(limits.groups - 1 + atOnce.length);
  });

  test('have a limited number of members; one more is refused, and a member may join again', async () => {
    chat.group('team', 'u');
    chat.state.names.team = { ...(chat.state.names.team as Name), members: limits.members - 1 };
    await join('team');
    chat.users('carol');
    const carol = chat.online('carol', 'c1');
    // Counted so lately that they are not counted anew.
    chat.state.names.team = { ...(chat.state.names.team as Name), recounted: chat.runtime.at };
    const refused = joinGroup(chat.ports, { group_id: 'team' }, carol);
    await expect(refused).rejects.toMatchObject(limitReached);
    expect(chat.state.names.team).toHaveProperty('members', limits.members);
    await expect(join('team')).resolves.toBeDefined();
  });
});

describe('chats', () => {
  test('cost their initiator ten messages each, and later messages cost the same as ever', async () => {
    const paid: (number | undefined)[] = [];
    const admit = async (_: string, price?: number) => void paid.push(price);
    for (let time = 0; time < 2; time++)
      await sendMessage(chat.ports, { recipient: 'bob', content: 'hi' }, { ...alice, admit });
    expect(paid).toEqual([undefined, 10, undefined]);
  });

  test("that the sender's rate does not cover are refused", async () => {
    const admit = (_: string, price?: number) =>
      price ? Promise.reject(new Error('no')) : Promise.resolve();
    await expect(
      sendMessage(chat.ports, { recipient: 'bob', content: 'hi' }, { ...alice, admit }),
    ).rejects.toThrow();
    expect(chat.state.history).toEqual({});
    expect(chat.state.members['alice:bob'] ?? {}).toEqual({});
  });
});
