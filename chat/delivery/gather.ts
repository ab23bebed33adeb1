import { fitting, sizeOf } from '../../protocol/index.ts';
import { toWire } from '../entries.ts';
import { type LogEntry, type Millis, SYSTEM } from '../model.ts';
import type { Copies, Runtime } from '../ports.ts';
import { claimPart, fixEnd } from './fan-out-parts.ts';

/** Entries of a chat, at least one. */
export type Entries = readonly [LogEntry, ...LogEntry[]];

/** The most messages that go out together. Few of them fit into a frame. */
export const MOST_GATHERED = 100;

// Bytes of a frame around its messages.
const AROUND = 100;

/**
 * Whether a message follows the one before it closely: then, in a group of more than a page, it waits in the queue for those
 * after it. Both times are in the log, so everybody who asks gets the same answer.
 * @param window 0 for never
 */
export const isClose = ({ at }: LogEntry, before: LogEntry | undefined, window: Millis): boolean =>
  before !== undefined && at - before.at < window;

/**
 * Gathers the messages that go out together with one that has waited: those that follow closely, as many as fit into a
 * frame. They wait in the queue as well, each as a part of its own. So a message that is left out is not lost, and one that is
 * taken along is claimed, so that its own part does nothing.
 *
 * Every attempt takes the same along: how far it goes is stored first, and the claims are for the first message, whichever
 * copy makes them. Otherwise a later attempt could claim a message that the pages behind this one, which an earlier attempt
 * has queued, don't have.
 * @param read the log from that message on
 * @param window 0 if no message waits here
 */
export async function gather(
  ports: { copies: Copies; runtime: Runtime },
  read: Entries,
  window: Millis,
): Promise<Entries> {
  const [first, ...others] = read;
  const { chat, seq } = first;
  const end = Number(await fixEnd(ports, first, String(lastOf(read, window)), 'gathered'));
  const following = others.filter((entry) => entry.seq <= end);
  const claimed = await Promise.all(
    following.map((entry) => claimPart(ports, { chat, seq: entry.seq, copy: `with ${seq}` })),
  );
  return [first, ...following.filter((_, index) => claimed[index])];
}

/** The last message that goes with the first. An edit goes by itself: its text, which may be long, is read when it is delivered. */
function lastOf(read: Entries, window: Millis): number {
  const goesAlong = (entry: LogEntry, index: number): boolean =>
    index === 0 ||
    (read[0].edits === undefined && entry.edits === undefined && isClose(entry, read[index - 1], window));
  const end = read.findIndex((entry, index) => !goesAlong(entry, index));
  const together = end === -1 ? read : read.slice(0, end);
  const fit = fitting(together, AROUND, (entry) => sizeOf(toWire(entry, SYSTEM)));
  return read[0].seq + fit.length - 1;
}
