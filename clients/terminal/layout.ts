import { countText, totalOf } from '../view/counts.ts';
import { listed, nameOf, openRow, titleOf, unseenOf } from '../view/view.ts';
import { conversation, firstAfter, type Placed } from './conversation.ts';
import { inputLine } from './input-line.ts';
import { colorOf, fitted, type Line, span, spread } from './line.ts';
import type { Anchor, ScreenView } from './screen-view.ts';
import { sidebar } from './sidebar.ts';
import { clipped, wrapped } from './text.ts';

/** The size of the terminal, and its time zone. */
export interface Size {
  columns: number;
  rows: number;
  /** Default: the machine's. */
  timeZone?: string;
}

/** The contents of the terminal. Every line fills its width exactly. */
export interface Frame {
  lines: readonly Line[];
  cursor: { x: number; y: number };
}

const SIDEBAR = 20;
const NARROW = 60;
// Rows of the header, the status line and the input line.
const AROUND = 3;
const DIM = { dim: true };
// The largest number of messages that is said.
const MOST = 99_999;

/** The rows that are drawn. The last row stays empty, since a full terminal scrolls. */
const heightOf = ({ rows }: Size): number => Math.max(AROUND + 1, rows - 1);

const sidebarOf = ({ columns }: Size): number => (columns < NARROW ? 0 : SIDEBAR);

/** The columns of the conversation and of notices, next to the list of chats and a separator. */
export const paneOf = (size: Size): number => size.columns - (sidebarOf(size) > 0 ? SIDEBAR + 1 : 0);

/** Lays out the whole screen. */
export function layout(view: ScreenView, size: Size): Frame {
  const { columns } = size;
  const height = heightOf(size);
  const [input, x] = inputLine(view, columns);
  const lines = [header(view, size), ...body(view, size), status(view, columns), input];
  return { lines: lines.map((line) => fitted(line, columns)), cursor: { x, y: height - 1 } };
}

/** Scrolls by a number of lines, at most a page, up if negative. @returns the new anchor; undefined at the end */
export function scrolled(
  view: ScreenView,
  size: Size,
  by: number,
): { anchor: Anchor | undefined; isTop: boolean } {
  const all = placedIn(view, size);
  const shown = roomOf(view, size);
  const end = Math.max(Math.min(shown, all.length), Math.min(all.length, endOf(all, view.anchor) + by));
  return { anchor: end === all.length ? undefined : anchorAt(all, end - 1), isTop: end <= shown };
}

/**
 * Which stored messages of the open chat are on the screen, by seq: from the first whose beginning is, to the last whose end
 * is; 0 if there is none.
 */
export function inSight(view: ScreenView, size: Size): { first: number; last: number } {
  const all = placedIn(view, size);
  const room = roomOf(view, size);
  const end = Math.max(endOf(all, view.anchor), Math.min(room, all.length));
  const start = Math.max(0, end - room);
  const begins = all.findIndex(({ key }, index) => index >= start && key !== all[index - 1]?.key);
  const ends = all.findLastIndex(
    ({ key }, index) => index >= start && index < end && key !== all[index + 1]?.key && isSeq(key),
  );
  const first = all[begins]?.key ?? '';
  // Below all that is stored stands what is not.
  return {
    first: begins >= 0 && begins < end && isSeq(first) ? Number(first) : Number.POSITIVE_INFINITY,
    last: Number(all[ends]?.key ?? 0),
  };
}

const isSeq = (key: string): boolean => /^\d+$/.test(key);

/** Where the first message of somebody else after a seq is at the top; undefined if that is the end. */
export function anchorAbove(view: ScreenView, size: Size, after: number): Anchor | undefined {
  const key = `${firstAfter(view, after)?.seq}`;
  const all = placedIn({ ...view, newsAfter: after, anchor: { key, line: 0 } }, size);
  const end = all.findIndex((each) => each.key === key) + roomOf(view, size);
  return end < all.length ? anchorAt(all, end - 1) : undefined;
}

/** The lines of one page; one line of the previous page stays visible. */
export const pageOf = (view: ScreenView, size: Size): number => Math.max(1, roomOf(view, size) - 1);

const placedIn = (view: ScreenView, size: Size): Placed[] =>
  conversation(view, { ...size, columns: paneOf(size) });

/** All lines of the notice, and how many are visible at once. */
function noticeIn({ notice }: ScreenView, size: Size): { all: string[]; most: number } {
  const all = notice.flatMap((line) => wrapped(span(line).text, paneOf(size)));
  return { all, most: Math.max(1, heightOf(size) - AROUND - 2) };
}

/** One that does not fit is leafed through, like a conversation. */
function noticeLines(view: ScreenView, size: Size): Line[] {
  const { all, most } = noticeIn(view, size);
  const yellow = (line: string) => [span(line, { color: 'yellow' })];
  if (all.length <= most) return all.map(yellow);
  const shown = all.slice(view.noticeTop, view.noticeTop + most - 1);
  const last = view.noticeTop + shown.length;
  const how = last < all.length ? 'PageDown for more' : 'PageUp goes back';
  return [...shown.map(yellow), [span(`— ${last} of ${all.length} lines, ${how} —`, DIM)]];
}

