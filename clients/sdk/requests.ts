import { type Code, failure, RequestError } from './errors.ts';
import { type Settle, within } from './timing.ts';
import type { Frame } from './types.ts';

/** The requests of one connection that are not answered yet. */
export class Requests {
  readonly #waiting = new Map<string, Settle<Frame>>();
  readonly #send: (frame: Frame) => void;
  #last = 0;

  constructor(send: (frame: Frame) => void) {
    this.#send = send;
  }

  /** How many are not answered yet. */
  get open(): number {
    return this.#waiting.size;
  }

  /**
   * @param patience milliseconds
   * @throws RequestError with the server's code, `timed_out` or what `end` is given
   */
  ask(request: object, patience: number): Promise<Frame> {
    const id = `${++this.#last}`;
    return within<Frame>(
      patience,
      (settle) => {
        this.#waiting.set(id, settle);
        this.#send({ ...request, request_id: id });
      },
      () => this.#waiting.delete(id),
    );
  }

  /** @returns whether the frame was the answer to a request */
  take(frame: Frame): boolean {
    // The service's own error frame, of a function that threw or took too long: it does not say whose.
    const isServiceError = !frame.type && frame.message !== undefined;
    const id = isServiceError && this.open === 1 ? [...this.#waiting.keys()][0] : frame.request_id;
    const settle = this.#waiting.get(id ?? '');
    settle?.(isServiceError || frame.code ? refusal(frame) : frame);
    return settle !== undefined;
  }

  /** Nothing will be answered any more. */
  end(code: Code): void {
    for (const settle of this.#waiting.values()) settle(failure(code));
  }
}

type Maybe = number | undefined;

const refusal = ({ code = 'internal_error', message, reason = message, retry_after_ms, after_seq }: Frame) =>
  new RequestError(code as Code, reason as string, retry_after_ms as Maybe, after_seq as Maybe);
