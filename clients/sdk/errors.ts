import type { Pushes, ServerCode } from './wire.ts';

/** The server's codes, and those for requests that got no answer. */
export type Code =
  | ServerCode
  /** The server ended the session while the client was connected (`SESSION_ENDED`). */
  | Pushes['SESSION_ENDED']['code']
  /** The session ended or expired while the client was offline: its token was refused. */
  | 'session_ended'
  /** The connection was lost before the answer; the request may have taken effect. */
  | 'connection_lost'
  /** No answer in time; the request may have taken effect. */
  | 'timed_out'
  /** The connection could not be opened. */
  | 'unreachable'
  /** The server did not answer a ping. */
  | 'silent'
  /** `getToken` threw, gave nothing, or took too long. */
  | 'no_token'
  /** The service refused two tokens of `getToken` in a row. */
  | 'unauthorized'
  /** The app took it back before it was sent. */
  | 'discarded'
  /** The app called `close()`. */
  | 'closed'
  /** The app called `logout()`. */
  | 'logged_out';

/** A request that failed: `code` is for programs, `reason` (one sentence) for people. */
export class RequestError extends Error {
  declare readonly code: Code;
  declare readonly reason: string;
  /** Milliseconds until a retry may succeed, if the server says so. */
  declare readonly retryAfterMs: number | undefined;
  /** With `too_far_back`: the `after_seq` to retry with. */
  declare readonly afterSeq: number | undefined;
  /** With `not_invited`: the user who can invite, if the server says so. */
  declare readonly ask: string | undefined;

  constructor(code: Code, reason: string, retryAfterMs?: number, afterSeq?: number, ask?: string) {
    super(reason);
    Object.assign(this, { name: 'RequestError', code, reason, retryAfterMs, afterSeq, ask });
  }
}

const SENTENCES: Partial<Record<Code, string>> = {
  timed_out: 'No answer came in time.',
  unreachable: 'The server cannot be reached.',
  closed: 'This client is closed.',
};

/** How the service refuses a token, or a command after it has expired. A fresh token may help. */
export const isStale = (code: Code): boolean =>
  code === 'invalid_token' || code === 'token_expired' || code === 'session_expired';

/** Makes an error of the client's own. @param code why there was no answer */
export const failure = (code: Code): RequestError =>
  new RequestError(code, SENTENCES[code] ?? 'The connection ended.');

// Errors that pass with time.
const PASSING: ReadonlySet<Code> = new Set<Code>([
  'connection_lost',
  'timed_out',
  'unreachable',
  'silent',
  'rate_limited',
  'busy',
  'outcome_unknown',
  'not_logged_in',
  'session_expired',
  'no_token',
]);

/** Whether the same request may succeed later. */
export const isTransient = (error: unknown): error is RequestError =>
  error instanceof RequestError && PASSING.has(error.code);
