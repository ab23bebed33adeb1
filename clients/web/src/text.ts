import { LinkifyIt } from 'linkify-it';

/** A piece of a message: text as it is, a link, or code in a line or in lines of its own. */
export type Part =
  | { kind: 'text' | 'code' | 'block'; text: string }
  /** `host` is where it leads, if the text spells that in another way: in letters that others look like. */
  | { kind: 'link'; text: string; href: string; host?: string };

const FENCE = '```';

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

// What is longer than either of them is cut.
const LINES = 40;
const CHARACTERS = 4_000;
// A cut between words is at most this far before the limit.
const WORD = 80;

/** What of a long message is shown first, and the rest; empty for a message that is not long. */
export function cut(parts: readonly Part[]): [shown: Part[], rest: Part[]] {
  let [lines, characters] = [LINES, CHARACTERS];
  for (const [index, part] of parts.entries()) {
    const { text } = part;
    const end = endOf(text, lines, characters);
    if (end === undefined) {
      lines -= text.split('\n').length - (part.kind === 'block' ? 0 : 1);
      characters -= text.length;
      continue;
    }
    const [before, after] = [parts.slice(0, index), parts.slice(index + 1)];
    const [head, tail] = [text.slice(0, end), text.slice(end).replace(/^\n/, '')];
    return [
      [...before, ...(head === '' ? [] : [{ ...part, text: head }])],
      [...(tail === '' ? [] : [{ ...part, text: tail }]), ...after],
    ];
  }
  return [[...parts], []];
}

/** Where a text has to end to have no more lines and characters than that; undefined if it has not. */
function endOf(text: string, lines: number, characters: number): number | undefined {
  let line = -1;
  for (let count = Math.max(lines, 0); count > 0; count--) {
    line = text.indexOf('\n', line + 1);
    if (line < 0) break;
  }
  const most = Math.max(characters, 0);
  const lineEnd = lines <= 0 ? 0 : line;
  if (lineEnd >= 0 && lineEnd <= most) return lineEnd;
  if (text.length <= most) return undefined;
  const space = text.slice(most - WORD, most + 1).search(/\s\S*$/);
  if (most > WORD && space >= 0) return most - WORD + space;
  // Never within a character, which may be of many code points.
  let end = 0;
  for (const { index } of new Intl.Segmenter().segment(text.slice(0, most + WORD))) {
    if (index > most) break;
    end = index;
  }
  return end || most;
}
