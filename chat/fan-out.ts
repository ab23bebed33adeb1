import { type DeliverPorts, deliver, type Recipient } from './deliver.ts';
import {
  type FanOut,
  type Later,
  type LogEntry,
  type Member,
  type Members,
  type Millis,
  Unavailable,
} from './ports.ts';

/** What a message to a group needs to reach its members. */
export interface FanOutPorts extends DeliverPorts {
  members: Members;
  later: Later;
  /** Members whom one invocation takes on. */
  share: number;
}

// As many inboxes as the database reads at once, and as many posts at a time.
const WIDTH = 100;
// So many take this long at worst, with a gateway that answers late.
const ENOUGH: Millis = 8_000;
// After so many waits a throttled connection is closed after all, and its user owed.
const TRIES = 10;

/**
 * Hands a group's message to members, a page of their list in one go; what is behind it, and what there is no time
 * for, is done later. Who is away and owed already costs nothing but their row.
 * @param source the connection that the message came by; absent in what is done later
 */
export async function fanOut(
  ports: FanOutPorts,
  entry: LogEntry,
  { after = '', names, tries = 0 }: Pick<FanOut, 'after' | 'names' | 'tries'>,
  source?: string,
): Promise<void> {
  const { chat, seq } = entry;
  const rows = names
    ? await ports.members.getMany(names.map((username) => ({ chat, username })))
    : await ports.members.page(chat, after, ports.share);
  // First, so that it goes on meanwhile.
  if (!names && rows.length >= ports.share)
    await ports.later.fanOut({ chat, seq, after: rows.at(-1)?.username });
  const recipients = rows.filter((row) => isFor(row, entry));
  const left = await reach(ports, entry, recipients, { source, patient: tries < TRIES });
  if (left.length === 0) return;
  await ports.later.fanOut(
    { chat, seq, names: left.map(({ username }) => username), tries: tries + 1 },
    true,
  );
}

/**
 * @returns for whom there was no time, no room at the gateway, or no database; some of the last may have been reached, and
 *   are again
 */
async function reach(
  ports: FanOutPorts,
  entry: LogEntry,
  recipients: readonly Recipient[],
  { source, patient }: { source?: string; patient: boolean },
): Promise<readonly Recipient[]> {
  // The sender's own devices go with the first, though there may be nobody else.
  for (let at = 0; at === 0 || at < recipients.length; at += WIDTH) {
    if (ports.world.timeLeft() < ENOUGH) return recipients.slice(at);
    const some = recipients.slice(at, at + WIDTH);
    const left = await deliver(ports, entry, some, { source: at === 0 ? source : undefined, patient }).catch(
      (error: unknown) => {
        // Who waits for a reply is told; what the queue brings is tried again without those before.
        if (source !== undefined || !patient || !(error instanceof Unavailable)) throw error;
        return some;
      },
    );
    if (left.length > 0) return [...left, ...recipients.slice(at + WIDTH)];
  }
  return [];
}

/** Who joined after the message has no part in it; who is away and owed it from before needs nothing. */
const isFor = ({ username, since, away }: Member, { sender, seq }: LogEntry): boolean =>
  username !== sender && since <= seq && (away === undefined || away > seq);
