import { ChatError } from '../../protocol/index.ts';
import type { Draft } from '../history/append.ts';
import type { Caller, Millis } from '../model.ts';
import type { BeforeSend, Runtime, Verdict, Verdicts } from '../ports.ts';

/** The ports to ask before a message is stored. */
export interface AskingPorts {
  /** Absent in a deployment without the function. */
  beforeSend: BeforeSend | undefined;
  verdicts: Verdicts;
  runtime: Runtime;
}

/** How long a verdict holds for repeats of its message. */
const VERDICT_LIFE: Millis = 24 * 60 * 60_000;

/**
 * Asks the operator's function about a message or an edit that would be stored next. Call it only if no attempt has been
 * stored, and before anything is.
 *
 * Two attempts at one message may both be asked about, and get different verdicts. Then the first that is recorded holds for
 * both: otherwise one would be refused, and the other stored.
 * @returns the text to store
 * @throws ChatError `rejected`, and what `BeforeSend` throws
 */
export async function passed(
  { beforeSend, verdicts, runtime }: AskingPorts,
  draft: Draft,
  content: string,
  { backend }: Caller,
): Promise<string> {
  if (beforeSend === undefined) return content;
  const { chat, sender, key, edits } = draft;
  const given = await beforeSend({
    type: edits === undefined ? 'message' : 'edit',
    chat_id: chat,
    sender,
    content,
    ...(key !== undefined && { client_message_id: key }),
    ...(edits !== undefined && { seq: edits }),
    ...(backend && { backend: true }),
  });
  const verdict =
    key === undefined
      ? given
      : await verdicts.first(nameOf(draft, key, content), given, runtime.now() + VERDICT_LIFE);
  return textBy(verdict, content);
}

/** @throws ChatError `rejected` */
function textBy(verdict: Verdict, content: string): string {
  if (verdict.verdict === 'deny') throw new ChatError('rejected', verdict.reason);
  return verdict.verdict === 'rewrite' ? verdict.content : content;
}

/**
 * What repeats have in common (`isRepeat` in chat/history/append.ts), and the text: a verdict must not hold for another text
 * with the same key.
 */
const nameOf = ({ chat, sender, generation, edits }: Draft, key: string, content: string): string =>
  [sender, chat, generation ?? '', edits ?? '', JSON.stringify(key), content].join(' ');
