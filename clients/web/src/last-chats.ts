import type { ChatSummary } from '../../sdk/chat.ts';
import { chatsIn } from '../../sdk/entries.ts';
import { type KeyValueStore, partOfUser, readJson } from '../../sdk/store.ts';
import { type Parts, withPart } from '../../view/seen.ts';
import { type Row, seenUnread, type View } from '../../view/view.ts';

// In the user's part, which a logout clears (clients/sdk/client.ts).
const keyOf = (username: string) => `${partOfUser(username)}l`;

// One key for all chats: to look for keys takes as long as there are cached messages.
const keyOfRead = (username: string) => `${keyOf(username)}r`;

type Reads = [chatId: string, seq: number][];

const readsIn = (store: KeyValueStore, username: string): Reads =>
  Object.entries(readJson<object>(store, keyOfRead(username)) ?? {}).filter(
    (each): each is [string, number] => typeof each[1] === 'number',
  );

function keepReads(store: KeyValueStore, username: string, reads: Reads): void {
  const text = reads.length === 0 ? undefined : JSON.stringify(Object.fromEntries(reads));
  if (text !== store.get(keyOfRead(username))) store.set(keyOfRead(username), text);
}

/** The list of chats as it was last seen here, with what was read since, to be shown until there is a connection. */
export function lastChats(store: KeyValueStore, username: string): ChatSummary[] {
  const reads = new Map(readsIn(store, username));
  return chatsIn(readJson(store, keyOf(username))).map((chat) => {
    const read = reads.get(chat.chat_id) ?? 0;
    if (read <= chat.read) return chat;
    const { unread_more, ...rest } = chat;
    const most = Math.max(0, chat.last_seq - read);
    const isMore = unread_more && most > chat.unread;
    return { ...rest, read, unread: Math.min(chat.unread, most), ...(isMore && { unread_more }) };
  });
}

/** Keeps how far a chat was read, until the list says so: else a reload would take for new what was seen just before it. */
export function keepRead(store: KeyValueStore, username: string, chatId: string, seq: number): void {
  const reads = readsIn(store, username);
  // Another tab may have read on.
  const furthest = Math.max(seq, new Map(reads).get(chatId) ?? 0);
  keepReads(store, username, [...reads.filter(([id]) => id !== chatId), [chatId, furthest]]);
}

/** @param chats empty if nothing is to be kept */
export function keepChats(store: KeyValueStore, username: string, chats: readonly ChatSummary[]): void {
  // Another tab may have read further, and have kept so: here or in its list.
  const before = lastChats(store, username).map(({ chat_id, read }) => [chat_id, read] as const);
  const reads = new Map([...readsIn(store, username), ...before]);
  store.set(keyOf(username), chats.length === 0 ? undefined : JSON.stringify(chats));
  const kept = new Map(chats.map(({ chat_id, read }) => [chat_id, read]));
  keepReads(
    store,
    username,
    [...reads].filter(([id, seq]) => seq > (kept.get(id) ?? Number.POSITIVE_INFINITY)),
  );
}

const keyOfNames = (username: string) => `${keyOf(username)}n`;

/** How those whom the list shows want to be called, as it was last known here. */
export const lastNames = (store: KeyValueStore, username: string): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(readJson<object>(store, keyOfNames(username)) ?? {}).filter(
      (each): each is [string, string] => typeof each[1] === 'string',
    ),
  );

/** Keeps the names of the user and of those whom the list shows; empty for who has none. */
export function keepNames(
  store: KeyValueStore,
  { me, rows, given }: Pick<View, 'me' | 'rows' | 'given'>,
): void {
  const chats = [...rows.values()].map(({ kind, name }) => `${kind === 'group' ? '#' : '@'}${name}`);
  const names = [`@${me}`, ...chats].flatMap((key) => {
    const name = given.get(key);
    return name === undefined ? [] : [[key, name] as const];
  });
  store.set(keyOfNames(me), names.length === 0 ? undefined : JSON.stringify(Object.fromEntries(names)));
}

const keyOfSeen = (username: string) => `${keyOf(username)}s`;

/** What was seen here of chats in which something before it was passed over, and how much of it is unread to the service. */
interface KeptSeen {
  parts: Parts;
  unread: number;
}

const isKeptSeen = (each: [string, KeptSeen]): boolean => {
  const { parts, unread } = each[1] ?? {};
  const isPart = (part: unknown) => Array.isArray(part) && part.length === 2 && part.every(Number.isInteger);
  return Number.isInteger(unread) && Array.isArray(parts) && parts.every(isPart);
};

/** What was seen here before the last start. */
export const lastSeen = (store: KeyValueStore, username: string): ReadonlyMap<string, KeptSeen> =>
  new Map(
    Object.entries(readJson<Record<string, KeptSeen>>(store, keyOfSeen(username)) ?? {}).filter(isKeptSeen),
  );

/**
 * Keeps it for the next start.
 * @param looked the chats in which somebody looked at messages here since it was kept last: of others, tabs of the same
 * browser may know more
 */
export function keepSeen(store: KeyValueStore, view: View, looked: ReadonlySet<string>): void {
  const kept = lastSeen(store, view.me);
  const chats = [...new Set([...kept.keys(), ...view.seen.keys()])].flatMap((id) => {
    const row = view.rows.get(id);
    const parts = view.seen.get(id);
    const theirs = kept.get(id);
    if (!row) return [];
    // How many of the same are unread is known best here, where something may just have been deleted.
    const isOwn = looked.has(id) || JSON.stringify(parts) === JSON.stringify(theirs?.parts);
    const seen = isOwn ? withTheirs(view, row, theirs) : theirs;
    return seen ? [[id, seen] as const] : [];
  });
  const text = chats.length === 0 ? undefined : JSON.stringify(Object.fromEntries(chats));
  if (text !== store.get(keyOfSeen(view.me))) store.set(keyOfSeen(view.me), text);
}

/** What was seen of a chat here, and in another tab, which may have looked elsewhere in it; undefined if nothing was passed over. */
function withTheirs(view: View, row: Row, theirs: KeptSeen | undefined): KeptSeen | undefined {
  const all = [...(view.seen.get(row.id) ?? []), ...(theirs?.parts ?? [])];
  // What is read was seen, wherever.
  const parts = all.reduce<Parts>((sum, part) => withPart(sum, ...part), [[0, row.read]]);
  if (parts.length < 2) return undefined;
  const { unread, isExact } = seenUnread({ ...view, seen: new Map([[row.id, parts]]) }, row);
  return { parts, unread: isExact ? unread : Math.max(unread, theirs?.unread ?? 0) };
}

const keyOfOpen = (username: string) => `${partOfUser(username)}at`;

/** The chat that was opened here last; empty for none. */
export const lastOpen = (store: KeyValueStore, username: string): string =>
  store.get(keyOfOpen(username)) ?? '';

export const keepOpen = (store: KeyValueStore, username: string, chatId: string): void =>
  store.set(keyOfOpen(username), chatId);
