import { deleteAccount } from '../../chat/accounts/delete-account.ts';
import { login, loginByToken } from '../../chat/accounts/login.ts';
import { logout } from '../../chat/accounts/logout.ts';
import { deliver } from '../../chat/delivery/deliver.ts';
import { toWire } from '../../chat/entries.ts';
import { createGroup, joinGroup, leaveGroup } from '../../chat/groups/groups.ts';
import { invite, removeMember } from '../../chat/groups/moderation.ts';
import { deleteMessage, editMessage } from '../../chat/messages/change-message.ts';
import { sendGroupMessage, sendMessage } from '../../chat/messages/send.ts';
import type { Caller, Counts, Inbox, LogEntry, Member } from '../../chat/model.ts';
import type { Verdict } from '../../chat/ports.ts';
import { sync } from '../../chat/sync/sync.ts';
import { type ChatError, writePush } from '../../protocol/index.ts';
import { callerAt as caller } from '../support/chat.ts';
import { type AllPorts, emptyState, type MemoryState } from '../support/memory.ts';
import type { Actor, Outcome, RunLog, Scenario } from './execution.ts';

/** A port with some methods replaced. Ports are proxies, which cannot be spread. */
export const over = <T extends object>(target: T, more: Partial<T>): T =>
  new Proxy(target, {
    get: (_, name) => (more as Record<PropertyKey, unknown>)[name] ?? Reflect.get(target, name),
  });

/** Users, with the connections of those who are online from the start: `{ bob: ['b1'] }`. */
export function stateWith(
  users: Record<string, string[]>,
  groups: Record<string, string[]> = {},
): MemoryState {
  const state = emptyState();
  for (const [username, connections] of Object.entries(users)) {
    state.names[username] = { name: username, kind: 'user', created: 0, attemptId: username };
    state.credentials[username] = { username, attemptId: username };
    state.inboxes[username] = { connections: {}, pending: {} };
    for (const id of connections) {
      state.sockets[id] = { open: true, frames: [] };
      state.connections[id] = { username, form: 'json' };
      state.inboxes[username].connections[id] = { form: 'json', since: 0, login: id };
    }
  }
  for (const [group, members] of Object.entries(groups)) {
    state.names[group] = {
      name: group,
      kind: 'group',
      created: 0,
      owner: members[0],
      members: members.length,
      attemptId: group,
    };
    const rows = members.map((username) => [
      username,
      { chat: `#${group}`, username, role: 'member', since: 1, attemptId: username },
    ]);
    state.members[`#${group}`] = Object.fromEntries(rows);
  }
  return state;
}

/** Bob is away, and has one message of Alice's, or of Carol's, pending. */
export function owedOne(connection: string, sender: 'alice' | 'carol' = 'alice'): MemoryState {
  const state = stateWith({ alice: [connection], bob: [], carol: [] });
  const chat = sender === 'alice' ? 'alice:bob' : 'bob:carol';
  state.members[chat] = {};
  const old = { chat, seq: 1, id: 'old', sender, content: 'old', at: 5_000, key: 'k0' };
  state.history[chat] = [{ ...old, counts: sender === 'alice' ? [1, 0, 0] : [0, 1, 0] }];
  state.inboxes.bob = { connections: {}, pending: { [chat]: 1 }, hasPending: true };
  return state;
}

/** Bob is away. He has two messages of Alice's pending, of which a page has room for one, and one of Carol's. */
export function owedPages(connection: string): MemoryState {
  const state = stateWith({ alice: [connection], bob: [], carol: [] });
  for (const [chat, sender, count] of [
    ['alice:bob', 'alice', 2],
    ['bob:carol', 'carol', 1],
  ] as const) {
    state.members[chat] = { bob: { chat, username: 'bob', role: 'peer', since: 1 } };
    state.history[chat] = Array.from({ length: count }, (_, index) => ({
      ...{ chat, seq: index + 1, id: `old ${sender} ${index + 1}`, sender, at: 5_000 },
      content: sender === 'alice' ? 'x'.repeat(16_000) : 'old',
      counts: (sender === 'alice' ? [index + 1, 0, 0] : [0, index + 1, 0]) as Counts,
    }));
  }
  state.inboxes.bob = { connections: {}, pending: { 'alice:bob': 1, 'bob:carol': 1 }, hasPending: true };
  return state;
}

