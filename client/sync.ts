import { RequestError } from './errors.ts';
import { Log } from './log.ts';
import { isGroup, whose } from './names.ts';
import type { Ask } from './session.ts';
import { StartingPoint } from './start.ts';
import type { Store } from './store.ts';
import { backoff, type Timing } from './timing.ts';
import type { Frame, Message } from './types.ts';

/** What it needs, and who is told what. */
export interface SyncOptions {
  ask: Ask;
  timing: Timing;
  random: () => number;
  /** The next message of its chat: each once, and in order. */
  message(message: Message): void;
  /** The user is no member of this group any more. */
  left(chatId: string): void;
  caughtUp(): void;
  isOnline(): boolean;
}

// What one request has room for: protocol/limits.ts.
const MOST_CURSORS = 300;
const PAGE = 200;

/** Makes of what comes, in whatever order and how ever often, each chat's log: every message once, in order. */
export class Sync {
  readonly #options: SyncOptions;
  readonly #logs = new Map<string, Log>();
  readonly #start: StartingPoint;
  #store: Store | undefined;
  #username = '';
  /** Whether the last login had cursors. */
  #hadCursors = false;
  /** Whether all that the last login owed has come. */
  #isCaughtUp = false;
  /** What is missing is asked for chat by chat, so that a client which lacks much is no crowd. */
  #repairs: Promise<unknown> = Promise.resolve();
  /** Runs while the pages of a login are coming: the function that sends them may die. */
  #pages: ReturnType<typeof setTimeout> | undefined;

  constructor(options: SyncOptions) {
    this.#options = options;
    this.#start = new StartingPoint((chatId) => this.#log(chatId), options.timing);
  }

  /** What is known of this user from earlier. */
  load(username: string, store: Store): void {
    this.#username = username;
    this.#store = store;
    for (const key of store.keys('c/')) {
      const chatId = key.slice(2);
      this.#log(chatId).begin(Number(store.get(key)));
    }
  }

  /** The last seq of a chat that was told. */
  cursor(chatId: string): number | undefined {
    return this.#logs.get(chatId)?.cursor;
  }

  /** What a login says. The first of all has no cursors: what comes is held until it is known where to begin. */
  loginFields(): object {
    this.#hadCursors = this.#hasCursors;
    this.#isCaughtUp = false;
    if (this.#hadCursors) return { cursors: this.#cursors };
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
    this.#store?.set('started', '1');
    for (const log of this.#logs.values()) {
      this.#keep(log);
      this.#advance(log);
    }
    this.#isCaughtUp = true;
  }

  /** The client is online, and whoever listens knows it. */
  online(): void {
    if (this.#isCaughtUp) this.#options.caughtUp();
  }

  /** @returns whether the frame was messages */
  frame(frame: Frame): boolean {
    const { type, messages, more } = frame;
    if (type === 'RECEIVE_MESSAGE' || type === 'RECEIVE_GROUP_MESSAGE') this.push(messageOf(frame));
    else if (type === 'pending_messages') {
      this.#take(messages);
      if (more !== true) this.#start.pendingEnded();
    } else if (type === 'sync_response') {
      this.#take(messages, true);
      if (more === true) this.#expectPages();
      else this.#pagesEnded();
    } else return false;
    return true;
  }

  /** A message of the log, from wherever. */
  push(message: Message, isFirstMine = false): void {
    const log = this.#log(message.chat_id);
    if (!this.#start.isSought) {
      // Pages begin where the user's part does; a push may be of any place.
      if (isFirstMine) log.cursor ??= message.seq - 1;
      else if (!isGroup(log.id)) log.cursor ??= 0;
    }
    log.hold(message);
    this.#advance(log);
  }

  /** A chat that begins with its next message. */
  begin(chatId: string): void {
    const log = this.#log(chatId);
    if (log.cursor === undefined) log.begin(0);
    this.#keep(log);
    this.#advance(log);
  }

  /** A chat that the user has left. */
  forget(chatId: string): void {
    this.#logs.delete(chatId);
    this.#store?.set(`c/${chatId}`, undefined);
  }

  end(): void {
    clearTimeout(this.#pages);
  }

  get #hasStarted(): boolean {
    return this.#store?.get('started') !== undefined;
  }

  get #hasCursors(): boolean {
    return this.#hasStarted && this.#logs.size <= MOST_CURSORS;
  }

  get #cursors(): Record<string, number> {
    const known = [...this.#logs.values()].filter(({ cursor }) => cursor !== undefined);
    return Object.fromEntries(known.map(({ id, cursor }) => [id, cursor as number]));
  }

  #log(chatId: string): Log {
    const log = this.#logs.get(chatId) ?? new Log(chatId);
    this.#logs.set(chatId, log);
    return log;
  }

