import type { Counted } from './counter.ts';
import { GB, itemBytes, KB, POST_MS, sent, stored, withFixed } from './kept.ts';
import { type Load, monthOf } from './load.ts';
import type { Measures } from './measures.ts';
import { ours } from './ours.ts';
import { minus, only, sum, times, type Usage } from './usage.ts';
import { metered } from './wire.ts';

// An item of a connection or of a group member.
const ROW_BYTES = 100;
// Messages of a page of history.
const PAGE = 50;

/** A month of our design without DynamoDB. */
const withoutDynamo = (load: Load, measures: Measures): Usage => {
  const usage = ours(load, measures);
  return minus(usage, only(usage, ['writes', 'reads', 'stored', 'backedUp']));
};

/** Read units of an eventually consistent query of this many bytes: half a unit for each 4 KB. */
const readUnits = (bytes: number): number => Math.ceil(Math.max(1, bytes) / (4 * KB)) / 2;

/**
 * Computes a design that stores a copy of each message for each recipient. Frames, connections, Lambda and logs are as in
 * ours. In DynamoDB:
 * - a send writes a copy for every member of the chat, the sender included;
 * - it reads the sender's connection (1/2 unit), the member list, and each recipient's connections (1/2 unit each);
 * - a login writes the connection, and reads the messages since the last login from the user's own copies;
 * - a disconnect deletes the connection; a page of history is a query of the user's own copies;
 * - every copy stays stored.
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
    month.visits * readUnits(month.pending * item) +
    month.pages * readUnits(PAGE * item);
  return sum(
    withoutDynamo(load, measures),
    { writes: copies * Math.ceil(item / KB) + 2 * connections, reads },
    stored(load, copies),
  );
}

/**
 * Computes a broadcast by scan: the design of AWS's two sample WebSocket chats, with a history, which they lack. A send
 * - scans the table of connections (1/2 unit for each 4 KB), which holds every user online;
 * - posts the message to all of them, whoever it is for, and leaves it to the page to filter;
 * - writes the message once.
 * Nothing is ever pending, so a returning user only opens a connection: one write, and one delete when it closes.
 */
export function broadcastByScan(load: Load, measures: Measures): Usage {
  const month = monthOf(load, measures.here);
  const { toOnline, toAway, toGroup, login, disconnect, page, ping } = measures;
  const online = load.users * load.online;
  const connections = month.visits + month.renewals;
  // A send without deliveries: request, reply, Lambda, log. The posts come on top.
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
