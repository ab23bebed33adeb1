import { expect } from 'vitest';
import { INBOX_POINTERS } from '../../chat/model.ts';
import { invoker } from '../../clients/server/invoke.ts';
import { optionsOf } from '../../clients/server/local.ts';
import { commandRoutes } from '../../lib/functions.ts';
import type { FaultPlan } from '../../local/faults/plan.ts';
import { unusedOf } from '../../local/iam.ts';
import { commands, operatorCommands } from '../../protocol/index.ts';
import type { Client } from '../support/client.ts';
import { given, unique } from '../support/given.ts';
import { requestFor } from '../support/request-for.ts';
import { cloud } from './control.ts';

const DEAD_POSTS: FaultPlan = { seed: 1, posts: { error: 1 } };
const GONE_POSTS: FaultPlan = { seed: 1, posts: { gone: 1 } };
const UNTOLD_ENDS: FaultPlan = { seed: 1, disconnect: { missing: 1 } };
const THROTTLED_POSTS: FaultPlan = { seed: 1, posts: { throttled: 1 } };

/** A form in which a command reaches its own function, and one in which it reaches `$default`. */
const both = (request: { type: string; [field: string]: unknown }): object[] => [
  request,
  { ...request, type: ` ${request.type} ` },
];

/** The reply. It may never come: the function died, or its reply could not be posted. */
function ask(client: Client, request: object): Promise<unknown> {
  const reply = client.request(request).catch(() => {});
  return Promise.race([reply, client.closed, noMoreCan(client)]);
}

/**
 * Until no reply can come any more to what a client has sent. A pong follows all that was read and sent before its ping: with
 * the first, the request was read; what it runs ends; with the second, what that sent has come.
 */
async function noMoreCan(client: Client): Promise<void> {
  await pong(client);
  await cloud.answered();
  await pong(client);
}

async function pong({ socket, closed }: Client): Promise<void> {
  if (socket.readyState !== socket.OPEN) return;
  const came = new Promise((pong) => socket.once('pong', pong));
  socket.ping();
  await Promise.race([came, closed]);
  // Whoever waits for a frame that came with it is told first.
  await new Promise(setImmediate);
}

/** The rights, of those whose function, action and resource this fits, that nothing has used yet. */
async function unused(right: RegExp): Promise<string[]> {
  const { granted, used } = await cloud.grants();
  return unusedOf(granted, used)
    .map(({ function: who, action, resource }) => `${who} ${action} ${resource}`)
    .filter((line) => right.test(line));
}

const PATIENCE = { timeout: 60_000, interval: 100 };

/** Until all rights that this fits have been used. */
const allUsed = (right: RegExp): Promise<void> => expect.poll(() => unused(right), PATIENCE).toEqual([]);

/** Does what needs rights that only failures use. What comes of it is for other tests. */
export async function driveWhatOnlyFailuresUse(): Promise<void> {
  await failingPosts(DEAD_POSTS);
  await failingPosts(GONE_POSTS);
  await messagesToHalfMadeUsers();
  await namesOfNobody();
  await manyRequests();
  await largeGroup();
  await awayAtAChange();
  await textsOfEdits();
  await goneDevicesOfOnesOwn();
  await removedAndInvited();
  await deletedAccounts();
  await untoldEnds();
  await tooManyDevices();
  await groupsWithoutAnOwner();
  await fullInboxes();
  await backendCalls();
}

/** A backend of the service. A call whose function was killed has no reply. */
async function backend() {
  const { functionName, lambda } = optionsOf(await cloud.backend());
  const { invoke, close } = invoker(functionName, lambda);
  return { close, call: (whole: object) => invoke(JSON.stringify(whole)).catch(() => undefined) };
}

