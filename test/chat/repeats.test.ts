import { beforeEach, describe, expect, test } from 'vitest';
import { changePassword } from '../../chat/accounts/change-password.ts';
import { deleteAccount } from '../../chat/accounts/delete-account.ts';
import { login } from '../../chat/accounts/login.ts';
import { logout } from '../../chat/accounts/logout.ts';
import { register } from '../../chat/accounts/register.ts';
import { OutcomeUnknown } from '../../chat/errors.ts';
import { getGroups } from '../../chat/groups/group-profiles.ts';
import { createGroup, joinGroup, leaveGroup } from '../../chat/groups/groups.ts';
import { invite, removeMember, setOwner, updateGroup } from '../../chat/groups/moderation.ts';
import { deleteMessage, editMessage } from '../../chat/messages/change-message.ts';
import { markRead } from '../../chat/messages/mark-read.ts';
import { sendGroupMessage, sendMessage } from '../../chat/messages/send.ts';
import { typing } from '../../chat/messages/typing.ts';
import type { Caller } from '../../chat/model.ts';
import { type Command, commands } from '../../protocol/index.ts';
import { asInTheDocs } from '../support/as-in-the-docs.ts';
import { callerAt, type Service, service } from '../support/chat.ts';
import { type AllPorts, type Gate, memoryPorts } from '../support/memory.ts';

const team = { group_id: 'team' };
const bobs = { ...team, username: 'bob' };
const carols = { ...team, username: 'carol' };
const key = { client_message_id: 'k', after_seq: 0 };

let chat: Service;
let alice: Caller;
let bob: Caller;
beforeEach(begin);

/** Alice's group, in which bob is, who wrote to her; carol is invited to it. */
async function begin() {
  chat = service();
  chat.users('alice', 'bob', 'carol', 'dora');
  [alice, bob] = [chat.online('alice', 'a1'), chat.online('bob', 'b1')];
  await createGroup(chat.ports, { group_name: 'team' }, alice);
  await joinGroup(chat.ports, team, bob);
  await invite(chat.ports, carols, alice);
  await sendMessage(chat.ports, { recipient: 'alice', content: 'hi' }, bob);
}

const isIn = (name: string) => chat.membersOf('team').includes(name);
const entries = () => Object.values(chat.state.history).flat();
const carol = () => chat.online('carol', 'c1');
const mayJoin = async (who: Caller) => {
  await joinGroup(chat.ports, team, who);
  await leaveGroup(chat.ports, team, who);
  await joinGroup(chat.ports, team, who);
};

interface Act {
  ask: (ports: AllPorts) => Promise<unknown>;
  holds: () => unknown;
}

