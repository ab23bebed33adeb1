import { type Code, RequestError } from './errors.ts';
import type { Message, Recipient, Sending } from './types.ts';

/** A text to send or to replace another with, or a deletion. */
export interface Content {
  /** The `client_message_id` of its entry. */
  id: string;
  /** Empty for a deletion. */
  content: string;
  deletes?: true;
  /** Of a deletion: how long it can be undone where it was asked for. */
  undoMs?: number;
  /** The change of it that was asked for when it might have been sent already; it goes out once this is stored. */
  next?: Content;
}

/** What the store keeps of an unsent message or change. */
export interface Draft extends Content {
  to: Recipient;
  /** Of a change: the seq of the stored message. */
  target?: number;
  /** Its `after_seq`: the same on every attempt, unless the server answers `too_far_back`. Absent, it was never sent. */
  after?: number;
  failed?: { code: Code; reason: string };
}

/** The last that was asked for. */
export const lastOf = (content: Content): Content => (content.next ? lastOf(content.next) : content);

/** The one before it. */
export const beforeLast = (content: Content): Content =>
  content.next?.next ? beforeLast(content.next) : content;

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
