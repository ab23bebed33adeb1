import type { ServerCode } from '../sdk/wire.ts';

/** The service's codes, and those of calls that didn't reach it. */
export type Code =
  | ServerCode
  /** Lambda can't be reached; nothing happened. */
  | 'unreachable'
  /** Lambda refused to invoke the function: no permission, no such function, no credentials; `reason` says which. Nothing happened. */
  | 'not_invoked';

interface Details {
  retryAfterMs?: number | undefined;
  afterSeq?: number | undefined;
  ask?: string | undefined;
  cause?: unknown;
}

/** A call that failed: `code` is for programs, `reason` (a sentence) for people. */
export class ServerApiError extends Error {
  override readonly name = 'ServerApiError';
  readonly code: Code;
  readonly reason: string;
  /** Milliseconds until the same call may succeed, if the service says so. */
  readonly retryAfterMs: number | undefined;
  /** With `too_far_back`: the `after_seq` to repeat it with. */
  readonly afterSeq: number | undefined;
  /** With `not_invited`: the user who can invite. */
  readonly ask: string | undefined;

  constructor(code: Code, reason: string, { retryAfterMs, afterSeq, ask, cause }: Details = {}) {
    super(`${code}: ${reason}`, { cause });
    this.code = code;
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
    this.afterSeq = afterSeq;
    this.ask = ask;
  }
}
