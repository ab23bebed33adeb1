import { type Connection, connect, type Frame } from '../harness/connection.ts';

/** API Gateway counts a message of up to 32 KB as one, and a longer one once for each 32 KB begun. */
const METER_BYTES = 32 * 1024;
const PATIENCE_MS = 60_000;

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

  /** Ends all connections. */
  async close(): Promise<void> {
    await Promise.all(this.#open.map((person) => person.close()));
  }
}

/** A user of the service, who is refused nothing. */
class Person {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Sends a request, and waits for its reply.
   * @throws Error if the service refuses, or does not answer
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
