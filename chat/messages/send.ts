import {
  ChatError,
  groupChat,
  type sendGroupMessage as groupCommand,
  groupNamed,
  groupOf,
  peerOf,
  privateChat,
  type sendMessage as privateCommand,
  type ReplyOf,
  type RequestOf,
  usersOf,
} from '../../protocol/index.ts';
import { afterCommit } from '../after-commit.ts';
import { currentUser, isOperator } from '../current-user.ts';
import { deliver } from '../delivery/deliver.ts';
import { type FanOutPorts, fanOut } from '../delivery/fan-out.ts';
import { timestamp } from '../entries.ts';
import {
  append,
  type Draft,
  draftBy,
  readTail,
  refuseBeyondEnd,
  storedBefore,
  type Tail,
} from '../history/append.ts';
import { type Caller, type LogEntry, type Millis, type Name, SYSTEM } from '../model.ts';
import { notAMember } from '../not-a-member.ts';
import type { Directory, History, Runtime } from '../ports.ts';
import { type AskingPorts, passed } from './before-send.ts';

/** The ports to append an entry to a chat and deliver it. */
export interface SendPorts extends FanOutPorts {
  directory: Directory;
  history: History;
}

/** The ports of `sendMessage` and `sendGroupMessage`. */
type Ports = SendPorts & AskingPorts;

type Sent = ReplyOf<typeof privateCommand>;

/**
 * Sends a message to a user, or to a group if the caller may name either.
 * @throws ChatError `not_logged_in`, `rate_limited`, `unknown_recipient`, `rejected`, and what `append` throws; to a group
 *   what `sendGroupMessage` throws
 */
export async function sendMessage(
  ports: Ports,
  request: RequestOf<typeof privateCommand>,
  caller: Caller,
): Promise<Sent> {
  const sender = await currentUser(ports, caller);
  const { recipient } = request;
  const draft = draftOf(privateChat(sender, recipient), sender, request);
  const tail = await readTail(ports.history, draft);
  if (tail.last === undefined) {
    // The chat is empty: only then must the recipient's name be looked up.
    const name = await holderOf(ports.directory, recipient, caller);
    if (name?.kind === 'group' && caller.namesEither)
      return sendToGroup(ports, sender, name.name, request, caller);
    if (name?.kind !== 'user') throw unknownRecipient(recipient, name?.kind === 'group');
    refuseBeyondEnd(draft, tail);
    // Opening a chat costs its opener more, because it adds a chat for both users.
    await caller.admit?.(sender, OPENING);
    const asked = await askAbout(ports, draft, tail, caller);
    const open = async () => {
      await Promise.all([sender, recipient].map((username) => ports.members.addPeer(draft.chat, username)));
      return append(ports.history, ports.runtime, asked, tail);
    };
    const first = await afterCommit(`Created the chat ${draft.chat}, perhaps without a message`, open());
    return deliverSent(ports, first, request, caller);
  }
  return store(ports, draft, tail, request, caller);
}

/** The draft with the text to store. A message that is stored already is not asked about again. */
async function askAbout(ports: Ports, draft: Draft, tail: Tail, caller: Caller): Promise<Draft> {
  return tail.repeat ? draft : { ...draft, content: await passed(ports, draft, draft.content, caller) };
}

/** Appends a message to a chat that is there, and delivers it. */
async function store(
  ports: Ports,
  draft: Draft,
  tail: Tail,
  request: Message,
  caller: Caller,
): Promise<Sent> {
  if (!tail.repeat) refuseBeyondEnd(draft, tail);
  const asked = await askAbout(ports, draft, tail, caller);
  return deliverSent(ports, await append(ports.history, ports.runtime, asked, tail), request, caller);
}

/** Delivers a message. The reply has its text if that is not what was sent. */
async function deliverSent(
  ports: Ports,
  entry: LogEntry,
  { content }: Message,
  caller: Caller,
): Promise<Sent> {
  const sent = await deliverEntry(ports, entry, caller);
  // An edit or a deletion since then is another's matter: its entry in the log tells of it.
  return entry.changed ? sent : withStored(sent, ports, entry.content, content);
}

/** A receipt, with the text that is stored if the operator's function made it another than was sent. */
export const withStored = (sent: Sent, { beforeSend }: AskingPorts, stored: string, content: string): Sent =>
  beforeSend === undefined || stored === content ? sent : { ...sent, content: stored };

/** The user or group of a name. If it may be either, it is the user, if they don't share a namespace and there is one. */
async function holderOf(
  directory: Directory,
  name: string,
  { namesEither }: Caller,
): Promise<Name | undefined> {
  const found = await directory.get(name, 'user');
  const group = found === undefined && directory.areApart && namesEither ? groupNamed(name) : undefined;
  return group === undefined ? found : directory.get(group, 'group');
}

