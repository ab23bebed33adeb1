import { login } from '../../chat/accounts/login.ts';
import { isMemberOf } from '../../chat/groups/reserve-name.ts';
import { fetchHistory } from '../../chat/history/fetch-history.ts';
import type { LogEntry } from '../../chat/model.ts';
import { groupOf } from '../../protocol/index.ts';
import { callerAt } from '../support/chat.ts';
import { memoryPorts } from '../support/memory.ts';
import type { Execution } from './execution.ts';
import { byToken } from './words.ts';

/** What must hold at every moment. */
export function violationNow({ state, log }: Execution): string | undefined {
  for (const [chat, entries] of Object.entries(state.history)) {
    const wrong = logViolation(chat, entries);
    if (wrong) return wrong;
  }
  for (const { message_id, chat_id, seq } of log.sent) {
    const entry = state.history[chat_id]?.[seq - 1];
    if (entry?.id !== message_id)
      return `${chat_id} ${seq} was acknowledged as ${message_id}, and is ${entry?.id}`;
  }
  return (
    undeleted({ state, log }) ??
    untold(state) ??
    misdelivery(state.sockets, log.devices) ??
    toFormerMember(state.sockets, log.left) ??
    toWhomItIsHidden(state.sockets, log) ??
    toWhoWasLockedOut(state.sockets, log.ended)
  );
}

/** Lambda's filter lets a change of an inbox through to the function `events` if it says that something is pending. */
function untold({ inboxes }: Execution['state']): string | undefined {
  for (const [username, { pending, hasPending }] of Object.entries(inboxes)) {
    const [chat] = Object.keys(pending);
    if (chat !== undefined && !hasPending) return `${chat} waits for ${username}, and no backend is told`;
  }
  return undefined;
}

/** A deleted message has no text, and no request made after its deletion returns one. */
function undeleted({ state, log }: Pick<Execution, 'state' | 'log'>): string | undefined {
  for (const { chat, seq, later } of log.deleted) {
    const { content, changed } = state.history[chat]?.[seq - 1] ?? {};
    if (content !== '' || changed?.kind !== 'deleted') return `${chat} ${seq} was deleted, and is ${content}`;
    const reader = later.find((id) => state.sockets[id]?.frames.some((frame) => frame.includes('secret')));
    if (reader) return `${chat} ${seq} was deleted, and its text went to ${reader}`;
  }
  return undefined;
}

/** A connection or token from before all sessions were ended receives nothing that is sent afterwards. */
function toWhoWasLockedOut(
  sockets: Execution['state']['sockets'],
  ended: Execution['log']['ended'],
): string | undefined {
  const found = ended.find(({ connection, chat, after }) =>
    sockets[connection]?.frames.some((frame) =>
      messagesIn(frame).some(({ chat_id, seq }) => chat_id === chat && seq > after),
    ),
  );
  return found && `${found.chat} went to ${found.connection}, which had been locked out`;
}

/**
 * A user who has left a group receives nothing of it at a later login, and no message from after the departure. One that
 * was on its way before may still arrive.
 */
function toFormerMember(
  sockets: Execution['state']['sockets'],
  left: Execution['log']['left'],
): string | undefined {
  const found = left.find(({ connection, chat, after }) =>
    sockets[connection]?.frames.some((frame) =>
      messagesIn(frame).some(({ chat_id, seq }) => chat_id === chat && (seq > after || isLogin(frame))),
    ),
  );
  return found && `${found.chat} went to ${found.connection}, though its user had left`;
}

/** A group that took over a name shows nothing of the group that had it before. */
function toWhomItIsHidden(
  sockets: Execution['state']['sockets'],
  { hidden, devices }: Execution['log'],
): string | undefined {
  const found = hidden.find(({ username, content }) =>
    Object.entries(sockets).some(
      ([id, { frames }]) => devices[id] === username && frames.some((frame) => frame.includes(content)),
    ),
  );
  return found && `${found.content} of a ${found.chat} that is no more went to ${found.username}`;
}

const isLogin = (frame: string): boolean => frame.includes('pending_messages');

