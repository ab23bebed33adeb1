import type { Chat, ChatRef, Message } from '../sdk/chat.ts';
import { entriesIn, goesOn } from '../sdk/entries.ts';
import { addressOf } from '../sdk/names.ts';
import { exponentialBackoff, standardTiming } from '../sdk/timing.ts';
import { withRetry } from '../sdk/with-retry.ts';

// After this many failures in a row, it is for the user to try again.
const RETRIES = 4;

interface Between {
  /** The seqs between which they are, both exclusive. What follows the later one is known. */
  after: number;
  before: number | undefined;
  /** How many, at most. */
  limit: number;
}

/** Returns the oldest messages of a part of a chat; none if it has none. @throws RequestError */
export async function between(
  chat: Pick<Chat, 'request'>,
  ref: ChatRef,
  { after, before, limit }: Between,
): Promise<Message[]> {
  const ask = withRetry(
    (request) => chat.request(request as never),
    exponentialBackoff(standardTiming, Math.random),
    RETRIES,
  );
  const address = { type: 'fetch_history', ...addressOf(ref), before_seq: before, limit };
  for (let at: object = { after_seq: after }; ; ) {
    const { messages, next } = await ask({ ...address, ...at });
    const found = entriesIn(messages);
    // A page may be empty though there are more: of edits and deletions only.
    if (found.length > 0 || !goesOn(at, next)) return found;
    at = next;
  }
}