  #take(messages: unknown, areFirstMine = false): void {
    for (const message of (messages ?? []) as Message[]) this.push(message, areFirstMine);
  }

  #advance(log: Log): void {
    if (this.#start.isSought) return;
    for (let message = log.next(); message; message = log.next()) {
      // Told first: a client that dies in between tells it again, and not never.
      this.#options.message(message);
      this.#keep(log);
    }
    if (log.isBehind && !log.isRepairing) this.#repairSoon(log, this.#options.timing.gap);
  }

  #keep({ id, cursor }: Log): void {
    if (cursor !== undefined && this.#logs.has(id)) this.#store?.set(`c/${id}`, `${cursor}`);
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
      const reply = await this.#options.ask({ type: 'sync', cursors: this.#cursors });
      this.#take(reply.messages, true);
      more = reply.more === true;
    }
  }

  #repairSoon(log: Log, ms: number): void {
    log.isRepairing = true;
    setTimeout(() => {
      this.#repairs = this.#repairs.then(() => this.#repair(log));
    }, ms);
  }

  async #repair(log: Log): Promise<void> {
    const { timing, random } = this.#options;
    const wait = await this.#fill(log).catch((error) => this.#failed(log, error));
    log.isRepairing = false;
    if (!log.isBehind || this.#logs.get(log.id) !== log) log.attempts = 0;
    else this.#repairSoon(log, wait ?? backoff(log.attempts++, timing, random));
  }

  /** What overtook others is here by now, or the others are asked for. */
  async #fill(log: Log): Promise<undefined> {
    if (log.cursor === undefined) return this.#begin(log);
    while (log.isBehind) {
      const mine = { ...whose(this.#username, log.id), after_seq: log.cursor, limit: PAGE };
      const before: number | undefined = log.cursor;
      const { messages } = await this.#options.ask({ type: 'fetch_history', ...mine });
      this.#take(messages);
      if (log.cursor === before) return;
    }
  }

  /** A group that was joined on another device: the server knows since when, or soon will. */
  async #begin(log: Log): Promise<undefined> {
    if (this.#hasCursors) await this.#pull();
    if (log.cursor === undefined) {
      // Refused to who is no member any more, whom this reached late.
      await this.#options.ask({ type: 'fetch_history', ...whose(this.#username, log.id), limit: 1 });
      log.begin((log.firstHeld ?? 1) - 1);
    }
    this.#advance(log);
  }

  /** @returns milliseconds to wait, where the server says so */
  #failed(log: Log, error: unknown): number | undefined {
    if (!(error instanceof RequestError)) throw error;
    if (error.code === 'closed' || error.code === 'not_a_member' || error.code === 'unknown_group') {
      this.#logs.delete(log.id);
      if (error.code === 'closed') return undefined;
      this.forget(log.id);
      this.#options.left(log.id);
    }
    return error.retryAfterMs;
  }
}

/** A push without its `type`. */
function messageOf({ type: _, ...message }: Frame): Message {
  return message as unknown as Message;
}