function logViolation(chat: string, entries: readonly LogEntry[]): string | undefined {
  const slots = new Map<string, number>();
  let before = 0;
  for (const [index, { seq, at, sender, key, id, editIds = [] }] of entries.entries()) {
    if (seq !== index + 1) return `${chat} has a hole at ${index + 1}`;
    if (new Set(editIds).size < editIds.length)
      return `${chat} ${seq} was edited twice by one edit: ${editIds}`;
    if (at < before) return `Time runs backwards in ${chat} at ${seq}`;
    before = at;
    for (const name of [`id ${id}`, ...(key ? [`${sender}'s ${key}`] : [])]) {
      if (slots.has(name)) return `${name} is in ${chat} twice: ${slots.get(name)} and ${seq}`;
      slots.set(name, seq);
    }
  }
  return wrongCounts(chat, entries);
}

/** The counts behind `unread`: each entry of a private chat counts those up to it. */
function wrongCounts(chat: string, entries: readonly LogEntry[]): string | undefined {
  if (chat.startsWith('#')) return undefined;
  const [first] = chat.split(':');
  for (const [index, { seq, counts }] of entries.entries()) {
    const there = entries.slice(0, index + 1);
    const messages = there.filter(({ edits, deletes }) => edits === undefined && deletes === undefined);
    const byFirst = messages.filter(({ sender }) => sender === first).length;
    const deletions = there.filter(({ deletes }) => deletes !== undefined).length;
    const right = [byFirst, messages.length - byFirst, deletions];
    if (`${counts}` !== `${right}`) return `${chat} ${seq} counts ${counts}, and there are ${right}`;
  }
  return undefined;
}

interface Seen {
  chat_id: string;
  seq: number;
  message_id: string;
  content: string;
  edits?: number;
  deletes?: number;
  deleted?: string;
}

interface Frame extends Partial<Seen> {
  pending_messages?: Seen[];
  messages?: Seen[];
}

const read = new Map<string, Seen[]>();

/** The messages that a frame carries. */
function messagesIn(frame: string): Seen[] {
  const known = read.get(frame);
  if (known) return known;
  const { pending_messages = [], messages = [], ...push } = JSON.parse(frame) as Frame;
  const found = [...pending_messages, ...messages, ...(push.message_id ? [push as Seen] : [])];
  read.set(frame, found);
  return found;
}

function misdelivery(
  sockets: Execution['state']['sockets'],
  devices: Readonly<Record<string, string>>,
): string | undefined {
  for (const [id, { frames }] of Object.entries(sockets)) {
    const user = devices[id];
    for (const { chat_id, seq } of frames.flatMap(messagesIn)) {
      const isParty = chat_id.startsWith('#') || chat_id.split(':').includes(user ?? '');
      if (!isParty) return `${chat_id} ${seq} went to ${user}, whose it is not`;
    }
  }
  return undefined;
}

