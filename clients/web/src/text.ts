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

function linksIn(content: string): Part[] {
  if (content === '') return [];
  const parts: Part[] = [];
  let at = 0;
  for (const { index, lastIndex, url } of linkify.match(content) ?? []) {
    const link = linkTo(content.slice(index, lastIndex), url);
    if (!link) continue;
    if (index > at) parts.push({ kind: 'text', text: content.slice(at, index) });
    parts.push(link);
    at = lastIndex;
  }
  if (at < content.length) parts.push({ kind: 'text', text: content.slice(at) });
  return parts;
}

const SCHEMES = ['http:', 'https:', 'mailto:'];

/** @returns undefined for what could look like another address than it is */
function linkTo(text: string, href: string): Part | undefined {
  // Invisible characters and those that turn the direction; a browser reads a backslash as a slash.
  if (/[\p{Cf}\p{Cc}\\]/u.test(text) || !URL.canParse(href)) return undefined;
  const { protocol, username, password, host } = new URL(href);
  if (!SCHEMES.includes(protocol) || username !== '' || password !== '') return undefined;
  const isSpelled = text.toLowerCase().startsWith(`${protocol}//${host}`);
  return { kind: 'link', text, href, ...(host !== '' && !isSpelled && { host }) };
}
