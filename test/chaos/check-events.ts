import { INBOX_POINTERS } from '../../chat/model.ts';
import type { BusEvent } from '../../protocol/index.ts';
import { isChange, placeOf } from './check-changes.ts';
import type { Record, Sending, Stored } from './record.ts';

type Of<T extends BusEvent['type']> = Extract<BusEvent, { type: T }>;

/** What a webhook got in a run, and the records that no event can be made of. */
export interface Told {
  /** In the order in which they came. */
  events: BusEvent[];
  /** How many such records were written. */
  poisoned: number;
  /** The records that the dead-letter queue names. */
  givenUp: { record: string; batchSize: number }[];
}

/** Finds acknowledged changes without an event. Some may still be on their way. */
export function missingEvents(record: Record, { events }: Told): string[] {
  const { sendings, kinds, history } = record;
  const ids = new Set(events.map(({ id }) => id));
  const deletions = new Set(ofType(events, 'message.deleted').map(({ chat_id, seq }) => `${chat_id} ${seq}`));
  const edits = new Set(
    ofType(events, 'message.edited').map(({ chat_id, seq, content }) => `${chat_id} ${seq} ${content}`),
  );
  const stored = [...history.values()].flat().filter((entry) => !isChange(entry));
  const changes = sendings.flatMap(({ key, change, sent }) => {
    if (!change || !sent) return [];
    const has =
      change.kind === 'edits' ? edits.has(`${placeOf(change)} ${key}`) : deletions.has(placeOf(change));
    return has
      ? []
      : [`${key} was acknowledged, but no event tells that it ${change.kind} ${placeOf(change)}`];
  });
  return [
    // All that is stored, whether acknowledged or not, and so all that was acknowledged: `check` looks that it is stored.
    ...stored
      .filter((entry) => !ids.has(`message.created ${placeOf(entry)}`))
      .map((entry) => `${placeOf(entry)} is stored, but no event tells of it`),
    ...changes,
    ...[...kinds.keys()]
      .filter((user) => !ids.has(`user.created ${user}`))
      .map((user) => `no event tells of ${user}`),
    ...unnoticed(record, events),
  ];
}

/** What a login of a plain client brought of a chat. */
interface Brought {
  user: string;
  chat_id: string;
  first: number;
  last: number;
  /** The chats of that login. */
  chats: ReadonlySet<string>;
}

/**
 * Finds what waited for plain clients, as their logins brought it, without an event. A login that ended early moves a pointer on
 * to behind what the gateway accepted, and if another device was there, nothing tells of it: so what continues a delivery
 * is not judged.
 */
function unnoticed(record: Record, events: readonly BusEvent[]): string[] {
  const away = ofType(events, 'recipient.away');
  return broughtTo(record)
    .filter((brought) => !continues(record, brought))
    .filter(
      (brought) =>
        !away.some(
          ({ username, chat_id, seq }) =>
            username === brought.user && chat_id === brought.chat_id && tellsOf(seq, brought),
        ),
    )
    .map(({ user, chat_id, first }) => `${chat_id} ${first} waited for ${user}, but no event tells of it`);
}

/** Where the inbox was full, the event names no seq. */
const tellsOf = (seq: number | undefined, { first, last, chats }: Brought): boolean =>
  seq === undefined ? chats.size > INBOX_POINTERS : seq >= first && seq <= last;

function broughtTo({ deliveries, kinds }: Record): Brought[] {
  const logins = new Map<string, Brought>();
  const chatsOf = new Map<string, Set<string>>();
  for (const { user, device, chat_id, seq, via, asked } of deliveries) {
    if (via !== 'login' || kinds.get(user) !== 'plain') continue;
    const login = `${device} ${asked}`;
    const chats = (chatsOf.get(login) ?? new Set()).add(chat_id);
    chatsOf.set(login, chats);
    const key = `${login} ${chat_id}`;
    const { first = seq, last = seq } = logins.get(key) ?? {};
    logins.set(key, { user, chat_id, first: Math.min(first, seq), last: Math.max(last, seq), chats });
  }
  return [...logins.values()];
}

/** Whether the gateway had accepted the entry before for one of the user's sockets. */
function continues({ accepted, sessions, history }: Record, { user, chat_id, first }: Brought): boolean {
  const before = history.get(chat_id)?.[first - 2]?.message_id;
  if (before === undefined) return false;
  const theirs = new Set(sessions.filter((each) => each.user === user).map(({ id }) => id));
  return accepted.some(({ session, message_ids }) => theirs.has(session) && message_ids.includes(before));
}

/** Finds poison that is not in the dead-letter queue. */
export const missingPoison = ({ poisoned, givenUp }: Told): string[] => {
  const named = new Set(givenUp.map(({ record }) => record)).size;
  return named === poisoned
    ? []
    : [`the dead-letter queue names ${named} records, and ${poisoned} were poison`];
};

