import { entriesIn, goesOn, isEntry } from './entries.ts';
import { Logs } from './logs.ts';
import { Repairs } from './repairs.ts';
import type { Ask } from './session.ts';
import { type Slice, slicesOf } from './slices.ts';
import { findStart } from './start.ts';
import type { Store } from './store.ts';
import { type Backoff, type Timing, withTimeout } from './timing.ts';
import type { Frame, Gap, Message } from './types.ts';

/** What syncing calls. */
export interface SyncOptions {
  ask: Ask;
  timing: Timing;
  backoff: Backoff;
  store: Store;
  username(): string;
  /** Receives the next entry of a chat: each once, in order. */
  message(message: Message): void;
  /** Receives a range of entries that expired before this client got them. */
  gap(gap: Gap): void;
  /** The user is no longer a member of this group. */
  left(chatId: string): void;
  /** Everything that was missing at the login has been delivered; the client may not be online yet. */
  caughtUp(): void;
}

const STARTED = 'started';

/** The slices that a login asked for. The server sends the first slice's page by itself. */
interface Login {
  parts: [Slice, ...Slice[]];
  isPageHere: boolean;
}

/** Turns frames that arrive late, twice or out of order into each chat's log: every entry once, in order. */
export class Sync {
  /** The logs, with the cursor of each chat. */
  readonly logs: Logs;
  readonly #options: SyncOptions;
  /** The last login, if it had cursors. */
  #login: Login | undefined;
  /** Whether everything that was missing at the last login has been delivered. */
  isCaughtUp = false;
  /** Resolves with the last page of pending messages, for a client without cursors. */
  #pending: Promise<void> | undefined;
  #pendingEnded: () => void = () => {};
  /** Asks again if a login's page doesn't arrive: the function that sends it may die. */
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

  /** Returns the fields of a login. The first login has no cursors; entries are held until the start is known. */
  loginFields(): object {
    this.isCaughtUp = false;
    this.#login = undefined;
    if (this.#hasStarted) {
      const parts = slicesOf(this.logs.cursors);
      this.#login = { parts, isPageHere: false };
      return parts[0];
    }
    this.logs.isOnHold = true;
    this.#pending = new Promise((resolve) => {
      this.#pendingEnded = resolve;
    });
    return {};
  }

  /** @param ask sends on the connection of that login */
  async loggedIn(reply: Frame, ask: Ask): Promise<void> {
    if (this.#login) {
      // The page may have arrived together with the reply.
      if (!this.#login.isPageHere) this.#later(this.#login);
      return;
    }
    this.#take(reply.pending_messages);
    // If they don't arrive in time, they stay pending on the server.
    if (reply.more)
      await withTimeout<void>(this.#options.timing.request, (settle) => void this.#pending?.then(settle));
    await findStart(this.logs, ask);
    this.#options.store.set(STARTED, '1');
    for (const log of this.logs.all) this.logs.resume(log);
    this.isCaughtUp = true;
  }

  /** @returns whether the frame held log entries */
  frame(frame: Frame): boolean {
    const { type, messages, more, request_id } = frame;
    if (type === 'pending_messages') {
      this.#take(messages);
      if (!more) this.#pendingEnded();
    } else if (type === 'sync_response') {
      this.#takePage(frame);
      // With an id it answers a request that timed out.
      if (request_id === undefined && this.#login) {
        const [first, ...rest] = this.#login.parts;
        this.#login.isPageHere = true;
        this.#resume(this.#login, [...behind(first, frame), ...rest]);
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
    for (const message of entriesIn(messages)) this.logs.push(message, areFirstMine);
  }

  #takePage({ messages, oldest }: Frame): void {
    for (const [chatId, seq] of Object.entries(oldest ?? {})) this.logs.skipTo(chatId, seq);
    this.#take(messages, true);
  }

  /** Starts again from the cursors of that moment. */
  #later(login: Login): void {
    clearTimeout(this.#page);
    this.#page = setTimeout(
      () => this.#resume(login, slicesOf(this.logs.cursors)),
      this.#options.timing.request,
    );
  }

  #resume(login: Login, parts: Slice[]): void {
    clearTimeout(this.#page);
    // A later login gets its own page.
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

  /** Fetches everything after the cursors, page by page. */
  async #pull(parts: Slice[]): Promise<void> {
    const left = [...parts];
    for (let part = left.shift(); part; part = left.shift()) {
      const page = await this.#options.ask({ type: 'sync', ...part });
      this.#takePage(page);
      left.unshift(...behind(part, page));
    }
  }
}

/** The rest of a slice after one of its pages, if there is more. */
const behind = (part: Slice, { next }: Frame): Slice[] => (goesOn(part, next) ? [{ ...part, ...next }] : []);

/** As history has it: without what is the frame's. */
function entryOf({ type: _, ...entry }: Frame & Message): Message {
  return entry;
}
