import { describe, expect, test } from 'vitest';
import { changePassword } from '../../chat/accounts/change-password.ts';
import { deleteAccount } from '../../chat/accounts/delete-account.ts';
import { login } from '../../chat/accounts/login.ts';
import { logout } from '../../chat/accounts/logout.ts';
import { register } from '../../chat/accounts/register.ts';
import { OutcomeUnknown, Unavailable } from '../../chat/errors.ts';
import { createGroup, joinGroup, leaveGroup } from '../../chat/groups/groups.ts';
import { invite, removeMember, setOwner, updateGroup } from '../../chat/groups/moderation.ts';
import { deleteMessage, editMessage } from '../../chat/messages/change-message.ts';
import { markRead } from '../../chat/messages/mark-read.ts';
import { sendGroupMessage, sendMessage } from '../../chat/messages/send.ts';
import { typing } from '../../chat/messages/typing.ts';
import { groupProfile } from '../../chat/profiles.ts';
import { ChatError, commands as definitions, limits } from '../../protocol/index.ts';
import { asInTheDocs } from '../support/as-in-the-docs.ts';
import { callerAt as at, type Service, service } from '../support/chat.ts';
import { type AllPorts, type Gate, memoryPorts } from '../support/memory.ts';
import { LOOKS } from '../support/request-for.ts';

/** What is kept; how often somebody asked is not, and a frame has no effect on it. */
function kept({ state }: Service): string {
  const { levels: _, sockets: __, lastSeen: ___, ...rest } = state;
  return JSON.stringify(rest);
}

const alice = at('a1');

const typeOf = (name: string) => name.split(/[, ]/)[0] ?? '';

/** Commands that change something, by their type and what is particular to them. */
const particular: Record<string, (ports: AllPorts) => Promise<unknown>> = {
  register: (ports) => register(ports, { username: 'carol', password: 'secret' }, at('x')),
  login: (ports) => login(ports, { username: 'bob' }, at('x')),
  'login again': (ports) => login(ports, { username: 'alice' }, alice),
  logout: (ports) => logout(ports, {}, alice),
  'logout everywhere': (ports) => logout(ports, { everywhere: true }, alice),
  change_password: (ports) => changePassword(ports, { new_password: 'new' }, alice),
  delete_account: (ports) => deleteAccount(ports, {}, alice),
  'SEND_MESSAGE, the first': (ports) => sendMessage(ports, { recipient: 'dora', content: 'hi' }, alice),
  SEND_MESSAGE: (ports) => sendMessage(ports, { recipient: 'bob', content: 'hi' }, alice),
  SEND_GROUP_MESSAGE: (ports) => sendGroupMessage(ports, { group_id: 'team', content: 'hi' }, alice),
  edit_message: (ports) => editMessage(ports, { chat: 'bob', seq: 1, content: 'new' }, alice),
  'edit_message, with a key': (ports) =>
    editMessage(ports, { chat: 'bob', seq: 1, content: 'new', client_message_id: 'k' }, alice),
  'SEND_MESSAGE, with a key': (ports) =>
    sendMessage(ports, { recipient: 'bob', content: 'hi', client_message_id: 'k' }, alice),
  delete_message: (ports) => deleteMessage(ports, { chat: 'bob', seq: 1 }, alice),
  mark_read: (ports) => markRead(ports, { chat: 'bob' }, alice),
  typing: (ports) => typing(ports, { chat: 'bob' }, alice),
  create_group: (ports) => createGroup(ports, { group_name: 'club' }, alice),
  'create_group, with a title': (ports) =>
    createGroup(ports, { group_name: 'club', title: 'Klub', invite_only: true }, alice),
  join_group: (ports) => joinGroup(ports, { group_id: 'other' }, alice),
  'join_group, by invitation': (ports) => joinGroup(ports, { group_id: 'team' }, at('d1')),
  leave_group: (ports) => leaveGroup(ports, { group_id: 'team' }, alice),
  'leave_group, not joined yet': (ports) => leaveGroup(ports, { group_id: 'team' }, at('d1')),
  invite: (ports) => invite(ports, { group_id: 'other', username: 'dora' }, at('b1')),
  'invite, after a removal': (ports) => invite(ports, { group_id: 'team', username: 'emil' }, alice),
  remove_member: (ports) => removeMember(ports, { group_id: 'team', username: 'bob' }, alice),
  set_owner: (ports) => setOwner(ports, { group_id: 'team', username: 'bob' }, alice),
  'remove_member, not joined yet': (ports) =>
    removeMember(ports, { group_id: 'team', username: 'dora' }, alice),
  update_group: (ports) => updateGroup(ports, { group_id: 'team', invite_only: true }, alice),
  'update_group, a title': (ports) => updateGroup(ports, { group_id: 'team', title: 'Team' }, alice),
  'update_group, both': (ports) =>
    updateGroup(ports, { group_id: 'team', invite_only: true, title: 'Team' }, alice),
};