/** Notes a recipient's pending messages as sent: they must arrive. */
export function noteOwed(log: RunLog, state: MemoryState, recipient: string): void {
  for (const { id, chat, seq, sender } of Object.values(state.history).flat())
    log.sent.push({ sender, recipients: [recipient], message_id: id, chat_id: chat, seq });
}

/** Bob is away, and has a message to his and Alice's group pending; his row may have an away note. */
export function owedInGroup(connection: string, away?: number): MemoryState {
  const state = stateWith({ alice: [connection], bob: [] }, { team: ['alice', 'bob'] });
  const chat = '#team';
  const old = (seq: number) => ({
    chat,
    seq,
    id: `old ${seq}`,
    sender: 'alice',
    content: `old ${seq}`,
    at: seq,
  });
  state.history[chat] = [old(1), old(2)].map((entry) => ({ ...entry, key: `k0 ${entry.seq}` }));
  state.inboxes.bob = { connections: {}, pending: { [chat]: 2 }, hasPending: true };
  const rows = state.members[chat] as Record<string, Member>;
  rows.bob = { chat, username: 'bob', role: 'member', since: 1, attemptId: 'first', away };
  return state;
}

/** A group in which a message waits in the queue, and the next ones will, as they follow closely. */
export function lively(users: Record<string, string[]>, members: string[]): MemoryState {
  const state = stateWith(users, { team: members });
  const old = (seq: number) => ({
    chat: '#team',
    seq,
    id: `old ${seq}`,
    sender: 'alice',
    content: 'old',
    at: 950,
  });
  state.history['#team'] = [old(1), old(2)];
  state.later = [{ chat: '#team', seqs: [2], window: 0, copy: 'the first' }];
  return state;
}

/** Notes the message that waits there: it must arrive. */
export const noteWaiting = (log: RunLog, recipient: string): void => {
  log.sent.push({ sender: 'alice', recipients: [recipient], message_id: 'old 2', chat_id: '#team', seq: 2 });
};

/** Bob's inbox has room for this many pointers; the others are in the overflow, which has begun. */
export function crowded(state: MemoryState, room = 0): MemoryState {
  const { connections = {}, pending = {} } = state.inboxes.bob ?? {};
  const all = Object.entries(pending);
  const behind = all.slice(0, all.length - room);
  state.room = room;
  state.inboxes.bob = {
    connections,
    pending: Object.fromEntries(all.slice(behind.length)),
    overflow: 'full',
    hasPending: true,
  };
  state.overflow.bob = behind.map(([chat, from]) => ({ overflow: 'full', chat, from, id: `old ${chat}` }));
  return state;
}

/** Bob is online, and has received what all or a part of his pointers in the overflow are for: Carol wrote, too. */
export function behindOverflow(alices: string, bobs: string, left: 'all' | 'a part'): MemoryState {
  const state = readOne([alices], bobs);
  const { connections = {} } = state.inboxes.bob ?? {};
  state.inboxes.bob = { connections, pending: { 'alice:bob': 1 }, hasPending: true };
  if (left === 'a part') {
    const chat = 'bob:carol';
    const old = { chat, seq: 1, id: 'of carol', sender: 'carol', content: 'old', at: 500 };
    state.members[chat] = { bob: { chat, username: 'bob', role: 'peer', since: 1 } };
    state.history[chat] = [{ ...old, counts: [0, 1, 0] }];
    state.inboxes.bob.pending[chat] = 1;
  }
  return crowded(state);
}

/**
 * Bob is online with a login that read his pointers: the overflow has one, for a message of Dave's. A message to a group
 * of his is in the log alone, because its sender read his inbox before that login and has not finished.
 */
