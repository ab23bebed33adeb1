// What the changes of items mean to a backend: a record of a table's stream becomes events, without reading anything.
//   History       INSERT: a message, or the entry of a deletion; MODIFY: an edit, or the erasure of a text
//   Members       INSERT, REMOVE, and MODIFY from or to a removal record or a membership in an earlier group of the name
//   Directory     INSERT and MODIFY of a group: created, taken over, another owner or setting
//   Profiles      INSERT and MODIFY: a group's title, topic or picture; an erased user
//   Credentials   INSERT, keys alone: whoever writes the credential owns the name. No hash leaves the table.
//   Inboxes       INSERT and MODIFY: a chat that becomes pending, or is when the last connection ends
//   Overflow      INSERT, keys alone: a pointer for which the inbox has no room
// An edit's own entry has no text, so its event is that of the message, which comes first. A deletion's entry comes first, and a
// function that dies then leaves the text: so both have the event, under one id. What DynamoDB deletes by its time to live has
// none: retention is not a deletion, and removal records expire.
//
// An id never comes with another event. So it names all that the event says, or what only one record can bring: an absence, a
// new or an erased user; or it names the record.
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { createdEvent, deletedEvent, editedEvent } from '../chat/entry-events.ts';
import type { LogEntry, MemberRow, Millis, Name, Profile } from '../chat/model.ts';
import { beganAt } from '../chat/overflow-id.ts';
import type { BusEvent } from '../protocol/index.ts';
import { pointerOf } from './overflow-key.ts';
import type { Item } from './table.ts';

type Image = Record<string, AttributeValue>;

/** A record of a stream, as Lambda passes it. */
export interface Change {
  eventID?: string;
  eventName?: string;
  userIdentity?: unknown;
  dynamodb?: {
    ApproximateCreationDateTime?: number;
    Keys?: object;
    NewImage?: object;
    OldImage?: object;
    SequenceNumber?: string;
  };
}

/** A change: the item's key, and what it was before and is now. */
interface Seen {
  keys: Item;
  before?: Item;
  now?: Item;
  /** When it was made, to the second. */
  at: Millis;
  /** Unique; the same whenever this record comes. */
  record: string;
}

const itemOf = (image: object | undefined): Item | undefined => image && unmarshall(image as Image);

/**
 * The events of a change.
 * @throws if the item is not one that this version has written
 */
export function eventsOf({ eventID = '', eventName, userIdentity, dynamodb = {} }: Change): BusEvent[] {
  // The sweeper of expired items.
  if (userIdentity) return [];
  // Where records have keys alone, only what is new has an event.
  if (eventName !== 'INSERT' && !dynamodb.OldImage && !dynamodb.NewImage) return [];
  const keys = itemOf(dynamodb.Keys) ?? {};
  const seen = {
    keys,
    before: itemOf(dynamodb.OldImage),
    now: itemOf(dynamodb.NewImage),
    at: (dynamodb.ApproximateCreationDateTime ?? 0) * 1_000,
    record: eventID,
  };
  const events = readers[Object.keys(keys).sort().join(' ')];
  if (!events) throw new Error(`No table has the key ${Object.keys(keys)}`);
  return events(seen);
}

const time = (at: Millis): string => new Date(at).toISOString();

function ofHistory({ before, now }: Seen): BusEvent[] {
  if (now === undefined) return [];
  const entry = entryOf(now);
  if (before === undefined) return ofEntry(entry);
  const was = entryOf(before);
  const { seq, changed, editIds = [] } = entry;
  if (changed?.kind === 'deleted')
    return was.changed?.kind === 'deleted' ? [] : [deletedEvent(entry, seq, changed.at)];
  const revision = editIds.length;
  if (changed === undefined || revision === (was.editIds ?? []).length) return [];
  return [editedEvent(entry, changed.at)];
}

const entryOf = ({ chat_id, ...rest }: Item): LogEntry => ({ chat: chat_id, ...rest }) as LogEntry;

function ofEntry(entry: LogEntry): BusEvent[] {
  if (entry.edits !== undefined) return [];
  return [entry.deletes === undefined ? createdEvent(entry) : deletedEvent(entry, entry.deletes, entry.at)];
}

const groupIn = (chat: string): string => chat.slice(1);

function ofMembers({ before, now, at, record }: Seen): BusEvent[] {
  const [was, is] = [before, now].map((item) => memberOf(item));
  // A row of a private chat; every other change of a member.
  if (was?.attemptId === is?.attemptId) return [];
  const event = (
    type: 'member.added' | 'member.removed',
    { chat, username }: MemberRow,
    when: Millis,
    unique: string,
  ): BusEvent => ({
    type,
    id: `${type} ${chat} ${username} ${unique}`,
    chat_id: chat,
    group_id: groupIn(chat),
    username,
    timestamp: time(when),
  });
  return [
    // A write that comes late may bring a membership back, so it can end twice.
    ...(was ? [event('member.removed', was, at, record)] : []),
    ...(is ? [event('member.added', is, is.joined ?? at, String(is.attemptId))] : []),
  ];
}

