import { describe, expect, test } from 'vitest';
import { plain } from '../support/frame.ts';
import { type Client, given } from '../support/given.ts';

const TOO_LARGE = 'x'.repeat(16 * 1024 + 1);
const failTypes: Record<string, [type: string, status: string]> = {
  register: ['registration_response', 'register_fail'],
  login: ['login_response', 'login_fail'],
  logout: ['logout_response', 'logout_fail'],
  SEND_MESSAGE: ['MESSAGE_FAILED', 'send_fail'],
  SEND_GROUP_MESSAGE: ['GROUP_MESSAGE_FAILED', 'send_fail'],
  fetch_history: ['history', 'history_fail'],
  create_group: ['create_group_response', 'create_group_fail'],
  join_group: ['join_group_response', 'join_group_fail'],
  leave_group: ['leave_group_response', 'leave_group_fail'],
};

/** Whom the requests below speak of. */
interface Cast {
  me: string;
  friend: string;
  mine: string;
  theirs: string;
}
type Case = [type: string, what: string, code: string, fields: (cast: Cast) => object];

async function expectFailure(who: Client, request: { type: string }, code: string): Promise<string> {
  const reply = await who.request(request);
  const [type, status] = failTypes[request.type] ?? [];
  expect(plain(reply)).toEqual({ type, status, code, reason: 'for people' });
  return reply.reason ?? '';
}

const anyone: Case[] = [
  ['register', 'a name that is none', 'invalid_name', () => ({ username: 'a b' })],
  ['register', "a user's name", 'name_taken', ({ friend }) => ({ username: friend })],
  [
    'register',
    "a user's name in upper case",
    'name_taken',
    ({ friend }) => ({ username: friend.toUpperCase() }),
  ],
  ['register', "a group's name", 'name_taken', ({ mine }) => ({ username: mine })],
  ['login', 'a name that is none', 'invalid_name', () => ({ username: '' })],
  ['login', 'nobody', 'invalid_credentials', () => ({ username: 'nobody-has-this-name' })],
  ['login', 'a group', 'invalid_credentials', ({ mine }) => ({ username: mine })],
];

const members: Case[] = [
  ['login', 'as somebody else', 'already_logged_in', ({ friend }) => ({ username: friend })],
  ['SEND_MESSAGE', 'to a name that is none', 'invalid_name', () => ({ recipient: '#x', content: 'x' })],
  ['SEND_MESSAGE', 'to nobody', 'unknown_recipient', () => ({ recipient: 'nobody-here', content: 'x' })],
  ['SEND_MESSAGE', 'to a group', 'unknown_recipient', ({ mine }) => ({ recipient: mine, content: 'x' })],
  [
    'SEND_MESSAGE',
    'too much',
    'content_too_large',
    ({ friend }) => ({ recipient: friend, content: TOO_LARGE }),
  ],
  ['SEND_GROUP_MESSAGE', 'to a name that is none', 'invalid_name', () => ({ groupname: '?', content: 'x' })],
  [
    'SEND_GROUP_MESSAGE',
    'to no group',
    'unknown_group',
    () => ({ groupname: 'no-group-here', content: 'x' }),
  ],
  ['SEND_GROUP_MESSAGE', 'to a user', 'unknown_group', ({ friend }) => ({ groupname: friend, content: 'x' })],
  [
    'SEND_GROUP_MESSAGE',
    'from outside',
    'not_a_member',
    ({ theirs }) => ({ groupname: theirs, content: 'x' }),
  ],
  [
    'SEND_GROUP_MESSAGE',
    'as somebody else',
    'sender_mismatch',
    ({ mine, friend }) => ({ groupname: mine, sender: friend, content: 'x' }),
  ],
  [
    'SEND_GROUP_MESSAGE',
    'too much',
    'content_too_large',
    ({ mine }) => ({ groupname: mine, content: TOO_LARGE }),
  ],
  ['fetch_history', 'of a name that is none', 'invalid_name', () => ({ recipient: 'é' })],
  ['fetch_history', 'of nobody', 'unknown_recipient', () => ({ recipient: 'nobody-here' })],
  ['fetch_history', 'of no group', 'unknown_group', () => ({ groupname: 'no-group-here' })],
  ['fetch_history', 'of a user as a group', 'unknown_group', ({ friend }) => ({ group_id: friend })],
  ['fetch_history', 'from outside', 'not_a_member', ({ theirs }) => ({ recipient: theirs })],
  ['fetch_history', 'from outside, as a group', 'not_a_member', ({ theirs }) => ({ groupname: theirs })],
  ['create_group', 'with a name that is none', 'invalid_name', () => ({ group_name: 'x'.repeat(33) })],
  ['create_group', "with a user's name", 'name_taken', ({ friend }) => ({ group_name: friend })],
  ['create_group', "with a group's name", 'name_taken', ({ theirs }) => ({ group_name: theirs })],
  ['create_group', "with one's own group's name", 'name_taken', ({ mine }) => ({ groupname: mine })],
  ['join_group', 'with a name that is none', 'invalid_name', () => ({ group_id: '.x' })],
  ['join_group', 'that is none', 'unknown_group', () => ({ group_id: 'no-group-here' })],
  ['join_group', 'that is a user', 'unknown_group', ({ friend }) => ({ group_id: friend })],
  ['leave_group', 'with a name that is none', 'invalid_name', () => ({ group_id: '' })],
  ['leave_group', 'that is none', 'unknown_group', () => ({ group_id: 'no-group-here' })],
  ['leave_group', 'from outside', 'not_a_member', ({ theirs }) => ({ group_id: theirs })],
];

