import { LinkifyIt } from 'linkify-it';

/** A piece of a message: text as it is, a link, or code in a line or in lines of its own. */
export type Part =
  | { kind: 'text' | 'code' | 'block'; text: string }
  /** `host` is where it leads, if the text spells that in another way: in letters that others look like. */
  | { kind: 'link'; text: string; href: string; host?: string };

const FENCE = '```';

const graphemes = new Intl.Segmenter();

// Only what begins with a scheme: what one sees is where it leads.
const linkify = new LinkifyIt({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false })
  .add('ftp:', null)
  .add('//', null);

/** Returns the parts of a message's text: links, and code between backticks; nothing else is markup. */
export function partsOf(content: string): Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (;;) {
    const open = content.indexOf(FENCE, at);
    const close = open < 0 ? -1 : content.indexOf(FENCE, open + FENCE.length);
    if (close < 0) return [...parts, ...linesOf(content.slice(at))];
    const text = content.slice(open + FENCE.length, close);
    const code = text.replace(/^[\w+#.-]*\n/, '').replace(/\n$/, '');
    if (code === '') {
      parts.push(...linesOf(content.slice(at, close + FENCE.length)));
    } else {
      // The line breaks around a block are its own.
      parts.push(...linesOf(content.slice(at, open).replace(/\n$/, '')), { kind: 'block', text: code });
    }
    at = close + FENCE.length;
    if (code !== '' && content[at] === '\n') at++;
  }
}

/** Text, with code in lines. */
function linesOf(content: string): Part[] {
  return content.split(/(`[^`\n]+`)/).flatMap((piece, index): Part[] => {
    if (index % 2 === 1) return [{ kind: 'code', text: piece.slice(1, -1) }];
    return linksIn(piece);
  });
}

/** Where an address begins in a script without spaces: right after a letter. */
const BEFORE_ADDRESS = /(?<=\P{ASCII})(?=https?:\/\/)/iu;
/** Where text of a script without spaces goes on after a host, and after what follows that. */
const AFTER_HOST = /(?<=\.[a-z]+)[\p{scx=Hira}\p{scx=Kana}\p{scx=Han}\p{sc=Hang}][^.]*$/iu;
const AFTER_PATH = /(?<=[a-z\d])[\p{scx=Hira}\p{scx=Kana}\p{scx=Han}\p{sc=Hang}]/iu;

function linksIn(content: string): Part[] {
  const parts: Part[] = [];
  // Neighbouring texts are one.
  const add = (text: string) => {
    const last = parts.at(-1);
    if (last?.kind === 'text') last.text += text;
    else if (text !== '') parts.push({ kind: 'text', text });
  };
  for (const piece of content.split(BEFORE_ADDRESS)) {
    let at = 0;
    for (const { index, lastIndex } of linkify.match(piece) ?? []) {
      const text = ownOf(piece.slice(index, lastIndex));
      const link = linkTo(text);
      if (!link) continue;
      add(piece.slice(at, index));
      parts.push(link);
      at = index + text.length;
    }
    add(piece.slice(at));
  }
  return parts;
}

/** An address without the Japanese, Chinese or Korean text that follows its Latin letters directly. */
function ownOf(address: string): string {
  const [host] = /^\w+:\/\/[^/?#]*/.exec(address) ?? [''];
  const end = address.slice(host.length).search(AFTER_PATH);
  if (end >= 0) return address.slice(0, host.length + end);
  const hostEnd = host === address ? host.search(AFTER_HOST) : -1;
  return hostEnd < 0 ? address : address.slice(0, hostEnd);
}

const SCHEMES = ['http:', 'https:', 'mailto:'];

/** @returns undefined for what could look like another address than it is */
function linkTo(text: string): Part | undefined {
  // Invisible characters and those that turn the direction; a browser reads a backslash as a slash.
  if (/[\p{Cf}\p{Cc}\\]/u.test(text) || !URL.canParse(text)) return undefined;
  const { protocol, username, password, host } = new URL(text);
  if (!SCHEMES.includes(protocol) || username !== '' || password !== '') return undefined;
  const isSpelled = text.toLowerCase().startsWith(`${protocol}//${host}`);
  return { kind: 'link', text, href: text, ...(host !== '' && !isSpelled && { host }) };
}

// From so many on they are as large as other text.
const MOST_EMOJI = 8;
// One character as people see it: a flag, a key, a picture with what varies it.
const EMOJI =
  /^(?:\p{RI}{2}|[#*\d]\ufe0f?\u20e3|\p{Emoji_Presentation}.*|\p{Extended_Pictographic}\ufe0f.*)$/u;

/** Whether a text is a few emoji and nothing else. */
export function isOnlyEmoji(content: string): boolean {
  const text = content.replace(/\s/gu, '');
  // No emoji is longer, whatever it is joined from.
  if (text === '' || text.length > MOST_EMOJI * 32) return false;
  const characters = [...graphemes.segment(text)];
  return characters.length <= MOST_EMOJI && characters.every(({ segment }) => EMOJI.test(segment));
}

/** How much room a message has. */
export interface Room {
  /** About how many characters a line has. */
  columns: number;
  /** The lines, as drawn, to which a longer message is cut. */
  lines: number;
}

/** The lines of the longest message that is not cut: for a few more, a button would not be worth it. */
export const mostLines = ({ lines }: Room): number => Math.ceil((lines * 4) / 3);

// A cut between words is at most this far before the end of a line.
const WORD = 80;

/** Where a text is cut: within which part, and before which of its characters. */
interface Cut {
  index: number;
  at: number;
}

/** What of a long message is shown first, and the rest; empty for a message that is not long. */
export function cut(parts: readonly Part[], room: Room): [shown: Part[], rest: Part[]] {
  const found = cutIn(parts, room);
  const part = found && parts[found.index];
  if (!part) return [[...parts], []];
  const { index } = found;
  const [head, tail] = [part.text.slice(0, found.at), part.text.slice(found.at).replace(/^\n/, '')];
  return [
    [...parts.slice(0, index), ...(head === '' ? [] : [{ ...part, text: head }])],
    [...(tail === '' ? [] : [{ ...part, text: tail }]), ...parts.slice(index + 1)],
  ];
}

/** @returns undefined for what is not cut */
function cutIn(parts: readonly Part[], room: Room): Cut | undefined {
  const { columns, lines } = room;
  const most = mostLines(room);
  let found: Cut | undefined;
  let [line, column] = [1, 0];
  for (const [index, { kind, text }] of parts.entries()) {
    const isBlock = kind === 'block';
    // A block has lines of its own.
    if (isBlock && column > 0) [line, column] = [line + 1, 0];
    for (let at = 0; at < text.length; ) {
      const code = text.codePointAt(at) ?? 0;
      const isBreak = code === BREAK;
      const width = isBreak ? 0 : widthOf(code);
      const isNext = isBreak || column + width > columns;
      if (isNext) line++;
      if (line > most) return found;
      if (line > lines) found ??= { index, at: isNext && !isBreak ? wordBefore(text, at) : at };
      column = isBreak ? 0 : isNext ? width : column + width;
      at += code > 0xffff ? 2 : 1;
    }
    if (isBlock) [line, column] = [line + 1, 0];
  }
  return undefined;
}

const BREAK = 10;

// What stands above or below other characters, or joins them.
const MARK = /[\p{M}\p{Cf}]/u;
const DOUBLE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f000}-\u{3fffd}]/u;

/** How many columns a character takes. */
function widthOf(code: number): number {
  if (code < 0x300) return 1;
  const character = String.fromCodePoint(code);
  return MARK.test(character) ? 0 : DOUBLE.test(character) ? 2 : 1;
}

/** Where a line ends that would end before this: between two words, or at least not within a character. */
function wordBefore(text: string, at: number): number {
  const from = Math.max(0, at - WORD);
  const space = text.slice(from, at + 1).search(/\s\S*$/);
  if (space > 0) return from + space;
  // A character may be of many code points.
  return from + (graphemes.segment(text.slice(from, at + WORD)).containing(at - from)?.index ?? at - from);
}
