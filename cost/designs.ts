import type { Counted } from './counter.ts';
import { DAYS, type Load, type Month, monthOf } from './load.ts';
import type { Measures } from './measure.ts';
import { minus, only, sum, times, type Usage } from './usage.ts';
import { metered } from './wire.ts';

/** A month of one design under a load. */
export interface Design {
  name: string;
  usage: Usage;
}

const KB = 1_024;
const GB = 1e9;
// Of a message: what DynamoDB adds for its index, and all but the content.
const ITEM_BYTES = 100 + 150;
// All that is stored of a user: name, inbox, two member rows and their index, a session.
const USER_BYTES = 2_048;
// AWS: "Assume log data compresses to" a fifth, in the examples of its prices for CloudWatch.
const LOG_COMPRESSION = 0.2;
// Frames of a login, below the 32 KB that count once (protocol/limits.ts).
const FRAME_BYTES = 32_000;
// An item that says who is on which connection, or who is in which group.
const ROW_BYTES = 100;
/** One post takes 0.35 to 1 ms of CPU: what a design takes longer that posts to more connections. */
const POST_MS = 0.5;

const stored = (bytes: number): Usage => ({ stored: bytes / GB, backedUp: bytes / GB });
const sent = (load: Load): number => load.users * load.messages * DAYS;
const itemBytes = ({ bytes }: Load): number => bytes + ITEM_BYTES;

/** Logs are kept, what was written of metrics is paid by the month, and alarms ring for an empty house, too. */
function withFixed(usage: Usage, { fixed, metrics }: Measures): Usage {
  const logsKept = (usage.logged ?? 0) * LOG_COMPRESSION * fixed.logMonths;
  return sum(usage, fixed.usage, { logsKept, metrics });
}

/** What is there when nobody is: users, their messages of so many months, and what the template costs by being there. */
export const idle = (load: Load, { fixed }: Measures): Usage =>
  sum(fixed.usage, stored(load.users * USER_BYTES + sent(load) * load.kept * itemBytes(load)));

/** What happens how often, with what it does each time. */
export interface Row {
  operation: string;
  count: number;
  counted: Counted;
}

/** The operations of a month. */
export function rowsOf(load: Load, measures: Measures): Row[] {
  const month = monthOf(load, measures.here);
  const { toOnline, toAway, toGroup, login, disconnect, page, ping } = measures;
  return [
    row('message to a user who is there', month.toOnline, toOnline),
    row('message to a user who is away', month.toAway, toAway),
    row(
      `message to a group of ${count(load.members)}, ${count(measures.here)} of them there`,
      month.toGroup,
      toGroup,
    ),
    row('login of who comes back, and is owed', month.visits, visit(month, measures)),
    row('login because a connection was 2 hours old', month.renewals, login),
    row('end of a connection', month.visits + month.renewals, disconnect),
    row('page of history', month.pages, page),
    row('ping', month.pings, ping),
  ];
}

const count = (of: number): string => of.toLocaleString('en-US');

const row = (operation: string, count: number, counted: Counted): Row => ({ operation, count, counted });

/** With what being owed costs: the first message that each chat's absent members miss writes it down. */
function visit(month: Month, { login, owePrivate, oweGroup, owedChat, owedMessage }: Measures): Counted {
  const owed = times(month.owed, owedMessage);
  const more = Math.max(0, Math.ceil(((owed.sentOut ?? 0) * GB) / FRAME_BYTES) - 1);
  const owing = month.chats === 0 ? {} : sum(owePrivate, oweGroup);
  const usage = sum(login.usage, owing, times(month.chats, owedChat), owed, { messages: more });
  return { ...login, posts: login.posts + more, usage };
}

/** This service, as counted. */
export function ours(load: Load, measures: Measures): Usage {
  const { minutes } = monthOf(load, measures.here);
  const said = rowsOf(load, measures).map(({ count, counted }) => times(count, counted.usage));
  return sum(
    withFixed(sum(...said, { minutes }), measures),
    stored(load.users * USER_BYTES + sent(load) * load.kept * itemBytes(load)),
  );
}

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
    month.pages * readUnits(50 * item);
  return sum(
    withoutDynamo(load, measures),
    { writes: copies * Math.ceil((item - 100) / KB) + 2 * connections, reads },
    stored(load.users * USER_BYTES + copies * load.kept * item),
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
    writes: Math.ceil((item - 100) / KB),
    reads: readUnits(online * ROW_BYTES),
  };
  const lambda = ({ usage }: Counted) => minus(usage, only(usage, ['writes', 'reads']));
  const usage = sum(
    times(sent(load), sum(bare, posting, units)),
    times(connections, sum(lambda(login), lambda(disconnect), { writes: 2 })),
    times(month.pages, sum(lambda(page), { reads: readUnits(50 * item) })),
    times(month.pings, ping.usage),
    { minutes: month.minutes },
  );
  return sum(withFixed(usage, measures), stored(load.users * USER_BYTES + sent(load) * load.kept * item));
}

/** The three, in the order in which they are shown. */
export const designsOf = (load: Load, measures: Measures): Design[] => [
  { name: 'Parley', usage: ours(load, measures) },
  { name: 'inbox per recipient', usage: inboxPerRecipient(load, measures) },
  { name: 'broadcast by scan', usage: broadcastByScan(load, measures) },
];
