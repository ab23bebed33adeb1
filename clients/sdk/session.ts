import type { Credentials, Proof } from './credentials.ts';
import { type Code, failure, isStale, isTransient, RequestError } from './errors.ts';
import { openSocket, type Socket } from './socket.ts';
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

export interface Session {
  readonly state: State;
  /** Begins, once everything that it calls is there. */
  run(): void;
  /**
   * Sends a request as soon as there is a connection. If the login has run out, it logs in again and repeats the request,
   * of which the server has done nothing.
   * @throws RequestError the refusal, `timed_out`, `connection_lost` or `closed`
   */
  ask: Ask;
  /** Waits for a connection. @throws RequestError `timed_out` or `closed` */
  ready(): Promise<unknown>;
  /** Reconnects at once if it is waiting; otherwise pings if nothing arrived for `quietFor` milliseconds. */
  wake(quietFor: number): void;
  /** Ends the session for good. @param detail the reason as a sentence */
  end(reason: Code, detail?: string): void;
}

// Login refusals that may pass, beside what is transient; any other is final.
const MAY_PASS: ReadonlySet<Code> = new Set<Code>(['internal_error', 'limit_reached']);

// A command that is refused as expired is repeated this often, each time after a new login.
const REPEATS = 2;

/**
 * Keeps a logged-in connection: reconnects when it ends, replaces it before API Gateway's time limit, and logs in again
 * before its token expires.
 */
