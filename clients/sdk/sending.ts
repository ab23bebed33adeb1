import { type Draft, lastOf } from './draft.ts';
import { RequestError } from './errors.ts';
import type { Message, Recipient, Sending } from './types.ts';

/** A message or change being sent (types.ts). */
export class Outgoing implements Sending {
  readonly id: string;
  readonly to: Recipient;
  readonly draft: Draft;
  /** Its key in the store; keys sort in the order of sending. */
  key: string;
  status: 'pending' | 'sent' | 'failed' = 'pending';
  error?: RequestError;
  message!: Promise<Message>;
  /** Its entry, once the service has stored it and the log has still to bring it. */
  entry?: Message;
  /** Whether another tab has sent or discarded it. */
  isGone = false;
  #settle!: Settle;

  constructor(draft: Draft, key: string) {
    const { id, to, failed } = draft;
    this.id = id;
    this.to = to;
    this.draft = draft;
    this.key = key;
    this.#begin();
    if (failed) this.failed(new RequestError(failed.code, failed.reason));
  }

  get content(): string {
    return lastOf(this.draft).content;
  }

  get target(): number | undefined {
    return this.draft.target;
  }

  get isDeletion(): boolean {
    return lastOf(this.draft).deletes === true;
  }

  get canUndo(): boolean {
    return this.isDeletion && (this.draft.next !== undefined || this.isUntried);
  }

  /** Whether something has to happen with it. A failed one may still have to be deleted. */
  get isOpen(): boolean {
    return this.status === 'pending' || this.draft.next !== undefined;
  }

  /** Whether the service cannot have it. */
  get isUntried(): boolean {
    return this.status === 'pending' && this.draft.after === undefined;
  }

  /** Messages of one lane are sent one after the other. */
  get lane(): string {
    return typeof this.to === 'string' ? `@${this.to}` : `#${this.to.group}`;
  }

  sent(message: Message): void {
    this.status = 'sent';
    this.#settle(message);
  }

  failed(error: RequestError): void {
    const { code, reason } = error;
    this.status = 'failed';
    this.error = error;
    this.draft.failed = { code, reason };
    const rejected = Promise.reject(error);
    // It may have failed before.
    rejected.catch(() => {});
    this.#settle(rejected);
  }

  again(key: string): void {
    this.status = 'pending';
    this.error = undefined;
    this.draft.failed = undefined;
    this.key = key;
    this.#begin();
  }

  #begin(): void {
    this.message = new Promise((resolve) => {
      this.#settle = resolve;
    });
    // Apps that only watch `status` need no handler.
    this.message.catch(() => {});
  }
}

type Settle = (outcome: Message | Promise<Message>) => void;
