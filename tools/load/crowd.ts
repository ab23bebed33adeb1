import { setTimeout as pause } from 'node:timers/promises';
import { exponentialBackoff } from '../../clients/sdk/timing.ts';
import { type Connection, connect, type Frame } from '../harness/connection.ts';
import { groupOf, groupsOf } from './arrivals.ts';
import type { Load } from './options.ts';

/** Reports progress. */
export type Say = (text: string) => void;

/** The options of a crowd. */
export interface CrowdOptions {
  url: string;
  load: Load;
  password?: string;
  signal: AbortSignal;
  say: Say;
  /** Called for each message that a user receives; `at` is absent if a login delivered it. */
  onMessage: (user: number, message: Frame, at?: number) => void;
}

const AT_ONCE = 8;
const TRIES = 8;
const backoff = exponentialBackoff({ retryFirst: 200, retryMost: 12_800 }, Math.random);
/** For what follows a login's reply. */
const HANDED_MS = 30_000;
const TRY_AGAIN = new Set(['busy', 'rate_limited', 'outcome_unknown', 'internal_error']);
const PUSHES = new Set(['RECEIVE_MESSAGE', 'RECEIVE_GROUP_MESSAGE']);

/** The users of a run, and their groups. */
export class Crowd {
  readonly users: Connection[] = [];
  /** The numbers of users whose connection was lost. */
  readonly cut = new Set<number>();
  readonly #options: CrowdOptions;
  /** Called when a login has delivered everything. */
  readonly #handed = new Map<number, () => void>();
  #isLeaving = false;

  constructor(options: CrowdOptions) {
    this.#options = options;
  }

  name(user: number): string {
    return `${this.#options.load.prefix}-${user + 1}`;
  }

  /**
   * A group's name and id. It contains the number of groups, which decides who is in which group: a user whom a killed run
   * left in a group is in the same group in the next run.
   */
  group(user: number): string {
    const { load } = this.#options;
    return `${load.prefix}-group-${groupsOf(load)}-${groupOf(user, load) + 1}`;
  }

  /** Registers all users if needed, logs them in, and lets them join their groups. @throws Error if the service refuses */
  async gather(): Promise<void> {
    const { load, say } = this.#options;
    await this.#each('logs in', load.users, (user) => this.#enter(user));
    // The users with the lowest numbers create the groups.
    await this.#each('makes groups', groupsOf(load), (user) =>
      this.#ask(user, { type: 'create_group', group_name: this.group(user) }, 'name_taken'),
    );
    await this.#each('joins groups', load.users, (user) => this.#join(user));
    say('');
  }

  /**
   * Reconnects users who lost the connection, so that they receive what they missed.
   * @returns the users who did not reconnect in time, whose received messages are unknown
   */
  async comeBack(most: number): Promise<Set<number>> {
    const users = [...this.cut];
    const away = new Set(users);
    const all = each(users.length, async (at) => {
      const user = users[at] ?? 0;
      await this.#login(user).then(
        () => away.delete(user),
        () => {},
      );
    });
    await atMost(most, all);
    return away;
  }

  /** Lets all users leave their groups, log out and disconnect. Ignores errors and timeouts. */
  async leave(most: number): Promise<void> {
    this.#isLeaving = true;
    const part = async (user: number) => {
      const connection = this.users[user];
      if (!connection) return;
      const leave = { type: 'leave_group', group_id: this.group(user) };
      await connection.request(leave).catch(() => {});
      await connection.request({ type: 'logout' }).catch(() => {});
      await connection.close();
    };
    await atMost(most, each(this.users.length, part));
    await Promise.all(this.users.map((connection) => connection?.close()));
  }

  async #each(what: string, count: number, work: (user: number) => Promise<unknown>): Promise<void> {
    const { signal, say } = this.#options;
    let done = 0;
    await each(count, async (user) => {
      signal.throwIfAborted();
      await work(user);
      if (++done % 20 === 0 || done === count) say(`Everybody ${what}: ${done} of ${count} …`);
    });
  }

  async #enter(user: number): Promise<void> {
    const { password } = this.#options;
    await this.#open(user);
    const register = { type: 'register', username: this.name(user), password };
    const { code } = await this.#ask(user, register, 'name_taken', 'rate_limited');
    // Registrations per address are limited. A login shows whether the user exists already.
    if (code === 'rate_limited') {
      const exists = await this.#logInAs(user).then(
        () => true,
        () => false,
      );
      if (exists) return;
      await this.#ask(user, register, 'name_taken');
    }
    await this.#logInAs(user);
  }

  async #login(user: number): Promise<void> {
    await this.#open(user);
    await this.#logInAs(user);
  }

  async #logInAs(user: number): Promise<void> {
    const { password, onMessage } = this.#options;
    const all = new Promise<void>((done) => this.#handed.set(user, done));
    const reply = await this.#ask(user, {
      type: 'login',
      username: this.name(user),
      password,
      batches: true,
    });
    for (const message of (reply.pending_messages ?? []) as Frame[]) onMessage(user, message);
    if (reply.more === true) await atMost(HANDED_MS, all);
  }

  async #open(user: number): Promise<void> {
    const connection = await connect(this.#options.url, this.name(user), {
      onPush: (frame, at) => this.#take(user, frame, at),
    });
    this.users[user] = connection;
    void connection.closed.then(() => {
      if (!this.#isLeaving) this.cut.add(user);
    });
  }

  #take(user: number, frame: Frame, at: number): void {
    const { onMessage } = this.#options;
    if (PUSHES.has(String(frame.type))) onMessage(user, frame, at);
    if (frame.type === 'MESSAGES')
      for (const message of frame.messages as Frame[]) onMessage(user, message, at);
    if (frame.type !== 'pending_messages') return;
    for (const message of frame.messages as Frame[]) onMessage(user, message);
    if (frame.more !== true) this.#handed.get(user)?.();
  }

  /** If the group exists from an earlier run, its creator joins it like the others. */
  #join(user: number): Promise<Frame> {
    return this.#ask(user, { type: 'join_group', group_id: this.group(user) });
  }

  /** Repeats a request while the service is busy or limits the rate. @throws Error for any other refusal */
  async #ask(user: number, request: Frame, ...fine: string[]): Promise<Frame> {
    const connection = this.users[user];
    if (!connection) throw new Error(`${this.name(user)} is not connected`);
    for (let tries = 1; ; tries++) {
      const { frame } = await connection.request(request);
      const { code, reason } = frame;
      if (code === undefined || fine.includes(String(code))) return frame;
      if (tries === TRIES || !TRY_AGAIN.has(String(code)))
        throw new Error(`${this.name(user)}: ${request.type}: ${code}: ${reason}${hintFor(String(code))}`);
      const wait = Math.max(backoff(tries - 1), Number(frame.retry_after_ms ?? 0));
      await pause(wait, undefined, { signal: this.#options.signal });
    }
  }
}

const hintFor = (code: string): string =>
  code === 'invalid_credentials' ? ' Perhaps another --prefix, or the right --password?' : '';

/** Waits for a task up to a timeout in milliseconds. The task continues after that. */
const atMost = (milliseconds: number, work: Promise<void>): Promise<void> =>
  Promise.race([work, pause(milliseconds, undefined, { ref: false })]);

/** Runs a task for each index, with limited concurrency. */
export async function each(count: number, work: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < count; index = next++) await work(index);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
