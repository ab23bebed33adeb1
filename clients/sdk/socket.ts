import { type Code, failure, type RequestError } from './errors.ts';
import { Requests } from './requests.ts';
import type { Timing } from './timing.ts';
import type { Frame, SocketConstructor, SocketLike } from './types.ts';

const OPEN = 1;

// A late login ends the socket by itself; a late ping is noticed by its own timeout.
const NEVER_LATE = new Set(['login', 'ping']);

/**
 * One connection, from opening to end. It pings after a while without traffic, and whenever the server may be gone; a ping
 * without an answer ends it.
 */
export class Socket {
  /** Rejects with `unreachable` if the socket ended before it opened. */
  readonly opened: Promise<void>;
  /** Resolves with the reason, as an error, once nothing more will arrive. */
  readonly ended: Promise<RequestError>;
  /** The token of the identity provider that it is logged in with. */
  token: string | undefined;
  /** When that login runs out, by this machine's clock; undefined for never. */
  expires: number | undefined;
  /** How often it was logged in. */
  logins = 0;
  readonly #timing: Timing;
  readonly #requests = new Requests((frame) => this.#send(frame));
  readonly #onFrame: (frame: Frame) => void;
  #socket: SocketLike | undefined;
  /** First the time limit for opening, then the timer of the next ping. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isPinging = false;
  /** When the last frame arrived. */
  #heardAt = Date.now();
  #settle: (reason: RequestError) => void = () => {};

  /** @param onFrame receives frames that answer no request */
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
        this.#restartTimer();
        resolve();
      };
      void this.ended.then(() => reject(failure('unreachable')));
    });
    // `onclose` always follows.
    socket.onerror = () => {};
    socket.onclose = () => this.end('connection_lost');
    socket.onmessage = ({ data }: { data: string }) => this.#take(data);
    this.#timer = setTimeout(() => this.end('unreachable'), timing.login);
  }

  /** Number of unanswered requests. */
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

  /** Pings the server if nothing has arrived for this many milliseconds. */
  doubt(quietFor: number): void {
    if (Date.now() - this.#heardAt >= quietFor) this.#ping();
  }

  /** Pings, and ends the socket if there is no answer. */
  #ping(): void {
    if (this.#isPinging || !this.#socket) return;
    this.#isPinging = true;
    this.ask({ type: 'ping' }, this.#timing.pong)
      .catch(({ code }) => code === 'timed_out' && this.end('silent'))
      .finally(() => {
        this.#isPinging = false;
      });
  }

  /** Ends at once: unanswered requests fail. @param error says more than the reason */
  end(reason: Code, error = failure(reason)): void {
    const socket = this.#socket;
    if (socket) {
      this.#socket = undefined;
      clearTimeout(this.#timer);
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
      this.#settle(error);
    }
    this.#requests.end(reason === 'closed' ? reason : 'connection_lost');
  }

  #send(frame: Frame): void {
    if (this.#socket?.readyState === OPEN) {
      this.#socket.send(JSON.stringify(frame));
      this.#restartTimer();
      // The socket is closing. Don't wait for the close handshake.
    } else this.end('connection_lost');
  }

  #take(text: string): void {
    this.#heardAt = Date.now();
    this.#restartTimer();
    const frame = parse(text);
    if (frame && !this.#requests.take(frame)) this.#onFrame(frame);
  }

  /** Restarts the ping timer; called for every frame in either direction. */
  #restartTimer(): void {
    if (!this.#socket) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ping(), this.#timing.ping);
  }
}

/** Ignores anything but JSON objects. */
function parse(text: string): Frame | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return value instanceof Object ? (value as Frame) : undefined;
  } catch {
    return undefined;
  }
}
