import type { codes, Ending } from '../../protocol/index.ts';

/** What a program can tell from a refusal: the server's codes, and those of a client that got no answer. */
export type Code =
  | keyof typeof codes
  /** Why the server has ended the session: told to this client as it happened (`SESSION_ENDED`). */
  | Ending
  /** The session ended or expired while this client was away: its token was refused. */
  | 'session_ended'
  /** The connection ended before the answer came; the request may have taken effect. */
  | 'connection_lost'
  /** No answer in time; the request may have taken effect. */
  | 'timed_out'
  /** No connection could be opened. */
  | 'unreachable'
  /** The server did not answer a ping. */
  | 'silent'
  /** This client was closed. */
  | 'closed'
  /** `logout()` was called. */
  | 'logged_out';

/** Why a request was not fulfilled: `code` for a program, `reason` (one sentence) for a person. */
export class RequestError extends Error {
  readonly code: Code;
  readonly reason: string;
  /** Milliseconds until the same request may be taken; where the server says so. */
  readonly retryAfterMs: number | undefined;
  /** With `too_far_back`: the `after_seq` to send the same with. */
  readonly afterSeq: number | undefined;

  constructor(code: Code, reason: string, retryAfterMs?: number, afterSeq?: number) {
    super(reason);
    this.name = 'RequestError';
    this.code = code;
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
    this.afterSeq = afterSeq;
  }
}

const SENTENCES: Partial<Record<Code, string>> = {
  timed_out: 'No answer came in time.',
  unreachable: 'The server cannot be reached.',
  closed: 'This client is closed.',
};

/** What a client says itself, where no server did. @param code why there is no answer */
export const failure = (code: Code): RequestError =>
  new RequestError(code, SENTENCES[code] ?? 'The connection ended.');

// What passes by itself, if one waits.
const PASSING: ReadonlySet<Code> = new Set<Code>([
  'connection_lost',
  'timed_out',
  'unreachable',
  'silent',
  'rate_limited',
  'busy',
  'outcome_unknown',
  'not_logged_in',
]);

/** Whether the same request may well be fulfilled later. */
export const isPassing = (error: unknown): error is RequestError =>
  error instanceof RequestError && PASSING.has(error.code);