const fields: [type: string, field: string, fields: (cast: Cast) => object][] = [
  ['register', 'username', () => ({})],
  ['register', 'username', () => ({ username: 7 })],
  ['login', 'username', () => ({ username: ['x'] })],
  ['login', 'username', () => ({ user: 'x' })],
  ['SEND_MESSAGE', 'recipient', () => ({ content: 'x' })],
  ['SEND_MESSAGE', 'recipient', () => ({ recipient: { name: 'x' }, content: 'x' })],
  ['SEND_MESSAGE', 'content', ({ friend }) => ({ recipient: friend })],
  ['SEND_MESSAGE', 'content', ({ friend }) => ({ recipient: friend, content: '' })],
  ['SEND_MESSAGE', 'content', ({ friend }) => ({ recipient: friend, content: 12 })],
  ['SEND_MESSAGE', 'content', ({ friend }) => ({ recipient: friend, content: 'a\ud800b' })],
  ['SEND_MESSAGE', 'client_message_id', (cast) => ({ ...hello(cast), client_message_id: '' })],
  ['SEND_MESSAGE', 'client_message_id', (cast) => ({ ...hello(cast), client_message_id: 'x'.repeat(65) })],
  ['SEND_MESSAGE', 'client_message_id', (cast) => ({ ...hello(cast), client_message_id: 1 })],
  ['SEND_MESSAGE', 'after_seq', (cast) => ({ ...hello(cast), after_seq: -1 })],
  ['SEND_MESSAGE', 'after_seq', (cast) => ({ ...hello(cast), after_seq: 1.5 })],
  ['SEND_MESSAGE', 'after_seq', (cast) => ({ ...hello(cast), after_seq: '1' })],
  ['SEND_MESSAGE', 'after_seq', (cast) => ({ ...hello(cast), after_seq: 5, client_message_id: 'beyond' })],
  ['SEND_GROUP_MESSAGE', 'group', () => ({ content: 'x' })],
  ['SEND_GROUP_MESSAGE', 'content', ({ mine }) => ({ groupname: mine, content: null })],
  ['SEND_GROUP_MESSAGE', 'sender', ({ mine }) => ({ groupname: mine, sender: 1, content: 'x' })],
  ['SEND_GROUP_MESSAGE', 'after_seq', ({ mine }) => ({ groupname: mine, content: 'x', after_seq: {} })],
  ['fetch_history', 'recipient', () => ({})],
  ['fetch_history', 'start_time', ({ friend }) => ({ recipient: friend, start_time: 'yesterday' })],
  ['fetch_history', 'start_time', ({ friend }) => ({ recipient: friend, start_time: 1724234461 })],
  ['fetch_history', 'end_time', ({ friend }) => ({ recipient: friend, end_time: '2024-13-01T00:00:00Z' })],
  ['fetch_history', 'after_seq', ({ friend }) => ({ recipient: friend, after_seq: -1 })],
  ['fetch_history', 'before_seq', ({ friend }) => ({ recipient: friend, before_seq: 0.5 })],
  ['fetch_history', 'limit', ({ friend }) => ({ recipient: friend, limit: 0 })],
  ['fetch_history', 'limit', ({ friend }) => ({ recipient: friend, limit: 201 })],
  ['fetch_history', 'limit', ({ friend }) => ({ recipient: friend, limit: '50' })],
  ['create_group', 'group', () => ({})],
  ['create_group', 'group', () => ({ group_name: true })],
  ['join_group', 'group_id', () => ({})],
  ['leave_group', 'group_id', () => ({ group_id: 3 })],
];

