import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { damageRefusal } from '../damage.ts';
import { sealed, unsealed } from '../sealed.ts';
import type { QueueModel } from '../template/model.ts';

/** A message, as it is kept. */
export interface QueueMessage {
  id: string;
  body: string;
  /** When it was sent, and when it is to be seen next; milliseconds since 1970. */
  sent: number;
  visible: number;
  /** How often it was received. */
  receives: number;
  first?: number;
}

/** A queue of SQS: in memory, and in a folder if it is given one, a file for each message, so that it outlives the process. */
export class Queue {
  readonly model: QueueModel;
  /** Called when there is something to receive. */
  onMessage: () => void = () => {};
  readonly #folder: string | undefined;
  readonly #messages = new Map<string, QueueMessage>();
  readonly #failed: () => Queue | undefined;
  #timer: NodeJS.Timeout | undefined;
  #sent = 0;

  /**
   * @param failed the queue for what was received too often
   * @param acceptDamage whether to leave out messages that are not what was written
   * @throws Error that names such a message
   */
  constructor(
    model: QueueModel,
    folder: string | undefined,
    failed: () => Queue | undefined,
    acceptDamage = false,
  ) {
    this.model = model;
    this.#folder = folder && join(folder, model.id);
    this.#failed = failed;
    if (this.#folder === undefined) return;
    mkdirSync(this.#folder, { recursive: true });
    for (const name of readdirSync(this.#folder).filter((file) => file.endsWith('.json'))) {
      const message = messageIn(join(this.#folder, name), acceptDamage);
      if (message === undefined) continue;
      // Whoever had received it ended with the last process.
      this.#messages.set(message.id, { ...message, visible: Math.min(message.visible, Date.now()) });
    }
  }

  get size(): number {
    return this.#messages.size;
  }

  /** Adds a message. When it returns, the message outlives this process. @param delay milliseconds */
  send(body: string, delay = 0): QueueMessage {
    const now = Date.now();
    const id = `${now.toString(36).padStart(9, '0')}-${process.pid}-${++this.#sent}`;
    const message = { id, body, sent: now, visible: now + delay, receives: 0 };
    this.#keep(message);
    this.#wake();
    return message;
  }

  /** Up to so many messages, the oldest first; others do not see them for the queue's visibility timeout. */
  receive(most: number): QueueMessage[] {
    const now = Date.now();
    const { visibility, failed } = this.model;
    const received: QueueMessage[] = [];
    for (const message of [...this.#messages.values()].filter(({ visible }) => visible <= now)) {
      if (received.length === most) break;
      if (failed && message.receives >= failed.after) {
        this.#failed()?.send(message.body);
        this.delete(message.id);
        continue;
      }
      const seen = { ...message, visible: now + visibility, receives: message.receives + 1 };
      seen.first ??= now;
      this.#keep(seen);
      received.push(seen);
    }
    this.#wake();
    return received;
  }

  /** Ends a message; one that is not there is fine. */
  delete(id: string): void {
    this.#messages.delete(id);
    if (this.#folder) rmSync(join(this.#folder, `${id}.json`), { force: true });
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #keep(message: QueueMessage): void {
    this.#messages.set(message.id, message);
    if (this.#folder === undefined) return;
    const file = join(this.#folder, `${message.id}.json`);
    writeFileSync(`${file}.new`, sealed(JSON.stringify(message)));
    renameSync(`${file}.new`, file);
  }

  /** Calls whoever listens when the next message is to be seen. */
  #wake(): void {
    clearTimeout(this.#timer);
    if (this.#messages.size === 0) return;
    const next = Math.min(...[...this.#messages.values()].map(({ visible }) => visible));
    this.#timer = setTimeout(() => this.onMessage(), Math.max(0, next - Date.now()));
    this.#timer.unref();
  }
}

/** Undefined if it is damaged, and that is accepted: the file stays, under a name that nobody reads. */
function messageIn(path: string, acceptDamage: boolean): QueueMessage | undefined {
  const text = unsealed(readFileSync(path, 'utf8'));
  if (text !== undefined) return JSON.parse(text) as QueueMessage;
  if (!acceptDamage)
    throw new Error(
      damageRefusal(`The data is damaged: ${path} is not the message of a queue that was written`),
    );
  renameSync(path, `${path}.damaged`);
  return undefined;
}
