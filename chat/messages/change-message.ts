import {
  ChatError,
  decodeId,
  type deleteMessage as deleteCommand,
  type editMessage as editCommand,
  groupChat,
  groupOf,
  limits,
  privateChat,
  type ReplyOf,
  type RequestOf,
  usersOf,
} from '../../protocol/index.ts';
import { afterCommit } from '../after-commit.ts';
import { currentUser, isOperator } from '../current-user.ts';
import { isChange, isDeleted } from '../entries.ts';
import { findChat, meantByChat } from '../find-chat.ts';
import {
  append,
  type Draft,
  draftBy,
  readTail,
  refuseBeyondEnd,
  repeatIn,
  storedBefore,
  type Tail,
} from '../history/append.ts';
import type { Caller, LogEntry } from '../model.ts';
import { noGroup } from '../not-a-member.ts';
import { type AskingPorts, passed } from './before-send.ts';
import { deliverEntry, isLate, receiptOf, type SendPorts, withStored } from './send.ts';

type EditRequest = RequestOf<typeof editCommand>;
type Request = RequestOf<typeof deleteCommand>;
type EditReply = ReplyOf<typeof editCommand>;
type Changed = ReplyOf<typeof deleteCommand>;

/**
 * Edits one of the caller's messages. A conditional write, which fails after a deletion or at the limit, first puts the
 * text into the message; then an entry in the log tells everybody. Only the message stores the text
 * (chat/history/edit-texts.ts), so a deletion has one place to clear.
 * @throws ChatError `not_logged_in`, `rate_limited`, `unknown_recipient`, `unknown_group`, `not_a_member`,
 *   `unknown_message`, `limit_reached`, `rejected`, and what `append` throws
 */
export async function editMessage(
  ports: SendPorts & AskingPorts,
  request: EditRequest,
  caller: Caller,
): Promise<EditReply> {
  const { history, runtime } = ports;
  const change = await prepareChange(ports, request, caller, { edits: request.seq });
  const { draft, target } = change;
  const id = runtime.newId();
  const editId = draft.key ?? id;
  // Keys are unique per sender only: ignore the keys in another user's message.
  const known = isOwn(target, draft) ? target : undefined;
  const tail = await withEarlierEdit(history, draft, change.tail, known);
  let edited: LogEntry | undefined;
  // Of an edit that was stored earlier, while it is the latest: that of a later one is not this one's.
  const isLatest = known?.editIds?.at(-1) === editId && known.changed?.kind !== 'deleted';
  let text = isLatest ? known.content : request.content;
  if (!tail.repeat) {
    const { editIds = [] } = requireOwn(known, draft, request.seq);
    refuseBeyondEnd(draft, tail);
    if (!editIds.includes(editId)) {
      if (editIds.length >= limits.changes) throw refusal(target, request.seq);
      const { last } = tail;
      text = await passed(ports, draft, request.content, caller);
      const now = runtime.now();
      edited = await history.edit(draft.chat, request.seq, text, editId, now, last?.seq ?? 0);
      if (!edited?.editIds?.includes(editId)) throw refusal(edited, request.seq);
    }
  }
  const rest = async () => {
    const entry = await append(
      history,
      runtime,
      draft,
      await withEarlierEdit(history, draft, tail, edited),
      id,
    );
    if (change.isOutside && isLate(runtime, entry)) return receiptOf(entry);
    return withStored(await deliverEntry(ports, entry, caller), ports, text, request.content);
  };
  return afterCommit(`Edited ${draft.chat} ${request.seq}, but delivered the edit to nobody`, rest());
}

/**
 * The tail, with the entry of an earlier attempt if the message already has the edit's key but `after_seq` is beyond
 * that entry: each edit of a message must have exactly one entry, whatever `after_seq` a repeat sends.
 */
async function withEarlierEdit(
  history: SendPorts['history'],
  draft: Draft,
  tail: Tail,
  message: LogEntry | undefined,
): Promise<Tail> {
  const end =
    draft.key === undefined ? undefined : message?.ends?.[message.editIds?.indexOf(draft.key) ?? -1];
  if (end === undefined || tail.repeat || (tail.first ?? 0) <= end + 1) return tail;
  // It is usually the next entry. If one query page doesn't reach it, the client's `after_seq` is trusted.
  const { entries } = await history.from(draft.chat, end + 1);
  return { ...tail, repeat: repeatIn(entries, draft) };
}

/**
 * Deletes one of the caller's messages, or for the operator anybody's, permanently. An entry in the log tells everybody; then the text is erased. If this
 * dies in between, a repeat erases it.
 * @throws ChatError `not_logged_in`, `rate_limited`, `unknown_recipient`, `unknown_group`, `not_a_member`,
 *   `unknown_message`, and what `append` throws
 */
