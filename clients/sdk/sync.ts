import { Logs } from './logs.ts';
import { Repairs } from './repairs.ts';
import type { Ask } from './session.ts';
import { type Slice, slicesOf } from './slices.ts';
import { findStart } from './start.ts';
import type { Store } from './store.ts';
import { type Backoff, type Timing, within } from './timing.ts';
import type { Frame, Gap, Message } from './types.ts';

/** What it needs, and who is told what. */
export interface SyncOptions {
  ask: Ask;
  timing: Timing;
  backoff: Backoff;
  store: Store;
  username(): string;
  /** The next entry of its chat: each once, and in order. */
  message(message: Message): void;
  /** Entries that this client never had, and that are kept no more. */
  gap(gap: Gap): void;
  /** The user is no member of this group any more. */
  left(chatId: string): void;
  /** All that a login behind cursors owed has come, perhaps before the client is online. */
  caughtUp(): void;
}

const STARTED = 'started';

/** What a login asked for: parts of what there is. Of the first a page comes by itself. */
interface Login {
  parts: [Slice, ...Slice[]];
  isPageHere: boolean;
}

/** Makes of what comes, in whatever order and how ever often, each chat's log: every entry once, in order. */
export class Sync {
  /** What has been told of each chat, and how far. */
  readonly logs: Logs;
  readonly #options: SyncOptions;
  /** The last login, if it had cursors. */
  #login: Login | undefined;
  /** Whether all that the last login owed has come. */
  isCaughtUp = false;
  /** Until the last page comes of what is pending for a client without cursors. */
  #pending: Promise<void> | undefined;
  #pendingEnded: () => void = () => {};
  /** Runs until the page of a login comes: the function that sends it may die. */
  #page: ReturnType<typeof setTimeout> | undefined;

  constructor(options: SyncOptions) {
    this.#options = options;
    this.logs = new Logs({ ...options, behind: (log) => repairs.begin(log) });
    const repairs = new Repairs({
      ...options,
      logs: this.logs,
      pull: async () => {
        if (this.#hasStarted) await this.#pull(slicesOf(this.logs.cursors));
      },
    });
  }

  /** What a login says. The first of all has no cursors: what comes is held until it is known where to begin. */
  loginFields(): object {
    this.isCaughtUp = false;
    this.#login = undefined;
    if (this.#hasStarted) {
      const parts = slicesOf(this.logs.cursors);
      this.#login = { parts, isPageHere: false };
      return parts[0];
    }
    this.logs.isHeld = true;
    this.#pending = new Promise((resolve) => {
      this.#pendingEnded = resolve;
    });
    return {};
  }

  /** @param ask on the connection of that login */
  async loggedIn(reply: Frame, ask: Ask): Promise<void> {
    if (this.#login) {
      // It may have come in one go with the reply.
      if (!this.#login.isPageHere) this.#later(this.#login);
      return;
    }
    this.#take(reply.pending_messages);
    // If they do not come in time, they are owed still.
    if (reply.more)
      await within<void>(this.#options.timing.request, (settle) => void this.#pending?.then(settle));
    await findStart(this.logs, ask);
    this.#options.store.set(STARTED, '1');
    for (const log of this.logs.all) this.logs.goOn(log);
    this.isCaughtUp = true;
  }

  /** @returns whether the frame was entries of logs */
  frame(frame: Frame): boolean {
    const { type, messages, more, request_id } = frame;
    if (type === 'pending_messages') {
      this.#take(messages);
      if (!more) this.#pendingEnded();
    } else if (type === 'sync_response') {
      this.#takePage(frame);
      // With an id it is an answer that came too late for who asked.
      if (request_id === undefined && this.#login) {
        const [first, ...rest] = this.#login.parts;
        this.#login.isPageHere = true;
        this.#goOn(this.#login, [...behind(first, frame), ...rest]);
      }
    } else if (isEntry(frame)) this.logs.push(entryOf(frame));
    else return false;
    return true;
  }

  end(): void {
    clearTimeout(this.#page);
    this.#login = undefined;
  }

  get #hasStarted(): boolean {
    return this.#options.store.get(STARTED) !== undefined;
  }

  #take(messages: unknown, areFirstMine = false): void {
    for (const message of (messages ?? []) as Message[]) this.logs.push(message, areFirstMine);
  }

  #takePage({ messages, oldest }: Frame): void {
    for (const [chatId, seq] of Object.entries(oldest ?? {})) this.logs.skipTo(chatId, seq);
    this.#take(messages, true);
  }

  /** Begins anew, behind the cursors as they are then. */
  #later(login: Login): void {
    clearTimeout(this.#page);
    this.#page = setTimeout(
      () => this.#goOn(login, slicesOf(this.logs.cursors)),
      this.#options.timing.request,
    );
  }

  #goOn(login: Login, parts: Slice[]): void {
    clearTimeout(this.#page);
    // A login that came after this one has a page of its own.
    const isLast = () => this.#login === login;
    void this.#pull(parts).then(
      () => {
        if (!isLast()) return;
        this.isCaughtUp = true;
        this.#options.caughtUp();
      },
      ({ code }) => isLast() && code !== 'closed' && this.#later(login),
    );
  }

  /** Asks for everything behind cursors, page by page. */
  async #pull(parts: Slice[]): Promise<void> {
    const left = [...parts];
    for (let part = left.shift(); part; part = left.shift()) {
      const page = await this.#options.ask({ type: 'sync', ...part });
      this.#takePage(page);
      left.unshift(...behind(part, page));
    }
  }
}

/** What to ask for behind a page of a part: the rest of it, if there is one. */
const behind = (part: Slice, { next }: Frame): Slice[] => (next ? [{ ...part, ...next }] : []);

/** A message or a change of one: what has a place in a log. An answer that came too late for who asked has no sender. */
const isEntry = ({ message_id, chat_id, seq, sender }: Frame): boolean =>
  [message_id, chat_id, sender].every((field) => typeof field === 'string') && typeof seq === 'number';

/** As history has it: without what is the frame's. */
function entryOf({ type: _, ...entry }: Frame): Message {
  return entry as unknown as Message;
}
