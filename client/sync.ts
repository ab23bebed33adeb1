import { Logs } from './logs.ts';
import { Repairs } from './repairs.ts';
import type { Ask } from './session.ts';
import { type Slice, slicesOf } from './slices.ts';
import { StartingPoint } from './start.ts';
import type { Store } from './store.ts';
import type { Timing } from './timing.ts';
import type { Frame, Gap, Message } from './types.ts';

/** What it needs, and who is told what. */
export interface SyncOptions {
  ask: Ask;
  timing: Timing;
  random: () => number;
  /** The next entry of its chat: each once, and in order. */
  message(message: Message): void;
  /** Entries that this client never had, and that are kept no more. */
  gap(gap: Gap): void;
  /** The user is no member of this group any more. */
  left(chatId: string): void;
  caughtUp(): void;
  isOnline(): boolean;
}

const STARTED = 'started';

/** What a login asked for: the first part of what there is, of which a page comes by itself, and the rest. */
interface Login {
  first: Slice;
  rest: Slice[];
  isPageHere: boolean;
}

/** Makes of what comes, in whatever order and how ever often, each chat's log: every entry once, in order. */
export class Sync {
  readonly #options: SyncOptions;
  readonly #logs: Logs;
  readonly #start: StartingPoint;
  #store: Store | undefined;
  #username = '';
  /** The last login, if it had cursors. */
  #login: Login | undefined;
  /** Whether all that the last login owed has come. */
  #isCaughtUp = false;
  /** Runs until the page of a login comes: the function that sends it may die. */
  #page: ReturnType<typeof setTimeout> | undefined;

  constructor(options: SyncOptions) {
    const { message, gap, left } = options;
    this.#options = options;
    this.#logs = new Logs({ message, gap, behind: (log) => repairs.begin(log) });
    this.#start = new StartingPoint(this.#logs, options.timing);
    const repairs = new Repairs({
      ...options,
      logs: this.#logs,
      username: () => this.#username,
      pull: async () => {
        if (this.#hasStarted) await this.#pull(slicesOf(this.#logs.cursors));
      },
      left,
    });
  }

  /** What is known of this user from earlier. */
  load(username: string, store: Store): void {
    this.#username = username;
    this.#store = store;
    this.#logs.load(store);
  }

  /** The last seq of a chat that was told. */
  cursor(chatId: string): number | undefined {
    return this.#logs.find(chatId)?.cursor;
  }

  /** What a login says. The first of all has no cursors: what comes is held until it is known where to begin. */
  loginFields(): object {
    this.#isCaughtUp = false;
    this.#login = undefined;
    if (this.#hasStarted) {
      const [first = { cursors: {} }, ...rest] = slicesOf(this.#logs.cursors);
      this.#login = { first, rest, isPageHere: false };
      return first;
    }
    this.#start.seek();
    return {};
  }

  /** @param ask on the connection of that login */
  async loggedIn(reply: Frame, ask: Ask): Promise<void> {
    if (this.#login) return this.#expectPage(this.#login);
    this.#take(reply.pending_messages);
    if (reply.more === true) await this.#start.pendingCame();
    await this.#start.find(ask);
    this.#store?.set(STARTED, '1');
    for (const log of this.#logs.all) {
      this.#logs.keep(log);
      this.#logs.advance(log);
    }
    this.#isCaughtUp = true;
  }

  /** The client is online, and whoever listens knows it. */
  online(): void {
    if (this.#isCaughtUp) this.#options.caughtUp();
  }

  /** @returns whether the frame was entries of logs */
  frame(frame: Frame): boolean {
    const { type, messages, more, next, request_id } = frame;
    if (type === 'pending_messages') {
      this.#take(messages);
      if (more !== true) this.#start.pendingEnded();
    } else if (type === 'sync_response') {
      this.#takePage(frame);
      // With an id it is an answer that came too late for who asked.
      if (request_id === undefined && this.#login) {
        const { first, rest } = this.#login;
        this.#login.isPageHere = true;
        this.#goOn(this.#login, more === true ? [{ ...first, ...(next as object) }, ...rest] : rest);
      }
    } else if (isEntry(frame)) this.push(entryOf(frame));
    else return false;
    return true;
  }

  /** An entry of the log, from wherever. */
  push(message: Message): void {
    this.#logs.push(message);
  }

  /** The chat is known to reach so far. */
  expect(chatId: string, seq: number): void {
    const log = this.#logs.get(chatId);
    log.expect(seq);
    this.#logs.advance(log);
  }

  /** A chat that begins with its next message. */
  begin(chatId: string): void {
    const log = this.#logs.get(chatId);
    if (log.cursor === undefined) log.begin(0);
    this.#logs.keep(log);
    this.#logs.advance(log);
  }

  /** A chat that the user has left. */
  forget(chatId: string): void {
    this.#logs.forget(chatId);
  }

  end(): void {
    clearTimeout(this.#page);
    this.#login = undefined;
  }

  get #hasStarted(): boolean {
    return this.#store?.get(STARTED) !== undefined;
  }

  #take(messages: unknown, areFirstMine = false): void {
    for (const message of (messages ?? []) as Message[]) this.#logs.push(message, areFirstMine);
  }

  #takePage({ messages, oldest }: Frame): void {
    for (const [chatId, seq] of Object.entries(oldest ?? {})) this.#logs.skipTo(chatId, seq);
    this.#take(messages, true);
  }

  #expectPage(login: Login): void {
    // It may have come in one go with the reply.
    if (!login.isPageHere) this.#later(login);
  }

  /** Begins anew, behind the cursors as they are then. */
  #later(login: Login): void {
    clearTimeout(this.#page);
    this.#page = setTimeout(
      () => this.#goOn(login, slicesOf(this.#logs.cursors)),
      this.#options.timing.request,
    );
  }

  #goOn(login: Login, parts: Slice[]): void {
    clearTimeout(this.#page);
    // A login that came after this one has a page of its own.
    const isLast = () => this.#login === login;
    void this.#pull(parts).then(
      () => isLast() && this.#ended(),
      ({ code }) => isLast() && code !== 'closed' && this.#later(login),
    );
  }

  #ended(): void {
    this.#isCaughtUp = true;
    if (this.#options.isOnline()) this.#options.caughtUp();
  }

  /** Asks for everything behind cursors, page by page. */
  async #pull(parts: Slice[]): Promise<void> {
    for (const part of parts) {
      for (let at: object | undefined = part; at; ) {
        const page = await this.#options.ask({ type: 'sync', ...at });
        this.#takePage(page);
        at = page.more === true ? { ...at, ...(page.next as object) } : undefined;
      }
    }
  }
}

/** A message or a change of one: what has a place in a log. An answer that came too late for who asked has no sender. */
const isEntry = ({ message_id, chat_id, seq, sender }: Frame): boolean =>
  [message_id, chat_id, sender].every((field) => typeof field === 'string') && typeof seq === 'number';

/** As history has it: without what is the frame's. */
function entryOf({ type: _, ...entry }: Frame): Message {
  return entry as unknown as Message;
}
