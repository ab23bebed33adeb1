import { type Draft, refusalOf, requestOf } from './draft.ts';
import { entriesIn, isEntry } from './entries.ts';
import { isTransient, RequestError } from './errors.ts';
import type { Logs } from './logs.ts';
import { addressOf, chatIdOf, chatRefOf } from './names.ts';
import { begin, fail, laneOf, type Outgoing } from './sending.ts';
import type { Ask } from './session.ts';
import { type Backoff, sleep } from './timing.ts';
import type { Message, Recipient } from './types.ts';

/** What the outbox calls. */
export interface OutboxOptions {
  ask: Ask;
  backoff: Backoff;
  logs: Logs;
  username(): string;
  /** Waits for a connection. */
  ready(): Promise<unknown>;
  /** The recipient as the server spells it. */
  spelled(to: Recipient): Recipient;
  changed(sending: Outgoing): void;
}

// Give up after so many, or the message would block all that follow.
const INTERNAL_ERRORS = 8;

/** Sends what is added to it. A store and `changes` replace its functions by ones that call them (inner.ts). */
export interface Outbox {
  /** By id, oldest first. */
  readonly sendings: Map<string, Outgoing>;
  /** Pending or failed, oldest first. */
  all(): Outgoing[];
  /** @param after what it follows from @returns it, not yet on its way */
  add(draft: Draft, after?: Outgoing): Outgoing;
  /** The fields that a draft decides. */
  describe(draft: Draft): object;
  /** Saves it and sends it when it is its turn; anew, if it has been changed. */
  go(sending: Outgoing): Outgoing;
  /** Sends what has failed, behind all others. */
  again(sending: Outgoing): void;
  requestOf(draft: Draft): object;
  isDue(sending: Outgoing): boolean;
  /** Sends whatever is due. */
  pump(): void;
  /** Has a request made for it. @throws RequestError */
  send(sending: Outgoing): Promise<void>;
  /** Called right before the request. @param seq its `after_seq`, if it has none @returns whether to make it */
  departs(sending: Outgoing, seq: number): boolean;
  /** The service has stored it. */
  stored(sending: Outgoing, entry: Message): void;
  /** Its entry is in the log. */
  sent(sending: Outgoing, entry: Message): void;
  /** Gives up, or waits for the next attempt. */
  unsent(sending: Outgoing, error: RequestError, attempt: number): Promise<void>;
  failed(sending: Outgoing, error: RequestError): void;
  changed(sending: Outgoing): void;
  save(sending: Outgoing): void;
  remove(sending: Outgoing): void;
  /** Takes over what another program on the store has made of it. @returns whether that is still there */
  refresh(sending: Outgoing): boolean;
  /** The user has left this group: its log brings nothing more. */
  left(chatId: string): void;
}

/** Sends messages, across reconnects, one after the other in each chat. */
export function outboxOf(options: OutboxOptions): Outbox {
  const { ask, backoff, logs, username, ready, spelled, changed } = options;
  const sendings = new Map<string, Outgoing>();
  const lanes = new Set<string>();

  const run = async (lane: string) => {
    if (lanes.has(lane)) return;
    lanes.add(lane);
    for (let attempt = 0; ; ) {
      const sending = self.all().find((each) => laneOf(each.to) === lane && self.isDue(each));
      if (!sending) break;
      try {
        await self.send(sending);
        attempt = 0;
      } catch (error) {
        if (!(error instanceof RequestError)) throw error;
        // What is left is in the store.
        if (error.code === 'closed') break;
        await self.unsent(sending, error, attempt++);
      }
    }
    lanes.delete(lane);
  };

  /** The chat's last seq that this client knows. */
  const lastSeq = async (to: Recipient): Promise<number> => {
    // The user may be unknown until the client is connected.
    await ready();
    const chat = chatRefOf(to);
    const known = logs.cursor(chatIdOf(username(), chat));
    if (known !== undefined || typeof to === 'string') return known ?? 0;
    const page = await ask({ type: 'fetch_history', ...addressOf(chat), limit: 1 });
    return entriesIn(page.messages)[0]?.seq ?? 0;
  };

  const self: Outbox = {
    sendings,
    all: () => [...sendings.values()],

    add(given) {
      const draft = { ...given, to: spelled(given.to) };
      const { id, to } = draft;
      const sending = begin(Object.assign(self.describe(draft), { id, to, draft }));
      sendings.set(id, sending);
      return sending;
    },

    describe: ({ content }) => ({ content, isDeletion: false, canUndo: false }),

    go(sending) {
      sendings.set(sending.id, sending);
      const refusal = refusalOf(self.requestOf(sending.draft));
      if (refusal) self.failed(sending, refusal);
      else {
        self.save(sending);
        changed(sending);
        void run(laneOf(sending.to));
      }
      return sending;
    },

    again(sending) {
      sendings.delete(sending.id);
      self.go(begin(sending));
    },

    requestOf,
    isDue: ({ status, entry }) => status === 'pending' && !entry,

    pump() {
      for (const { to } of sendings.values()) void run(laneOf(to));
    },

    async send(sending) {
      const { id, to, draft } = sending;
      if (!self.departs(sending, draft.after ?? (await lastSeq(to)))) return;
      const reply = await ask(self.requestOf(draft));
      const { message_id, chat_id, seq, timestamp } = reply;
      const entry = {
        ...{ message_id, chat_id, seq },
        ...(typeof to === 'string' ? { recipient: to } : { groupname: to.group, group_id: to.group }),
        ...{ sender: username(), content: reply.content ?? draft.content, timestamp, client_message_id: id },
      } as Message;
      if (!isEntry(entry)) throw new RequestError('internal_error', 'The service answered something else.');
      sending.entry = entry;
      self.stored(sending, entry);
      // Otherwise it would be neither here nor in the log, until what precedes it there has come.
      if ((logs.cursor(entry.chat_id) ?? 0) >= entry.seq) self.sent(sending, entry);
    },

    departs(sending, seq) {
      sending.draft.after ??= seq;
      self.save(sending);
      return true;
    },

    stored: (_, entry) => logs.push(entry),

    sent(sending, entry) {
      if (sending.status === 'sent') return;
      self.remove(sending);
      sending.status = 'sent';
      sending.settle(entry);
      changed(sending);
    },

    // After a lost connection `ask` itself waits.
    async unsent(sending, error, attempt) {
      const { code, retryAfterMs, afterSeq } = error;
      if (sending.status !== 'pending' || code === 'connection_lost' || code === 'timed_out') return;
      // The part that the server searched doesn't have it: continue the search there.
      if (afterSeq !== undefined) {
        sending.draft.after = afterSeq;
        return self.save(sending);
      }
      const mayPass = isTransient(error) || (code === 'internal_error' && attempt < INTERNAL_ERRORS);
      if (!mayPass) return self.failed(sending, error);
      await sleep(retryAfterMs ?? backoff(attempt));
    },

    failed(sending, error) {
      fail(sending, error);
      changed(sending);
    },

    changed,
    save() {},
    remove: ({ id }) => void sendings.delete(id),
    refresh: () => true,

    left(chatId) {
      for (const sending of self.all())
        if (sending.entry && laneOf(sending.to) === chatId) self.sent(sending, sending.entry);
    },
  };
  return self;
}
