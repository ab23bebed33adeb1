import { isCount } from './entries.ts';
import type { Message } from './types.ts';

// Entries held in memory per chat; the server is asked again for any beyond these.
const HELD = 500;

/** What is known of the entries of one chat: the cursor, and entries that arrived early. */
export interface Log {
  readonly id: string;
  /** The last seq that was delivered to the app; undefined until the client knows where it starts. */
  cursor: number | undefined;
  /** Entries that were not delivered yet, by their seq. */
  readonly held: Map<number, Message>;
  /** The highest seq known to exist. */
  last: number;
  /** Consecutive failed repairs. */
  attempts: number;
  /** Whether a repair is scheduled or running. */
  isRepairing: boolean;
}

export const newLog = (id: string): Log => ({
  ...{ id, cursor: undefined, held: new Map(), last: 0 },
  ...{ attempts: 0, isRepairing: false },
});

/** Whether entries exist that have not been delivered. */
export const isBehind = ({ last, cursor = 0 }: Log): boolean => last > cursor;

/** The lowest seq that arrived before the start was known. */
export const firstHeld = ({ held }: Log): number | undefined =>
  held.size > 0 ? Math.min(...held.keys()) : undefined;

/** Notes that the chat has entries up to this seq. */
export function expect(log: Log, seq: number): void {
  if (isCount(seq)) log.last = Math.max(log.last, seq);
}

export function hold(log: Log, message: Message): void {
  const { cursor = 0, held } = log;
  const { seq } = message;
  expect(log, seq);
  const hasRoom = held.size < HELD || seq === cursor + 1;
  if (seq > cursor && hasRoom) held.set(seq, message);
}

/** Starts after this seq; earlier entries are in the history. */
export function begin(log: Log, cursor: number): void {
  log.cursor = cursor;
  for (const seq of log.held.keys()) if (seq <= cursor) log.held.delete(seq);
}

/** Returns the entry after the cursor, and moves the cursor to it. */
export function next(log: Log): Message | undefined {
  const message = log.held.get((log.cursor ?? Number.NaN) + 1);
  if (message) begin(log, message.seq);
  return message;
}

/** Drops everything that has not been delivered, so that nobody asks for it any more. */
export function stop(log: Log): void {
  log.held.clear();
  log.last = log.cursor ?? 0;
}
