import { setTimeout as pause } from 'node:timers/promises';
import { groupOf, groupsOf } from './arrivals.ts';
import type { Load } from './options.ts';
import { connect, type Frame, type User } from './user.ts';

/** Told how much is done. */
export type Say = (text: string) => void;

/** What a crowd needs to know. */
export interface CrowdOptions {
  url: string;
  load: Load;
  password?: string;
  signal: AbortSignal;
  say: Say;
  /** Told of each message that comes to a user; `at` is absent if it had to wait for a login. */
  onMessage: (user: number, message: Frame, at?: number) => void;
}

const AT_ONCE = 8;
const TRIES = 8;
const TRY_AGAIN = new Set(['busy', 'rate_limited', 'internal_error']);
const PUSHES = new Set(['RECEIVE_MESSAGE', 'RECEIVE_GROUP_MESSAGE']);

/** All users of a run, and their groups. */
export class Crowd {
  readonly users: User[] = [];
  /** Numbers of users whose connection was lost. */
  readonly cut = new Set<number>();
  readonly #options: CrowdOptions;
  #isLeaving = false;

  constructor(options: CrowdOptions) {
    this.#options = options;
  }

  name(user: number): string {
    return `${this.#options.load.prefix}-${user + 1}`;
  }

  /** A group's name, which is its id, too. */
  group(user: number): string {
    const { load } = this.#options;
    return `${load.prefix}-group-${groupOf(user, load) + 1}`;
  }

  /** Everybody registers, if need be, logs in, and joins a group. @throws Error if the service refuses */
  async gather(): Promise<void> {
    const { load, say } = this.#options;
    await this.#each('logs in', load.users, (user) => this.#enter(user));
    // Those with the lowest numbers make the groups.
    await this.#each('makes groups', groupsOf(load), (user) =>
      this.#ask(user, { type: 'create_group', group_name: this.group(user) }, 'name_taken'),
    );
    await this.#each('joins groups', load.users, (user) => this.#join(user));
    say('');
  }

  /** Who lost the connection comes back, and is handed what came meanwhile. */
  async comeBack(): Promise<void> {
    for (const user of this.cut) await this.#login(user).catch(() => {});
  }

  /** Everybody leaves their groups, logs out, and goes. What the service refuses now is let be. */
  async leave(): Promise<void> {
    this.#isLeaving = true;
    const part = async (user: number) => {
      const connection = this.users[user];
      if (!connection) return;
      const leave = { type: 'leave_group', group_id: this.group(user) };
      await connection.request(leave).catch(() => {});
      await connection.request({ type: 'logout' }).catch(() => {});
      await connection.close();
    };
    await each(this.users.length, part);
  }

  /** Ends all connections at once. */
  async drop(): Promise<void> {
    this.#isLeaving = true;
    await Promise.all(this.users.map((user) => user.close()));
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
    await this.#ask(user, { type: 'register', username: this.name(user), password }, 'name_taken');
    await this.#logInAs(user);
  }

  async #login(user: number): Promise<void> {
    await this.#open(user);
    await this.#logInAs(user);
  }

  async #logInAs(user: number): Promise<void> {
    const { password, onMessage } = this.#options;
    const reply = await this.#ask(user, { type: 'login', username: this.name(user), password });
    for (const message of (reply.pending_messages ?? []) as Frame[]) onMessage(user, message);
  }

  async #open(user: number): Promise<void> {
    const connection = await connect(this.#options.url, this.name(user), (frame, at) =>
      this.#take(user, frame, at),
    );
    this.users[user] = connection;
    void connection.closed.then(() => {
      if (!this.#isLeaving) this.cut.add(user);
    });
  }

  #take(user: number, frame: Frame, at: number): void {
    const { onMessage } = this.#options;
    if (PUSHES.has(String(frame.type))) onMessage(user, frame, at);
    if (frame.type === 'pending_messages')
      for (const message of frame.messages as Frame[]) onMessage(user, message);
  }

  /** Creators may have come back to a group that somebody else had made; they join it like the others. */
  #join(user: number): Promise<Frame> {
    return this.#ask(user, { type: 'join_group', group_id: this.group(user) });
  }

  /** Asks until the service has time for it. @throws Error if it refuses for another reason than `fine` */
  async #ask(user: number, request: Frame, fine?: string): Promise<Frame> {
    const connection = this.users[user];
    if (!connection) throw new Error(`${this.name(user)} is not connected`);
    for (let tries = 1; ; tries++) {
      const { frame } = await connection.request(request);
      const { code, reason } = frame;
      if (code === undefined || code === fine) return frame;
      if (tries === TRIES || !TRY_AGAIN.has(String(code)))
        throw new Error(`${this.name(user)}: ${request.type}: ${code}: ${reason}${hintFor(String(code))}`);
      await pause(50 * 2 ** tries, undefined, { signal: this.#options.signal });
    }
  }
}

const hintFor = (code: string): string =>
  code === 'invalid_credentials' ? ' Perhaps another --prefix, or the right --password?' : '';

/** Runs it for 0, 1, 2, …, so many at once. */
export async function each(count: number, work: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < count; index = next++) await work(index);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