/** What must hold when all actors have finished, before anybody logs in again. */
export function violationAt({ state, log, left, scenario }: Execution): string | undefined {
  for (const key of log.busy) {
    const stored = Object.values(state.history)
      .flat()
      .find((entry) => entry.key === key);
    if (stored) return `${key} was answered with busy, and is stored at ${stored.seq}`;
  }
  for (const { key, content } of log.denied) {
    const stored = Object.values(state.history)
      .flat()
      .find((entry) => entry.key === key && entry.content === content);
    if (stored) return `${content} was denied with ${key}, and is stored at ${stored.seq}`;
  }
  for (const { connection } of log.ended) {
    if (Object.values(state.inboxes).some(({ connections }) => connection in connections))
      return `${connection} was locked out, and is still listed`;
  }
  const deleted = log.gone.find((username) => !state.credentials[username]?.erased);
  if (deleted) return `${deleted} was deleted, and may log in`;
  const there = log.gone.find(
    (username) => Object.keys(state.inboxes[username]?.connections ?? {}).length > 0,
  );
  if (there) return `${there} was deleted, and is still there`;
  const out = log.inside.find(({ username, chat }) => !isMember(state, username, chat));
  if (out) return `${out.username} was told that they are in ${out.chat}, and is not`;
  const back = log.removed.find(({ username, chat }) => isMember(state, username, chat));
  if (back) return `${back.username} was removed from ${back.chat}, and is in it`;
  const lost = log.invited.find(
    ({ username, chat }) =>
      !isMember(state, username, chat) &&
      state.invitations[`${username} ${groupOf(chat)}`]?.attemptId !==
        state.names[groupOf(chat) ?? '']?.attemptId,
  );
  if (lost) return `${lost.username} was invited to ${lost.chat}, and is no more`;
  const faultless = Object.entries(scenario.budget).every(
    ([kind, most]) => left[kind as keyof typeof left] === most,
  );
  if (!faultless) return undefined;
  const loggedIn = Object.values(state.connections).find(({ username }) => log.gone.includes(username));
  if (loggedIn) return `${loggedIn.username} was deleted, and may still speak`;
  // A repeat doesn't look again at private chats that an earlier attempt has left.
  const early = log.early.find(({ chat_id, seq }) => state.history[chat_id]?.[seq - 1]?.content !== '');
  if (early && log.gone.includes(early.sender))
    return `${early.sender} was deleted, and ${early.chat_id} ${early.seq} still has its text`;
  const speaking = log.ended.find(({ connection }) => state.connections[connection]);
  if (speaking) return `${speaking.connection} was locked out, and may still speak`;
  for (const [username, { connections, pending, overflow }] of Object.entries(state.inboxes)) {
    const isThere = Object.keys(connections).some((id) => state.sockets[id]?.open);
    if (isThere && (Object.keys(pending).length > 0 || overflow !== undefined))
      return `${username} is there, and still owed ${JSON.stringify(pending)} and ${overflow}`;
  }
  return groupViolation(state) ?? unlisted(state);
}

/** The inbox lists every connection that is logged in and open; otherwise nothing would be posted to it. */
function unlisted({ connections, inboxes, sockets }: Execution['state']): string | undefined {
  const lost = Object.entries(connections).find(
    ([id, { username, login: by, until = Number.POSITIVE_INFINITY }]) =>
      by !== undefined &&
      until > LAST_CLOCK &&
      sockets[id]?.open &&
      inboxes[username]?.connections[id] === undefined,
  );
  return lost && `${lost[0]} is logged in, and gets nothing`;
}

// Later than the clock of every actor.
const LAST_CLOCK = 10_000;

function isMember({ members, names }: Execution['state'], username: string, chat: string): boolean {
  const [row, name] = [members[chat]?.[username], names[groupOf(chat) ?? '']];
  return !row?.removed && name?.kind === 'group' && isMemberOf(row, name);
}

/** A group's member count is right, and its owner is a member. */
function groupViolation(state: Execution['state']): string | undefined {
  for (const { kind, name, members = 0, owner } of Object.values(state.names)) {
    const chat = `#${name}`;
    const there = Object.keys(state.members[chat] ?? {}).filter((user) => isMember(state, user, chat));
    if (kind !== 'group') continue;
    if (there.length !== members) return `${members} are said to be in ${chat}, and ${there.length} are`;
    if (there.length > 0 && !there.includes(owner ?? '')) return `${owner} owns ${chat}, and is not in it`;
  }
  return undefined;
}