export function behindGroup(alices: string, bobs: string): MemoryState {
  const state = stateWith({ alice: [alices], bob: [bobs] }, { team: ['alice', 'bob'] });
  const said: LogEntry = { chat: '#team', seq: 1, id: 'said', sender: 'alice', content: 'hi', at: 500 };
  state.history['#team'] = [said];
  state.sockets[bobs]?.frames.push(writePush(toWire(said, 'bob'), 'json'));
  const chat = 'bob:dave';
  state.members[chat] = { bob: { chat, username: 'bob', role: 'peer', since: 1 } };
  state.history[chat] = [
    { chat, seq: 1, id: 'of dave', sender: 'dave', content: 'old', at: 500, counts: [0, 1, 0] },
  ];
  const { connections = {} } = state.inboxes.bob ?? {};
  state.inboxes.bob = { connections, pending: { [chat]: 1 }, hasPending: true };
  return crowded(state);
}

/** Bob is online with a token that expires at 950, which has passed by Alice's clock. */
export function expiring(): MemoryState {
  const state = stateWith({ alice: ['a1'], bob: ['b1'] });
  state.connections.b1 = { username: 'bob', form: 'json', login: 'b1', until: 950 };
  Object.assign(state.inboxes.bob?.connections.b1 ?? {}, { until: 950 });
  return state;
}

/** A session of a user, known by its token, that exists from the start. */
export function withSession(state: MemoryState, username: string, token: string): MemoryState {
  const digest = `digest of ${token}`;
  state.sessions[digest] = { digest, username, epoch: 0, expires: 1e12 };
  return state;
}

/** Alice wrote to Bob, who is online and has received it. */
export function readOne(alices: string[], bobs: string): MemoryState {
  const state = stateWith({ alice: alices, bob: [bobs] });
  const chat = 'alice:bob';
  const message: LogEntry = { chat, seq: 1, id: 'old', sender: 'alice', content: 'a secret', at: 500 };
  state.history[chat] = [{ ...message, counts: [1, 0, 0] }];
  const row = (username: string): Member => ({ chat, username, role: 'peer', since: 1 });
  state.members[chat] = { alice: row('alice'), bob: row('bob') };
  state.sockets[bobs]?.frames.push(writePush(toWire(message, 'bob'), 'json'));
  return state;
}

interface Send {
  from: string;
  to: string;
  connection: string;
  key?: string;
  /** How often to send again without an answer. */
  repeats?: number;
}

/** Sends to a user, and again with the same key while there is no answer. */
export async function send(
  actor: Actor,
  log: RunLog,
  { from, to, connection, key, repeats = 1 }: Send,
): Promise<void> {
  const request = {
    recipient: to,
    content: key ?? 'hi',
    client_message_id: key,
    after_seq: key ? 0 : undefined,
  };
  const attempt = () => actor.invoke((ports) => sendMessage(ports, request, caller(connection)));
  await untilAnswered(attempt, log, { from, recipients: [to], key, repeats });
}

/** Sends to a group in the same way. @param recipients the users who must receive it */
export async function say(
  actor: Actor,
  log: RunLog,
  { from, to, connection, key, repeats = 1, recipients }: Send & { recipients: string[] },
): Promise<void> {
  const request = {
    group_id: to,
    content: key ?? 'hi',
    client_message_id: key,
    after_seq: key ? 0 : undefined,
  };
  const attempt = () => actor.invoke((ports) => sendGroupMessage(ports, request, caller(connection)));
  await untilAnswered(attempt, log, { from, recipients, key, repeats });
}

/** Delivers a group's log to one member, starting after their inbox was read, when nobody was connected. */
export async function bring(actor: Actor, log: RunLog, chat: string, username: string): Promise<void> {
  const entry = actor.entryOf(chat, 1);
  const read: Inbox = { connections: new Map(), pending: new Map(), full: true, overflow: 'full', epoch: 0 };
  const outcome = await actor.invoke((ports) => {
    let times = 0;
    const getMany = (names: readonly string[]) =>
      times++ > 0 ? ports.inboxes.getMany(names) : Promise.resolve(new Map([[username, read]]));
    const inboxes = over(ports.inboxes, { getMany });
    return deliver({ ...ports, inboxes }, [entry], [{ username, attemptId: username }], {});
  });
  const { sender, id, seq } = entry;
  if ('reply' in outcome)
    log.sent.push({ sender, recipients: [username], message_id: id, chat_id: chat, seq });
}

