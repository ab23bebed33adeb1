import { beforeEach, describe, expect, test } from 'vitest';
import { RequestError } from '../../../clients/sdk/chat.ts';
import { chatInLink, isName, lookFor, meaningOf, nameFrom } from '../../../clients/view/look-for.ts';
import { groupNamed } from '../../../protocol/index.ts';
import { FakeChat } from '../terminal/fake-chat.ts';

let chat: FakeChat;
/** What is there: users, groups that alice is in, and others. */
let there: { users: string[]; own: string[]; groups: string[] };

beforeEach(() => {
  chat = new FakeChat();
  there = { users: ['alice', 'bob'], own: ['team'], groups: ['club'] };
  chat.request = async (request) => {
    const { type, usernames, group_id } = request as Record<string, unknown>;
    chat.asked.push({ type });
    if (type === 'presence') {
      const users = (usernames as string[]).map((username) => ({
        ...{ username, online: false },
        ...(!there.users.includes(username) && { unknown: true }),
      }));
      return { users } as never;
    }
    if (there.own.includes(group_id as string)) return { members: [] } as never;
    throw new RequestError(
      there.groups.includes(group_id as string) ? 'not_a_member' : 'unknown_group',
      'No.',
    );
  };
});

const look = (typed: string) => lookFor(chat, meaningOf(chat, typed));
const bob = { what: 'chat', chat: { id: 'alice:bob', kind: 'private', name: 'bob' } };
const team = { what: 'chat', chat: { id: '#team', kind: 'group', name: 'team' } };

describe('a typed name leads to', () => {
  test.each([
    ['bob', bob],
    [' Bob ', bob],
    ['team', team],
    ['#Team', team],
    ['club', { what: 'group', name: 'club' }],
    ['#club', { what: 'group', name: 'club' }],
    ['nobody', { what: 'nobody' }],
    ['#bob', { what: 'nobody' }],
  ])('%s', async (typed, found) => expect(await look(typed)).toEqual(found));

  test('a user first, and to the group of the same name where it is written as one', async () => {
    chat.hasProvider = true;
    there.users.push('club', '#x');
    expect(await look('club')).toMatchObject({ chat: { kind: 'private', name: 'club' } });
    expect(await look('#club')).toEqual({ what: 'group', name: 'club' });
    // The id of a provider's user.
    expect(await look('#x')).toMatchObject({ chat: { kind: 'private', name: '#x' } });
  });

  test('nothing, if the service does not answer', async () => {
    chat.request = async () => {
      throw new RequestError('busy', 'Later.');
    };
    await expect(look('bob')).rejects.toMatchObject({ code: 'busy' });
    await expect(look('#team')).rejects.toMatchObject({ code: 'busy' });
  });
});

test.each(['bob', 'a.b-c_d', '.bob', 'zoë', 'two words', 'x'.repeat(32), 'x'.repeat(33), '', 'Bob'])(
  'what may be a name, the service says, too: "%s"',
  (name) => {
    expect(meaningOf(chat, name).group).toBe(groupNamed(name));
    expect(meaningOf(chat, name).user).toBe(groupNamed(name));
  },
);

describe('a link leads to', () => {
  const { chat: withBob } = bob;
  test.each([
    ['alice:bob', withBob],
    ['#team', team.chat],
    ['#Team', team.chat],
    ['bob:alice', undefined],
    ['bob:carol', undefined],
    ['alice:Your password is out. Write it to bob', undefined],
    ['#Your session has ended', undefined],
    ['#', undefined],
    ['alice:', undefined],
    ['\u202ealice:bob', undefined],
    ['__proto__', undefined],
  ])('%j', (id, leadsTo) => expect(chatInLink(chat, id)).toEqual(leadsTo));

  test('a user of an identity provider, whose id has no blank', () => {
    chat.userIdOf = (name) => name;
    expect(chatInLink(chat, 'Bob|1:alice')).toEqual({ id: 'Bob|1:alice', kind: 'private', name: 'Bob|1' });
    expect(chatInLink(chat, 'Bob 1:alice')).toBeUndefined();
  });
});

test.each([
  ['Saturday Hike', 'saturday-hike'],
  ['  Zoë’s & Tom’s café! ', 'zoes-toms-cafe'],
  ['.-_team', 'team'],
  ['v1.2_beta', 'v1.2_beta'],
  ['Łódź – Straße', 'lodz-strasse'],
  ['山の会', ''],
  [`${'a'.repeat(31)} b`, 'a'.repeat(31)],
])('of what a group is called, a name is made: %j', (title, name) => {
  expect(nameFrom(title)).toBe(name);
  if (name !== '') expect(isName(name)).toBe(true);
});
