import { type Code, failure, RequestError } from './errors.ts';
import { LONGEST, type Settle, withTimeout } from './timing.ts';
import type { Frame } from './types.ts';

/** The unanswered requests of one connection. */
export class Requests {
  readonly #waiting = new Map<string, Settle<Frame>>();
  readonly #send: (frame: Frame) => void;
  #last = 0;

  constructor(send: (frame: Frame) => void) {
    this.#send = send;
  }

  /** Number of unanswered requests. */
  get open(): number {
    return this.#waiting.size;
  }

  /**
   * @param patience milliseconds
   * @throws RequestError with the server's code, `timed_out`, or the code given to `end`
   */
  ask(request: object, patience: number): Promise<Frame> {
    const id = `${++this.#last}`;
    return withTimeout<Frame>(
      patience,
      (settle) => {
        this.#waiting.set(id, settle);
        this.#send({ ...request, request_id: id });
      },
      () => this.#waiting.delete(id),
    );
  }

  /** @returns whether the frame answered a request */
  take(frame: Frame): boolean {
    // API Gateway's error frame for a function that threw or timed out. It doesn't name the request.
    const isServiceError = !frame.type && frame.message !== undefined;
    const id = isServiceError && this.open === 1 ? [...this.#waiting.keys()][0] : frame.request_id;
    const settle = this.#waiting.get(id ?? '');
    settle?.(isServiceError || frame.code ? refusal(frame) : frame);
    return settle !== undefined;
  }

  /** Rejects all unanswered requests. */
  end(code: Code): void {
    for (const settle of this.#waiting.values()) settle(failure(code));
  }
}

type Maybe = number | undefined;

function refusal({ code = 'internal_error', message, reason = message ?? '', ...more }: Frame): RequestError {
  const { retry_after_ms: wait, after_seq } = more as Record<string, Maybe>;
  return new RequestError(`${code}` as Code, `${reason}`, wait && Math.min(wait, LONGEST), after_seq);
}