/** Judges the events of a run. */
export function wrongEvents(record: Record, told: Told): string[] {
  return [
    ...missingEvents(record, told),
    ...missingPoison(told),
    ...told.givenUp
      .filter(({ batchSize }) => batchSize !== 1)
      .map(({ batchSize }) => `${batchSize} records were given up with one that is poison`),
    ...changedIds(told),
    ...wrongMessages(record, told),
    ...unasked(record, told),
    ...wrongAbsences(record, told),
  ];
}

const ofType = <T extends BusEvent['type']>(events: readonly BusEvent[], type: T): Of<T>[] =>
  events.filter((event): event is Of<T> => event.type === type);

/** Finds ids that have come with another event. */
function changedIds({ events }: Told): string[] {
  const seen = new Map<string, string>();
  return events.flatMap((event) => {
    const text = JSON.stringify(event);
    const before = seen.get(event.id) ?? text;
    seen.set(event.id, before);
    return text === before ? [] : [`the event ${event.id} came as ${before} and as ${text}`];
  });
}

/** A chat's messages as events tell them, each once and sorted, must be those of its history. */
function wrongMessages({ history }: Record, { events }: Told): string[] {
  const byChat = new Map<string, Map<number, Of<'message.created'>>>();
  for (const event of ofType(events, 'message.created')) {
    const chat = byChat.get(event.chat_id) ?? new Map();
    byChat.set(event.chat_id, chat.set(event.seq, event));
  }
  return [...byChat].flatMap(([chat, told]) => {
    const stored = new Map(
      (history.get(chat) ?? []).filter((entry) => !isChange(entry)).map((entry) => [entry.seq, entry]),
    );
    const sorted = [...told.values()].sort((one, other) => one.seq - other.seq);
    return sorted.flatMap((event, index) => {
      const entry = stored.get(event.seq);
      const before = sorted[index - 1];
      const isOlder = before !== undefined && event.timestamp < before.timestamp;
      return [
        ...(entry === undefined ? [`an event tells of ${chat} ${event.seq}, which is not stored`] : []),
        ...(entry && !isOf(event, entry)
          ? [`an event tells of another message at ${chat} ${event.seq}`]
          : []),
        ...(isOlder ? [`${chat} ${event.seq} is older than the event before it`] : []),
      ];
    });
  });
}

const isOf = (event: Of<'message.created'>, { message_id, sender, timestamp }: Stored): boolean =>
  event.message_id === message_id && event.sender === sender && event.timestamp === timestamp;

/** Finds events of what nobody asked for: texts, edits and deletions. */
function unasked({ sendings }: Record, { events }: Told): string[] {
  const byKey = new Map(sendings.map((sending) => [sending.key, sending]));
  const deletions = new Set(
    sendings.flatMap(({ change, sender }) =>
      change?.kind === 'deletes' ? [`${placeOf(change)} ${sender}`] : [],
    ),
  );
  const wrongText = (
    event: Of<'message.created' | 'message.edited'>,
    isIt: (sending: Sending) => boolean,
  ) => {
    const sending = byKey.get(event.content ?? '');
    return sending && sending.sender === event.sender && isIt(sending)
      ? []
      : [`the event ${event.id} has the text ${event.content}, which belongs elsewhere`];
  };
  return [
    ...ofType(events, 'message.created').flatMap((event) => wrongText(event, ({ change }) => !change)),
    ...ofType(events, 'message.edited').flatMap((event) =>
      wrongText(event, ({ change }) => change?.kind === 'edits' && placeOf(change) === placeOf(event)),
    ),
    ...ofType(events, 'message.deleted')
      .filter((event) => !deletions.has(`${placeOf(event)} ${event.sender}`))
      .map((event) => `the event ${event.id} tells of a deletion that nobody asked for`),
  ];
}

/** Finds events that call somebody to what is not there, not for them, or their own. */
function wrongAbsences({ history, memberships }: Record, { events }: Told): string[] {
  return ofType(events, 'recipient.away').flatMap(({ id, username, chat_id, seq }) => {
    const waits = (history.get(chat_id) ?? []).filter((entry) => seq === undefined || entry.seq === seq);
    const isTheirs = (chat: string) =>
      chat.startsWith('#')
        ? memberships.some(({ user, group }) => user === username && `#${group}` === chat)
        : chat.split(':').includes(username);
    // As many chats as they have may have waited.
    const hasRoom = () => [...history.keys()].filter(isTheirs).length <= INBOX_POINTERS;
    return [
      ...(waits.some(({ sender }) => sender !== username) && isTheirs(chat_id)
        ? []
        : [`the event ${id} calls ${username} to what is not for them`]),
      ...(seq === undefined && hasRoom()
        ? [`the event ${id} names no seq, though the inbox of ${username} had room`]
        : []),
    ];
  });
}
