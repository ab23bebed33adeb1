import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { damageRefusal } from '../damage.ts';
import { sealed, unsealed } from '../sealed.ts';
import type { QueueModel } from '../template/model.ts';

/** A stored message. */
export interface QueueMessage {
  id: string;
  body: string;
  /** When it was sent and when it becomes visible, in milliseconds since 1970. */
  sent: number;
  visible: number;
  /** How often it was received. */
  receives: number;
  first?: number;
  /** Attributes of type String. */
  attributes?: Record<string, string>;
}

/** An SQS queue in memory. Given a folder, it survives the process, with a file for each message. */
export class Queue {
  readonly model: QueueModel;
  /** Called when there are messages to receive. */
  onMessage: () => void = () => {};
  readonly #folder: string | undefined;
  readonly #messages = new Map<string, QueueMessage>();
  readonly #failed: () => Queue | undefined;
  #timer: NodeJS.Timeout | undefined;
  #sent = 0;
  #isClosed = false;

  /**
   * @param failed the dead-letter queue
   * @param acceptDamage whether to skip damaged messages
   * @throws Error that names a damaged message
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
      // Its receiver ended with the last process, so the message is visible again.
      this.#messages.set(message.id, { ...message, visible: Math.min(message.visible, Date.now()) });
    }
  }

  get size(): number {
    return this.#messages.size;
  }

  /** The bodies of all messages, visible or not. */
  get bodies(): string[] {
    return [...this.#messages.values()].map(({ body }) => body);
  }

  /** Adds a message; it is durable once this returns. @param delay milliseconds @param attributes of type String */
  send(body: string, delay = 0, attributes?: Record<string, string>): QueueMessage {
    const now = Date.now();
    const id = `${now.toString(36).padStart(9, '0')}-${process.pid}-${++this.#sent}`;
    const message = {
      id,
      body,
      sent: now,
      visible: now + delay,
      receives: 0,
      ...(attributes && { attributes }),
    };
    this.#keep(message);
    this.#wake();
    return message;
  }

  /** Receives messages, oldest first, and hides them for the queue's visibility timeout. */
  receive(limit: number): QueueMessage[] {
    const now = Date.now();
    const { visibility, failed } = this.model;
    const received: QueueMessage[] = [];
    for (const message of [...this.#messages.values()].filter(({ visible }) => visible <= now)) {
      if (received.length === limit) break;
      if (failed && message.receives >= failed.after) {
        this.#failed()?.send(message.body, 0, message.attributes);
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

  /** Makes a message that was received visible again after a wait. @param wait milliseconds */
  postpone(id: string, wait: number): void {
    const message = this.#messages.get(id);
    if (!message) return;
    this.#keep({ ...message, visible: Date.now() + wait });
    this.#wake();
  }

  /** Deletes a message; does nothing if it doesn't exist. */
  delete(id: string): void {
    this.#messages.delete(id);
    if (this.#folder) rmSync(join(this.#folder, `${id}.json`), { force: true });
  }

  /** Notifies nobody any more. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  #keep(message: QueueMessage): void {
    this.#messages.set(message.id, message);
    if (this.#folder === undefined) return;
    const file = join(this.#folder, `${message.id}.json`);
    writeFileSync(`${file}.new`, sealed(JSON.stringify(message)));
    renameSync(`${file}.new`, file);
  }

  /** Notifies the listener when the next message becomes visible. */
  #wake(): void {
    clearTimeout(this.#timer);
    if (this.#isClosed || this.#messages.size === 0) return;
    const next = Math.min(...[...this.#messages.values()].map(({ visible }) => visible));
    this.#timer = setTimeout(() => this.onMessage(), Math.max(0, next - Date.now()));
    this.#timer.unref();
  }
}

/** @returns undefined if the message is damaged and that is accepted; the file is kept under another name */
function messageIn(path: string, acceptDamage: boolean): QueueMessage | undefined {
  const text = unsealed(readFileSync(path, 'utf8'));
  if (text !== undefined) return JSON.parse(text) as QueueMessage;
  if (!acceptDamage)
    throw new Error(damageRefusal(`The data is damaged: ${path} is not a valid queue message`));
  renameSync(path, `${path}.damaged`);
  return undefined;
}