/** All that change something: the rest as in the docs. */
const commands = {
  ...particular,
  ...Object.fromEntries(
    asInTheDocs(
      Object.keys(particular).map(typeOf),
      { user1: 'alice', user2: 'bob', user3: 'dora', groupname1: 'team' },
      alice,
    ),
  ),
};

test('no command that changes something is left out', () => {
  const tried = new Set(Object.keys(commands).map(typeOf));
  const left = definitions
    .map(({ type }) => type)
    .filter((type) => !LOOKS.includes(type) && !tried.has(type));
  expect(left).toEqual([]);
});

/** Alice, who owns a group with Bob, to which Dora is invited and from which Emil was removed, and wrote to Bob. */
async function given(): Promise<Service> {
  const chat = service();
  chat.users('alice', 'bob', 'dora', 'emil');
  chat.online('alice', 'a1');
  chat.online('alice', 'a2');
  chat.state.sockets.x = { open: true, frames: [] };
  chat.online('bob', 'b1');
  chat.online('dora', 'd1');
  await createGroup(chat.ports, { group_name: 'team' }, alice);
  await createGroup(chat.ports, { group_name: 'other' }, at('b1'));
  await joinGroup(chat.ports, { group_id: 'team' }, at('b1'));
  await invite(chat.ports, { group_id: 'team', username: 'dora' }, alice);
  chat.online('emil', 'e1');
  await joinGroup(chat.ports, { group_id: 'team' }, at('e1'));
  await removeMember(chat.ports, { group_id: 'team', username: 'emil' }, alice);
  await login(chat.ports, { username: 'alice' }, alice);
  await sendMessage(chat.ports, { recipient: 'bob', content: 'hi' }, alice);
  await sendMessage(chat.ports, { recipient: 'alice', content: 'hi' }, at('b1'));
  await sendGroupMessage(chat.ports, { group_id: 'team', content: 'hi' }, alice);
  return chat;
}

test.each(Object.entries(commands))(
  '%s succeeds if nothing comes between, and changes something',
  async (name, run) => {
    const chat = await given();
    const before = kept(chat);
    await run(chat.ports);
    if (name !== 'typing') expect(kept(chat)).not.toBe(before);
  },
);