type Sent = Awaited<ReturnType<typeof sendMessage>>;

/** Alice sends Bob a text that the operator's function is asked about, and repeats it after silence. */
export async function sendAsked(
  actor: Actor,
  log: RunLog,
  {
    connection,
    key,
    content,
    verdict,
  }: { connection: string; key: string; content: string; verdict: Verdict },
): Promise<void> {
  const request = { recipient: 'bob', content, client_message_id: key, after_seq: 0 };
  const attempt = async () => {
    const outcome = await actor.invoke((ports) =>
      sendMessage({ ...ports, beforeSend: async () => verdict }, request, caller(connection)),
    );
    const refused = 'refused' in outcome ? (outcome.refused as ChatError) : undefined;
    if (refused?.code === 'rejected') log.denied.push({ key, content });
    return outcome;
  };
  await untilAnswered(attempt, log, { from: 'alice', recipients: ['bob'], key, repeats: 1 });
}

async function untilAnswered(
  attempt: () => Promise<Outcome<Sent>>,
  log: RunLog,
  { from, recipients, key, repeats }: { from: string; recipients: string[]; key?: string; repeats: number },
): Promise<void> {
  let doubt = false;
  for (let left = key ? repeats : 0; left >= 0; left--) {
    const outcome = await attempt();
    if ('reply' in outcome) {
      const { message_id, chat_id, seq } = outcome.reply;
      log.sent.push({ sender: from, recipients, message_id, chat_id, seq });
      return;
    }
    // Busy says that this attempt stored nothing. An earlier one without an answer may have stored something.
    if ('busy' in outcome && key && !doubt) log.busy.push(key);
    if ('busy' in outcome || 'refused' in outcome) return;
    doubt = true;
  }
}

/**
 * Opens a connection and logs in on it. Without an answer, the client closes it.
 * @param token of a session or of the identity provider, instead of the name alone
 */
export async function logIn(
  actor: Actor,
  log: RunLog,
  username: string,
  connection: string,
  token?: string,
): Promise<void> {
  actor.open(connection);
  log.devices[connection] ??= username;
  const outcome = await actor.invoke((ports) =>
    token === undefined
      ? login(ports, { username }, caller(connection))
      : byToken(ports, token, caller(connection)),
  );
  if ('reply' in outcome) log.devices[connection] = username;
  else if (!('refused' in outcome)) actor.close(connection);
}

/**
 * Alice writes to Carol, who logs in. Her client keeps its connection, whatever the answer, and then Bob tries to log in
 * on the same one.
 */
export const aliceToCarolThenBob = (): Scenario['actors'] => ({
  alice: {
    now: 1_000,
    script: (actor, log) => {
      log.devices.a1 = 'alice';
      return send(actor, log, { from: 'alice', to: 'carol', connection: 'a1', key: 'k1' });
    },
  },
  carol: {
    now: 950,
    script: async (actor, log) => {
      log.devices.x1 = 'carol';
      actor.open('x1');
      for (const username of ['carol', 'bob']) {
        await actor.invoke((ports) => login(ports, { username }, caller('x1')));
        const isTold = (frame: string) => frame.includes(`"login_success","username":"${username}"`);
        if (actor.framesOf('x1').some(isTold)) log.devices.x1 = username;
      }
    },
  },
});

/** Logs in by a token of a session, or of the identity provider (`tokenOf`). */
export const byToken = (ports: AllPorts, token: string, by: Caller): Promise<void> =>
  token.startsWith('{') ? loginByToken(ports, { token }, by) : login(ports, { session_token: token }, by);

// Later than all clocks.
const LONG_AFTER = 1e12;

/** A token of the identity provider, issued before the start. */
export const tokenOf = (username: string): string =>
  JSON.stringify({ username, issued: 0, until: LONG_AFTER });

/** Logs in with a fresh token on a connection that is logged in. Without an answer, the client closes it. */
export async function renew(actor: Actor, log: RunLog, username: string, connection: string): Promise<void> {
  log.devices[connection] = username;
  const token = tokenOf(username);
  const outcome = await actor.invoke((ports) => loginByToken(ports, { token }, caller(connection)));
  if ('silence' in outcome || 'busy' in outcome) actor.close(connection);
}