/** Every recipient logs in once more, without faults: then all acknowledged messages must have reached them. */
export async function finish({ state, log }: Execution): Promise<string | undefined> {
  const ports = memoryPorts(state, {
    now: () => 0,
    newId: () => 'last',
    backOff: async () => {},
    pause: async () => {},
    timeLeft: () => 1e6,
  });
  const sent = log.sent.map((each) => ({
    ...each,
    recipients: [...each.recipients, ...joinedBefore(log, each)],
  }));
  const users = [...new Set(sent.flatMap(({ recipients }) => recipients))];
  for (const username of users) {
    const connectionId = `last of ${username}`;
    state.sockets[connectionId] = { open: true, frames: [] };
    log.devices[connectionId] = username;
    await login(ports, { username }, callerAt(connectionId));
    const { pending = {}, overflow = '' } = state.inboxes[username] ?? {};
    const left = [...Object.keys(pending), overflow].join('');
    if (left !== '') return `After a login without a fault, ${username} is still owed ${left}`;
  }
  for (const { message_id, chat_id, seq, recipients } of sent) {
    const missing = recipients.find((username) => !reached(state.sockets, log.devices, username, message_id));
    if (missing) return `${chat_id} ${seq} was acknowledged, and ${missing} never got it`;
  }
  for (const { token } of log.ended) {
    const connectionId = `last with ${token}`;
    const caller = callerAt(connectionId);
    const refusal = await byToken(ports, token, caller).catch(({ code }) => code);
    if (refusal !== 'invalid_credentials' && refusal !== 'session_expired')
      return `${token} was locked out, and still logs in`;
  }
  for (const { username, chat, content } of log.hidden) {
    const connectionId = `last look of ${username}`;
    state.connections[connectionId] = { username, form: 'json' };
    const request = { recipient: groupOf(chat), changes: true };
    const caller = callerAt(connectionId);
    // A user who is not in the group is refused.
    const page = await fetchHistory(ports, request, caller).catch(({ code }) => code);
    if (JSON.stringify(page).includes(content))
      return `${username} sees ${content} of a ${chat} that is no more`;
  }
  return (
    misdelivery(state.sockets, log.devices) ?? disorder(state.sockets, log.devices) ?? otherView(state, log)
  );
}

/** A client that applies the whole log of a chat in order sees what the history shows. */
function otherView({ sockets, history }: Execution['state'], { gone }: Execution['log']): string | undefined {
  for (const [id, { frames }] of Object.entries(sockets)) {
    for (const [chat, log] of Object.entries(history)) {
      // Members don't see entries of another generation of the group.
      if (log.some(({ generation }) => generation !== log[0]?.generation)) continue;
      // No entry tells that the texts of a deleted account are gone.
      if (log.some(({ sender }) => gone.includes(sender))) continue;
      const came = frames.flatMap(messagesIn).filter(({ chat_id }) => chat_id === chat);
      // Each entry is applied once, in the form in which it came first.
      const entries = log.flatMap(({ seq }) => came.find((each) => each.seq === seq) ?? []);
      if (entries.length < log.length) continue;
      const wrong = viewOf(entries).find(({ seq, content }) => log[seq - 1]?.content !== content);
      if (wrong) return `${id} shows ${wrong.content} for ${chat} ${wrong.seq}, the history another text`;
    }
  }
  return undefined;
}

/** Messages as a client shows them. A deletion is final. */
function viewOf(entries: readonly Seen[]): Seen[] {
  const view = new Map<number, Seen>();
  for (const entry of entries) {
    const target = entry.edits ?? entry.deletes;
    const known = target === undefined ? undefined : view.get(target);
    if (target === undefined) view.set(entry.seq, entry);
    else if (entry.deletes !== undefined && known)
      view.set(target, { ...known, content: '', deleted: 'yes' });
    else if (known && known.deleted === undefined) view.set(target, { ...known, content: entry.content });
  }
  return [...view.values()];
}

/** The members who had joined the group before this message had its place. */
const joinedBefore = ({ joined }: Execution['log'], { chat_id, seq }: { chat_id: string; seq: number }) =>
  joined.filter(({ chat, after }) => chat === chat_id && seq > after).map(({ username }) => username);

const reached = (
  sockets: Execution['state']['sockets'],
  devices: Readonly<Record<string, string>>,
  username: string,
  messageId: string,
): boolean =>
  Object.entries(sockets).some(
    ([id, { frames }]) =>
      devices[id] === username &&
      frames.flatMap(messagesIn).some(({ message_id }) => message_id === messageId),
  );

/** The messages of one frame or one login are in order within each chat. */
function disorder(
  sockets: Execution['state']['sockets'],
  devices: Readonly<Record<string, string>>,
): string | undefined {
  for (const [id, { frames }] of Object.entries(sockets)) {
    for (const frame of frames) {
      const last = new Map<string, number>();
      for (const { chat_id, seq } of messagesIn(frame)) {
        if (seq <= (last.get(chat_id) ?? 0))
          return `${devices[id]} got ${chat_id} ${seq} after ${last.get(chat_id)}`;
        last.set(chat_id, seq);
      }
    }
  }
  return undefined;
}
