import type { Counted } from './counter.ts';
import { GB, itemBytes, KB, sent, stored, withFixed } from './kept.ts';
import { type Load, monthOf } from './load.ts';
import type { Measures } from './measures.ts';
import { ours } from './ours.ts';
import { minus, only, sum, times, type Usage } from './usage.ts';
import { metered } from './wire.ts';

// An item that says who is on which connection, or who is in which group.
const ROW_BYTES = 100;
// One post takes 0.35 to 1 ms of CPU: what a design takes longer that posts to more connections.
const POST_MS = 0.5;
// Messages of a page of history.
const PAGE = 50;

/** All of our month but what DynamoDB does in it. */
const withoutDynamo = (load: Load, measures: Measures): Usage => {
  const usage = ours(load, measures);
  return minus(usage, only(usage, ['writes', 'reads', 'stored', 'backedUp']));
};

/** Read units of so many bytes in one query that need not see the newest: half a unit for each 4 KB. */
const readUnits = (bytes: number): number => Math.ceil(Math.max(1, bytes) / (4 * KB)) / 2;

/**
 * An inbox for each recipient, by arithmetic. Frames, connections, Lambda and logs as here. In DynamoDB:
 * - a message is written once for everybody in its chat, the sender among them;
 * - it reads who sends it (1/2 unit), the member list, and for each recipient the connections (1/2 unit);
 * - a login writes the connection, and reads what came since the last one, of one's own inbox;
 * - the end of a connection deletes it; a page of history is a query of one's own inbox;
 * - every copy is stored.
 */
export function inboxPerRecipient(load: Load, measures: Measures): Usage {
  const month = monthOf(load, measures.here);
  const item = itemBytes(load);
  const copies = (month.toOnline + month.toAway) * 2 + month.toGroup * load.members;
  const connections = month.visits + month.renewals;
  const lookups = copies - sent(load);
  const reads =
    sent(load) / 2 +
    month.toGroup * readUnits(load.members * ROW_BYTES) +
    lookups / 2 +
    month.visits * readUnits(month.owed * item) +
    month.pages * readUnits(PAGE * item);
  return sum(
    withoutDynamo(load, measures),
    { writes: copies * Math.ceil(item / KB) + 2 * connections, reads },
    stored(load, copies),
  );
}

/**
 * A broadcast by scan, by arithmetic: as AWS's two samples of a WebSocket chat, but with a history, which they lack.
 * Every message
 * - scans the table of connections (1/2 unit for each 4 KB), which holds everybody who is online;
 * - is posted to all of them, whoever it is for, for the page to filter;
 * - is written once.
 * Nobody is owed anything, so who comes back only opens a connection: one write, one delete at its end.
 */
export function broadcastByScan(load: Load, measures: Measures): Usage {
  const month = monthOf(load, measures.here);
  const { toOnline, toAway, toGroup, login, disconnect, page, ping } = measures;
  const online = load.users * load.online;
  const connections = month.visits + month.renewals;
  // What is sent to nobody: request, reply, Lambda, log. Then every post.
  const bare = only(toAway.usage, ['messages', 'invocations', 'gbSeconds', 'logged', 'sentOut']);
  const pushBytes = ((toOnline.usage.sentOut ?? 0) - (toAway.usage.sentOut ?? 0)) * GB;
  const posting = times(online, {
    messages: metered(pushBytes),
    sentOut: pushBytes / GB,
    gbSeconds: ((POST_MS / 1_000) * toGroup.memory) / KB,
  });
  const item = itemBytes(load);
  const units = {
    writes: Math.ceil(item / KB),
    reads: readUnits(online * ROW_BYTES),
  };
  const lambda = ({ usage }: Counted) => minus(usage, only(usage, ['writes', 'reads']));
  const usage = sum(
    times(sent(load), sum(bare, posting, units)),
    times(connections, sum(lambda(login), lambda(disconnect), { writes: 2 })),
    times(month.pages, sum(lambda(page), { reads: readUnits(PAGE * item) })),
    times(month.pings, lambda(ping)),
    { minutes: month.minutes },
  );
  return sum(withFixed(usage, measures), stored(load, sent(load)));
}