/** What others, and the caller elsewhere, may do at that moment. */
const meanwhile: Record<string, (ports: AllPorts) => Promise<unknown>> = {
  'all sessions are ended': (ports) => logout(ports, { everywhere: true }, at('a2')),
  'this connection logs out': (ports) => logout(ports, {}, alice),
  'the password is changed': (ports) => changePassword(ports, { new_password: 'other' }, at('a2')),
  'the name is registered': (ports) => register(ports, { username: 'carol', password: 'other' }, at('b1')),
  'the name is taken for a group': (ports) => createGroup(ports, { group_name: 'carol' }, at('b1')),
  'the group is created': (ports) => createGroup(ports, { group_name: 'club' }, at('b1')),
  'the chat is begun': (ports) => sendMessage(ports, { recipient: 'alice', content: 'hi' }, at('d1')),
  'others write': async (ports) => {
    await sendMessage(ports, { recipient: 'alice', content: 'hi' }, at('b1'));
    await sendGroupMessage(ports, { group_id: 'team', content: 'hi' }, at('b1'));
  },
  'the key is given to something else': async (ports) => {
    const key = { client_message_id: 'k' };
    await sendMessage(ports, { recipient: 'bob', content: 'else', ...key }, at('a2'));
    await deleteMessage(ports, { chat: 'team', seq: 1, ...key }, at('a2'));
  },
  'the message is edited as often as it may be': async (ports) => {
    for (let count = 0; count < limits.changes; count++)
      await editMessage(ports, { chat: 'bob', seq: 1, content: `${count}` }, at('a2'));
  },
  'the message is deleted': (ports) => deleteMessage(ports, { chat: 'bob', seq: 1 }, at('a2')),
  'the caller leaves the group': (ports) => leaveGroup(ports, { group_id: 'team' }, at('a2')),
  'the other one leaves the group': (ports) => leaveGroup(ports, { group_id: 'team' }, at('b1')),
  'the other one is removed': (ports) => removeMember(ports, { group_id: 'team', username: 'bob' }, at('a2')),
  'the other one owns the group': (ports) => setOwner(ports, { group_id: 'team', username: 'bob' }, at('a2')),
  'all leave the group, and its name is taken': async (ports) => {
    await leaveGroup(ports, { group_id: 'team' }, at('b1'));
    await leaveGroup(ports, { group_id: 'team' }, at('a2'));
    await createGroup(ports, { group_name: 'team' }, at('d1'));
  },
  'the group that is joined empties': (ports) => leaveGroup(ports, { group_id: 'other' }, at('b1')),
  'its name is taken': async (ports) => {
    await leaveGroup(ports, { group_id: 'other' }, at('b1'));
    await createGroup(ports, { group_name: 'other' }, at('d1'));
  },
  'it takes only who is invited': (ports) =>
    updateGroup(ports, { group_id: 'other', invite_only: true }, at('b1')),
  'the caller joins it elsewhere': (ports) => joinGroup(ports, { group_id: 'other' }, at('a2')),
};

const isBusy = (error: unknown): boolean =>
  error instanceof Unavailable || (error instanceof ChatError && error.code === 'busy');

describe.each(Object.entries(commands))('busy means that nothing was stored: %s', (_, run) => {
  test.each([
    ['one call alone', (call: number, nth: number) => call === nth],
    ['every call from one on', (call: number, nth: number) => call >= nth],
  ])('whichever call is refused: %s', async (_, isRefused) => {
    for (let nth = 0; ; nth++) {
      const chat = await given();
      const before = kept(chat);
      let calls = 0;
      const gate: Gate = async ({ port }, perform) => {
        // A frame is no call of the database.
        if (port !== 'gateway' && isRefused(calls++, nth)) throw new Unavailable('throttled');
        return perform();
      };
      const { secrets, policy } = chat.ports;
      const ports = { ...memoryPorts(chat.state, chat.runtime, gate), secrets, policy };
      const error = await run(ports).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      if (calls <= nth) break;
      if (isBusy(error)) expect(kept(chat), `call ${nth}`).toBe(before);
      else if (error !== undefined) expect(error, `call ${nth}`).toBeInstanceOf(OutcomeUnknown);
    }
  });
});

/**
 * What is kept, whoever took which id and row first. A name that was claimed in vain leaves its number of claims and the
 * title of a group that nobody was in, which no other group shows, and a join that was refused what keeps it from taking
 * effect later.
 */