const hello = ({ friend }: Cast) => ({ recipient: friend, content: 'hello' });

async function stage(): Promise<{ user: Client; cast: Cast }> {
  const [user, friend] = await given.users(2);
  const [mine, theirs] = [await given.aGroup(user), await given.aGroup(friend)];
  return { user, cast: { me: user.name, friend: friend.name, mine, theirs } };
}

describe('every code that a command can fail with is returned', () => {
  test('before login', async () => {
    const { user, cast } = await stage();
    await user.request({ type: 'logout' });
    for (const [type, what, code, request] of anyone) {
      await expectFailure(user, { type, ...request(cast) }, code).catch(because(type, what));
    }
  });

  test('after login', async () => {
    const { user, cast } = await stage();
    for (const [type, what, code, request] of members) {
      await expectFailure(user, { type, ...request(cast) }, code).catch(because(type, what));
    }
    const { messages } = await user.request({ type: 'fetch_history', recipient: cast.mine });
    expect(messages).toEqual([]);
  });

  test('not_logged_in, for all that needs a user', async () => {
    const { user, cast } = await stage();
    await user.request({ type: 'logout' });
    const requests = [
      { type: 'logout' },
      { type: 'SEND_MESSAGE', ...hello(cast) },
      { type: 'SEND_GROUP_MESSAGE', groupname: cast.mine, content: 'x' },
      { type: 'fetch_history', recipient: cast.friend },
      { type: 'create_group', group_name: `${cast.mine}x` },
      { type: 'join_group', group_id: cast.theirs },
      { type: 'leave_group', group_id: cast.mine },
    ];
    for (const request of requests) await expectFailure(user, request, 'not_logged_in');
  });
});

test('missing and wrong fields get a fail reply that names the field', async () => {
  const { user, cast } = await stage();
  for (const [type, field, request] of fields) {
    const reason = await expectFailure(user, { type, ...request(cast) }, 'bad_request').catch(
      because(type, field),
    );
    expect(reason, `${type} ${JSON.stringify(request(cast))}`).toContain(field);
  }
});

test('a refused send stores nothing', async () => {
  const { user, cast } = await stage();
  for (const [type, , request] of fields) {
    if (type === 'SEND_MESSAGE') await user.request({ type, ...request(cast) });
  }
  const { messages } = await user.request({ type: 'fetch_history', recipient: cast.friend });
  expect(messages).toEqual([]);
});

/** Puts the row of the table before what went wrong. */
const because =
  (...row: string[]) =>
  (error: Error) => {
    error.message = `${row.join(' ')}: ${error.message}`;
    throw error;
  };