/**
 * Requests what is behind a chat, as a client that has everything before it, and continues while there is more.
 * @param pages the number of pages after which it stops
 */
export async function goOnBehind(
  actor: Actor,
  connection: string,
  chat: string,
  pages?: number,
): Promise<void> {
  await goOn(actor, connection, { from_chat: chat }, pages);
}

/** @returns whether it reached the end, or this number of pages */
async function goOn(
  actor: Actor,
  connection: string,
  from: object | undefined,
  pages = Number.POSITIVE_INFINITY,
): Promise<boolean> {
  for (let next = from, left = pages; next && left > 0; left--) {
    const request = { cursors: {}, ...next };
    const page = await actor.invoke((ports) => sync(ports, request, caller(connection)));
    if (!('reply' in page && actor.deliver(connection, page.reply))) return false;
    next = page.reply.next;
  }
  return true;
}

interface Page {
  type?: string;
  next?: object;
}

/**
 * Logs in with cursors, and continues after the page while there is more. The cursors stay the same: only `next` moves
 * on.
 * @param regardless whether it continues behind all chats, as if it had them, if the login ended without a page
 */
export async function catchUp(
  actor: Actor,
  log: RunLog,
  username: string,
  connection: string,
  regardless = false,
): Promise<void> {
  actor.open(connection);
  log.devices[connection] ??= username;
  const cursors = {};
  const outcome = await actor.invoke((ports) => login(ports, { username, cursors }, caller(connection)));
  // Posted by this login before it ended.
  const frames = actor.framesOf(connection).map((frame) => JSON.parse(frame) as Page);
  const page = 'reply' in outcome ? frames.find(({ type }) => type === 'sync_response') : undefined;
  const goesOn = page !== undefined || regardless;
  const isThrough = goesOn && (await goOn(actor, connection, page ? page.next : { from_chat: 'z' }));
  // Without an answer, the client closes it.
  if (!isThrough) actor.close(connection);
}

export const logOut = (actor: Actor, connection: string) =>
  actor.invoke((ports) => logout(ports, {}, caller(connection)));

/**
 * Logs out everywhere, and again while there is no answer.
 * @param ended a connection and a token that must be worthless afterwards, and the chat that they must not see
 */
export async function logOutEverywhere(
  actor: Actor,
  log: RunLog,
  connection: string,
  ended: { connection: string; token: string; chat: string },
): Promise<void> {
  for (;;) {
    const outcome = await actor.invoke((ports) => logout(ports, { everywhere: true }, caller(connection)));
    if ('silence' in outcome || 'busy' in outcome) continue;
    // Refused: an attempt without an answer had succeeded.
    log.ended.push({ ...ended, after: actor.lengthOf(ended.chat) });
    return;
  }
}

/** Deletes a user's account, and again while there is no answer. */
export async function deleteOwn(
  actor: Actor,
  log: RunLog,
  username: string,
  connection: string,
): Promise<void> {
  for (;;) {
    const outcome = await actor.invoke((ports) => deleteAccount(ports, {}, caller(connection)));
    if ('silence' in outcome || 'busy' in outcome) continue;
    // Refused: an attempt without an answer had succeeded.
    log.gone.push(username);
    return;
  }
}

/** Notes which messages were answered while their sender's account was there yet. */
export async function noteEarly(actor: Actor, log: RunLog, sender: string): Promise<void> {
  const sent = log.sent.filter((each) => each.sender === sender);
  const found = await actor.invoke(({ credentials }) => credentials.get(sender));
  if ('reply' in found && !found.reply?.erased) log.early.push(...sent);
}

/** Joins; entries that are stored later are for this user. */
export async function join(actor: Actor, log: RunLog, username: string, group: string, connection: string) {
  const outcome = await actor.invoke((ports) => joinGroup(ports, { group_id: group }, caller(connection)));
  const chat = `#${group}`;
  if (!('reply' in outcome)) return;
  log.joined.push({ username, chat, after: actor.lengthOf(chat) });
  if (!log.unsure.includes(username)) log.inside.push({ username, chat });
}

