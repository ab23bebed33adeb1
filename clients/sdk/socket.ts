import { type Code, failure, RequestError } from './errors.ts';
import { LONGEST, type Settle, type Timing, withTimeout } from './timing.ts';
import type { Frame, SocketConstructor } from './types.ts';

const OPEN = 1;

/** One connection, from opening to end. */
export interface Socket {
  /** Rejects with `unreachable` if the socket ended before it opened. */
  opened: Promise<void>;
  /** Resolves with the reason, as an error, once nothing more will arrive. */
  ended: Promise<RequestError>;
  /** The last login on it with a token of the identity provider: that, and when it runs out by this machine's clock. */
  login?: { token: string | undefined; expires: number | undefined };
  /** Its unanswered requests, by their ids. */
  waiting: ReadonlyMap<unknown, Settle<Frame>>;
  /**
   * @param patience milliseconds
   * @throws RequestError the refusal, `timed_out` or `connection_lost`
   */
  ask(request: object, patience?: number): Promise<Frame>;
  /** Pings the server if nothing has arrived for this many milliseconds. */
  doubt(quietFor: number): void;
  /** Ends at once: unanswered requests fail. @param error says more than the reason */
  end(reason: Code, error?: RequestError): void;
}

/**
 * Opens a connection. It pings after a while without traffic, and whenever the server may be gone; a ping without an answer
 * ends it.
 * @param take receives frames that answer no request
 */
export function openSocket(
  url: string,
  webSocket: SocketConstructor,
  timing: Timing,
  take: (frame: Frame) => void,
): Socket {
  const waiting = new Map<unknown, Settle<Frame>>();
  let last = 0;
  let isOver = false;
  let isPinging = false;
  /** When the last frame arrived. */
  let heardAt = Date.now();
  let settle: (reason: RequestError) => void;
  const ended = new Promise<RequestError>((resolve) => {
    settle = resolve;
  });

  const end: Socket['end'] = (reason, error = failure(reason)) => {
    if (!isOver) {
      isOver = true;
      clearTimeout(timer);
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
      settle(error);
    }
    for (const answer of waiting.values()) answer(failure(reason === 'closed' ? reason : 'connection_lost'));
  };

  const ask: Socket['ask'] = (request, patience = timing.request) => {
    const { type } = request as Frame;
    let late: ReturnType<typeof setTimeout>;
    // A late login ends the socket by itself; a late ping is noticed by its own timeout.
    if (type !== 'login' && type !== 'ping') {
      doubt(timing.silence);
      late = setTimeout(ping, timing.late);
    }
    const id = `${++last}`;
    return withTimeout(
      patience,
      (answer) => {
        waiting.set(id, answer);
        if (socket.readyState === OPEN && !isOver) {
          socket.send(JSON.stringify({ ...request, request_id: id }));
          putPingOff();
          // The socket is closing. Don't wait for the close handshake.
        } else end('connection_lost');
      },
      () => {
        clearTimeout(late);
        waiting.delete(id);
      },
    );
  };

  /** Pings, and ends the socket if there is no answer. */
  const ping = () => {
    if (isPinging || isOver) return;
    isPinging = true;
    ask({ type: 'ping' }, timing.pong)
      .catch(({ code }) => code === 'timed_out' && end('silent'))
      .finally(() => {
        isPinging = false;
      });
  };

  const doubt = (quietFor: number) => {
    if (Date.now() - heardAt >= quietFor) ping();
  };

  /** Called for every frame in either direction. */
  const putPingOff = () => {
    clearTimeout(timer);
    if (!isOver) timer = setTimeout(ping, timing.ping);
  };

  const socket = new webSocket(url);
  const opened = new Promise<void>((resolve, reject) => {
    socket.onopen = () => {
      putPingOff();
      resolve();
    };
    void ended.then(() => reject(failure('unreachable')));
  });
  // `onclose` always follows.
  socket.onerror = () => {};
  socket.onclose = () => end('connection_lost');
  socket.onmessage = ({ data }: { data: string }) => {
    heardAt = Date.now();
    putPingOff();
    const frame = parse(data);
    if (!frame) return;
    // API Gateway's error frame for a function that threw or timed out. It doesn't name the request.
    const isServiceError = !frame.type && frame.message !== undefined;
    const id = isServiceError && waiting.size === 1 ? [...waiting.keys()][0] : frame.request_id;
    const answer = waiting.get(id);
    if (answer) answer(isServiceError || frame.code ? refusal(frame) : frame);
    else take(frame);
  };
  // First the time limit for opening, then the timer of the next ping.
  let timer = setTimeout(() => end('unreachable'), timing.login);
  return { opened, ended, waiting, ask, doubt, end };
}

type Maybe = number | undefined;

function refusal({ code = 'internal_error', message, reason = message ?? '', ...more }: Frame): RequestError {
  const { retry_after_ms: wait, after_seq, ask } = more as Record<string, Maybe> & { ask?: string };
  return new RequestError(`${code}` as Code, `${reason}`, wait && Math.min(wait, LONGEST), after_seq, ask);
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
