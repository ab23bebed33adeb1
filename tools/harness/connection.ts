import { WebSocket } from 'ws';

/** A frame from the service. */
export type Frame = Record<string, unknown>;

/** A reply, and when it arrived (`performance.now()`). */
export interface Reply {
  frame: Frame;
  at: number;
}

/** There was no reply in time, or the connection is lost. The request may have taken effect. */
class NoReply extends Error {
  override name = 'NoReply';
}

const PATIENCE_MS = 30_000;

interface Waiting {
  answer(reply: Reply): void;
  fail(error: Error): void;
  timer: NodeJS.Timeout;
}

/** The options of a connection. */
interface ConnectionOptions {
  /** Called for every frame that is not a reply. */
  onPush?(frame: Frame, at: number): void;
  /** Called with the size of each sent and received frame, in bytes. */
  onBytes?(bytes: number, way: 'out' | 'in'): void;
  /** The timeout for a reply. */
  patienceMs?: number;
}

/** One connection to the service, with JSON frames. */
export class Connection {
  readonly name: string;
  readonly closed: Promise<void>;
  readonly #socket: WebSocket;
  readonly #options: ConnectionOptions;
  readonly #waiting = new Map<string, Waiting>();
  #requests = 0;

  constructor(socket: WebSocket, name: string, options: ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.name = name;
    this.closed = new Promise((closed) => socket.once('close', () => closed()));
    socket.on('error', () => {}); // 'close' follows
    socket.once('close', () => {
      for (const id of [...this.#waiting.keys()]) this.#fail(id, 'the connection was lost');
    });
    socket.on('message', (data: Buffer) => {
      const at = performance.now();
      options.onBytes?.(data.length, 'in');
      const frame = JSON.parse(data.toString()) as Frame;
      if (!this.#answer(frame, at)) options.onPush?.(frame, at);
    });
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /**
   * Sends a request and waits for its reply, which may be a refusal.
   * @throws NoReply
   */
  request(fields: Frame): Promise<Reply> {
    if (!this.isOpen) return Promise.reject(new NoReply('the connection was lost'));
    const id = `r${++this.#requests}`;
    const text = JSON.stringify({ ...fields, request_id: id });
    const { onBytes, patienceMs = PATIENCE_MS } = this.#options;
    onBytes?.(Buffer.byteLength(text), 'out');
    return new Promise((answer, fail) => {
      const late = () => this.#fail(id, `no reply to ${fields.type} within ${patienceMs / 1000} s`);
      this.#waiting.set(id, { answer, fail, timer: setTimeout(late, patienceMs) });
      this.#socket.send(text);
    });
  }

  /** Closes the connection. */
  async close(): Promise<void> {
    this.#socket.close();
    // Don't wait long for a service that doesn't answer the close frame.
    const timer = setTimeout(() => this.#socket.terminate(), 1_000);
    await this.closed;
    clearTimeout(timer);
  }

  #answer(frame: Frame, at: number): boolean {
    const waiting = this.#take(String(frame.request_id));
    waiting?.answer({ frame, at });
    return waiting !== undefined;
  }

  #fail(id: string, why: string): void {
    this.#take(id)?.fail(new NoReply(`${this.name}: ${why}`));
  }

  #take(id: string): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    clearTimeout(waiting?.timer);
    return waiting;
  }
}

/**
 * Opens a connection.
 * @throws Error with the URL if the service does not answer
 */
export async function connect(url: string, name: string, options: ConnectionOptions): Promise<Connection> {
  const socket = new WebSocket(url, { perMessageDeflate: false, handshakeTimeout: PATIENCE_MS });
  await new Promise<void>((opened, failed) => {
    socket.once('open', () => opened());
    socket.once('error', (error) => failed(new Error(`${url}: ${error.message || 'no answer'}`)));
  });
  return new Connection(socket, name, options);
}