export function sessionOf(options: SessionOptions, handlers: SessionHandlers): Session {
  const { url, webSocket, timing, credentials, random, backoff } = options;
  const sockets = new Set<Socket>();
  const waiting = new Set<Settle<Socket>>();
  let state: State = 'connecting';
  /** The connection that is logged in. */
  let current: Socket | undefined;
  let renewal: ReturnType<typeof setTimeout>;
  /** The timer of the next login on the open connection, and that login while it is under way. */
  let relogin: ReturnType<typeof setTimeout>;
  let again: Promise<void> | undefined;
  /** Failed attempts since the client was last online. */
  let attempts = 0;
  let wakeUp: () => void = () => {};

  // A function, since TypeScript would assume that the state is unchanged after an await.
  const isOver = () => state === 'closed';

  const ready = async () =>
    current ??
    withTimeout<Socket>(
      timing.request,
      (settle) => (isOver() ? settle(failure('closed')) : waiting.add(settle)),
      (settle) => waiting.delete(settle),
    );

  const ask = async (request: object): Promise<Frame> => {
    for (let repeats = 0; ; repeats++) {
      const socket = await ready();
      const { login } = socket;
      try {
        return await socket.ask(request);
      } catch (error) {
        const code = codeOf(error);
        if (code === 'not_logged_in') socket.end(code);
        if (isOver()) throw failure('closed');
        if (!isStale(code) || !login?.token || repeats === REPEATS) throw error;
        // Unless another request has renewed it meanwhile.
        if (socket.login === login) {
          login.expires = 0;
          await logInAgain(socket);
        }
      }
    }
  };

  const end = (reason: Code, detail?: string): void => {
    if (isOver()) return;
    use(undefined);
    become({ state: 'closed', reason, detail });
    for (const socket of sockets) socket.end('closed');
    wakeUp();
    for (const settle of waiting) settle(failure('closed'));
  };

  const run = async (): Promise<void> => {
    while (!isOver()) {
      const error = await life().catch((thrown) => thrown);
      endIfFinal(error);
      if (isOver()) return;
      const retryInMs = error.retryAfterMs ?? backoff(attempts++);
      become({ state: 'waiting', reason: codeOf(error), detail: error.message, retryInMs });
      const isWoken = withTimeout<void>(retryInMs, (settle) => {
        wakeUp = settle;
      });
      await isWoken.catch(() => {});
      if (!isOver()) become({ state: 'connecting' });
    }
  };

  const endIfFinal = (error: Error): void => {
    const reason = codeOf(error);
    if (!isTransient(error) && !MAY_PASS.has(reason)) end(reason, error.message);
  };

  /**
   * Holds one connection after another, as long as each is replaced before it ends.
   * @returns why the last one ended
   * @throws RequestError if none could be opened
   */
  const life = async (): Promise<RequestError> => {
    use(await open());
    let error = failure('connection_lost');
    for (let socket = current; socket; ) {
      error = await socket.ended;
      socket = current === socket ? undefined : current;
    }
    use(undefined);
    return error;
  };

  /** Opens a connection and logs in. */
  const open = async (): Promise<Socket> => {
    const proof = await credentials.proof();
    if (isOver()) throw failure('closed');
    const socket = openSocket(url, webSocket, timing, (frame) => take(socket, frame));
    sockets.add(socket);
    void socket.ended.then(() => sockets.delete(socket));
    await socket.opened;
    try {
      const reply = await logIn(socket, proof, handlers.loginFields);
      const lost = socket.ended.then((error) => {
        throw error;
      });
      await Promise.race([handlers.loggedIn(reply, socket.ask), lost]);
      return socket;
    } catch (error) {
      socket.end('connection_lost');
      throw error;
    }
  };

  /** Ends this client with its session. On a connection that was already replaced, the frame is ignored. */
  const take = (socket: Socket, frame: Frame): void => {
    handlers.frame(frame);
    if (frame.type !== 'SESSION_ENDED' || (current ?? socket) !== socket) return;
    credentials.forget();
    end(frame.code as Code, frame.reason as string);
  };

  /** @param first the proof to begin with @param fields of the login beside it */
  const logIn = async (socket: Socket, first: Proof, fields?: () => object): Promise<Frame> => {
    for (let proof = first; ; proof = await credentials.proof()) {
      try {
        const reply = await socket.ask(
          { type: 'login', batches: true, ...proof, ...fields?.() },
          timing.login,
        );
        credentials.accepted(reply);
        // What the server says is left, since the clock of this machine may be wrong.
        const left = reply.session_expires_in_ms as number | undefined;
        socket.login = { token: proof.token, expires: left && Date.now() + left };
        return reply;
      } catch (error) {
        const refusal = credentials.refused(error);
        if (refusal) throw refusal;
      }
    }
  };

  /** @param socket a new connection, or undefined if there is none any more */
  const use = (socket: Socket | undefined): void => {
    current = socket;
    clearTimeout(renewal);
    keepLogin();
    if (!socket) return;
    attempts = 0;
    // Spread out, since many clients may have connected at the same moment.
    renewal = setTimeout(renew, timing.renew * (1 - random() * 0.1));
    become({ state: 'online' });
    for (const settle of waiting) settle(socket);
  };

  /** Logs in again after about 80 % of what is left of the login, so that after a failure there is time for more attempts. */
  const keepLogin = (): void => {
    const socket = current;
    clearTimeout(relogin);
    if (socket?.login?.expires === undefined) return;
    const left = socket.login.expires - Date.now();
    const wait = left > 1_000 ? left * (0.8 - random() * 0.1) : left;
    relogin = setTimeout(() => void logInAgain(socket), Math.min(wait, LONGEST));
  };

  /** Renews the login on the open connection, once at a time. When it has run out and there is no other, ends the connection. */
  const logInAgain = (socket: Socket): Promise<void> => {
    again ??= tryAgain(socket).finally(() => {
      again = undefined;
    });
    return again;
  };

  const tryAgain = async (socket: Socket): Promise<void> => {
    const hasRunOut = () => Date.now() >= (socket.login?.expires ?? 0);
    try {
      const proof = await credentials.proof();
      // A cache of the app's may return the same token until shortly before its end.
      if (proof.token !== socket.login?.token || hasRunOut()) {
        const { pending_messages: messages, more } = await logIn(socket, proof);
        // Those of the time in which the login had run out.
        handlers.frame({ type: 'pending_messages', messages, more });
      }
    } catch (error) {
      if (current === socket) {
        endIfFinal(error as Error);
        if (hasRunOut()) socket.end(codeOf(error), error as RequestError);
      }
    }
    keepLogin();
  };

  /** Replaces the connection. If that fails, the old one lives on until it ends, and the session reconnects as usual. */
  const renew = async (): Promise<void> => {
    const old = current;
    const next = await open().catch(() => undefined);
    if (!next || !old || current !== old) return next?.end('closed');
    use(next);
    // Requests on the old connection may still be answered.
    for (let left = 20; old.waiting.size > 0 && left > 0; left--) await sleep(timing.request / 20);
    old.end('connection_lost');
  };

  const become = (change: StateChange): void => {
    if (state === change.state) return;
    state = change.state;
    handlers.state(change);
  };

  return {
    get state() {
      return state;
    },
    run: () => void run(),
    ask,
    ready,
    wake(quietFor) {
      wakeUp();
      current?.doubt(quietFor);
      // Timers stand still while the machine is asleep.
      keepLogin();
    },
    end,
  };
}

const codeOf = (error: unknown): Code => (error instanceof RequestError ? error.code : 'internal_error');
