import type { Code, Message, Sending, State } from '../sdk/chat.ts';
import { chatIdOf, chatRefOf } from '../sdk/names.ts';
import type { Reading } from '../sdk/reading.ts';
import type { Log } from './log.ts';

/** A line of the list of chats. */
export interface Row extends Reading {
  id: string;
  kind: 'private' | 'group';
  /** The partner, or the group. */
  name: string;
  lastAt?: string;
}

/** What was a `Sending` at some moment. */
export type Sent = Pick<Sending, 'id' | 'to' | 'content' | 'status'> & { reason?: string };

/** What the page and the terminal show: chats, messages, who types. Each adds what is its own. */
export interface View {
  readonly me: string;
  /** Milliseconds of a clock that is never set, as of the last tick. */
  readonly now: number;
  readonly state: State;
  readonly reason?: Code;
  readonly waitsUntil: number;
  readonly rows: ReadonlyMap<string, Row>;
  readonly logs: ReadonlyMap<string, Log>;
  readonly openId: string;
  /** How far the partner of a private chat has read it. */
  readonly readBy: ReadonlyMap<string, number>;
  readonly typing: readonly { chatId: string; username: string; until: number }[];
  /** When somebody wrote last, as of the tick before; by chat and name. */
  readonly wrote: ReadonlyMap<string, number>;
  /** On their way, or failed. */
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
  sendings: [],
});

/** The newest first. */
export const listed = ({ rows }: View): Row[] =>
  [...rows.values()].sort(
    (one, other) => (other.lastAt ?? '').localeCompare(one.lastAt ?? '') || (one.id < other.id ? -1 : 1),
  );

export const openRow = ({ rows, openId }: View): Row | undefined => rows.get(openId);

/** What is on its way to the open chat, or has failed, and is not in its log yet. */
export function openSendings({ me, openId, sendings, logs }: View): readonly Sent[] {
  const stored = new Set(logs.get(openId)?.messages.map((message) => message.client_message_id));
  return sendings.filter(({ to, id }) => chatIdOf(me, chatRefOf(to)) === openId && !stored.has(id));
}

/** The last message of a chat as it stands; undefined if it has none, or none is known. */
export const lastOf = ({ logs }: View, { id }: Pick<Row, 'id'>): Message | undefined =>
  logs.get(id)?.messages.at(-1);

/** Who types in a chat. */
export const typingIn = ({ typing }: View, id: string): string[] =>
  typing.filter(({ chatId }) => chatId === id).map(({ username }) => username);

/** The next chat with something unread; if there is none, the next of the list. */
export function nextRow(view: View, direction: -1 | 1): Row | undefined {
  const rows = listed(view);
  const open = rows.findIndex(({ id }) => id === view.openId);
  const start = open < 0 && direction < 0 ? rows.length : open;
  const others = rows.map((_, index) => rows.at((start + direction * (index + 1)) % rows.length));
  return others.find((row) => row && row.id !== view.openId && row.unread > 0) ?? others[0];
}