/** A backend does as a user all that it can, and as the operator all there is. Its rights are those of its two functions. */
async function backendCalls(): Promise<void> {
  const { call, close } = await backend();
  const [ann, ben] = await given.users(2);
  const group = await given.aGroup(ann, ben);
  const cast = { user1: ann.name, user2: ben.name, user3: ben.name, groupname1: group };
  for (const { type, notAsUser } of commands)
    if (notAsUser === undefined)
      await call({ as: ann.name, request: { ...requestFor(type, cast), everywhere: true } });
  const [username, club] = [unique('made'), unique('club')];
  const asked = new Set<string>();
  const operator = (type: string, fields: object) => {
    asked.add(type);
    return call({ request: { type, ...fields } });
  };
  await operator('create_user', { username });
  const session = await operator('create_session', { username });
  await operator('check_session', { session_token: session?.session_token });
  const chris = await given.device(username);
  await operator('reset_password', { username, password: 'new' });
  await chris.close();
  const dan = await given.aUser();
  await dan.request({ type: 'create_group', group_name: club });
  await dan.request({ type: 'invite', group_id: club, username });
  await operator('add_member', { group_id: club, username });
  const about = { group_id: club, username };
  await dan.request({ type: 'remove_member', ...about });
  await operator('add_member', about);
  await operator('set_owner', about);
  await dan.request({ type: 'SEND_MESSAGE', recipient: username, content: 'hi' });
  await call({ as: username, request: { type: 'SEND_MESSAGE', recipient: dan.name, content: 'hi' } });
  await cloud.fill('Overflow', [{ username, pointer: 'id #x 0000000000000001 id' }]);
  await cloud.fill('Invitations', [
    { username, group_id: 'x', inviter: 'x', at: 1, id: 'x', attemptId: 'x' },
  ]);
  await cloud.fill('Directory', [{ name: `#x removed ${username}`, group: 'x', removed: username }]);
  await operator('create_session', { username });
  await operator('export_user', { username });
  await operator('delete_user', { username });
  // The rest as in the docs.
  for (const { type } of operatorCommands) if (!asked.has(type)) await operator(type, requestFor(type, cast));
  for (const client of [ann, ben, dan]) await client.close();
  close();
}

/** A connection that no post reaches is closed, and taken out; for what need not arrive, only if it is gone. */
async function failingPosts(faults: FaultPlan): Promise<void> {
  const asked = (to: string, group: string, other: string) => [
    { type: 'SEND_MESSAGE', recipient: to, content: 'dead' },
    { type: 'SEND_GROUP_MESSAGE', group_id: group, content: 'dead' },
    { type: 'mark_read', chat: to },
    { type: 'typing', chat: to },
    { type: 'invite', group_id: other, username: to },
    { type: 'remove_member', group_id: group, username: to },
    { type: 'edit_message', chat: to, seq: 1, content: 'dead' },
    { type: 'delete_message', chat: to, seq: 1 },
  ];
  // Every other command that posts, as in the docs. Not these: a login is below, and what only one's own devices are told is
  // in `goneDevicesOfOnesOwn`.
  const apart = [
    'login',
    'logout',
    'change_password',
    'delete_account',
    'create_group',
    'join_group',
    'leave_group',
  ];
  const known = new Set([...apart, ...asked('', '', '').map(({ type }) => type)]);
  const others = commandRoutes
    .filter(({ route }) => route.grants.connections.includes('POST') && !known.has(route.command.type))
    .map(({ route }) => route.command.type);
  const scene = async (index: number, form: number) => {
    const [ann, ben] = await given.users(2);
    const group = await given.aGroup(ann, ben);
    const other = await given.aGroup(ann);
    await ann.request({ type: 'SEND_MESSAGE', recipient: ben.name, content: 'alive' });
    await ben.next({ type: 'RECEIVE_MESSAGE' });
    const cast = { user1: ann.name, user2: ben.name, user3: ben.name, groupname1: group };
    const requests = [...asked(ben.name, group, other), ...others.map((type) => requestFor(type, cast))];
    const request = requests[index] ?? { type: 'ping' };
    return { by: ann, request: both(request)[form] ?? {}, clients: [ann, ben] };
  };
  const loginScene = async (form: number) => {
    const [username, stranger] = [await given.someoneAway(), await given.aStranger()];
    return { by: stranger, request: both({ type: 'login', username })[form] ?? {}, clients: [stranger] };
  };
  const count = asked('', '', '').length + others.length;
  const all = Array.from({ length: count }, (_, index) => [scene(index, 0), scene(index, 1)]).flat();
  const disconnectScene = async () => {
    const stranger = await given.aStranger();
    return { by: stranger, request: { type: '$disconnect' }, clients: [stranger] };
  };
  const scenes = await Promise.all([...all, loginScene(0), loginScene(1), disconnectScene()]);
  await cloud.setFaults(faults);
  await Promise.all(scenes.map(({ by, request }) => ask(by, request)));
  await cloud.setFaults(null);
  // What comes late, on a busy machine, is for nobody.
  await Promise.all(scenes.flatMap(({ clients }) => clients.map((client) => client.close())));
}

