import type { Chat, ChatRef, Message } from '../sdk/chat.ts';
import { entriesIn, goesOn } from '../sdk/entries.ts';
import { addressOf } from '../sdk/names.ts';
import { exponentialBackoff, standardTiming } from '../sdk/timing.ts';
import { withRetry } from '../sdk/with-retry.ts';

// After this many failures in a row, it is for the user to try again.
const RETRIES = 4;

interface Between {
  /** The seqs between which they are, both exclusive; undefined for the end of the chat on that side. */
  after: number | undefined;
  before: number | undefined;
  /** How many, at most. */
  limit: number;
}

/** Messages in their order. There may be fewer than were asked for though more follow: a page has a largest size. */
interface Page {
  messages: Message[];
  /** Whether the part has more of them, or of edits and deletions. */
  hasMore: boolean;
}

/**
 * Returns the oldest messages of a part of a chat, or the newest if it has no `after`; none if it has none.
 * @throws RequestError
 */
export async function between(
  chat: Pick<Chat, 'request'>,
  ref: ChatRef,
  { after, before, limit }: Between,
): Promise<Page> {
  const ask = withRetry(
    (request) => chat.request(request as never),
    exponentialBackoff(standardTiming, Math.random),
    RETRIES,
  );
  const address = { type: 'fetch_history', ...addressOf(ref), limit };
  for (let at: object = { after_seq: after, before_seq: before }; ; ) {
    const { messages, next } = await ask({ ...address, ...at });
    const found = entriesIn(messages);
    // A page may be empty though there are more: of edits and deletions only.
    const hasMore = goesOn(at, next);
    if (found.length > 0 || !hasMore) return { messages: found, hasMore };
    at = { ...at, ...next };
  }
}
