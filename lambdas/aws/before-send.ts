import { OutcomeUnknown, Unavailable } from '../../chat/errors.ts';
import type { BeforeSend, Verdict } from '../../chat/ports.ts';
import { isContent } from '../../protocol/index.ts';
import { statusOf } from '../../store/aws-error.ts';
import { describe, log } from '../runtime/log.ts';
import { count } from '../runtime/metrics.ts';
import type { Invoke } from './invoke.ts';

/** What becomes of messages while the operator's function gives no verdict: `open` stores them, `closed` refuses them. */
export type Fails = 'open' | 'closed';

const REASON = 'This message is not allowed here.';
const LONGEST_REASON = 500;

/** Asks the operator's function, which is a Lambda of theirs. */
export const beforeSendOf =
  (invoke: Invoke, functionName: string, fails: Fails): BeforeSend =>
  async (asked) => {
    try {
      return verdictOf(await invoke(functionName, asked));
    } catch (error) {
      count('BeforeSendFailed');
      log('error', 'beforeSend', {
        outcome: fails === 'open' ? 'stored unasked' : 'refused',
        why: whyOf(error),
      });
      if (fails === 'open') return { verdict: 'allow' };
      // Without its cause, which may repeat the message.
      throw new Unavailable('The function before messages gave no verdict');
    }
  };

class NoVerdict extends Error {}

/** @throws NoVerdict for what is none, so that a slip in the function doesn't let everything through */
function verdictOf(answer: unknown): Verdict {
  const { verdict, reason, content: text } = (answer ?? {}) as Record<string, unknown>;
  if (verdict === 'allow') return { verdict };
  if (verdict === 'deny') return { verdict, reason: oneSentence(reason) };
  if (verdict !== 'rewrite' || !isContent(text)) throw new NoVerdict();
  return { verdict, content: text };
}

/** A reason that fits into a line. A denial whose reason is none is still one. */
const oneSentence = (reason: unknown): string =>
  (typeof reason === 'string' ? reason : '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, LONGEST_REASON)
    .toWellFormed() || REASON;

/** For the log. What the function says of its own error may repeat the message, so that is in its own log alone. */
function whyOf(error: unknown): unknown {
  if (error instanceof NoVerdict) return 'Its answer is no verdict (docs/before-send.md)';
  const isOurs =
    error instanceof Unavailable || error instanceof OutcomeUnknown || statusOf(error) !== undefined;
  return isOurs ? describe(error) : 'It threw, or ran out of time: see its log';
}