/** The membership in a group; undefined for a removal record. */
function memberOf(item: Item | undefined): MemberRow | undefined {
  if (item === undefined || item.removed || !String(item.chat_id).startsWith('#')) return undefined;
  const { chat_id, ...rest } = item;
  return { chat: chat_id, ...rest } as MemberRow;
}

function ofDirectory({ before, now, at, record }: Seen): BusEvent[] {
  const is = now as unknown as Name | undefined;
  if (is?.kind !== 'group') return [];
  const was = before as unknown as Name | undefined;
  const { name, attemptId, owner, inviteOnly = false } = is;
  const group = { chat_id: `#${name}`, group_id: name };
  if (was?.attemptId !== attemptId)
    return [
      {
        type: 'group.created',
        id: `group.created #${name} ${attemptId}`,
        ...group,
        owner: owner ?? '',
        invite_only: inviteOnly,
        timestamp: time(is.created),
      },
    ];
  const changed = {
    ...(owner !== undefined && owner !== was.owner && { owner }),
    ...(inviteOnly !== (was.inviteOnly ?? false) && { invite_only: inviteOnly }),
  };
  return updated(name, changed, at, record);
}

function updated(group: string, changed: object, at: Millis, record: string): BusEvent[] {
  if (Object.keys(changed).length === 0) return [];
  return [
    {
      type: 'group.updated',
      id: `group.updated #${group} ${record}`,
      chat_id: `#${group}`,
      group_id: group,
      ...changed,
      timestamp: time(at),
    },
  ];
}

function ofProfiles({ keys, before, now, at, record }: Seen): BusEvent[] {
  const id = String(keys.id);
  if (id.startsWith('@')) {
    if (!now?.erased || before?.erased) return [];
    const username = id.slice(1);
    return [{ type: 'user.deleted', id: `user.deleted ${username}`, username, timestamp: time(at) }];
  }
  const [was, is] = [before, now].map((item) => (item ?? {}) as Profile);
  // A later group of the name has a profile of its own: `#GROUP GENERATION`.
  const [group = ''] = groupIn(id).split(' ');
  const changed = {
    ...(is?.name !== was?.name && { title: is?.name ?? '' }),
    ...(is?.topic !== was?.topic && { topic: is?.topic ?? '' }),
    ...(is?.avatar !== was?.avatar && { avatar_url: is?.avatar ?? '' }),
  };
  return updated(group, changed, at, record);
}

const ofCredentials = ({ keys, at }: Seen): BusEvent[] => {
  const username = String(keys.username);
  return [{ type: 'user.created', id: `user.created ${username}`, username, timestamp: time(at) }];
};

/**
 * Pointers are set while nobody is connected, and nothing but a connection's end makes a user away. Whatever a login leaves
 * behind waits in the next absence as well.
 */
function ofInboxes({ keys, before, now, at }: Seen): BusEvent[] {
  if (now === undefined || isConnected(now)) return [];
  const known = before === undefined || isConnected(before) ? {} : pendingIn(before);
  const { username } = keys;
  return Object.entries(pendingIn(now))
    .filter(([chat]) => !Object.hasOwn(known, chat))
    .map(([chat, seq]) => {
      // How many connections have ended tells absences apart; version 0.2.0 counts none, but notes when. In each, a chat
      // comes to wait once.
      const id = `recipient.away ${username} ${chat} ${seq} ${now.ended ?? 0} ${now.last_seen ?? 0}`;
      return awayEvent(id, String(username), chat, at, seq);
    });
}

const isConnected = ({ connections = {} }: Item): boolean => Object.keys(connections as object).length > 0;

const pendingIn = ({ pending = {} }: Item) => pending as Record<string, number>;

const awayEvent = (id: string, username: string, chat_id: string, at: Millis, seq?: number): BusEvent => ({
  type: 'recipient.away',
  id,
  username,
  chat_id,
  ...(seq !== undefined && { seq }),
  timestamp: time(at),
});

/**
 * Each message to a user with a full inbox has a pointer of its own. All of a chat and an overflow have one event, which says
 * what is the same for all.
 */
function ofOverflow({ keys, at, record }: Seen): BusEvent[] {
  const username = String(keys.username);
  const { overflow, chat } = pointerOf(String(keys.pointer));
  const began = beganAt(overflow);
  const id = `recipient.away ${username} ${chat} ${began === undefined ? record : overflow}`;
  return [awayEvent(id, username, chat, began ?? at)];
}

/** Both have the key `username`; the records of Credentials have no images. */
const ofUsers = (seen: Seen): BusEvent[] =>
  seen.now === undefined && seen.before === undefined ? ofCredentials(seen) : ofInboxes(seen);

/** By the attributes of the tables' keys. */
const readers: Readonly<Record<string, (seen: Seen) => BusEvent[]>> = {
  'chat_id seq': ofHistory,
  'chat_id username': ofMembers,
  name: ofDirectory,
  id: ofProfiles,
  username: ofUsers,
  'pointer username': ofOverflow,
};
