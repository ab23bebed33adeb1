import {
  ChatError,
  type deleteMessage as deleteCommand,
  type editMessage as editCommand,
  limits,
  type ReplyOf,
  type RequestOf,
} from '../protocol/index.ts';
import { append, type Draft, readTail } from './append.ts';
import { loggedIn } from './caller.ts';
import { findChat } from './find-chat.ts';
import { inEffect } from './in-effect.ts';
import type { Caller, History, LogEntry, Member } from './ports.ts';
import { delivered, type SendPorts } from './send.ts';

type Request = RequestOf<typeof deleteCommand> & Pick<Partial<RequestOf<typeof editCommand>>, 'content'>;
type Changed = ReplyOf<typeof editCommand>;

/**
 * Changes or deletes a message of the caller's. The change is an entry of the log like any message, so that order,
 * repeats and delivery hold for it; then it shows in the message itself, so that history needs no second look.
 * @param request without `content` it deletes
 * @throws ChatError `not_logged_in`, `rate_limited`, `unknown_recipient`, `unknown_group`, `not_a_member`,
 *   `unknown_message`, `limit_reached`, and what `append` throws
 */
export async function changeMessage(ports: SendPorts, request: Request, caller: Caller): Promise<Changed> {
  const { history, world } = ports;
  const sender = await loggedIn(ports.connections, caller);
  await ports.meter.admit(sender);
  const row = await findChat(ports, sender, request.chat);
  if (row === undefined) throw unknown(request.seq);
  const draft = draftOf(row, sender, request);
  const [tail, target] = await Promise.all([readTail(history, draft), history.get(row.chat, request.seq)]);
  // A repeat changes what its first attempt may have deleted.
  if (!tail.repeat) refuseUnless(target, draft, request.seq);
  const entry = await append(history, world, draft, tail);
  await inEffect(`Stored as ${entry.chat} ${entry.seq}, but not shown`, show(history, entry));
  return delivered(ports, entry, caller);
}

const draftOf = ({ chat, generation }: Member, sender: string, request: Request): Draft => ({
  chat,
  generation,
  sender,
  content: request.content ?? '',
  key: request.client_message_id,
  after: request.after_seq,
  ...(request.content === undefined ? { deletes: request.seq } : { edits: request.seq }),
});

const unknown = (seq: number) =>
  new ChatError('unknown_message', `You wrote no message with seq ${seq} here, or it is deleted.`);

/** @throws ChatError `unknown_message`, `limit_reached` */
function refuseUnless(target: LogEntry | undefined, { sender, edits, generation }: Draft, seq: number): void {
  const isChange = target?.edits !== undefined || target?.deletes !== undefined;
  if (
    target?.sender !== sender ||
    target.generation !== generation ||
    target.expired ||
    isChange ||
    target.changed?.kind === 'deleted'
  )
    throw unknown(seq);
  if (edits === undefined || (target.changes?.length ?? 0) < limits.changes) return;
  throw new ChatError('limit_reached', `A message can be changed ${limits.changes} times.`);
}

/**
 * Of two changes the later in the log is shown, whichever comes second here. What is deleted goes from the edits first,
 * also from one that died before it was shown: should this die in between, a second delete does the rest.
 */
async function show(history: History, entry: LogEntry): Promise<void> {
  const { chat, seq, content, at, edits, deletes } = entry;
  const kind = deletes === undefined ? 'edited' : 'deleted';
  const of = deletes ?? edits ?? 0;
  if (deletes !== undefined)
    for (const edit of await history.editsOf(chat, of, seq)) await history.erase(chat, edit);
  const target = await history.change(chat, of, content, { seq, kind, at });
  // An edit that comes too late for the message takes its own text back.
  const { changed } = target ?? {};
  if (edits !== undefined && changed?.kind === 'deleted' && changed.seq > seq) await history.erase(chat, seq);
}