/**
 * Sends a message to a group that the caller is in.
 * @throws ChatError `not_logged_in`, `sender_mismatch`, `rate_limited`, `unknown_group`, `not_a_member`, `rejected`, and what
 *   `append` throws
 */
export async function sendGroupMessage(
  ports: Ports,
  request: RequestOf<typeof groupCommand>,
  caller: Caller,
): Promise<Sent> {
  const sender = await currentUser(ports, caller);
  if (request.sender !== undefined && request.sender !== sender) {
    throw new ChatError('sender_mismatch', `You are logged in as ${sender} and cannot send as another user.`);
  }
  return sendToGroup(ports, sender, request.group_id, request, caller);
}

async function sendToGroup(
  ports: Ports,
  sender: string,
  group: string,
  request: Message,
  caller: Caller,
): Promise<Sent> {
  const sending = draftOf(groupChat(group), sender, request);
  const membership = ports.members.get(sending.chat, sender);
  // With a key, the membership comes first: only members may cause a long read, and repeats depend on the generation.
  const [row, newest] =
    sending.key === undefined
      ? await Promise.all([membership, readTail(ports.history, sending)])
      : [await membership, undefined];
  if (row === undefined) {
    const stored = await storedBefore(ports.history, sending);
    if (stored === undefined) throw await notAMember(ports.directory, group);
    if (isLate(ports.runtime, stored)) return receiptOf(stored);
    return deliverSent(ports, stored, request, caller);
  }
  const draft = draftBy(row, sending);
  return store(ports, draft, newest ?? (await readTail(ports.history, draft)), request, caller);
}

type Message = Pick<RequestOf<typeof privateCommand>, 'content' | 'client_message_id' | 'after_seq'>;

const draftOf = (chat: string, sender: string, request: Message): Draft => ({
  chat,
  sender,
  content: request.content,
  key: request.client_message_id,
  after: request.after_seq,
});

/** Delivers a stored entry and returns the reply. */
export async function deliverEntry(ports: SendPorts, entry: LogEntry, caller: Caller): Promise<Sent> {
  const { chat } = entry;
  // Members are read after the append, so that everybody who joined before this seq gets the message.
  const delivery = async () => {
    const source = (await hasEchoes(ports, entry, caller)) ? caller.connectionId : undefined;
    if (groupOf(chat) === undefined) await deliver(ports, [entry], recipientsOf(entry), { source });
    else await fanOut(ports, entry, { source, isFree: caller.backend !== undefined });
  };
  await afterCommit(`Stored as ${chat} ${entry.seq}, but not delivered to everyone`, delivery());
  return receiptOf(entry);
}

/**
 * Whether the sender's devices get a copy: the system has none, and the operator may delete a message whose sender is not in
 * the group any more.
 */
async function hasEchoes({ members }: SendPorts, entry: LogEntry, caller: Caller): Promise<boolean> {
  const { chat, sender, generation } = entry;
  if (sender === SYSTEM) return false;
  if (!isOperator(caller) || groupOf(chat) === undefined) return true;
  const [row] = await members.getMany([{ chat, username: sender }]);
  return row !== undefined && row.generation === generation;
}

/** The reply to whoever has sent an entry. */
export const receiptOf = ({ id, chat, seq, at }: LogEntry): Sent => ({
  message_id: id,
  chat_id: chat,
  seq,
  timestamp: timestamp(at),
});

/** An attempt that died before it delivered is repeated within this time. */
const REPEATED_WITHIN: Millis = 15 * 60_000;

/**
 * Whether a repeat by somebody who is not in the group any more is answered without another delivery: whoever was removed
 * must not be able to show their old messages again.
 */
export const isLate = (runtime: Runtime, { at, expired }: LogEntry): boolean =>
  expired === true || at < runtime.now() - REPEATED_WITHIN;

/** Who gets a message of a private chat. */
const recipientsOf = ({ chat, sender }: LogEntry): { username: string }[] => {
  const names = sender === SYSTEM ? new Set(usersOf(chat)) : [peerOf(chat, sender)];
  return [...names].map((username) => ({ username }));
};

/** What opening a chat takes from the user's rate: with the defaults, a burst of 50 chats, then five a second. */
export const OPENING = 10;

const unknownRecipient = (name: string, isGroup: boolean) =>
  new ChatError(
    'unknown_recipient',
    isGroup ? `${name} is a group: use SEND_GROUP_MESSAGE.` : `There is no user ${name}.`,
  );
