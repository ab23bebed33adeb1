import type { Message } from '../sdk/chat.ts';
import { changeOf, type Stage, stageOf, withChange } from '../view/changes.ts';
import { emptyLog } from '../view/log.ts';
import { isBy, nameIn } from '../view/sender.ts';
import { nameOf, openSendings, type Sent, type View } from '../view/view.ts';
import { colorOf, type Line, plain, type Style, span } from './line.ts';
import type { ScreenView } from './screen-view.ts';
import { clipped, escaped, widthOf, wrapped } from './text.ts';
import { dayOf, timeOf } from './times.ts';

/** A line of the conversation, and the message that it belongs to. */
export interface Placed {
  key: string;
  line: Line;
}

/** The area of the conversation. */
export interface Place {
  columns: number;
  /** As many as the terminal has, at least. */
  rows: number;
  /** Default: the machine's. */
  timeZone?: string;
}

const DIM = { dim: true };
// The columns of the mark, a space, the time and a space.
const GUTTER = 9;
// Columns; /who shows all of a name.
const MOST_OF_NAME = 24;

/**
 * Returns the lines of the open chat, oldest first: days, messages, and unsent messages. Of a long chat only those within
 * one page of the scroll position, as they can be visible after one more key.
 */
export function conversation(view: ScreenView, place: Place): Placed[] {
  const { messages, isWhole } = view.logs.get(view.openId) ?? emptyLog;
  const { hasNumbers, newsAfter } = view;
  const firstNew = newsAfter === undefined ? undefined : firstAfter(view, newsAfter)?.seq;
  const anchored = messages.findLastIndex(({ seq }) => `${seq}` === view.anchor?.key);
  const center = anchored < 0 ? messages.length : anchored;
  const start = Math.max(0, center - 2 * place.rows);
  const end = center + 2 * place.rows;
  const placed = messages.slice(start, end).flatMap((message, index) => {
    const before = messages[start + index - 1];
    const change = changeOf(view, view.openId, message.seq);
    const shown = withChange(message, change);
    const lines = [
      ...opening(message, before, isWhole, place),
      ...(message.seq === firstNew ? [[span('— new —', { color: 'yellow' })]] : []),
      ...linesOf(
        shown,
        nameIn(message, (id) => nameOf(view, id)),
        markOf(message, view),
        { ...place, hasNumbers },
      ),
      ...(change ? changeLines(change, place) : []),
    ];
    return lines.map((line) => ({ key: `${message.seq}`, line }));
  });
  if (end < messages.length) return placed;
  const sendings = openSendings(view).flatMap((sending) =>
    sendingLines(sending, view, place).map((line) => ({ key: sending.id, line })),
  );
  return [...placed, ...sendings];
}

/** The lines above a message: the beginning of the chat, and a new day. */
function opening(
  message: Message,
  before: Message | undefined,
  isWhole: boolean,
  { timeZone }: Place,
): Line[] {
  const day = dayOf(message.timestamp, timeZone);
  const isNext = before === undefined || dayOf(before.timestamp, timeZone) !== day;
  return [
    ...(before === undefined && isWhole ? [[span('— the beginning —', DIM)]] : []),
    ...(isNext ? [[span(`— ${day} —`, DIM)]] : []),
  ];
}

function markOf(message: Message, { me, readBy, openId }: View): string {
  if (!isBy(message, me)) return '';
  return message.seq <= (readBy.get(openId) ?? 0) ? '✓✓' : '✓';
}

/** The first message of somebody else after a seq, in the open chat. */
export const firstAfter = ({ logs, openId, me }: View, after: number): Message | undefined =>
  logs.get(openId)?.messages.find((message) => message.seq > after && !isBy(message, me));

// Message objects are immutable, so the lines of each are cached as long as the layout is the same.
const drawn = new WeakMap<Message, { look: string; lines: Line[] }>();

function linesOf(
  message: Message,
  name: string,
  mark: string,
  { columns, timeZone, hasNumbers }: Place & { hasNumbers: boolean },
): Line[] {
  const look = `${mark} ${columns} ${timeZone} ${hasNumbers} ${name}`;
  const known = drawn.get(message);
  if (known?.look === look) return known.lines;
  const { sender, system, content, timestamp, edited, deleted } = message;
  const gutter = [
    span(`${mark.padEnd(2)} `, { color: 'green' }),
    span(`${timeOf(timestamp, timeZone)} `, DIM),
    ...(hasNumbers ? [span(`:${message.seq} `, DIM)] : []),
  ];
  const text = deleted ? '(deleted)' : edited ? `${content} (edited)` : content;
  // Not in a color, as users are, who may call themselves anything.
  const by = system ? span(`${name}: `, DIM) : nameSpan(sender, name);
  const lines = block([...gutter, by], text, deleted || system ? DIM : {}, columns);
  drawn.set(message, { look, lines });
  return lines;
}

const stages: Record<Stage, string> = {
  saving: 'saving …',
  deleting: 'deleting …',
  'not saved': 'not changed',
  'not deleted': 'not deleted',
};

/** What has become of an edit or deletion that the service does not have yet. */
function changeLines(change: Sent, { columns }: Place): Line[] {
  const stage = stageOf(change);
  const isUnderWay = stage === 'saving' || stage === 'deleting';
  const text = isUnderWay ? stages[stage] : `${stages[stage]}: ${change.reason} /retry or /discard`;
  const style = isUnderWay ? DIM : { color: 'red' };
  return block([span(isUnderWay ? '…' : '!', style), span(' '.repeat(GUTTER - 1))], text, style, columns);
}

function sendingLines(
  { status, content: text, isDeletion, reason }: Sent,
  view: View,
  { columns }: Place,
): Line[] {
  const content = isDeletion ? '(deleting …)' : text;
  const isFailed = status === 'failed';
  const gutter = isFailed ? span('!        ', { color: 'red', bold: true }) : span('…        ', DIM);
  const lines = block(
    [gutter, nameSpan(view.me, nameOf(view, view.me))],
    content,
    isFailed ? { color: 'red' } : DIM,
    columns,
  );
  const why = block(
    [span(' '.repeat(GUTTER))],
    `not sent: ${reason} /retry or /discard`,
    { color: 'red' },
    columns,
  );
  return isFailed ? [...lines, ...why] : lines;
}

const nameSpan = (id: string, name: string) =>
  span(`${clipped(escaped(name), MOST_OF_NAME)}: `, { color: colorOf(id), bold: true });

/** Puts a message's text next to its prefix. Further lines are indented like the text, or less if there is little room. */
function block(start: Line, text: string, style: Style, columns: number): Line[] {
  const used = widthOf(plain(start));
  const indent = columns - used >= 20 ? used : 2;
  const all = escapedLines(text);
  const [first = '', ...rest] =
    indent === used ? wrapped(all, columns - used) : ['', ...wrapped(all, Math.max(2, columns - indent))];
  return [
    [...start, span(first, style)],
    ...rest.map((line) => [span(' '.repeat(indent)), span(line, style)]),
  ];
}

/** Keeps line breaks, and escapes all other control characters. */
const escapedLines = (text: string): string => text.split('\n').map(escaped).join('\n');
