import { WebSocket } from 'ws';

/** API Gateway counts a message of up to 32 KB as one, and a longer one once for each 32 KB begun. */
const METER_BYTES = 32 * 1024;
const PATIENCE_MS = 60_000;

type Frame = Record<string, unknown>;

/** API Gateway's messages in one that is so long. */
export const metered = (bytes: number): number => Math.max(1, Math.ceil(bytes / METER_BYTES));

/** What went over all sockets together. */
export class Wire {
  /** As API Gateway counts them, in both directions. */
  messages = 0;
  /** Frames that came from the service, and their bytes. */
  frames = 0;
  bytes = 0;
  readonly #url: string;
  readonly #open: Person[] = [];

  constructor(url: string) {
    this.#url = url;
  }

  reset(): void {
    this.messages = this.frames = this.bytes = 0;
  }

  /** Opens a connection. */
  async connect(): Promise<Person> {
    const socket = new WebSocket(this.#url, { perMessageDeflate: false });
    await new Promise<void>((opened, failed) => {
      socket.once('open', () => opened());
      socket.once('error', failed);
    });
    const person = new Person(socket, this);
    this.#open.push(person);
    return person;
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    await Promise.all(this.#open.map((person) => person.close()));
  }
}

/** One connection to the service. */
class Person {
  readonly #socket: WebSocket;
  readonly #wire: Wire;
  readonly #waiting = new Map<string, (frame: Frame) => void>();
  readonly #closed: Promise<unknown>;
  #requests = 0;

  constructor(socket: WebSocket, wire: Wire) {
    this.#socket = socket;
    this.#wire = wire;
    this.#closed = new Promise((closed) => socket.once('close', closed));
    socket.on('message', (data: Buffer) => this.#take(data));
  }

  /**
   * Sends a request, and waits for its reply.
   * @throws Error if the service refuses, or does not answer
   */
  async request(fields: Frame): Promise<Frame> {
    const id = `r${++this.#requests}`;
    const text = JSON.stringify({ ...fields, request_id: id });
    this.#wire.messages += metered(Buffer.byteLength(text));
    const reply = await new Promise<Frame>((answered, failed) => {
      const late = () => failed(new Error(`${fields.type}: no reply within ${PATIENCE_MS / 1000} s`));
      const timer = setTimeout(late, PATIENCE_MS);
      this.#waiting.set(id, (frame) => {
        clearTimeout(timer);
        answered(frame);
      });
      this.#socket.send(text);
    });
    if (reply.code !== undefined) throw new Error(`${fields.type}: ${reply.code}: ${reply.reason}`);
    return reply;
  }

  async close(): Promise<void> {
    this.#socket.close();
    await this.#closed;
  }

  #take(data: Buffer): void {
    this.#wire.frames++;
    this.#wire.bytes += data.length;
    this.#wire.messages += metered(data.length);
    const frame = JSON.parse(data.toString()) as Frame;
    const id = String(frame.request_id);
    this.#waiting.get(id)?.(frame);
    this.#waiting.delete(id);
  }
}

export type { Person };