/** What changes something: how it is asked for, and what has to be so when it was answered. */
const particular: Record<string, Act> = {
  register: {
    ask: (ports) => register(ports, { username: 'emil' }, alice),
    holds: () => login(chat.ports, { username: 'emil' }, { ...alice, connectionId: 'e1' }),
  },
  login: {
    ask: (ports) => login(ports, { username: 'alice' }, alice),
    holds: () => expect(chat.state.connections.a1).toBeDefined(),
  },
  logout: {
    ask: (ports) => logout(ports, {}, alice),
    holds: () => expect(chat.state.inboxes.alice?.connections).not.toHaveProperty('a1'),
  },
  change_password: {
    ask: (ports) => changePassword(ports, { new_password: 'new' }, alice),
    holds: () => login(chat.ports, { username: 'alice', password: 'new' }, { ...alice, connectionId: 'a9' }),
  },
  delete_account: {
    ask: (ports) => deleteAccount(ports, {}, alice),
    async holds() {
      expect(chat.state.credentials.alice).toHaveProperty('erased', true);
      for (const rows of Object.values(chat.state.members)) expect(rows).not.toHaveProperty('alice');
      await updateGroup(chat.ports, { ...team, invite_only: true }, bob);
    },
  },
  SEND_MESSAGE: {
    ask: (ports) => sendMessage(ports, { recipient: 'bob', content: 'yes', ...key }, alice),
    holds: () => expect(entries().filter(({ content }) => content === 'yes')).toHaveLength(1),
  },
  SEND_GROUP_MESSAGE: {
    ask: (ports) => sendGroupMessage(ports, { ...team, content: 'yes', ...key }, alice),
    holds: () => expect(entries().filter(({ content }) => content === 'yes')).toHaveLength(1),
  },
  edit_message: {
    ask: (ports) => editMessage(ports, { chat: 'alice', seq: 1, content: 'yes', ...key, after_seq: 1 }, bob),
    holds: () => expect(entries().map(({ content }) => content)).toEqual(['yes', '']),
  },
  delete_message: {
    ask: (ports) => deleteMessage(ports, { chat: 'alice', seq: 1, ...key, after_seq: 1 }, bob),
    holds: () => expect(entries().map(({ content }) => content)).toEqual(['', '']),
  },
  mark_read: {
    ask: (ports) => markRead(ports, { chat: 'bob' }, alice),
    holds: () => expect(chat.state.members['alice:bob']?.alice).toHaveProperty('read', 1),
  },
  typing: { ask: (ports) => typing(ports, { chat: 'bob' }, alice), holds: () => {} },
  create_group: {
    ask: (ports) => createGroup(ports, { group_name: 'club', title: 'Klub' }, alice),
    async holds() {
      await updateGroup(chat.ports, { group_id: 'club', invite_only: true }, alice);
      const { groups } = await getGroups(chat.ports, { group_ids: ['club'] }, alice);
      expect(groups).toEqual([{ group_id: 'club', title: 'Klub' }]);
    },
  },
  update_group: {
    ask: (ports) => updateGroup(ports, { ...team, invite_only: true, title: 'Team' }, alice),
    holds() {
      expect(chat.state.names.team).toHaveProperty('inviteOnly', true);
      expect(chat.state.profiles['#team']).toEqual({ name: 'Team' });
    },
  },
  invite: {
    ask: async (ports) => {
      // Once removed, so that there is a record to take off.
      if (!chat.state.names.team?.hasRemoved) await removeMember(chat.ports, carols, alice);
      return invite(ports, carols, alice);
    },
    // An invitation ends that somebody was removed, once and for all.
    holds: () => mayJoin(carol()),
  },
  remove_member: {
    ask: (ports) => removeMember(ports, bobs, alice),
    async holds() {
      expect(isIn('bob')).toBe(false);
      await expect(joinGroup(chat.ports, team, bob)).rejects.toMatchObject({ code: 'not_invited' });
      await invite(chat.ports, bobs, alice);
      await mayJoin(bob);
    },
  },
  set_owner: {
    ask: (ports) => setOwner(ports, bobs, alice),
    holds: () => updateGroup(chat.ports, { ...team, invite_only: true }, bob),
  },
  join_group: {
    ask: (ports) => joinGroup(ports, team, carol()),
    holds() {
      expect(isIn('carol')).toBe(true);
      expect(chat.state.invitations).toEqual({});
    },
  },
  leave_group: {
    ask: (ports) => leaveGroup(ports, team, alice),
    async holds() {
      expect(isIn('alice')).toBe(false);
      await updateGroup(chat.ports, { ...team, invite_only: true }, bob);
    },
  },
};

/** Every other command is asked for as in the docs, and answers as it did when it is asked for once more. */
const cast = { user1: 'alice', user2: 'bob', user3: 'carol', groupname1: 'team' };
const rest = asInTheDocs(Object.keys(particular), cast, callerAt('a1'));
const others = rest.map(([type, ask]): [string, Act] => {
  let replied: unknown;
  const holds = async () => {
    const reply = await ask(chat.ports);
    replied ??= reply;
    expect(reply).toEqual(replied);
  };
  return [type, { ask, holds }];
});
const acts: Record<string, Act> = { ...particular, ...Object.fromEntries(others) };

/** Ports over the same state, whose nth call gets no answer. */
function unanswered(nth: number, tookEffect: boolean) {
  let calls = 0;
  const gate: Gate = async (_, perform) => {
    const isIt = calls++ === nth;
    if (isIt && !tookEffect) throw new OutcomeUnknown('no answer');
    const result = perform();
    if (isIt) throw new OutcomeUnknown('no answer');
    return result;
  };
  const { secrets, policy } = chat.ports;
  return { ports: { ...memoryPorts(chat.state, chat.runtime, gate), secrets, policy }, calls: () => calls };
}

describe.each([
  ['took effect', true],
  ['did not', false],
])('whichever call gets no answer and %s', (_, tookEffect) => {
  test.each(Object.entries(acts))(
    'a repeated %s succeeds or says that it is done, and its effect holds',
    async (type, { ask, holds }) => {
      const command = commands.find((each) => each.type === type) as Command;
      const codes = new Set<string>();
      for (let nth = 0; ; nth++) {
        await begin();
        const { ports, calls } = unanswered(nth, tookEffect);
        const answered = await ask(ports).then(
          () => true,
          (error) => {
            expect(error).toBeInstanceOf(OutcomeUnknown);
            return false;
          },
        );
        if (!answered) await ask(chat.ports).catch(({ code }) => codes.add(code));
        await holds();
        if (calls() <= nth) break;
        expect(nth).toBeLessThan(60);
      }
      const refusal = command.repeated ? [command.repeated] : [];
      if (tookEffect) expect([...codes]).toEqual(refusal);
      else for (const code of codes) expect(refusal).toContain(code);
    },
  );
});