/** The first line of the notice after a key; undefined if all of it fits. */
export function noticeTopAfter(view: ScreenView, size: Size, direction: -1 | 1): number | undefined {
  const { all, most } = noticeIn(view, size);
  if (all.length <= most) return undefined;
  const page = Math.max(1, most - 1);
  return Math.max(0, Math.min(view.noticeTop + direction * page, all.length - page));
}

const roomOf = (view: ScreenView, size: Size): number =>
  heightOf(size) - AROUND - noticeLines(view, size).length;

/** The index after the last visible line. */
function endOf(all: readonly Placed[], anchor: Anchor | undefined): number {
  const start = anchor ? all.findIndex(({ key }) => key === anchor.key) : -1;
  return anchor && start >= 0 ? Math.min(all.length, start + anchor.line + 1) : all.length;
}

function anchorAt(all: readonly Placed[], index: number): Anchor | undefined {
  const key = all[index]?.key;
  return key === undefined ? undefined : { key, line: index - all.findIndex((each) => each.key === key) };
}

function body(view: ScreenView, size: Size): Line[] {
  const notice = noticeLines(view, size);
  const room = roomOf(view, size);
  const all = placedIn(view, size);
  const end = Math.max(endOf(all, view.anchor), Math.min(room, all.length));
  const shown = openRow(view)
    ? all.slice(Math.max(0, end - room), end).map(({ line }) => line)
    : hint(view, paneOf(size));
  const filled = [
    ...Array<Line>(Math.max(0, room - shown.length)).fill([]),
    ...shown.slice(0, room),
    ...notice,
  ];
  const width = sidebarOf(size);
  if (width === 0) return filled;
  const list = sidebar(view, width, filled.length);
  return filled.map((line, index) => [...fitted(list[index] ?? [], width), span('│', DIM), ...line]);
}

function hint({ rows, state }: ScreenView, columns: number): Line[] {
  if (rows.size === 0 && state !== 'online') return [[span('Waiting for the service.', DIM)]];
  const start = rows.size > 0 ? 'Tab opens a chat' : 'Nobody here yet. /msg NAME begins a chat';
  return wrapped(`${start}, /help lists what else there is.`, columns).map((line) => [span(line, DIM)]);
}

/** What is unread in all; empty for nothing. */
function unreadIn(view: ScreenView): string {
  const total = totalOf(listed(view));
  return total.unread > 0 ? `(${countText(total, MOST)}) ` : '';
}

/** The title of the terminal's window: how much is unread, and the open chat. */
export function windowTitle(view: ScreenView): string {
  const [open, unread] = [openRow(view), unreadIn(view)];
  const chat = open ? `${open.kind === 'group' ? '#' : ''}${titleOf(view, open)} – ` : '';
  return `${unread}${chat}Parley`;
}

function header(view: ScreenView, { columns }: Size): Line {
  const open = openRow(view);
  const unread = unreadIn(view);
  const name = open
    ? [
        span(`${open.kind === 'group' ? '#' : ''}${titleOf(view, open)}`, {
          bold: true,
          color: colorOf(open.name),
        }),
      ]
    : [];
  const start = [span(nameOf(view, view.me), { bold: true }), ...(open ? [span(' › ', DIM)] : []), ...name];
  const count = columns < NARROW ? unread : '';
  return spread(
    start,
    [span(`${count}${connection(view)}`, view.state === 'online' ? DIM : { color: 'red' })],
    columns,
  );
}

function connection({ state, reason, waitsUntil, now }: ScreenView): string {
  if (state !== 'waiting') return state;
  return `${reason === 'no_token' ? 'no token' : 'offline'}, again in ${Math.max(0, Math.ceil((waitsUntil - now) / 1000))} s`;
}

function below(view: ScreenView): string {
  const row = openRow(view);
  const all = row && unseenOf(view, row);
  const below = all && { ...all, unread: all.unread - view.above };
  return below && below.unread > 0 ? `${countText(below, MOST)} new below ↓ (End)` : 'more below ↓ (End)';
}

/** What is out of sight. */
function elsewhere(view: ScreenView): string {
  const above = view.above > 0 ? `${view.above} new above ↑ (PageUp, /read)` : '';
  return [above, view.anchor ? below(view) : ''].filter(Boolean).join(', ');
}

/** The status line: who is typing, and whether there is more above or below. */
function status(view: ScreenView, columns: number): Line {
  const typing = view.typing
    .filter(({ chatId }) => chatId === view.openId)
    .map(({ username }) => nameOf(view, username));
  const who =
    typing.length > 2
      ? `${typing.length} are typing …`
      : `${typing.join(' and ')} ${typing.length > 1 ? 'are' : 'is'} typing …`;
  const more = elsewhere(view);
  return spread(
    typing.length > 0 ? [span(clipped(who, columns), DIM)] : [],
    more === '' ? [] : [span(more, DIM)],
    columns,
  );
}
