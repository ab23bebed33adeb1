import { type Connection, connect, type Frame } from '../harness/connection.ts';

/** API Gateway bills a frame as one message for each 32 KB begun. */
const METER_BYTES = 32 * 1024;
const PATIENCE_MS = 60_000;

/** The billed messages of a frame of this length. */
export const metered = (bytes: number): number => Math.max(1, Math.ceil(bytes / METER_BYTES));

/** Opens connections and counts their traffic. */
export class Wire {
  /** Billed messages in both directions. */
  messages = 0;
  /** Frames received from the service, and their bytes. */
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
    const onBytes = (bytes: number, way: 'out' | 'in') => {
      this.messages += metered(bytes);
      if (way === 'out') return;
      this.frames++;
      this.bytes += bytes;
    };
    const person = new Person(await connect(this.#url, 'cost', { onBytes, patienceMs: PATIENCE_MS }));
    this.#open.push(person);
    return person;
  }

  /** Closes all connections. */
  async close(): Promise<void> {
    await Promise.all(this.#open.map((person) => person.close()));
  }
}

/** A connected user. A refused request is an error. */
class Person {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Sends a request, and waits for its reply.
   * @throws Error if the service refuses or does not answer
   */
  async request(fields: Frame): Promise<Frame> {
    const { frame } = await this.#connection.request(fields);
    if (frame.code !== undefined) throw new Error(`${fields.type}: ${frame.code}: ${frame.reason}`);
    return frame;
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}

export type { Person };