function inOrder(chat: Service): unknown {
  const sorted = (value: unknown): unknown => {
    if (typeof value === 'string') return value.replace(/\b(id|token)-\d+/g, '$1');
    if (Array.isArray(value)) return value.map(sorted);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).filter(([key, of]) => key !== 'generation' && !of.removed);
    return entries.map(([key, of]) => [sorted(key), sorted(of)]).sort();
  };
  const { profiles, ...rest } = JSON.parse(kept(chat)) as Service['state'];
  const shown = new Set(Object.values(rest.names).map((name) => groupProfile(name)));
  const isShown = (id: string) => id.startsWith('@') || shown.has(id);
  return sorted({ ...rest, profiles: Object.entries(profiles).filter(([id]) => isShown(id)) });
}

describe.each(Object.entries(commands))('any other refusal means that nothing was stored: %s', (_, run) => {
  test.each(Object.entries(meanwhile))('even if %s before any of its calls', async (_, then) => {
    const control = await given();
    await then(control.ports);
    for (let nth = 0; ; nth++) {
      const chat = await given();
      // What the command has done already may keep the others from it: then there is nothing to compare with.
      let isDone = true;
      const others = () => then(chat.ports).catch(() => (isDone = false));
      const { ports, calls } = chat.interrupted(nth, others);
      const error = await run(ports).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      if (calls() <= nth) break;
      if (error === undefined || !isDone) continue;
      if (error instanceof ChatError) expect(inOrder(chat), `call ${nth}`).toEqual(inOrder(control));
      else expect(error, `call ${nth}`).toBeInstanceOf(OutcomeUnknown);
    }
  });
});

describe('a login that fails on a connection that is logged in', () => {
  const boundOf = (chat: Service) => chat.state.connections.a1;

  test('keeps the earlier login, whatever fails', async () => {
    for (const error of [new Unavailable('throttled'), new OutcomeUnknown('no answer')]) {
      const chat = await given();
      const before = boundOf(chat);
      const connect = async () => Promise.reject(error);
      const ports = { ...chat.ports, inboxes: { ...chat.ports.inboxes, connect } };
      await expect(login(ports, { username: 'alice' }, alice)).rejects.toBe(error);
      expect(boundOf(chat)).toEqual(before);
      expect(chat.state.inboxes.alice?.connections).toHaveProperty('a1');
      const sent = sendMessage(chat.ports, { recipient: 'bob', content: 'still here' }, alice);
      await expect(sent).resolves.toHaveProperty('seq');
    }
  });

  test('because its session has ended keeps the earlier login', async () => {
    const chat = await given();
    const { session_token } = chat
      .framesOf('a1')
      .findLast((frame) => (frame as object) && 'session_token' in (frame as object)) as {
      session_token: string;
    };
    await login(chat.ports, { username: 'alice' }, at('a2'));
    await chat.ports.inboxes.revoke('alice', chat.runtime.at);
    const before = boundOf(chat);
    await expect(login(chat.ports, { session_token }, alice)).rejects.toMatchObject({
      code: 'invalid_credentials',
    });
    expect(boundOf(chat)).toEqual(before);
  });

  test('removes the row of a connection that was not logged in, and restores none after all sessions were ended', async () => {
    const chat = await given();
    const connect = async () => Promise.reject(new Unavailable('throttled'));
    const ports = { ...chat.ports, inboxes: { ...chat.ports.inboxes, connect } };
    await expect(login(ports, { username: 'bob' }, at('x'))).rejects.toThrow(Unavailable);
    expect(chat.state.connections).not.toHaveProperty('x');
    const ended = {
      ...ports,
      inboxes: {
        ...ports.inboxes,
        connect: async () => {
          await logout(chat.ports, { everywhere: true }, at('a2'));
          throw new Unavailable('throttled');
        },
      },
    };
    await expect(login(ended, { username: 'alice' }, alice)).rejects.toThrow(Unavailable);
    expect(chat.state.connections).not.toHaveProperty('a1');
  });
});
