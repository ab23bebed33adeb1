import { type Content, type Draft, lastOf } from './draft.ts';
import type { Code } from './errors.ts';
import type { Inner } from './inner.ts';
import { newId } from './new-id.ts';
import { fail, type Outgoing } from './sending.ts';
import { type KeyValueStore, readJson } from './store.ts';
import { sleep } from './timing.ts';

/** What the store keeps of an unsent message or change. */
type Stored = Draft & { failed?: { code: Code; reason: string } | undefined };

// Key of an id that the store gets with its first entry.
const GENERATION = 'o';
const PREFIX = 'o/';
// Digits of the counter that follows it.
const DIGITS = 12;
// Characters of `,"after":` and the largest seq.
const ROOM = 25;

/** Keeps what is unsent in the user's part of a store, and sends what another tab has left there. */
export function keepOutbox({ options, timing, error, outbox }: Inner, store: KeyValueStore) {
  const { all, add, again, isDue, departs, unsent, failed, save, remove } = outbox;
  const { sendings } = outbox;
  /** What another tab has begun: that one sends it, unless it dies. */
  const elsewhere = new Set<string>();
  /** The store's, when it was loaded or first written to; empty before. */
  let generation = '';
  let last = 0;

  const storedGeneration = () => store.get(GENERATION);

  /** Whether it is left to a program with `changes`: without, an edit would be sent as a message, and a deletion lost. */
  const isForOthers = ({ target, next }: Partial<Draft>) =>
    !options.changes && (target !== undefined || next !== undefined);

  /** Sorts after all keys in the store, other tabs' included. A count, since clocks may step back; the id separates tabs. */
  const nextKey = (id: string): string => {
    const counts = store.keys(PREFIX).map((key) => Number(key.slice(PREFIX.length).slice(0, DIGITS)));
    last = Math.max(last, ...counts) + 1;
    return `${PREFIX}${`${last}`.padStart(DIGITS, '0')}-${id}`;
  };

  /** @returns what is under a key of the store; undefined for nothing: another tab may have just sent it */
  const addStored = (key: string): Outgoing | undefined => {
    const { failed: why, ...draft } = readJson<Stored>(store, key) ?? ({} as Stored);
    if (!draft.id || !draft.to || isForOthers(draft)) return undefined;
    const twin = sendings.get(draft.id)?.key;
    // Of a program that died while it put it behind the others (`again`).
    if (twin && twin !== key) store.set(twin, undefined);
    const sending = add(draft);
    sending.key = key;
    if (why) fail(sending, new error(why.code, why.reason));
    return sending;
  };

  /** Leaves it to another tab for as long as it can be undone there, and sent. */
  const leave = ({ id, undoMs = 0 }: Content) => {
    elsewhere.add(id);
    void sleep(undoMs + timing.request).then(() => elsewhere.delete(id) && outbox.pump());
  };

  /** Another tab has sent it, and the log will bring it, or has discarded it, or sees to it alone. */
  const gone = (sending: Outgoing) => {
    sending.isGone = true;
    outbox.changed(sending);
  };

  Object.assign(outbox, {
    all: () => all().filter(({ isGone }) => !isGone),

    // In every tab under the same key.
    add(draft, after) {
      const sending = add(draft, after);
      sending.key = after?.key && `${after.key.slice(0, PREFIX.length + DIGITS)}-${draft.id}`;
      return sending;
    },

    again(sending) {
      const { key } = sending;
      sending.key = undefined;
      again(sending);
      // Now that it is there under the new one. What is refused at once is not.
      if (key && sending.key) store.set(key, undefined);
      sending.key ??= key;
    },

    isDue: (sending) => isDue(sending) && !elsewhere.has(lastOf(sending.draft).id),

    departs(sending, seq) {
      if (outbox.refresh(sending)) return departs(sending, seq);
      gone(sending);
      return false;
    },

    // Another tab may have written to it, and this one has still to hear of it.
    async unsent(sending, why, attempt) {
      if (sending.key && !outbox.refresh(sending)) gone(sending);
      else await unsent(sending, why, attempt);
    },

    failed(sending, why) {
      if (sending.key && store.get(sending.key) !== undefined && outbox.refresh(sending)) {
        sending.status = 'failed';
        sending.error = why;
        outbox.save(sending);
      }
      failed(sending, why);
    },

    save(sending) {
      save(sending);
      // After an erasure it gets another one, so that this outbox goes on without what it had kept.
      if (storedGeneration() === undefined) store.set(GENERATION, newId());
      generation ||= storedGeneration() ?? '';
      sending.key ??= nextKey(sending.id);
      const { draft, error: why } = sending;
      const stored: Stored = { ...draft, failed: why && { code: why.code, reason: why.reason } };
      const text = JSON.stringify(stored);
      // From the start it has the length that it will have once it is on its way: a store without room takes that, too.
      const length = draft.after === undefined ? text.length + ROOM : store.get(sending.key)?.length;
      store.set(sending.key, text.padEnd(length ?? 0));
    },

    remove(sending) {
      remove(sending);
      const { key } = sending;
      if (key && !isForOthers(readJson<Stored>(store, key) ?? {})) store.set(key, undefined);
      sending.key = undefined;
    },

    refresh({ key = '', draft }) {
      const stored = readJson<Draft>(store, key);
      // What somebody else erased, like a user all of the browser's data, is neither sent nor discarded.
      if (!stored) return storedGeneration() !== generation;
      if (isForOthers(stored)) return false;
      const { content, next, after = draft.after } = stored;
      Object.assign(draft, { content, next, after });
      return true;
    },
  } satisfies Partial<typeof outbox>);

  return {
    /** Adds the messages in the store, ahead of those sent since. */
    load(): void {
      const since = [...sendings.values()];
      generation = storedGeneration() ?? '';
      sendings.clear();
      store.keys(PREFIX).sort().forEach(addStored);
      for (const sending of since) {
        // Stored messages come first.
        sending.key = undefined;
        sendings.set(sending.id, sending);
        outbox.save(sending);
      }
      outbox.pump();
    },

    /** Another tab has added, changed or removed what is under this key. What is new is sent here, if that tab doesn't. */
    heard(key: string): void {
      const known = [...sendings.values()].find((each) => each.key === key);
      const before = known && lastOf(known.draft).id;
      if (known && !outbox.refresh(known)) {
        gone(known);
        return;
      }
      const sending = known ?? addStored(key);
      if (!sending) return;
      generation ||= storedGeneration() ?? '';
      const now = lastOf(sending.draft);
      // One that is known may be on its way from here.
      if (!known || (now.deletes && now.id !== before)) leave(now);
      outbox.changed(sending);
    },

    /** Whether the store has what a later session of the same user has begun. */
    isReplaced: () => ![undefined, generation].includes(storedGeneration()),
  };
}
