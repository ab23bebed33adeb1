import { targetOf } from './changes.ts';
import { type Content, type Draft, lastOf, refusalOf, requestOf } from './draft.ts';
import { failure, isTransient, RequestError } from './errors.ts';
import type { Logs } from './logs.ts';
import { addressOf, chatIdOf, chatRefOf } from './names.ts';
import { begin, fail, isOpen, isUntried, laneOf, type Outgoing, outgoingOf } from './sending.ts';
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
  logs: Logs;
  username(): string;
  /** Waits for a connection. */
  ready(): Promise<unknown>;
  /** The recipient as the server spells it. */
  spelled(to: Recipient): Recipient;
  changed(sending: Outgoing): void;
}

// Key of an id that the store gets with its first entry.
const GENERATION = 'o';
const PREFIX = 'o/';
// Digits of the counter that follows it.
const DIGITS = 12;
// Give up after so many, or the message would block all that follow.
const INTERNAL_ERRORS = 8;

/**
 * Sends messages, edits and deletions, across reconnects and restarts, one after the other in each chat. There is one
 * `Outgoing` for each message: what is asked for later changes it, or waits in it until it is stored.
 */
export function outboxOf(options: OutboxOptions) {
  const { ask, backoff, timing, store, logs, username, ready, spelled, changed } = options;
  const sendings = new Map<string, Outgoing>();
  const lanes = new Set<string>();
  /**
   * Deletions that wait for an undo, and what another tab has begun (true): that one sends it, unless it dies. In the store
   * they are like any other: after a restart they wait no more.
   */
  const held = new Map<string, boolean>();
  /** The store's, when it was loaded or first written to; empty before. */
  let generation = '';
  let last = 0;

  /** Pending or failed, oldest first. */
  const all = () => [...sendings.values()].filter(({ isGone }) => !isGone);

  const storedGeneration = () => store.get(GENERATION);

  const add = (draft: Draft, key = nextKey(draft.id)): Outgoing => {
    const sending = outgoingOf({ ...draft, to: spelled(draft.to) }, key);
    sendings.set(sending.id, sending);
    return sending;
  };

  /** @returns what is under a key of the store; undefined for nothing: another tab may have just sent it */
  const addStored = (key: string): Outgoing | undefined => {
    const draft = readJson<Draft>(store, key);
    return draft?.id && draft.to ? add(draft, key) : undefined;
  };

  const go = (sending: Outgoing): Outgoing => {
    const refusal = refusalOf(sending.draft, username());
    sendings.set(sending.id, sending);
    if (refusal) failed(sending, refusal);
    else {
      save(sending);
      changed(sending);
      void pump(laneOf(sending.to));
    }
    return sending;
  };

  /** @param target the seq of a message, or the id of an unsent one */
  const change = (to: Recipient, target: number | string, what: Content): Outgoing => {
    const lane = laneOf(spelled(to));
    const known = all().find((each) => laneOf(each.to) === lane && (each.target ?? each.id) === target);
    if (!known && typeof target === 'string') throw failure('unknown_message');
    if (known) {
      // Another tab may have sent it and not told this one yet: now it must be taken for sent.
      if (!refresh(known)) known.draft.after ??= 0;
      if (known.isDeletion && isOpen(known)) return known;
    }
    if (what.undoMs) hold(what.id, false, what.undoMs);
    if (known && !known.isDeletion && (what.deletes || isOpen(known))) {
      const { draft } = known;
      if (what.deletes) draft.next = { ...what, before: draft.next };
      else if (draft.next || isUntried(known)) lastOf(draft).content = what.content;
      else draft.next = what;
      return go(known);
    }
    if (known) remove(known);
    return go(add({ ...what, to, target: typeof target === 'number' ? target : undefined }));
  };

  /** Takes over what another tab has made of it. @returns whether that is still there */
  const refresh = ({ key, draft }: Outgoing): boolean => {
    const stored = readJson<Draft>(store, key);
    // What somebody else erased, like a user all of the browser's data, is neither sent nor discarded.
    if (!stored) return storedGeneration() !== generation;
    const { content, next, after = draft.after } = stored;
    Object.assign(draft, { content, next, after });
    return true;
  };

  const hold = (id: string, isElsewhere: boolean, ms: number) => {
    held.set(id, isElsewhere);
    void sleep(ms).then(() => held.delete(id) && pumpAll());
  };

  /** Leaves it to another tab for as long as it can be undone there, and sent. */
  const leave = ({ id, undoMs = 0 }: Content) => hold(id, true, undoMs + timing.request);

  const save = ({ key, draft }: Outgoing) => {
    // After an erasure it gets another one, so that this outbox goes on without what it had kept.
    if (storedGeneration() === undefined) store.set(GENERATION, newId());
    generation ||= storedGeneration() ?? '';
    store.set(key, JSON.stringify(draft));
  };

  const remove = ({ id, key }: Outgoing) => {
    sendings.delete(id);
    store.set(key, undefined);
  };

  /** Ends it unsent. */
  const drop = (sending: Outgoing) => {
    remove(sending);
    failed(sending, new RequestError('discarded', 'It was taken back.'));
  };

  const pumpAll = () => {
    for (const { to } of sendings.values()) void pump(laneOf(to));
  };

  const isDue = (sending: Outgoing) =>
    isOpen(sending) && !sending.entry && !held.has(lastOf(sending.draft).id);

  const pump = async (lane: string) => {
    if (lanes.has(lane)) return;
    lanes.add(lane);
    for (let attempt = 0; ; ) {
      const sending = all().find((each) => laneOf(each.to) === lane && isDue(each));
      if (!sending) break;
      try {
        await send(sending);
        attempt = 0;
      } catch (error) {
        if (!(error instanceof RequestError)) throw error;
        // What is left is in the store.
        if (error.code === 'closed') break;
        await unsent(sending, error, attempt++);
      }
    }
    lanes.delete(lane);
  };

  const send = async (sending: Outgoing) => {
    const { draft, to } = sending;
    refresh(sending);
    if (draft.next && sending.isDeletion) {
      // The deletion wins over what it deletes, unless that may be sent already and has no seq yet.
      if (draft.target) follow(sending, draft.target);
      if (draft.target || isUntried(sending) || sending.status === 'failed') return drop(sending);
    }
    const seq = draft.after ?? (await lastSeq(to));
    if (!refresh(sending)) return gone(sending);
    // While it waited for a connection, it may have been changed.
    if (!isDue(sending) || (draft.next && draft.after === undefined)) return;
    draft.after ??= Math.max(seq, draft.target ?? 0);
    save(sending);
    // It can't be undone any more.
    if (draft.deletes) changed(sending);
    const entry = entryOf(sending, await ask(requestOf(draft, username())));
    sending.entry = entry;
    // The entry of an edit carries the message's text, which may be that of another device's later edit.
    if (entry.edits) logs.expect(entry.chat_id, entry.seq);
    else logs.push(entry);
    // Otherwise it would be neither here nor in the log, until what precedes it there has come.
    if ((logs.cursor(entry.chat_id) ?? 0) >= entry.seq) sent(sending, entry);
  };

  /** The chat's last seq that this client knows. */
  const lastSeq = async (to: Recipient): Promise<number> => {
    // The user may be unknown until the client is connected.
    await ready();
    const chat = chatRefOf(to);
    const known = logs.cursor(chatIdOf(username(), chat));
    if (known !== undefined || typeof to === 'string') return known ?? 0;
    const page = await ask({ type: 'fetch_history', ...addressOf(chat), limit: 1 });
    return (page.messages as Message[])[0]?.seq ?? 0;
  };

  /** Of what the service has stored, as its reply says. */
  const entryOf = ({ id, to, draft }: Outgoing, reply: Frame): Message => {
    const { message_id, chat_id, seq, timestamp } = reply;
    const { content, target, deletes } = draft;
    return {
      ...{ message_id, chat_id, seq },
      ...(typeof to === 'string' ? { recipient: to } : { groupname: to.group, group_id: to.group }),
      ...{ sender: username(), content, timestamp, client_message_id: id },
      ...(target && { [deletes ? 'deletes' : 'edits']: target }),
    } as Message;
  };

  /** Another tab has sent it, and the log will bring it, or has discarded it. */
  const gone = (sending: Outgoing) => {
    sending.isGone = true;
    changed(sending);
  };

  /** Begins what was asked for about a message, now that its seq is known. In every tab under the same key. */
  const follow = ({ draft, to, key }: Outgoing, target: number) => {
    if (!draft.next || sendings.has(draft.next.id)) return;
    const { before: _, ...next } = draft.next;
    go(add({ ...next, to, target }, `${key.slice(0, PREFIX.length + DIGITS)}-${next.id}`));
  };

  /** Gives up, or waits for the next attempt. After a lost connection `ask` itself waits. */
  const unsent = async (sending: Outgoing, error: RequestError, attempt: number) => {
    const { code, retryAfterMs, afterSeq } = error;
    if (sending.status !== 'pending' || code === 'connection_lost' || code === 'timed_out') return;
    // The part that the server searched doesn't have it: continue the search there.
    if (afterSeq !== undefined) {
      sending.draft.after = afterSeq;
      return save(sending);
    }
    const mayPass = isTransient(error) || (code === 'internal_error' && attempt < INTERNAL_ERRORS);
    // Somebody else was first, or it has expired.
    if (code === 'unknown_message' && sending.draft.deletes) remove(sending);
    if (!mayPass) return failed(sending, error);
    await sleep(retryAfterMs ?? backoff(attempt));
  };

  const sent = (sending: Outgoing, message: Message) => {
    if (sending.status === 'sent') return;
    refresh(sending);
    // Before it is removed: if the process dies in between, both are there.
    follow(sending, targetOf(message) ?? message.seq);
    remove(sending);
    sending.status = 'sent';
    sending.settle(message);
    changed(sending);
  };

  const failed = (sending: Outgoing, error: RequestError) => {
    fail(sending, error);
    if (store.get(sending.key) !== undefined) save(sending);
    changed(sending);
  };

  /** Removes it if it has failed. @returns whether it had */
  const takeFailed = (id: string): Outgoing | undefined => {
    const sending = sendings.get(id);
    if (sending?.status !== 'failed') return undefined;
    remove(sending);
    return sending;
  };

  /** Sorts after all keys in the store, other tabs' included. A count, since clocks may step back; the id separates tabs. */
  const nextKey = (id: string): string => {
    const counts = store.keys(PREFIX).map((key) => Number(key.slice(PREFIX.length).slice(0, DIGITS)));
    last = Math.max(last, ...counts) + 1;
    return `${PREFIX}${`${last}`.padStart(DIGITS, '0')}-${id}`;
  };

  return {
    all,

    /** Adds the messages in the store, ahead of those sent since. */
    load(): void {
      const since = [...sendings.values()];
      generation = storedGeneration() ?? '';
      sendings.clear();
      store.keys(PREFIX).sort().forEach(addStored);
      for (const sending of since) {
        // Stored messages come first.
        sending.key = nextKey(sending.id);
        sendings.set(sending.id, sending);
        save(sending);
      }
      pumpAll();
    },

    send: (to: Recipient, content: string) => go(add({ id: newId(), to, content })),

    edit: (to: Recipient, target: number | string, content: string) =>
      change(to, target, { id: newId(), content }),

    delete: (to: Recipient, target: number | string, undoMs?: number) =>
      change(to, target, { id: newId(), content: '', deletes: true, undoMs }),

    undo(id: string): void {
      const sending = sendings.get(id);
      if (sending) refresh(sending);
      if (!sending?.canUndo) return;
      sending.draft.next = sending.draft.next?.before;
      if (sending.draft.deletes) drop(sending);
      else go(sending);
    },

    flush(): void {
      // Those of another tab may still be undone there.
      for (const [id, isElsewhere] of held) if (!isElsewhere) held.delete(id);
      pumpAll();
    },

    retry(id: string): void {
      const sending = takeFailed(id);
      if (!sending) return;
      begin(sending, nextKey(id));
      go(sending);
    },

    discard(id: string): void {
      const sending = takeFailed(id);
      if (sending) changed(sending);
    },

    /** The user has left this group: its messages can't be changed any more, and its log brings nothing. */
    left(chatId: string): void {
      for (const sending of all().filter(({ to }) => laneOf(to) === chatId)) {
        if (sending.entry) sent(sending, sending.entry);
        else if (sending.target) drop(sending);
      }
    },

    /** The message arrived from the log, so its reply is no longer needed. */
    seen(message: Message): void {
      const sending = sendings.get(message.client_message_id ?? '');
      if (sending) sent(sending, message);
    },

    /** Another tab has added, changed or removed what is under this key. What is new is sent here, if that tab doesn't. */
    heard(key: string): void {
      const known = [...sendings.values()].find((each) => each.key === key);
      const before = known && lastOf(known.draft).id;
      if (known && !refresh(known)) {
        gone(known);
        return;
      }
      const sending = known ?? addStored(key);
      if (!sending) return;
      generation ||= storedGeneration() ?? '';
      const now = lastOf(sending.draft);
      // One that is known may be on its way from here.
      if (!known || (now.deletes && now.id !== before)) leave(now);
      changed(sending);
    },

    /** Whether the store has what a later session of the same user has begun. */
    isReplaced: () => ![undefined, generation].includes(storedGeneration()),
  };
}

/** 128 random bits. Browsers have `randomUUID` only on pages with TLS. */
const newId = (): string => crypto.getRandomValues(new Uint32Array(4)).join('-');
