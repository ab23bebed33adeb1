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
  if (wordsOf(REFUSED).test(content)) return { verdict: 'deny', reason: 'This is not the place for that.' };
  const starred = content.replace(wordsOf(STARRED), (word) => '*'.repeat(word.length));
  return starred === content ? { verdict: 'allow' } : { verdict: 'rewrite', content: starred };
}
