import {
  ChatError,
  type deleteMessage as deleteCommand,
  type editMessage as editCommand,
  limits,
  type ReplyOf,
  type RequestOf,
} from '../../protocol/index.ts';
import { afterCommit } from '../after-commit.ts';
import { currentUser } from '../current-user.ts';
import { isChange, isDeleted } from '../entries.ts';
import { findChat } from '../find-chat.ts';
import {
  append,
  type Draft,
  draftBy,
  readTail,
  refuseBeyondEnd,
  repeatIn,
  type Tail,
} from '../history/append.ts';
import type { Caller, LogEntry } from '../model.ts';
import { delivered, type SendPorts } from './send.ts';

type EditRequest = RequestOf<typeof editCommand>;
type Request = RequestOf<typeof deleteCommand>;
type Changed = ReplyOf<typeof editCommand>;

/**
 * Gives a message of the caller's another text. The message gets it first, by one conditional write that a deletion
 * and the limit stand against; then an entry of the log, like any message's, tells everybody. The text is in the
 * message alone (chat/history/edit-texts.ts), so a deletion has one place to clear.
 * @throws ChatError `not_logged_in`, `rate_limited`, `unknown_recipient`, `unknown_group`, `not_a_member`,
 *   `unknown_message`, `limit_reached`, and what `append` throws
 */
export async function editMessage(ports: SendPorts, request: EditRequest, caller: Caller): Promise<Changed> {
  const { history, world } = ports;
  const begun = await begin(ports, request, caller, { edits: request.seq });
  const { draft, target } = begun;
  const id = world.newId();
  const mark = draft.key ?? id;
  // Others choose their keys by themselves: theirs is no mark of this sender's.
  const known = isOf(target, draft) ? target : undefined;
  const tail = await lookBehind(history, draft, begun.tail, known);
  let shown: LogEntry | undefined;
  if (!tail.repeat) {
    const { marks = [] } = refuseUnless(known, draft, request.seq);
    refuseBeyondEnd(draft, tail);
    if (!marks.includes(mark)) {
      if (marks.length >= limits.changes) throw refusal(target, request.seq);
      const { last } = tail;
      const now = world.now();
      shown = await history.edit(draft.chat, request.seq, request.content, mark, now, last?.seq ?? 0);
      if (!shown?.marks?.includes(mark)) throw refusal(shown, request.seq);
    }
  }
  const rest = async () => {
    const entry = await append(history, world, draft, await lookBehind(history, draft, tail, shown), id);
    return delivered(ports, entry, caller);
  };
  return afterCommit(`Changed ${draft.chat} ${request.seq}, but nobody was told`, rest());
}

/**
 * The tail, with the edit's entry if the message has its mark, and the draft comes after where that entry can be: a
 * message has as many entries of edits as it has marks, wherever who repeats one says that it begins.
 */
async function lookBehind(
  history: SendPorts['history'],
  draft: Draft,
  tail: Tail,
  message: LogEntry | undefined,
): Promise<Tail> {
  const end = draft.key === undefined ? undefined : message?.ends?.[message.marks?.indexOf(draft.key) ?? -1];
  if (end === undefined || tail.repeat || (tail.first ?? 0) <= end + 1) return tail;
  // As a rule it is the next one. If it is further away than one answer holds, a crowd wrote there: then they are believed.
  const { entries } = await history.from(draft.chat, end + 1);
  return { ...tail, repeat: repeatIn(entries, draft) };
}

/**
 * Deletes a message of the caller's, for good. An entry of the log tells everybody; then the text goes. Should it die
 * in between, a second deletion does the rest.
 * @throws ChatError `not_logged_in`, `rate_limited`, `unknown_recipient`, `unknown_group`, `not_a_member`,
 *   `unknown_message`, and what `append` throws
 */
export async function deleteMessage(ports: SendPorts, request: Request, caller: Caller): Promise<Changed> {
  const { history, world } = ports;
  const { draft, tail, target } = await begin(ports, request, caller, { deletes: request.seq });
  // A repeat deletes what its first attempt may have deleted.
  if (!tail.repeat) refuseUnless(target, draft, request.seq);
  const entry = await append(history, world, draft, tail);
  const { chat, seq, at } = entry;
  await afterCommit(`Stored as ${chat} ${seq}, but not deleted`, history.erase(chat, request.seq, at));
  return delivered(ports, entry, caller);
}

/** What both begin with: who asks, where the log ends, and what is to be changed. */
async function begin(
  ports: SendPorts,
  request: Request,
  caller: Caller,
  what: Pick<Draft, 'edits' | 'deletes'>,
): Promise<{ draft: Draft; tail: Tail; target: LogEntry | undefined }> {
  const sender = await currentUser(ports.connections, caller);
  const row = await findChat(ports, sender, request.chat);
  if (row === undefined) throw unknown(request.seq);
  const { client_message_id: key, after_seq: after } = request;
  const { chat } = row;
  const draft = draftBy(row, { chat, sender, content: '', key, after, ...what });
  const [tail, target] = await Promise.all([
    readTail(ports.history, draft),
    ports.history.get(chat, request.seq),
  ]);
  return { draft, tail, target };
}

const unknown = (seq: number) =>
  new ChatError('unknown_message', `You wrote no message with seq ${seq} here, or it is deleted.`);

/** @throws ChatError `unknown_message` if there is no such message of the sender's */
function refuseUnless(target: LogEntry | undefined, draft: Draft, seq: number): LogEntry {
  if (!isOf(target, draft) || target.expired || isChange(target) || isDeleted(target)) throw unknown(seq);
  return target;
}

/** Whether the draft's sender wrote it, in the group that has the name now. */
const isOf = (target: LogEntry | undefined, { sender, generation }: Draft): target is LogEntry =>
  target?.sender === sender && target.generation === generation;

/** Why a message did not get its text. */
const refusal = (target: LogEntry | undefined, seq: number): ChatError =>
  target === undefined || isDeleted(target)
    ? unknown(seq)
    : new ChatError('limit_reached', `A message can be changed ${limits.changes} times.`);
