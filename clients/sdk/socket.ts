import { type Code, failure } from './errors.ts';
import { Requests } from './requests.ts';
import type { Timing } from './timing.ts';
import type { Frame, SocketConstructor, SocketLike } from './types.ts';

const OPEN = 1;

// A login that is late ends by itself.
const NEVER_LATE = new Set(['login', 'ping']);

/**
 * One connection, from its opening to its end. It pings when neither side has sent anything for a while, and whenever there is
 * reason to doubt that the server is there still; a ping without answer ends it.
 */
export class Socket {
  /** Rejects with `unreachable` if it ended before. */
  readonly opened: Promise<void>;
  /** Why it ended; settles as soon as nothing more will come of it. */
  readonly ended: Promise<Code>;
  readonly #timing: Timing;
  readonly #requests = new Requests((frame) => this.#send(frame));
  readonly #onFrame: (frame: Frame) => void;
  #socket: SocketLike | undefined;
  /** Until it is open; from then on, until the next ping. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isPinging = false;
  /** When the last frame came. */
  #heardAt = Date.now();
  #settle: (reason: Code) => void = () => {};

  /** @param onFrame is given what is no answer to a request */
  constructor(url: string, webSocket: SocketConstructor, timing: Timing, onFrame: (frame: Frame) => void) {
    this.#timing = timing;
    this.#onFrame = onFrame;
    this.ended = new Promise((resolve) => {
      this.#settle = resolve;
    });
    const socket = new webSocket(url);
    this.#socket = socket;
    this.opened = new Promise((resolve, reject) => {
      socket.onopen = () => {
        this.#stir();
        resolve();
      };
      void this.ended.then(() => reject(failure('unreachable')));
    });
    // Whatever happened, a close follows.
    socket.onerror = () => {};
    socket.onclose = () => this.end('connection_lost');
    socket.onmessage = ({ data }: { data: string }) => this.#take(data);
    this.#timer = setTimeout(() => this.end('unreachable'), timing.login);
  }

  /** How many requests are not answered yet. */
  get openRequests(): number {
    return this.#requests.open;
  }

  /** @throws RequestError the refusal, `timed_out` or `connection_lost` */
  async ask(request: object, patience = this.#timing.request): Promise<Frame> {
    const { type = '' } = request as Frame;
    let late: ReturnType<typeof setTimeout> | undefined;
    if (!NEVER_LATE.has(type)) {
      this.doubt(this.#timing.silence);
      late = setTimeout(() => this.#ping(), this.#timing.late);
    }
    try {
      return await this.#requests.ask(request, patience);
    } finally {
      clearTimeout(late);
    }
  }

  /** Makes sure that the server is there still, if it has been silent for so long. */
  doubt(quietFor: number): void {
    if (Date.now() - this.#heardAt >= quietFor) this.#ping();
  }

  /** Asks for a sign of life, and ends if there is none. */
  #ping(): void {
    if (this.#isPinging || !this.#socket) return;
    this.#isPinging = true;
    this.ask({ type: 'ping' }, this.#timing.pong)
      .catch(({ code }) => code === 'timed_out' && this.end('silent'))
      .finally(() => {
        this.#isPinging = false;
      });
  }

  /** At once: what is not answered yet will not be. */
  end(reason: Code): void {
    const socket = this.#socket;
    if (socket) {
      this.#socket = undefined;
      clearTimeout(this.#timer);
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
      this.#settle(reason);
    }
    this.#requests.end(reason === 'closed' ? reason : 'connection_lost');
  }

  #send(frame: Frame): void {
    if (this.#socket?.readyState === OPEN) {
      this.#socket.send(JSON.stringify(frame));
      this.#stir();
      // It is ending, and whoever waits for its end need not wait for the last word.
    } else this.end('connection_lost');
  }

  #take(text: string): void {
    this.#heardAt = Date.now();
    this.#stir();
    const frame = parse(text);
    if (frame && !this.#requests.take(frame)) this.#onFrame(frame);
  }

  /** A frame came or went. */
  #stir(): void {
    if (!this.#socket) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ping(), this.#timing.ping);
  }
}

/** What is no JSON object is not for us. */
function parse(text: string): Frame | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return value instanceof Object ? (value as Frame) : undefined;
  } catch {
    return undefined;
  }
}
