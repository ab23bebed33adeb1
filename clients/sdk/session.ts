import type { Credentials, Proof } from './credentials.ts';
import { type Code, failure, isStale, isTransient, RequestError } from './errors.ts';
import { Socket } from './socket.ts';
import { type Backoff, LONGEST, type Settle, sleep, type Timing, withTimeout } from './timing.ts';
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

// Login refusals that may pass, beside what is transient; any other is final.
const MAY_PASS: ReadonlySet<Code> = new Set<Code>(['internal_error', 'limit_reached']);

// A command that is refused as expired is repeated this often, each time after a new login.
const REPEATS = 2;

/**
 * Keeps a logged-in connection: reconnects when it ends, replaces it before API Gateway's time limit, and logs in again
 * before its token expires.
 */
export class Session {
  state: State = 'connecting';
  readonly #options: SessionOptions;
  readonly #handlers: SessionHandlers;
  readonly #sockets = new Set<Socket>();
  readonly #waiting = new Set<Settle<Socket>>();
  /** The connection that is logged in. */
  #current: Socket | undefined;
  #renewal: ReturnType<typeof setTimeout> | undefined;
  /** The timer of the next login on the open connection, and that login while it is under way. */
  #relogin: ReturnType<typeof setTimeout> | undefined;
  #again: Promise<void> | undefined;
  /** Failed attempts since the client was last online. */
  #attempts = 0;
  #wake: () => void = () => {};

  constructor(options: SessionOptions, handlers: SessionHandlers) {
    this.#options = options;
    this.#handlers = handlers;
    void this.#run();
  }

  /**
   * Sends a request as soon as there is a connection. If the login has run out, it logs in again and repeats the request,
   * of which the server has done nothing.
   * @throws RequestError the refusal, `timed_out`, `connection_lost` or `closed`
   */
  async ask(request: object): Promise<Frame> {
    for (let repeats = 0; ; repeats++) {
      const socket = await this.ready();
      const { logins } = socket;
      try {
        return await socket.ask(request);
      } catch (error) {
        const code = codeOf(error);
        if (code === 'not_logged_in') socket.end(code);
        if (this.#isOver) throw failure('closed');
        if (!isStale(code) || !socket.token || repeats === REPEATS) throw error;
        // Unless another request has renewed it meanwhile.
        if (socket.logins === logins) {
          socket.expires = 0;
          await this.#logInAgain(socket);
        }
      }
    }
  }

  /** Reconnects at once if it is waiting; otherwise pings if nothing arrived for `quietFor` milliseconds. */
  wake(quietFor: number): void {
    this.#wake();
    this.#current?.doubt(quietFor);
    // Timers stand still while the machine is asleep.
    this.#keepLogin();
  }

  /** Ends the session for good. @param detail the reason as a sentence */
  end(reason: Code, detail?: string): void {
    if (this.state === 'closed') return;
    clearTimeout(this.#renewal);
    this.#current = undefined;
    this.#keepLogin();
    this.#become({ state: 'closed', reason, detail });
    for (const socket of this.#sockets) socket.end('closed');
    this.#wake();
    for (const settle of this.#waiting) settle(failure('closed'));
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      const error = await this.#life().catch((thrown) => thrown);
      this.#endIfFinal(error);
      if (this.#isOver) return;
      const retryInMs = error.retryAfterMs ?? this.#options.backoff(this.#attempts++);
      this.#become({ state: 'waiting', reason: codeOf(error), detail: error.message, retryInMs });
      await this.#pause(retryInMs);
      if (!this.#isOver) this.#become({ state: 'connecting' });
    }
  }

  #endIfFinal(error: Error): void {
    const reason = codeOf(error);
    if (!isTransient(error) && !MAY_PASS.has(reason)) this.end(reason, error.message);
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
    this.#serve(await this.#open());
    let error = failure('connection_lost');
    for (let socket = this.#current; socket; ) {
      error = await socket.ended;
      socket = this.#current === socket ? undefined : this.#current;
    }
    this.#current = undefined;
    clearTimeout(this.#renewal);
    this.#keepLogin();
    return error;
  }

  /** Opens a connection and logs in. */
  async #open(): Promise<Socket> {
    const { url, webSocket, timing, credentials } = this.#options;
    const proof = await credentials.proof();
    if (this.#isOver) throw failure('closed');
    const socket: Socket = new Socket(url, webSocket, timing, (frame) => this.#take(socket, frame));
    this.#sockets.add(socket);
    void socket.ended.then(() => this.#sockets.delete(socket));
    await socket.opened;
    try {
      const reply = await this.#logIn(socket, proof, () => this.#handlers.loginFields());
      const lost = socket.ended.then((error) => {
        throw error;
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
    this.end(frame.code as Code, frame.reason as string);
  }

  /** @param first the proof to begin with @param fields of the login beside it */
  async #logIn(socket: Socket, first: Proof, fields?: () => object): Promise<Frame> {
    const { credentials, timing } = this.#options;
    for (let proof = first; ; proof = await credentials.proof()) {
      try {
        const reply = await socket.ask({ type: 'login', ...proof, ...fields?.() }, timing.login);
        credentials.accepted(reply);
        // What the server says is left, since the clock of this machine may be wrong.
        const left = reply.session_expires_in_ms as number | undefined;
        socket.logins++;
        socket.token = proof.token;
        socket.expires = left && Date.now() + left;
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
    this.#keepLogin();
    this.#become({ state: 'online' });
    for (const settle of this.#waiting) settle(socket);
  }

  /** Logs in again after about 80 % of what is left of the login, so that after a failure there is time for more attempts. */
  #keepLogin(): void {
    const socket = this.#current;
    clearTimeout(this.#relogin);
    if (socket?.expires === undefined) return;
    const left = socket.expires - Date.now();
    const wait = left > 1_000 ? left * (0.8 - this.#options.random() * 0.1) : left;
    this.#relogin = setTimeout(() => void this.#logInAgain(socket), Math.min(wait, LONGEST));
  }

  /** Renews the login on the open connection, once at a time. When it has run out and there is no other, ends the connection. */
  #logInAgain(socket: Socket): Promise<void> {
    this.#again ??= this.#tryAgain(socket).finally(() => {
      this.#again = undefined;
    });
    return this.#again;
  }

  async #tryAgain(socket: Socket): Promise<void> {
    const isOver = () => Date.now() >= (socket.expires ?? 0);
    try {
      const proof = await this.#options.credentials.proof();
      // A cache of the app's may return the same token until shortly before its end.
      if (proof.token !== socket.token || isOver()) {
        const { pending_messages: messages, more } = await this.#logIn(socket, proof);
        // Those of the time in which the login had run out.
        this.#handlers.frame({ type: 'pending_messages', messages, more });
      }
    } catch (error) {
      if (this.#current === socket) {
        this.#endIfFinal(error as Error);
        if (isOver()) socket.end(codeOf(error), error as RequestError);
      }
    }
    this.#keepLogin();
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