/** Takes over a name for a group; its earlier messages must then not be visible. */
export async function create(
  actor: Actor,
  log: RunLog,
  {
    username,
    group,
    connection,
    hidden = [],
  }: {
    username: string;
    group: string;
    connection: string;
    hidden?: string[];
  },
): Promise<boolean> {
  const request = { group_name: group };
  const outcome = await actor.invoke((ports) => createGroup(ports, request, caller(connection)));
  if (!('reply' in outcome)) return false;
  const chat = `#${group}`;
  log.inside.push({ username, chat });
  log.hidden.push(...hidden.map((content) => ({ username, chat, content })));
  return true;
}

/** Leaves; the named connections must then not see the group. @returns whether there was an answer */
export async function leave(
  actor: Actor,
  log: RunLog,
  group: string,
  connection: string,
  later: string[],
): Promise<boolean> {
  // From the request on, nothing is promised any more.
  log.joined = [];
  log.inside = log.inside.filter(({ username }) => username !== log.devices[connection]);
  const outcome = await actor.invoke((ports) => leaveGroup(ports, { group_id: group }, caller(connection)));
  if (!('reply' in outcome)) return false;
  const chat = `#${group}`;
  const after = actor.lengthOf(chat);
  log.left.push(...later.map((id) => ({ connection: id, chat, after })));
  return true;
}

/** Removes a user from a group; the named connections, which are theirs, must then not see it. */
export async function remove(
  actor: Actor,
  log: RunLog,
  {
    group,
    username,
    connection,
    later,
  }: { group: string; username: string; connection: string; later: string[] },
) {
  const request = { group_id: group, username };
  log.unsure.push(username);
  log.inside = log.inside.filter((each) => each.username !== username);
  const outcome = await actor.invoke((ports) => removeMember(ports, request, caller(connection)));
  if (!('reply' in outcome)) return;
  const chat = `#${group}`;
  log.removed.push({ username, chat });
  const after = actor.lengthOf(chat);
  log.left.push(...later.map((id) => ({ connection: id, chat, after })));
}

/** Withdraws an invitation to an invite-only group, until there is an answer: who is in stays, the others can't join. */
export async function withdraw(
  actor: Actor,
  log: RunLog,
  { group, username, connection }: { group: string; username: string; connection: string },
): Promise<void> {
  const request = { group_id: group, username, only: 'invited' } as const;
  for (;;) {
    const outcome = await actor.invoke((ports) => removeMember(ports, request, caller(connection)));
    if ('reply' in outcome) log.removed.push({ username, chat: `#${group}` });
    if ('reply' in outcome || 'refused' in outcome) return;
  }
}

/** Invites a user to a group of the caller's; then they may join. */
export async function invited(
  actor: Actor,
  log: RunLog,
  { group, username, connection }: { group: string; username: string; connection: string },
): Promise<void> {
  const chat = `#${group}`;
  log.removed = log.removed.filter((each) => each.username !== username);
  const request = { group_id: group, username };
  const outcome = await actor.invoke((ports) => invite(ports, request, caller(connection)));
  if ('reply' in outcome) log.invited.push({ username, chat });
}

const theFirst = (key: string, chat = 'bob') => ({ chat, seq: 1, client_message_id: key, after_seq: 1 });

/** Alice edits the first message of a chat, and again while there is no answer. */
export async function edit(actor: Actor, connection: string, content: string, chat?: string): Promise<void> {
  const request = { ...theFirst(content, chat), content };
  for (let answered = false; !answered; ) {
    const outcome = await actor.invoke((ports) => editMessage(ports, request, caller(connection)));
    answered = 'reply' in outcome || 'refused' in outcome;
  }
}

/** Alice deletes the first message in the same way. @param later connections that are opened after that */
export async function unsay(actor: Actor, log: RunLog, connection: string, later: string[]): Promise<void> {
  for (let answered = false; !answered; ) {
    const outcome = await actor.invoke((ports) => deleteMessage(ports, theFirst('gone'), caller(connection)));
    answered = 'reply' in outcome;
  }
  log.deleted.push({ chat: 'alice:bob', seq: 1, later });
}
