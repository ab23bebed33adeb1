import {
  type BusEvent,
  ChatError,
  type replayEvents as command,
  groupOf,
  privateChat,
  type ReplyOf,
  type RequestOf,
  usersOf,
} from '../../protocol/index.ts';
import { createdEvent, deletedEvent, editedEvent } from '../entry-events.ts';
import type { LogEntry, Millis } from '../model.ts';
import type { EventSink, Found, History, Runtime, Scans } from '../ports.ts';
import { isNumber, type Parts, walk } from '../walk.ts';

interface Ports {
  history: History;
  scans: Scans;
  /** Absent in a deployment without events. */
  eventSink: EventSink | undefined;
  runtime: Runtime;
}

/**
 * Puts the events of messages on the bus again. Whoever has handled one knows it by its id, so a repeat does no harm.
 * @throws ChatError `not_allowed`, `bad_request`
 */
export async function replayEvents(
  { history, scans, eventSink, runtime }: Ports,
  { chat, from_seq: from, since: time, next: place }: RequestOf<typeof command>,
): Promise<ReplyOf<typeof command>> {
  if (eventSink === undefined)
    throw new ChatError('not_allowed', 'This service has no events: deploy it with `events`.');
  if (chat === undefined && (time === undefined || from !== undefined))
    throw new ChatError('bad_request', 'Without "chat", give "since" and leave "from_seq" out.');
  const id = chat === undefined || groupOf(chat) !== undefined ? chat : privateChat(...usersOf(chat));
  if (id !== undefined && (await history.newest(id, 1)).length === 0)
    throw new ChatError('bad_request', `There is no message in ${chat}.`);
  const since = time === undefined ? 0 : Date.parse(time.toUpperCase());
  let events = 0;
  /** Puts what is found, as many as fit into a request, before it says how far it is. */
  async function* putting(all: AsyncIterable<Found<LogEntry>>): AsyncGenerator<string> {
    let found: BusEvent[] = [];
    let at: string | undefined;
    for await (const { item, after } of all) {
      if (item) found.push(...eventsNow(item, since));
      at = after;
      if (found.length < AT_ONCE && item) continue;
      await put(found);
      found = [];
      yield after;
    }
    await put(found);
    if (at !== undefined) yield at;
  }
  const put = async (found: readonly BusEvent[]) => {
    if (found.length > 0) await eventSink.put(found);
    events += found.length;
  };
  const parts: Parts =
    id === undefined
      ? {
          all: {
            isPlace: (after) => scans.isPlace('History', after),
            run: (after) => putting(scans.entriesSince(since, after)),
          },
        }
      : {
          chat: {
            isPlace: isNumber,
            run: (after) =>
              putting(entriesOf(history, id, after === undefined ? (from ?? 1) : Number(after) + 1)),
          },
        };
  const next = await walk(runtime, parts, place);
  return { events, ...(next !== undefined && { next }) };
}

// What one request to the bus takes.
const AT_ONCE = 10;
const READ = 500;

async function* entriesOf(history: History, chat: string, from: number): AsyncGenerator<Found<LogEntry>> {
  for (let seq = from, more = true; more; ) {
    const page = await history.from(chat, seq, READ);
    for (const item of page.entries) yield { item, after: String(item.seq) };
    more = page.more && page.entries.length > 0;
    const last = page.entries.at(-1)?.seq ?? seq;
    // Also where there was nothing to tell, so that a call ends in time.
    if (more) yield { after: String(last) };
    seq = last + 1;
  }
}

/** What there is to tell of an entry now. Texts before the latest edit are gone, and so are those of deleted messages. */
function eventsNow(entry: LogEntry, since: Millis): BusEvent[] {
  const { seq, at, edits, deletes, changed, expired } = entry;
  if (expired || edits !== undefined) return [];
  const is = (event: BusEvent, when: Millis) =>
    when >= since ? [{ ...event, replayed: true as const }] : [];
  if (deletes !== undefined) return is(deletedEvent(entry, deletes, at), at);
  const created = createdEvent(entry);
  if (changed?.kind !== 'deleted')
    return [...is(created, at), ...(changed ? is(editedEvent(entry, changed.at), changed.at) : [])];
  const { content: _, ...rest } = created as BusEvent & { content?: string };
  return [...is(rest as BusEvent, at), ...is(deletedEvent(entry, seq, changed.at), changed.at)];
}
