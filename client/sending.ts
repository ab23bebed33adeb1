import { type Code, RequestError } from './errors.ts';
import type { Message, Recipient, Sending } from './types.ts';

/** What the store keeps of a message that is not sent yet. */
export interface Draft {
  /** Its `client_message_id`. */
  id: string;
  to: Recipient;
  content: string;
  /** Its `after_seq`, the same on every attempt. */
  after?: number;
  failed?: { code: Code; reason: string };
}

/** A message on its way (types.ts). */
export class Outgoing implements Sending {
  readonly draft: Draft;
  /** Where the store has it; keys are in the order of sending. */
  key: string;
  isDone = false;
  #message!: Promise<Message>;
  #resolve!: (message: Message) => void;
  #reject!: (error: RequestError) => void;

  constructor(draft: Draft, key: string) {
    this.draft = draft;
    this.key = key;
    this.#begin();
    if (this.error) this.#reject(this.error);
  }

  get id(): string {
    return this.draft.id;
  }

  get to(): Recipient {
    return this.draft.to;
  }

  get content(): string {
    return this.draft.content;
  }

  get status(): 'pending' | 'sent' | 'failed' {
    if (this.isDone) return 'sent';
    return this.draft.failed ? 'failed' : 'pending';
  }

  get error(): RequestError | undefined {
    const { failed } = this.draft;
    return failed && new RequestError(failed.code, failed.reason);
  }

  get message(): Promise<Message> {
    return this.#message;
  }

  /** Those of one lane are sent one after the other. */
  get lane(): string {
    return (typeof this.to === 'string' ? `@${this.to}` : `#${this.to.group}`).toLowerCase();
  }

  sent(message: Message): void {
    this.isDone = true;
    this.#resolve(message);
  }

  failed({ code, reason }: RequestError): void {
    this.draft.failed = { code, reason };
    this.#reject(new RequestError(code, reason));
  }

  again(key: string): void {
    this.draft.failed = undefined;
    this.key = key;
    this.#begin();
  }

  #begin(): void {
    this.#message = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Who only watches the status need not catch.
    this.#message.catch(() => {});
  }
}