/** Whose registration died after its first write has a name, and no inbox yet. */
async function messagesToHalfMadeUsers(): Promise<void> {
  const ann = await given.aUser();
  for (const form of [0, 1]) {
    const name = unique('half');
    await cloud.fill('Directory', [{ name, kind: 'user', created: 1, attemptId: name }]);
    await ask(ann, both({ type: 'SEND_MESSAGE', recipient: name, content: 'hello' })[form] ?? {});
  }
}

/** Who is in no such chat is told whether there is somebody of that name. */
async function namesOfNobody(): Promise<void> {
  const ann = await given.aUser();
  for (const type of ['mark_read', 'typing']) {
    for (const request of both({ type, chat: unique('nobody') })) await ask(ann, request);
  }
}

/** What is counted per user, or per address, is noted a batch at a time: none of these does anything else. */
async function manyRequests(): Promise<void> {
  const [ann, ben] = await given.users(2);
  await ann.request({ type: 'SEND_MESSAGE', recipient: ben.name, content: 'steady' });
  const nowhere = { group_id: unique('nowhere') };
  const requests = [
    { type: 'edit_message', chat: ben.name, seq: 9, content: 'nothing' },
    { type: 'delete_message', chat: ben.name, seq: 9 },
    { type: 'register', username: ben.name },
    { type: 'SEND_GROUP_MESSAGE', content: 'nothing', ...nowhere },
    { type: 'fetch_history', recipient: ben.name, limit: 1 },
    { type: 'sync', cursors: {} },
    { type: 'list_chats', limit: 1 },
    { type: 'mark_read', chat: ben.name, seq: 0 },
    { type: 'typing', chat: ben.name },
    { type: 'create_group', group_name: ben.name },
    { type: 'presence', usernames: [ben.name] },
  ];
  // Not those that end the session, need a password, or are delivered; theirs is counted elsewhere.
  const apart = ['login', 'logout', 'change_password', 'delete_account', 'SEND_MESSAGE'];
  const known = new Set([...apart, ...requests.map(({ type }) => type)]);
  const cast = { user1: ann.name, user2: ben.name, user3: ben.name, groupname1: unique('nowhere') };
  const others = commands.flatMap(({ type }) => (known.has(type) ? [] : [requestFor(type, cast)]));
  const endsNothing = { type: 'logout', session_token: 'nobody' };
  for (const request of [...requests, ...others, endsNothing]) {
    // The cheapest count for a half, and twenty are noted at a time.
    for (let count = 0; count < 41; count++) await ask(ann, request);
  }
  await ben.arrived();
}

/** `send` in the text grammar reaches large groups by the function that serves users. */
async function byHand(username: string, group: string): Promise<void> {
  const hand = await given.aStranger();
  await hand.say(`login ${username}`);
  await hand.say(`send ${group} large, by hand`);
  await hand.close();
}

/** A group of more than one invocation takes on (shared-cloud.ts), with one who is there among those of the last. */
async function largeGroup(): Promise<void> {
  const ann = await given.aUser();
  const others = await given.users(12);
  const group = await given.aGroup(ann, ...others);
  const last = others.toSorted((one, other) => (one.name < other.name ? -1 : 1)).at(-1) as Client;
  for (const other of others) if (other !== last) await other.request({ type: 'logout' });
  const writes = both({ type: 'SEND_GROUP_MESSAGE', group_id: group, content: 'large' });
  await ask(ann, writes[0] ?? {});
  await last.next({ type: 'RECEIVE_GROUP_MESSAGE' });
  // Dear enough to be charged by itself: three posts of four frames each, as every character is escaped.
  const devices = [await given.device(last.name), await given.device(last.name)];
  await ask(ann, { type: 'SEND_GROUP_MESSAGE', group_id: group, content: '\u0001'.repeat(16_384) });
  for (const device of [last, ...devices]) await device.next({ type: 'RECEIVE_GROUP_MESSAGE' });
  await allUsed(/^FanOut .*RateLimits/);
  for (const device of devices) await device.close();
  // Now messages are pending for them. Throttled, the last is looked up by name after some seconds.
  await cloud.setFaults(THROTTLED_POSTS);
  await ask(ann, writes[0] ?? {});
  await allUsed(/^FanOut dynamodb:BatchGetItem .*Members/);
  await cloud.setFaults(null);
  const changes = [
    ...both({ type: 'edit_message', chat: group, seq: 1, content: 'larger' }),
    ...both({ type: 'delete_message', chat: group, seq: 2 }).slice(0, 1),
  ];
  for (const request of [...writes.slice(1), ...changes]) await ask(ann, request);
  await byHand(ann.name, group);
  await cloud.setFaults(DEAD_POSTS);
  await ask(ann, writes[0] ?? {});
  // It takes the last one's connection out. The overflow is for `fullInboxes`.
  // GetItem of the history is for the release before (unused-grants.ts).
  await allUsed(/^FanOut (?!.*Overflow|.*:GetItem .*History)/);
  await cloud.setFaults(null);
  await Promise.all([ann, ...others].map((client) => client.close()));
}