export async function deleteMessage(ports: SendPorts, request: Request, caller: Caller): Promise<Changed> {
  const { history, runtime } = ports;
  const { draft, tail, target, isOutside } = isOperator(caller)
    ? await prepareDeletion(ports, request)
    : await prepareChange(ports, request, caller, { deletes: request.seq });
  // A repeat may find that its first attempt has already erased the message.
  if (!tail.repeat) requireOwn(target, draft, request.seq);
  const entry = await append(history, runtime, draft, tail);
  const { chat, seq, at } = entry;
  await afterCommit(`Stored as ${chat} ${seq}, but not deleted`, history.erase(chat, request.seq, at));
  return isOutside && isLate(runtime, entry) ? receiptOf(entry) : deliverEntry(ports, entry, caller);
}

/**
 * The same for the operator, who deletes in the name of the message's sender: so it is like any deletion to counts and to
 * clients.
 * @throws ChatError `unknown_group`, `unknown_message`
 */
async function prepareDeletion(
  { directory, history }: SendPorts,
  { chat: meant, seq, client_message_id: key, after_seq: after }: Request,
): Promise<Change> {
  const group = meant.includes(':') ? undefined : (groupOf(meant) ?? decodeId(meant));
  const found = group === undefined ? undefined : await directory.get(group, 'group');
  if (group !== undefined && found?.kind !== 'group') throw noGroup(group);
  const chat = group === undefined ? privateChat(...usersOf(meant)) : groupChat(group);
  const target = await history.get(chat, seq);
  const none = () =>
    new ChatError('unknown_message', `There is no message with seq ${seq} in ${chat}, or it is deleted.`);
  if (target === undefined) throw none();
  const draft = draftBy(found ?? {}, { chat, sender: target.sender, content: '', key, after, deletes: seq });
  const tail = await readTail(history, draft);
  if (!tail.repeat && !isThere(target, draft)) throw none();
  return { draft, tail, target };
}

/** What is known before a change. */
interface Change {
  draft: Draft;
  tail: Tail;
  target: LogEntry | undefined;
  /** The caller is not in the group any more. */
  isOutside?: true;
}

/** Reads the sender, the end of the log and the message to change; of whoever is not in the group any more, their repeat. */
async function prepareChange(
  ports: SendPorts,
  request: Request,
  caller: Caller,
  what: Pick<Draft, 'edits' | 'deletes'>,
): Promise<Change> {
  const sender = await currentUser(ports, caller);
  const { client_message_id: key, after_seq: after } = request;
  const meant = meantByChat(request.chat, sender);
  const row = await findChat(ports, sender, meant).catch(async (refused: unknown) => {
    const { group } = meant;
    const isOutside = refused instanceof ChatError && OUTSIDE.has(refused.code) && group !== undefined;
    const earlier = isOutside && { chat: groupChat(group), sender, content: '', key, after, ...what };
    const repeat = earlier ? await storedBefore(ports.history, earlier) : undefined;
    if (!earlier || !repeat) throw refused;
    return { draft: earlier, tail: { last: undefined, repeat }, target: undefined, isOutside: true } as const;
  });
  if (row === undefined) throw unknownMessage(request.seq);
  if ('draft' in row) return row;
  const { chat } = row;
  const draft = draftBy(row, { chat, sender, content: '', key, after, ...what });
  const [tail, target] = await Promise.all([
    readTail(ports.history, draft),
    ports.history.get(chat, request.seq),
  ]);
  return { draft, tail, target };
}

/** The refusals of a user who is not in the group that is meant. */
const OUTSIDE = new Set<string>(['not_a_member', 'unknown_group', 'unknown_recipient']);

const unknownMessage = (seq: number) =>
  new ChatError('unknown_message', `You have no message with seq ${seq} here, or it is deleted.`);

/** @throws ChatError `unknown_message` if there is no such message of the sender's */
function requireOwn(target: LogEntry | undefined, draft: Draft, seq: number): LogEntry {
  if (!isThere(target, draft)) throw unknownMessage(seq);
  return target;
}

/** Whether it is a message of the draft's sender that can be changed. */
const isThere = (target: LogEntry | undefined, draft: Draft): target is LogEntry =>
  isOwn(target, draft) && !target.expired && !isChange(target) && !isDeleted(target);

/** Whether the draft's sender wrote it, in the same generation of the group. */
const isOwn = (target: LogEntry | undefined, { sender, generation }: Draft): target is LogEntry =>
  target?.sender === sender && target.generation === generation;

/** Why an edit was refused. */
const refusal = (target: LogEntry | undefined, seq: number): ChatError =>
  target === undefined || isDeleted(target)
    ? unknownMessage(seq)
    : new ChatError('limit_reached', `A message can be changed ${limits.changes} times.`);
