import type { Credentials } from './credentials.ts';
import { type Code, failure, isTransient, RequestError } from './errors.ts';
import { Socket } from './socket.ts';
import { type Backoff, type Settle, sleep, type Timing, withTimeout } from './timing.ts';
import type { Frame, SocketConstructor, State, StateChange } from './types.ts';

/** A session's configuration. */
export interface SessionOptions {
  url: string;
  webSocket: SocketConstructor;
  credentials: Credentials;
  timing: Timing;
  random: () => number;
  backoff: Backoff;
}

/** What the session calls. */
export interface SessionHandlers {
  /** The fields of a login beside the credentials: the cursors. */
  loginFields(): object;
  /** The login was accepted. Requests made with `ask` here go out before all others on this connection. */
  loggedIn(reply: Frame, ask: Ask): Promise<void>;
  /** A frame that answers no request. */
  frame(frame: Frame): void;
  state(change: StateChange): void;
}

/** Sends one request. @throws RequestError */
export type Ask = (request: object) => Promise<Frame>;

// Login refusals that may pass; any other is final.
const MAY_PASS: ReadonlySet<Code> = new Set<Code>(['internal_error', 'limit_reached']);

/** Keeps a logged-in connection: reconnects when it ends, and renews it before API Gateway's time limit. */
export class Session {
  state: State = 'connecting';
  readonly #options: SessionOptions;
  readonly #handlers: SessionHandlers;
  readonly #sockets = new Set<Socket>();
  readonly #waiting = new Set<Settle<Socket>>();
  /** The connection that is logged in. */
  #current: Socket | undefined;
  #renewal: ReturnType<typeof setTimeout> | undefined;
  /** Failed attempts since the client was last online. */
  #attempts = 0;
  #wake: () => void = () => {};

  constructor(options: SessionOptions, handlers: SessionHandlers) {
    this.#options = options;
    this.#handlers = handlers;
    void this.#run();
  }

  /**
   * Sends a request as soon as there is a connection.
   * @throws RequestError the refusal, `timed_out`, `connection_lost` or `closed`
   */
  async ask(request: object): Promise<Frame> {
    const socket = await this.ready();
    try {
      return await socket.ask(request);
    } catch (error) {
      if (codeOf(error) === 'not_logged_in') socket.end('not_logged_in');
      throw this.#isOver ? failure('closed') : error;
    }
  }

  /** Reconnects at once if it is waiting; otherwise pings if nothing arrived for `quietFor` milliseconds. */
  wake(quietFor: number): void {
    this.#wake();
    this.#current?.doubt(quietFor);
  }

  /** Ends the session for good. */
  end(reason: Code): void {
    if (this.state === 'closed') return;
    clearTimeout(this.#renewal);
    this.#current = undefined;
    this.#become({ state: 'closed', reason });
    for (const socket of this.#sockets) socket.end('closed');
    this.#wake();
    for (const settle of this.#waiting) settle(failure('closed'));
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      const error = await this.#life().catch((thrown) => thrown);
      const reason = codeOf(error);
      if (!isTransient(error) && !MAY_PASS.has(reason)) this.end(reason);
      if (this.#isOver) return;
      const retryInMs = error.retryAfterMs ?? this.#options.backoff(this.#attempts++);
      this.#become({ state: 'waiting', reason, retryInMs });
      await this.#pause(retryInMs);
      if (!this.#isOver) this.#become({ state: 'connecting' });
    }
  }

  // A getter, since TypeScript would assume that the state is unchanged after an await.
  get #isOver(): boolean {
    return this.state === 'closed';
  }

  /**
   * Holds one connection after another, as long as each is replaced before it ends.
   * @returns why the last one ended
   * @throws RequestError if none could be opened
   */
  async #life(): Promise<RequestError> {
    let socket: Socket | undefined = await this.#open();
    this.#serve(socket);
    let reason: Code = 'connection_lost';
    while (socket) {
      reason = await socket.ended;
      socket = this.#current === socket ? undefined : this.#current;
    }
    this.#current = undefined;
    clearTimeout(this.#renewal);
    return failure(reason);
  }

  /** Opens a connection and logs in. */
  async #open(): Promise<Socket> {
    const { url, webSocket, timing } = this.#options;
    const socket: Socket = new Socket(url, webSocket, timing, (frame) => this.#take(socket, frame));
    this.#sockets.add(socket);
    void socket.ended.then(() => this.#sockets.delete(socket));
    await socket.opened;
    try {
      const reply = await this.#logIn(socket);
      const lost = socket.ended.then((reason) => {
        throw failure(reason);
      });
      await Promise.race([this.#handlers.loggedIn(reply, (request) => socket.ask(request)), lost]);
      // The connection is established: its end is no longer an error here.
      lost.catch(() => {});
      return socket;
    } catch (error) {
      socket.end('connection_lost');
      throw error;
    }
  }

  /** Ends this client with its session. On a connection that was already replaced, the frame is ignored. */
  #take(socket: Socket, frame: Frame): void {
    this.#handlers.frame(frame);
    if (frame.type !== 'SESSION_ENDED' || (this.#current ?? socket) !== socket) return;
    this.#options.credentials.forget();
    this.end(frame.code as Code);
  }

  async #logIn(socket: Socket): Promise<Frame> {
    const { credentials, timing } = this.#options;
    for (;;) {
      try {
        const fields = { ...credentials.fields, ...this.#handlers.loginFields() };
        const reply = await socket.ask({ type: 'login', ...fields }, timing.login);
        credentials.accepted(reply);
        return reply;
      } catch (error) {
        const refusal = credentials.refused(error);
        if (refusal) throw refusal;
      }
    }
  }

  #serve(socket: Socket): void {
    const { timing, random } = this.#options;
    this.#current = socket;
    this.#attempts = 0;
    // Spread out, since many clients may have connected at the same moment.
    this.#renewal = setTimeout(() => void this.#renew(), timing.renew * (1 - random() * 0.1));
    this.#become({ state: 'online' });
    for (const settle of this.#waiting) settle(socket);
  }

  /** Replaces the connection. If that fails, the old one lives on until it ends, and the session reconnects as usual. */
  async #renew(): Promise<void> {
    const old = this.#current;
    const next = await this.#open().catch(() => undefined);
    if (!next || !old || this.#current !== old) return next?.end('closed');
    this.#serve(next);
    // Requests on the old connection may still be answered.
    const { request } = this.#options.timing;
    for (let left = 20; old.openRequests > 0 && left > 0; left--) await sleep(request / 20);
    old.end('connection_lost');
  }

  #become(change: StateChange): void {
    if (this.state === change.state) return;
    this.state = change.state;
    this.#handlers.state(change);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Waits for a connection. @throws RequestError `timed_out` or `closed` */
  async ready(): Promise<Socket> {
    if (this.#current) return this.#current;
    if (this.#isOver) throw failure('closed');
    return withTimeout<Socket>(
      this.#options.timing.request,
      (settle) => this.#waiting.add(settle),
      (settle) => this.#waiting.delete(settle),
    );
  }
}

const codeOf = (error: unknown): Code => (error instanceof RequestError ? error.code : 'internal_error');
