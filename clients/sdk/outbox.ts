import { targetOf } from './changes.ts';
import { beforeLast, type Content, type Draft, lastOf, refusalOf, requestOf } from './draft.ts';
import { failure, isTransient, RequestError } from './errors.ts';
import { Outgoing } from './sending.ts';
import type { Ask } from './session.ts';
import { readJson, type Store } from './store.ts';
import { type Backoff, sleep, type Timing } from './timing.ts';
import type { Frame, Message, Recipient } from './types.ts';

/** What the outbox calls. */
export interface OutboxOptions {
  ask: Ask;
  backoff: Backoff;
  timing: Timing;
  store: Store;
  username(): string;
  /** The recipient as the server spells it. */
  spelled(to: Recipient): Recipient;
  /** The chat's last seq that this client knows. */
  lastSeq(to: Recipient): Promise<number>;
  /** It was stored, as the reply says. @returns the entry */
  stored(sending: Outgoing, reply: Frame): Message;
  /** Whether the app has been told this entry of its log. */
  isTold(entry: Message): boolean;
  changed(sending: Outgoing): void;
}

// Key of an id that the store gets with its first entry.
const GENERATION = 'o';
// Digits of the counter at the start of a key.
const DIGITS = 12;
// Give up after so many, or the message would block all that follow.
const INTERNAL_ERRORS = 8;

