import type { Code, Message, Sending, State } from '../sdk/chat.ts';
import { chatIdOf, chatRefOf, encodeId } from '../sdk/names.ts';
import type { Reading } from '../sdk/reading.ts';
import type { Log } from './log.ts';

/** A row of the list of chats. */
export interface Row extends Reading {
  id: string;
  kind: 'private' | 'group';
  /** The partner or the group. */
  name: string;
  lastAt?: string;
}

/** A snapshot of a `Sending`. */
export type Sent = Pick<Sending, 'id' | 'to' | 'content' | 'status'> & { reason?: string };

/** The state that the page and the terminal share: chats, messages, who types. Each adds its own fields. */
export interface View {
  readonly me: string;
  /** A monotonic clock at the last tick, in milliseconds. */
  readonly now: number;
  readonly state: State;
  readonly reason?: Code;
  readonly waitsUntil: number;
  readonly rows: ReadonlyMap<string, Row>;
  readonly logs: ReadonlyMap<string, Log>;
  readonly openId: string;
  /** The seq up to which the partner has read, per private chat. */
  readonly readBy: ReadonlyMap<string, number>;
  readonly typing: readonly { chatId: string; username: string; until: number }[];
  /** When a user last sent a message, by chat and name; on the clock of the last tick. */
  readonly wrote: ReadonlyMap<string, number>;
  /** How users (`@ID`) and groups (`#ID`) want to be called, fit to be shown; who is absent is called by the id. */
  readonly names: ReadonlyMap<string, string>;
  /** Unsent and failed messages. */
  readonly sendings: readonly Sent[];
}

export const emptyView = (me: string, now: number): View => ({
  me,
  now,
  state: 'connecting',
  waitsUntil: 0,
  rows: new Map(),
  logs: new Map(),
  openId: '',
  readBy: new Map(),
  typing: [],
  wrote: new Map(),
  names: new Map(),
  sendings: [],
});

// An identity provider's id may begin like what stands for a group: it is written as in chat ids.
const written = (id: string): string => (/^[#%]/.test(id) ? encodeId(id) : id);

/** A user's display name; the id without one. */
export const nameOf = ({ names }: Pick<View, 'names'>, username: string): string =>
  names.get(`@${username}`) ?? written(username);

/** A chat's name: the group's title or the partner's display name; the id without one. */
export const titleOf = (view: Pick<View, 'names'>, { kind, name }: Pick<Row, 'kind' | 'name'>): string =>
  kind === 'group' ? (view.names.get(`#${name}`) ?? name) : nameOf(view, name);

/** The chats, newest first. */
export const listed = ({ rows }: View): Row[] =>
  [...rows.values()].sort(
    (one, other) => (other.lastAt ?? '').localeCompare(one.lastAt ?? '') || (one.id < other.id ? -1 : 1),
  );

export const openRow = ({ rows, openId }: View): Row | undefined => rows.get(openId);

/** The unsent and failed messages of the open chat that are not in its log yet. */
export function openSendings({ me, openId, sendings, logs }: View): readonly Sent[] {
  const stored = new Set(logs.get(openId)?.messages.map((message) => message.client_message_id));
  return sendings.filter(({ to, id }) => chatIdOf(me, chatRefOf(to)) === openId && !stored.has(id));
}

/** The last message of a chat, with changes applied; undefined if none is known. */
export const lastOf = ({ logs }: View, { id }: Pick<Row, 'id'>): Message | undefined =>
  logs.get(id)?.messages.at(-1);

/** The users who are typing in a chat. */
export const typingIn = ({ typing }: View, id: string): string[] =>
  typing.filter(({ chatId }) => chatId === id).map(({ username }) => username);

/** The next chat with unread messages, or else the next of the list. */
export function nextRow(view: View, direction: -1 | 1): Row | undefined {
  const rows = listed(view);
  const open = rows.findIndex(({ id }) => id === view.openId);
  const start = open < 0 && direction < 0 ? rows.length : open;
  const others = rows.map((_, index) => rows.at((start + direction * (index + 1)) % rows.length));
  return others.find((row) => row && row.id !== view.openId && row.unread > 0) ?? others[0];
}
