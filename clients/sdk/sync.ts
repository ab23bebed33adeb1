import { entriesIn, goesOn, isEntry } from './entries.ts';
import { type Logs, logsOf } from './logs.ts';
import { repairsOf } from './repairs.ts';
import type { Ask } from './session.ts';
import { type Slice, slicesOf } from './slices.ts';
import { findStart } from './start.ts';
import { type Backoff, type Timing, withTimeout } from './timing.ts';
import type { Frame, Gap, Message } from './types.ts';

/** What syncing calls. */
export interface SyncOptions {
  ask: Ask;
  timing: Timing;
  backoff: Backoff;
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

/** The slices that a login asked for. The server sends the first slice's page by itself. */
interface Login {
  parts: [Slice, ...Slice[]];
  isPageHere?: boolean;
}

export interface Sync {
  /** The logs, with the cursor of each chat. */
  readonly logs: Logs;
  /** Whether the client knows where it starts in each chat. */
  hasStarted: boolean;
  /** Whether everything that was missing at the last login has been delivered. */
  isCaughtUp: boolean;
  /** Returns the fields of a login. The first login has no cursors; entries are held until the start is known. */
  loginFields(): object;
  /** @param askThere sends on the connection of that login */
  loggedIn(reply: Frame, askThere: Ask): Promise<void>;
  /** @returns whether the frame held log entries */
  frame(frame: Frame): boolean;
  end(): void;
}

/** Turns frames that arrive late, twice or out of order into each chat's log: every entry once, in order. */
export function syncOf(options: SyncOptions): Sync {
  const { ask, timing, caughtUp } = options;
  const logs: Logs = logsOf({ ...options, behind: (log) => repair(log) });
  /** The last login, if it had cursors. */
  let login: Login | undefined;
  /** Resolves with the last page of pending messages, for a client without cursors. */
  let pending: Promise<void>;
  let pendingEnded: () => void;
  /** Asks again if a login's page doesn't arrive: the function that sends it may die. */
  let page: ReturnType<typeof setTimeout>;

  const slices = () => slicesOf(logs.cursors());
  const repair = repairsOf({
    ...options,
    logs,
    pull: async () => {
      if (self.hasStarted) await pull(slices());
    },
  });

  const take = (messages: unknown, areFirstMine?: boolean) => {
    for (const message of entriesIn(messages)) logs.push(message, areFirstMine);
  };

  const takePage = ({ messages, oldest }: Frame) => {
    for (const [chatId, seq] of Object.entries(oldest ?? {})) logs.skipTo(chatId, seq);
    take(messages, true);
  };

  /** Fetches everything after the cursors, page by page. */
  const pull = async (parts: Slice[]) => {
    const left = [...parts];
    for (let part = left.shift(); part; part = left.shift()) {
      const found = await ask({ type: 'sync', ...part });
      takePage(found);
      left.unshift(...restOf(part, found));
    }
  };

  const resume = (of: Login, parts: Slice[]) => {
    clearTimeout(page);
    // A later login gets its own page.
    const isLast = () => login === of;
    void pull(parts).then(
      () => {
        if (!isLast()) return;
        self.isCaughtUp = true;
        caughtUp();
      },
      ({ code }) => isLast() && code !== 'closed' && later(of),
    );
  };

  /** Starts again from the cursors of that moment. */
  const later = (of: Login) => {
    clearTimeout(page);
    page = setTimeout(() => resume(of, slices()), timing.request);
  };

  const self: Sync = {
    logs,
    hasStarted: false,
    isCaughtUp: false,

    loginFields() {
      self.isCaughtUp = false;
      login = undefined;
      if (self.hasStarted) {
        login = { parts: slices() };
        return login.parts[0];
      }
      logs.hold(true);
      pending = new Promise((resolve) => {
        pendingEnded = resolve;
      });
      return {};
    },

    async loggedIn(reply, askThere) {
      // The page may have arrived together with the reply.
      if (login) return login.isPageHere ? undefined : later(login);
      take(reply.pending_messages);
      // If they don't arrive in time, they stay pending on the server.
      if (reply.more) await withTimeout<void>(timing.request, (settle) => void pending.then(settle));
      await findStart(logs, askThere);
      self.hasStarted = true;
      logs.hold(false);
      self.isCaughtUp = true;
    },

    frame(frame) {
      const { type, messages, more, request_id } = frame;
      if (type === 'pending_messages') {
        take(messages);
        if (!more) pendingEnded?.();
      } else if (type === 'MESSAGES') take(messages);
      else if (type === 'sync_response') {
        takePage(frame);
        // With an id it answers a request that timed out.
        if (request_id === undefined && login) {
          const [first, ...rest] = login.parts;
          login.isPageHere = true;
          resume(login, [...restOf(first, frame), ...rest]);
        }
      } else if (isEntry(frame)) logs.push(entryOf(frame));
      else return false;
      return true;
    },

    end() {
      clearTimeout(page);
      login = undefined;
    },
  };
  return self;
}

/** The rest of a slice after one of its pages, if there is more. */
const restOf = (part: Slice, { next }: Frame): Slice[] => (goesOn(part, next) ? [{ ...part, ...next }] : []);

/** As history has it: without what is the frame's. */
function entryOf({ type: _, ...entry }: Frame & Message): Message {
  return entry;
}
