import { Logs } from './logs.ts';
import { Repairs } from './repairs.ts';
import type { Ask } from './session.ts';
import { StartingPoint } from './start.ts';
import type { Store } from './store.ts';
import type { Timing } from './timing.ts';
import type { Frame, Message } from './types.ts';

/** What it needs, and who is told what. */
export interface SyncOptions {
  ask: Ask;
  timing: Timing;
  random: () => number;
  /** The next entry of its chat: each once, and in order. */
  message(message: Message): void;
  /** The user is no member of this group any more. */
  left(chatId: string): void;
  caughtUp(): void;
  isOnline(): boolean;
}

// What one request has room for: protocol/limits.ts.
const MOST_CURSORS = 300;
const STARTED = 'started';

/** Makes of what comes, in whatever order and how ever often, each chat's log: every entry once, in order. */
export class Sync {
  readonly #options: SyncOptions;
  readonly #logs: Logs;
  readonly #start: StartingPoint;
  #store: Store | undefined;
  #username = '';
  /** Whether the last login had cursors. */
  #hadCursors = false;
  /** Whether all that the last login owed has come. */
  #isCaughtUp = false;
  /** Runs while the pages of a login are coming: the function that sends them may die. */
  #pages: ReturnType<typeof setTimeout> | undefined;

  constructor(options: SyncOptions) {
    const { message, left } = options;
    this.#options = options;
    this.#logs = new Logs({ message, behind: (log) => repairs.begin(log) });
    this.#start = new StartingPoint(this.#logs, options.timing);
    const repairs = new Repairs({
      ...options,
      logs: this.#logs,
      username: () => this.#username,
      pull: async () => {
        if (this.#hasCursors) await this.#pull();
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
    this.#hadCursors = this.#hasCursors;
    this.#isCaughtUp = false;
    if (this.#hadCursors) return { cursors: this.#logs.cursors };
    if (!this.#hasStarted) this.#start.seek();
    return {};
  }

  /** @param ask on the connection of that login */
  async loggedIn(reply: Frame, ask: Ask): Promise<void> {
    this.#take(reply.pending_messages);
    // They may have come in one go with the reply.
    if (this.#hadCursors) return this.#isCaughtUp ? undefined : this.#expectPages();
    if (reply.more === true) await this.#start.pendingCame();
    await this.#start.find(ask, this.#hasStarted);
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
    const { type, messages, more } = frame;
    if (type === 'pending_messages') {
      this.#take(messages);
      if (more !== true) this.#start.pendingEnded();
    } else if (type === 'sync_response') {
      this.#take(messages, true);
      if (more === true) this.#expectPages();
      else this.#pagesEnded();
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
    clearTimeout(this.#pages);
  }

  get #hasStarted(): boolean {
    return this.#store?.get(STARTED) !== undefined;
  }

  get #hasCursors(): boolean {
    return this.#hasStarted && this.#logs.size <= MOST_CURSORS;
  }

  #take(messages: unknown, areFirstMine = false): void {
    for (const message of (messages ?? []) as Message[]) this.#logs.push(message, areFirstMine);
  }

  #expectPages(): void {
    clearTimeout(this.#pages);
    const pull = () =>
      this.#pull().then(
        () => this.#pagesEnded(),
        ({ code }) => code !== 'closed' && this.#expectPages(),
      );
    this.#pages = setTimeout(() => void pull(), this.#options.timing.request);
  }

  #pagesEnded(): void {
    clearTimeout(this.#pages);
    this.#isCaughtUp = true;
    if (this.#options.isOnline()) this.#options.caughtUp();
  }

  /** Asks for everything behind the cursors. */
  async #pull(): Promise<void> {
    for (let more = true; more; ) {
      const reply = await this.#options.ask({ type: 'sync', cursors: this.#logs.cursors });
      this.#take(reply.messages, true);
      more = reply.more === true;
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
