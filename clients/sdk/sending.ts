import { type Code, RequestError } from './errors.ts';
import type { Message, Recipient, Sending } from './types.ts';

/** What the store keeps of an unsent message. */
export interface Draft {
  /** The message's `client_message_id`. */
  id: string;
  to: Recipient;
  content: string;
  /** Its `after_seq`: the same on every attempt, unless the server answers `too_far_back`. */
  after?: number;
  failed?: { code: Code; reason: string };
}

/** A message being sent (types.ts). */
export class Outgoing implements Sending {
  readonly id: string;
  readonly to: Recipient;
  readonly content: string;
  readonly draft: Draft;
  /** Its key in the store; keys sort in the order of sending. */
  key: string;
  status: 'pending' | 'sent' | 'failed' = 'pending';
  error?: RequestError;
  message!: Promise<Message>;
  #settle!: Settle;

  constructor(draft: Draft, key: string) {
    const { id, to, content, failed } = draft;
    this.id = id;
    this.to = to;
    this.content = content;
    this.draft = draft;
    this.key = key;
    this.#begin();
    if (failed) this.failed(new RequestError(failed.code, failed.reason));
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
    this.#settle(Promise.reject(error));
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