/**
 * Sends messages, edits and deletions, across reconnects and restarts, one after the other in each chat. There is one
 * `Outgoing` for each message: what is asked for later changes it, or waits in it until it is stored.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #sendings = new Map<string, Outgoing>();
  readonly #lanes = new Set<string>();
  /**
   * Deletions that wait for an undo, and what another tab has begun: that one sends it, unless it dies. In the store they
   * are like any other: after a restart they wait no more.
   */
  readonly #held = new Map<string, 'undo' | 'elsewhere'>();
  /** The store's, when it was loaded or first written to; empty before. */
  #generation = '';
  #isOver = false;
  #last = 0;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Adds the messages in the store, ahead of those sent since. */
  load(): void {
    const since = [...this.#sendings.values()];
    const { store } = this.#options;
    this.#generation = store.get(GENERATION) ?? '';
    this.#sendings.clear();
    for (const key of store.keys('o/').sort()) {
      const draft = readJson<Draft>(store, key);
      // Another tab may have just sent it.
      if (draft?.id && draft.to) this.#sendings.set(draft.id, this.#outgoing(draft, key));
    }
    for (const sending of since) {
      // Stored messages come first.
      sending.key = this.#nextKey(sending.id);
      this.#sendings.set(sending.id, sending);
      this.#save(sending);
    }
    this.#pumpAll();
  }

  /** Pending or failed, oldest first. */
  get sendings(): Outgoing[] {
    return [...this.#sendings.values()].filter(({ isGone }) => !isGone);
  }

  send(to: Recipient, content: string): Outgoing {
    return this.#begin({ id: newId(), to, content });
  }

  edit(to: Recipient, target: number | string, content: string): Outgoing {
    const known = this.#find(to, target);
    if (known?.isDeletion && known.isOpen) return known;
    if (known && !known.isOpen) this.#remove(known);
    if (!known?.isOpen) return this.#begin({ id: newId(), to, content, ...seqOf(target) });
    const last = lastOf(known.draft);
    if (last !== known.draft || known.isUntried) last.content = content;
    else last.next = { id: newId(), content };
    return this.#go(known);
  }

  delete(to: Recipient, target: number | string, undoMs = 0): Outgoing {
    const known = this.#find(to, target);
    if (known?.isDeletion && known.isOpen) return known;
    const deletion = { id: newId(), content: '', deletes: true, ...(undoMs > 0 && { undoMs }) } as const;
    if (undoMs > 0) this.#hold(deletion.id, 'undo', undoMs);
    if (known && !known.isDeletion) {
      lastOf(known.draft).next = deletion;
      return this.#go(known);
    }
    if (known) this.#remove(known);
    return this.#begin({ ...deletion, to, ...seqOf(target) });
  }

  undo(id: string): void {
    const sending = this.#sendings.get(id);
    if (sending) this.#refresh(sending);
    if (!sending?.canUndo) return;
    beforeLast(sending.draft).next = undefined;
    if (sending.draft.deletes) this.#drop(sending);
    else this.#go(sending);
  }

  flush(): void {
    // Those of another tab may still be undone there.
    for (const [id, why] of this.#held) if (why === 'undo') this.#held.delete(id);
    this.#pumpAll();
  }

  /** The user has left this group: its messages can't be changed any more, and its log brings nothing. */
  left(lane: string): void {
    for (const sending of this.sendings.filter((each) => each.lane === lane)) {
      if (sending.entry) this.#sent(sending, sending.entry);
      else if (sending.target) this.#drop(sending);
    }
  }

  retry(id: string): void {
    const sending = this.#sendings.get(id);
    if (sending?.status !== 'failed') return;
    this.#remove(sending);
    sending.again(this.#nextKey(id));
    this.#go(sending);
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

  /** Another tab has added, changed or removed what is under this key. What is new is sent here, if that tab doesn't. */
  heard(key: string): void {
    const draft = readJson<Draft>(this.#options.store, key);
    const known = [...this.#sendings.values()].find((each) => each.key === key);
    if (known) {
      const before = lastOf(known.draft).id;
      if (!this.#refresh(known)) {
        this.#gone(known);
        return;
      }
      const last = lastOf(known.draft);
      if (last.deletes && last.id !== before) this.#leave(last);
      this.#options.changed(known);
    } else if (draft) {
      const sending = this.#outgoing(draft, key);
      this.#generation ||= this.#options.store.get(GENERATION) ?? '';
      this.#sendings.set(sending.id, sending);
      this.#leave(lastOf(draft));
      this.#options.changed(sending);
    }
  }

  end(): void {
    this.#isOver = true;
  }

  /** Whether the store has what a later session of the same user has begun. */
  get isReplaced(): boolean {
    return ![undefined, this.#generation].includes(this.#options.store.get(GENERATION));
  }

  #outgoing(draft: Draft, key: string): Outgoing {
    return new Outgoing({ ...draft, to: this.#options.spelled(draft.to) }, key);
  }

  #begin(draft: Draft, key = this.#nextKey(draft.id)): Outgoing {
    return this.#go(this.#outgoing(draft, key));
  }

  #go(sending: Outgoing): Outgoing {
    const refusal = refusalOf(sending.draft, this.#options.username());
    this.#sendings.set(sending.id, sending);
    if (refusal) {
      this.#fail(sending, refusal);
    } else {
      this.#save(sending);
      this.#options.changed(sending);
      void this.#pump(sending.lane);
    }
    return sending;
  }

  /** What is on its way of a message, or about it. @param target its seq, or the id of an unsent one */
  #find(to: Recipient, target: number | string): Outgoing | undefined {
    const { lane } = this.#outgoing({ id: '', to, content: '' }, '');
    const found = this.sendings.find((each) => each.lane === lane && (each.target ?? each.id) === target);
    if (!found && typeof target === 'string') throw failure('unknown_message');
    // Another tab may have sent it and not told this one yet: now it must be taken for sent.
    if (found && !this.#refresh(found)) found.draft.after ??= 0;
    return found;
  }

  /** Takes over what another tab has made of it. @returns whether that is still there */
  #refresh({ key, draft }: Outgoing): boolean {
    const { store } = this.#options;
    const stored = readJson<Draft>(store, key);
    // What somebody else erased, like a user all of the browser's data, is neither sent nor discarded.
    if (!stored) return store.get(GENERATION) !== this.#generation;
    const { content, next, after = draft.after } = stored;
    Object.assign(draft, { content, next, after });
    return true;
  }

  /** Leaves it to another tab for as long as it can be undone there, and sent. */
  #leave({ id, undoMs = 0 }: Content): void {
    this.#hold(id, 'elsewhere', undoMs + this.#options.timing.request);
  }

  #hold(id: string, why: 'undo' | 'elsewhere', ms: number): void {
    this.#held.set(id, why);
    void sleep(ms).then(() => this.#held.delete(id) && this.#pumpAll());
  }

  #save({ key, draft }: Outgoing): void {
    const { store } = this.#options;
    // After an erasure it gets another one, so that this outbox goes on without what it had kept.
    if (store.get(GENERATION) === undefined) store.set(GENERATION, newId());
    this.#generation ||= store.get(GENERATION) ?? '';
    store.set(key, JSON.stringify(draft));
  }

  #remove({ id, key }: Outgoing): void {
    this.#sendings.delete(id);
    this.#options.store.set(key, undefined);
  }

  /** Ends it unsent. */
  #drop(sending: Outgoing): void {
    this.#remove(sending);
    this.#fail(sending, new RequestError('discarded', 'It was taken back.'));
  }

  #pumpAll(): void {
    for (const { lane } of this.#sendings.values()) void this.#pump(lane);
  }

  #isDue(sending: Outgoing): boolean {
    return sending.isOpen && !sending.entry && !this.#held.has(lastOf(sending.draft).id);
  }

  async #pump(lane: string): Promise<void> {
    if (this.#lanes.has(lane)) return;
    this.#lanes.add(lane);
    for (let attempt = 0; ; ) {
      const sending = this.sendings.find((each) => each.lane === lane && this.#isDue(each));
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
    const { draft, to } = sending;
    this.#refresh(sending);
    if (draft.next && sending.isDeletion) {
      // The deletion wins over what it deletes, unless that may be sent already and has no seq yet.
      if (draft.target) this.#follow(sending, draft.target);
      if (draft.target || sending.isUntried || sending.status === 'failed') return this.#drop(sending);
    }
    const last = draft.after ?? (await this.#options.lastSeq(to));
    if (!this.#refresh(sending)) return this.#gone(sending);
    // While it waited for a connection, it may have been changed.
    if (!this.#isDue(sending) || (draft.next && draft.after === undefined)) return;
    draft.after ??= Math.max(last, draft.target ?? 0);
    this.#save(sending);
    // It can't be undone any more.
    if (draft.deletes) this.#options.changed(sending);
    const reply = await this.#options.ask(requestOf(draft, this.#options.username()));
    const entry = this.#options.stored(sending, reply);
    sending.entry = entry;
    // Otherwise it would be neither here nor in the log, until what precedes it there has come.
    if (this.#options.isTold(entry)) this.#sent(sending, entry);
  }

  /** Another tab has sent it, and the log will bring it, or has discarded it. */
  #gone(sending: Outgoing): void {
    sending.isGone = true;
    this.#options.changed(sending);
  }

  /** Begins what was asked for about a message, now that its seq is known. In every tab under the same key. */
  #follow({ draft, to, key }: Outgoing, target: number): void {
    const { next } = draft;
    if (next && !this.#sendings.has(next.id))
      this.#begin({ ...next, to, target }, `${key.slice(0, 2 + DIGITS)}-${next.id}`);
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
    // Somebody else was first, or it has expired.
    if (code === 'unknown_message' && sending.draft.deletes) this.#remove(sending);
    if (!mayPass) return this.#fail(sending, error);
    await sleep(retryAfterMs ?? this.#options.backoff(attempt));
  }

  #sent(sending: Outgoing, message: Message): void {
    if (sending.status === 'sent') return;
    this.#refresh(sending);
    // Before it is removed: if the process dies in between, both are there.
    this.#follow(sending, targetOf(message) ?? message.seq);
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

/** The field of a draft that names a stored message. */
const seqOf = (target: number | string): Pick<Draft, 'target'> =>
  typeof target === 'number' ? { target } : {};

/** 128 random bits. Browsers have `randomUUID` only on pages with TLS. */
const newId = (): string => crypto.getRandomValues(new Uint32Array(4)).join('-');
