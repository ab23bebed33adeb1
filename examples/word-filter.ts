// Decides about each message before it is stored: npm start -- -c beforeSend=examples/word-filter.ts. See docs/before-send.md.

interface Asked {
  type: 'message' | 'edit';
  chat_id: string;
  sender: string;
  content: string;
}

type Verdict =
  | { verdict: 'allow' }
  | { verdict: 'deny'; reason: string }
  | { verdict: 'rewrite'; content: string };

// Yours come from a file or a table.
const REFUSED = ['spamword'];
const STARRED = ['darn', 'heck'];

// Letters of any script around a word make it another word.
const wordsOf = (words: string[]) => new RegExp(`(?<!\\p{L})(${words.join('|')})(?!\\p{L})`, 'giu');

export async function handler({ content }: Asked): Promise<Verdict> {
  const { text, places } = readable(content);
  if (wordsOf(REFUSED).test(text)) return { verdict: 'deny', reason: 'This is not the place for that.' };
  let starred = '';
  let end = 0;
  for (const { 0: word, index } of text.matchAll(wordsOf(STARRED))) {
    starred += content.slice(end, places[index]) + '*'.repeat(word.length);
    end = places[index + word.length] ?? content.length;
  }
  return end === 0 ? { verdict: 'allow' } : { verdict: 'rewrite', content: starred + content.slice(end) };
}

/**
 * A text as people read it, for whom full-width, bold and accented letters are the same, and format characters, like a
 * space of no width, are none. Letters of other scripts that look alike are not: a list of confusables has them.
 * @returns with the place of each of its characters in the content, and behind the last one that of the content's end
 */
function readable(content: string): { text: string; places: number[] } {
  const places: number[] = [];
  let text = '';
  let place = 0;
  for (const character of content) {
    const plain = character.normalize('NFKD').replace(/[\p{M}\p{Cf}]/gu, '');
    for (let unit = 0; unit < plain.length; unit++) places.push(place);
    text += plain;
    place += character.length;
  }
  return { text, places: [...places, content.length] };
}