/** Whoever hands an edit out looks for the text in its message. */
async function textsOfEdits(): Promise<void> {
  for (const form of [0, 1]) {
    const [ann, ben] = await given.users(2);
    const asked = (client: Client, request: { type: string; [field: string]: unknown }) =>
      ask(client, both(request)[form] ?? {});
    await ann.request({ type: 'SEND_MESSAGE', recipient: ben.name, content: 'steady' });
    await ben.arrived();
    await ben.request({ type: 'logout' });
    const edit = { type: 'edit_message', chat: ben.name, seq: 1, content: 'other' };
    for (let times = 0; times < 2; times++)
      await asked(ann, { ...edit, client_message_id: 'k', after_seq: 1 });
    await asked(ann, { type: 'sync', cursors: {} });
    await asked(ann, { type: 'fetch_history', recipient: ben.name, changes: true });
    await asked(ben, { type: 'login', username: ben.name });
  }
}

/** Who finds a member away notes it: here, who changes a message. */
async function awayAtAChange(): Promise<void> {
  for (const change of [{ type: 'edit_message', content: 'other' }, { type: 'delete_message' }]) {
    const [ann, ben] = await given.users(2);
    const group = await given.aGroup(ann, ben);
    await ask(ann, { type: 'SEND_GROUP_MESSAGE', group_id: group, content: 'steady' });
    await ben.arrived();
    await ben.request({ type: 'logout' });
    await ask(ann, { ...change, chat: group, seq: 1 });
  }
}

/** Their other device is told what a user does with groups; here it is gone. */
async function goneDevicesOfOnesOwn(): Promise<void> {
  const scene = async (index: number) => {
    const [ann, ben] = await given.users(2);
    const [bens, anns] = [await given.aGroup(ben), await given.aGroup(ann)];
    const phone = await given.device(ann.name);
    const requests = [
      { type: 'create_group', group_name: unique('group') },
      { type: 'join_group', group_id: bens },
      { type: 'leave_group', group_id: anns },
    ];
    return { ann, request: requests[index] ?? {}, clients: [ann, ben, phone] };
  };
  const right = /^(Create|Join|Leave)Group dynamodb:UpdateItem .*Inboxes/;
  for (let round = 0; round < 10 && (await unused(right)).length > 0; round++) {
    const scenes = await Promise.all([0, 1, 2].map(scene));
    await cloud.setFaults(GONE_POSTS);
    await Promise.all(scenes.map(({ ann, request }) => ask(ann, request)));
    await cloud.setFaults(null);
    await Promise.all(scenes.flatMap(({ clients }) => clients.map((client) => client.close())));
  }
}

/** Who deletes their account may have pointers in the overflow, invitations, and a group that passes on to a device that is gone. */
async function deletedAccounts(): Promise<void> {
  for (const form of [0, 1]) {
    const [ann, ben] = await given.users(2);
    await given.device(ann.name);
    await given.aGroup(ann, ben);
    await cloud.fill('Overflow', [{ username: ann.name, pointer: 'id #x 0000000000000001 id' }]);
    await cloud.fill('Invitations', [
      { username: ann.name, group_id: 'x', inviter: 'x', at: 1, id: 'x', attemptId: 'x' },
    ]);
    await ann.request({ type: 'SEND_MESSAGE', recipient: ben.name, content: 'soon gone' });
    await cloud.setFaults(GONE_POSTS);
    await ask(ann, both({ type: 'delete_account' })[form] ?? {});
    await cloud.setFaults(null);
    for (const client of [ann, ben]) await client.close();
  }
}

/** Who was removed is out until they are invited. */
async function removedAndInvited(): Promise<void> {
  for (const form of [0, 1]) {
    const [ann, ben] = await given.users(2);
    const group = await given.aGroup(ann, ben);
    const about = { group_id: group, username: ben.name };
    for (const type of ['remove_member', 'invite']) await ask(ann, both({ type, ...about })[form] ?? {});
    for (const client of [ann, ben]) await client.close();
  }
}

