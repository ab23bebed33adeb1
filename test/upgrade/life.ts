import { type Client, connect } from '../support/client.ts';
import type { Frame } from '../support/frame.ts';

/** A question that a user asks, and what the release that wrote the data answered. */
interface Asked {
  as: string;
  request: { type: string };
  reply: Record<string, unknown>;
}

interface Pending {
  as: string;
  contents: Record<string, string[]>;
}

/** What people did with a release, and what they know of it. */
export interface Life {
  passwords: Record<string, string>;
  /** A session's token. */
  token: { as: string; token: string };
  asked: Asked[];
  /** What waits for users who were away: the contents of each chat, in order. */
  pending: Pending[];
  /** A send that may be repeated, and its reply. */
  repeated: Asked;
}

const passwords = { ann: 'correct horse battery', cleo: 'staple of a kind' };

async function say(client: Client, request: { type: string } & Record<string, unknown>): Promise<Frame> {
  const reply = await client.request(request);
  if (reply.code !== undefined || reply.status === undefined)
    throw new Error(`${JSON.stringify(request)}: ${JSON.stringify(reply)}`);
  return reply;
}

interface Entered extends Client {
  token: string;
}

async function enter(url: string, username: string): Promise<Entered> {
  const client = await connect(url);
  const password = (passwords as Record<string, string>)[username];
  const who = { username, ...(password && { password }) };
  await say(client, { type: 'register', ...who });
  const reply = (await say(client, { type: 'login', ...who })) as Frame & { session_token: string };
  return Object.assign(client, { name: username, token: reply.session_token });
}

/** A reply without what is of its moment: its id, and who is online. */
export const lasting = ({ request_id: _, ...reply }: Frame): Record<string, unknown> =>
  JSON.parse(JSON.stringify(reply, (key, value) => (key === 'online' ? undefined : value)));

// More than an inbox has room for.
const MANY = 55;

/** Leaves messages in so many chats for somebody who is away that some are in the overflow. */
async function overflow(url: string): Promise<Pending> {
  const gus = await enter(url, 'gus');
  const fay = await enter(url, 'fay');
  const groups = Array.from({ length: MANY }, (_, index) => `room-${index}`);
  for (const group of groups) {
    await say(gus, { type: 'create_group', group_name: group });
    await say(fay, { type: 'join_group', group_id: group });
  }
  await fay.close();
  for (const group of groups)
    await say(gus, { type: 'SEND_GROUP_MESSAGE', group_id: group, content: `in ${group}` });
  await gus.close();
  return { as: 'fay', contents: Object.fromEntries(groups.map((group) => [`#${group}`, [`in ${group}`]])) };
}

/** Uses all that a release has, and leaves messages for who is away. */
export async function live(url: string): Promise<Life> {
  // One after the other: each hashes a password.
  const ann = await enter(url, 'ann');
  const bob = await enter(url, 'bob');
  const cleo = await enter(url, 'cleo');
  const dora = await enter(url, 'dora');
  await say(ann, { type: 'set_profile', display_name: 'Ann Ångström', data: { team: 'red' } });
  await say(ann, { type: 'create_group', group_name: 'club', title: 'The club', topic: 'Talk' });
  for (const client of [bob, cleo]) await say(client, { type: 'join_group', group_id: 'club' });
  await say(bob, { type: 'create_group', group_name: 'cellar', invite_only: true });
  await say(bob, { type: 'invite', group_id: 'cellar', username: 'ann' });
  const toBob = { type: 'SEND_MESSAGE', recipient: 'bob' };
  const toClub = { type: 'SEND_GROUP_MESSAGE', group_id: 'club' };
  for (const content of ['one', 'two', 'three', '👋 four\nof several lines'])
    await say(ann, { ...toBob, content });
  await say(ann, { type: 'edit_message', chat: 'bob', seq: 2, content: 'TWO' });
  await say(ann, { type: 'delete_message', chat: 'bob', seq: 3 });
  await say(bob, { type: 'mark_read', chat: 'ann', seq: 2 });
  await say(dora, { type: 'SEND_MESSAGE', recipient: 'bob', content: 'of somebody who left' });
  await say(dora, { type: 'delete_account' });
  await say(cleo, { ...toClub, content: 'hello all' });
  await cleo.close();
  await say(ann, { type: 'SEND_MESSAGE', recipient: 'cleo', content: 'while you were away' });
  await say(ann, { ...toClub, content: 'all who are here' });
  await say(bob, { ...toClub, content: 'and all who are not' });
  const repeated = { ...toBob, content: 'once', client_message_id: 'a-key-of-ann' };
  const reply = lasting(await say(ann, repeated));
  const questions: [Client, { type: string } & Record<string, unknown>][] = [
    [ann, { type: 'fetch_history', recipient: 'bob' }],
    [bob, { type: 'fetch_history', recipient: 'ann', changes: true }],
    [ann, { type: 'fetch_history', group_id: 'club' }],
    [ann, { type: 'list_chats' }],
    [bob, { type: 'list_chats' }],
    [ann, { type: 'list_invitations' }],
    [bob, { type: 'list_members', group_id: 'club' }],
    [bob, { type: 'get_groups', group_ids: ['club', 'cellar'] }],
    [bob, { type: 'get_profiles', usernames: ['ann', 'bob'] }],
    [ann, { type: 'sync', cursors: { 'ann:bob': 2 } }],
  ];
  const asked: Asked[] = [];
  for (const [client, request] of questions)
    asked.push({ as: client.name, request, reply: lasting(await say(client, request)) });
  await Promise.all([ann.close(), bob.close(), dora.close()]);
  const toCleo = {
    'ann:cleo': ['while you were away'],
    '#club': ['all who are here', 'and all who are not'],
  };
  return {
    passwords,
    token: { as: 'bob', token: bob.token },
    asked,
    pending: [{ as: 'cleo', contents: toCleo }, await overflow(url)],
    repeated: { as: 'ann', request: repeated, reply },
  };
}
