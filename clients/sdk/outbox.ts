import { isTransient, RequestError } from './errors.ts';
import { addressOf, chatRefOf } from './names.ts';
import { type Draft, Outgoing } from './sending.ts';
import type { Ask } from './session.ts';
import { readJson, type Store } from './store.ts';
import { type Backoff, sleep } from './timing.ts';
import type { Frame, Message, Recipient } from './types.ts';

/** What the outbox calls. */
export interface OutboxOptions {
  ask: Ask;
  backoff: Backoff;
  store: Store;
  /** The recipient as the server spells it. */
  spelled(to: Recipient): Recipient;
  /** The chat's last seq that this client knows. */
  lastSeq(to: Recipient): Promise<number>;
  /** The message was stored, as the reply says. @returns the whole message */
  stored(sending: Outgoing, reply: Frame): Message;
  changed(sending: Outgoing): void;
}

/** Source: protocol/limits.ts. A browser sends each message as one frame, and API Gateway limits frames. */
const CONTENT_BYTES = 16 * 1024;
const FRAME_BYTES = 32 * 1024;
// Room for `request_id` and `after_seq`, which are added after the check.
const REST = 100;
// Digits of the counter at the start of a key.
const DIGITS = 12;
// Give up after so many, or the message would block all that follow.
const INTERNAL_ERRORS = 8;

/** Sends messages, across reconnects and restarts, one after the other in each chat. */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #sendings = new Map<string, Outgoing>();
  readonly #lanes = new Set<string>();
  #isOver = false;
  #last = 0;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Adds the messages in the store, ahead of those sent since. */
  load(): void {
    const since = [...this.#sendings.values()];
    const { store } = this.#options;
    this.#sendings.clear();
    for (const key of store.keys('o/').sort()) {
      const draft = readJson<Draft>(store, key);
      // Another tab may have just sent it.
      if (draft) this.#sendings.set(draft.id, this.#outgoing(draft, key));
    }
    for (const sending of since) {
      // Stored messages come first.
      sending.key = this.#nextKey(sending.id);
      this.#sendings.set(sending.id, sending);
      this.#save(sending);
    }
    for (const { lane } of this.#sendings.values()) void this.#pump(lane);
  }

  /** Pending or failed, oldest first. */
  get sendings(): Outgoing[] {
    return [...this.#sendings.values()];
  }

  send(to: Recipient, content: string): Outgoing {
    const id = newId();
    const sending = this.#outgoing({ id, to, content }, this.#nextKey(id));
    this.#begin(sending);
    return sending;
  }

  retry(id: string): void {
    const sending = this.#sendings.get(id);
    if (sending?.status !== 'failed') return;
    this.#remove(sending);
    sending.again(this.#nextKey(id));
    this.#begin(sending);
  }

  discard(id: string): void {
    const sending = this.#sendings.get(id);
    if (sending?.status !== 'failed') return;
    this.#remove(sending);
    this.#options.changed(sending);
  }

  /** The message arrived from the log, so its reply is no longer needed. */
  seen(message: Message): void {
    const sending = this.#sendings.get(message.client_message_id ?? '');
    if (sending) this.#sent(sending, message);
  }

  end(): void {
    this.#isOver = true;
  }

  #outgoing(draft: Draft, key: string): Outgoing {
    return new Outgoing({ ...draft, to: this.#options.spelled(draft.to) }, key);
  }

  #begin(sending: Outgoing): void {
    const refusal = refusalOf(sending);
    this.#sendings.set(sending.id, sending);
    if (refusal) {
      this.#fail(sending, refusal);
    } else {
      this.#save(sending);
      this.#options.changed(sending);
      void this.#pump(sending.lane);
    }
  }

  #save({ key, draft }: Outgoing): void {
    this.#options.store.set(key, JSON.stringify(draft));
  }

  #remove({ id, key }: Outgoing): void {
    this.#sendings.delete(id);
    this.#options.store.set(key, undefined);
  }

  async #pump(lane: string): Promise<void> {
    if (this.#lanes.has(lane)) return;
    this.#lanes.add(lane);
    for (let attempt = 0; ; ) {
      const sending = this.sendings.find((each) => each.lane === lane && each.status === 'pending');
      if (!sending || this.#isOver) break;
      try {
        await this.#attempt(sending);
        attempt = 0;
      } catch (error) {
        await this.#failed(sending, error, attempt++);
      }
    }
    this.#lanes.delete(lane);
  }

  async #attempt(sending: Outgoing): Promise<void> {
    if (sending.draft.after === undefined) {
      const after = await this.#options.lastSeq(sending.to);
      // Another tab on this store may have tried already.
      sending.draft.after = readJson<Draft>(this.#options.store, sending.key)?.after ?? after;
      this.#save(sending);
    }
    const reply = await this.#options.ask(requestOf(sending.draft));
    // The log may have delivered it before the reply; `#sent` ignores the second.
    this.#sent(sending, this.#options.stored(sending, reply));
  }

  /** Gives up, or waits for the next attempt. After a lost connection `ask` itself waits. */
  async #failed(sending: Outgoing, error: unknown, attempt: number): Promise<void> {
    if (!(error instanceof RequestError)) throw error;
    const { code, retryAfterMs, afterSeq } = error;
    if (sending.status !== 'pending' || this.#isOver || code === 'connection_lost' || code === 'timed_out')
      return;
    // The part that the server searched doesn't have it: continue the search there.
    if (afterSeq !== undefined) {
      sending.draft.after = afterSeq;
      return this.#save(sending);
    }
    const mayPass = isTransient(error) || (code === 'internal_error' && attempt < INTERNAL_ERRORS);
    if (!mayPass) return this.#fail(sending, error);
    await sleep(retryAfterMs ?? this.#options.backoff(attempt));
  }

  #sent(sending: Outgoing, message: Message): void {
    if (sending.status === 'sent') return;
    this.#remove(sending);
    sending.sent(message);
    this.#options.changed(sending);
  }

  #fail(sending: Outgoing, error: RequestError): void {
    sending.failed(error);
    if (this.#options.store.get(sending.key) !== undefined) this.#save(sending);
    this.#options.changed(sending);
  }

  /** Sorts after all keys in the store, other tabs' included. A count, since clocks may step back; the id separates tabs. */
  #nextKey(id: string): string {
    const counts = this.#options.store.keys('o/').map((key) => Number(key.slice(2, 2 + DIGITS)));
    this.#last = Math.max(this.#last, ...counts) + 1;
    return `o/${`${this.#last}`.padStart(DIGITS, '0')}-${id}`;
  }
}

const requestOf = ({ id, to, content, after }: Draft): object => ({
  type: typeof to === 'string' ? 'SEND_MESSAGE' : 'SEND_GROUP_MESSAGE',
  ...addressOf(chatRefOf(to)),
  ...{ content, client_message_id: id, after_seq: after },
});

/** What the server would refuse, or what API Gateway would close the connection for. */
function refusalOf({ draft }: Outgoing): RequestError | undefined {
  if (draft.content === '') return new RequestError('bad_request', 'A message must not be empty.');
  const bytes = (text: string) => new TextEncoder().encode(text).length;
  const isTooLarge =
    bytes(draft.content) > CONTENT_BYTES || bytes(JSON.stringify(requestOf(draft))) + REST > FRAME_BYTES;
  return isTooLarge ? new RequestError('content_too_large', 'A message is at most 16 KiB.') : undefined;
}

/** 128 random bits. Browsers have `randomUUID` only on pages with TLS. */
const newId = (): string => crypto.getRandomValues(new Uint32Array(4)).join('-');