/** Whoever asks who is online finds a device that is gone, though nobody told its end, and takes it out. */
async function untoldEnds(): Promise<void> {
  for (const form of [0, 1]) {
    for (const command of ['presence', 'list_members']) {
      const [ann, ben] = await given.users(2);
      const group = await given.aGroup(ann, ben);
      const about = command === 'presence' ? { usernames: [ben.name] } : { group_id: group };
      const request = both({ type: command, ...about })[form] ?? {};
      await cloud.setFaults(UNTOLD_ENDS);
      ben.socket.terminate();
      const shown = async () => JSON.stringify(await ann.request(request));
      await expect.poll(shown, PATIENCE).toContain('"online":false');
      await cloud.setFaults(null);
      await ann.close();
    }
  }
}

/** Whoever logs in on one device more than there may be looks at the others. */
async function tooManyDevices(): Promise<void> {
  const ann = await given.aUser();
  const others = await Promise.all(Array.from({ length: 9 }, () => given.device(ann.name)));
  for (const request of both({ type: 'login', username: ann.name }))
    await ask(await given.aStranger(), request);
  for (const client of [ann, ...others]) await client.close();
}

/** A group whose owner on record is no member: a function died between the writes of a departure. It passes on. */
async function groupsWithoutAnOwner(): Promise<void> {
  const acts = [
    { type: 'update_group', invite_only: false },
    { type: 'invite', username: 'somebody' },
    { type: 'remove_member', username: 'somebody' },
    { type: 'set_owner', username: 'somebody' },
  ];
  for (const act of acts) {
    // Each time another one: whose connection is gone asks nothing more.
    const ben = await given.aUser();
    const group = unique('orphan');
    const membership = { role: 'member', since: 1, joined: 1, attemptId: 'm', loginVersion: 0 };
    await cloud.fill('Members', [{ chat_id: `#${group}`, username: ben.name, ...membership }]);
    await cloud.fill('Directory', [
      { name: group, kind: 'group', created: 1, attemptId: group, owner: 'gone', members: 1 },
    ]);
    // Ben is told that he owns it now, and his connection is gone.
    await cloud.setFaults(GONE_POSTS);
    await ask(ben, { ...act, group_id: group });
    await cloud.setFaults(null);
    await ben.close();
  }
}

/** Whoever has messages pending in more chats than an inbox has room for has the rest in the overflow, which their login and its pages acknowledge. */
async function fullInboxes(): Promise<void> {
  const all = (await given.users(INBOX_POINTERS + 1)).toSorted((one, other) =>
    one.name < other.name ? -1 : 1,
  );
  const [ann, bob] = [all[0] as Client, all.at(-1) as Client];
  const large = await given.aGroup(ann, ...all.slice(1, 7), bob);
  const { call, close } = await backend();
  for (const form of [0, 1]) {
    const asked = (client: Client, request: { type: string; [field: string]: unknown }) =>
      ask(client, both(request)[form] ?? {});
    const dan = await given.aUser();
    const group = await given.aGroup(ann, bob);
    await bob.request({ type: 'logout' });
    for (const sender of all.slice(0, -1))
      await sender.request({ type: 'SEND_MESSAGE', recipient: bob.name, content: 'hello' });
    // More than one page holds: pending from the first message on, and then from where the page ended.
    for (let count = 0; count < 3; count++)
      await asked(ann, { type: 'SEND_GROUP_MESSAGE', group_id: group, content: 'x'.repeat(16_000) });
    await asked(ann, { type: 'SEND_GROUP_MESSAGE', group_id: large, content: 'large' });
    await asked(dan, { type: 'SEND_MESSAGE', recipient: bob.name, content: 'hello' });
    await asked(dan, { type: 'edit_message', chat: bob.name, seq: 1, content: 'other' });
    await asked(dan, { type: 'delete_message', chat: bob.name, seq: 1 });
    for (const chat of [`#${large}`, bob.name])
      await call({ request: { type: 'send_system_message', chat, content: 'hello' } });
    if (form === 0) await allUsed(/^FanOut .*Overflow/);
    await asked(bob, { type: 'login', username: bob.name, cursors: {} });
    for (let page = await bob.next({ type: 'sync_response' }); page.next; )
      page = (await asked(bob, { type: 'sync', cursors: {}, ...(page.next as object) })) as typeof page;
    await dan.close();
  }
  close();
  await Promise.all(all.map((client) => client.close()));
}
