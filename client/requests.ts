import { type Code, RequestError } from './errors.ts';
import type { Frame } from './types.ts';

interface Waiting {
  resolve(reply: Frame): void;
  reject(error: RequestError): void;
  timer: ReturnType<typeof setTimeout>;
}

/** The requests of one connection that are not answered yet. */
export class Requests {
  readonly #waiting = new Map<string, Waiting>();
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
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => this.#refuse(id, new RequestError('timed_out', 'The server did not answer in time.')),
        patience,
      );
      this.#waiting.set(id, { resolve, reject, timer });
      this.#send({ ...request, request_id: id });
    });
  }

  /** @returns whether the frame was the answer to a request */
  take(frame: Frame): boolean {
    // The service's own error frame, of a function that threw or took too long: it does not say whose.
    const isServiceError = frame.type === undefined && typeof frame.message === 'string';
    const id = isServiceError && this.open === 1 ? [...this.#waiting.keys()][0] : frame.request_id;
    const waiting = this.#take(id);
    if (!waiting) return false;
    if (isServiceError) waiting.reject(new RequestError('internal_error', String(frame.message)));
    else if (frame.code !== undefined) waiting.reject(refusal(frame));
    else waiting.resolve(frame);
    return true;
  }

  /** Nothing will be answered any more. */
  end(code: Code, reason: string): void {
    for (const id of [...this.#waiting.keys()]) this.#refuse(id, new RequestError(code, reason));
  }

  #refuse(id: string, error: RequestError): void {
    this.#take(id)?.reject(error);
  }

  #take(id: string | undefined): Waiting | undefined {
    const waiting = this.#waiting.get(id ?? '');
    if (!waiting) return undefined;
    clearTimeout(waiting.timer);
    this.#waiting.delete(id ?? '');
    return waiting;
  }
}

function refusal({ code, reason, retry_after_ms: wait }: Frame): RequestError {
  return new RequestError(code as Code, String(reason), typeof wait === 'number' ? wait : undefined);
}
