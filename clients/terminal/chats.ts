import type { ChatRef } from '../sdk/chat.ts';
import { countText } from '../view/counts.ts';
import { lookFor, meaningOf } from '../view/look-for.ts';
import { folded, matches, wordsOf } from '../view/matching.ts';
import { type Row, titleOf } from '../view/view.ts';
import { chatNamed, type Host, Refusal, refOf, rowNamed, wordFor } from './host.ts';

/** The chat with a user or a group that exists, as far as this can be known now. @throws Refusal, RequestError */
export async function whoIsMeant(host: Host, word: string): Promise<ChatRef> {
  const { chat } = host;
  const known = chatNamed(host, word);
  // What is written offline is sent later. A script learns from the reply.
  if (rowNamed(host, word) || host.isPatient || chat.state !== 'online') return known;
  const found = await lookFor(chat, meaningOf(chat, 'user' in known ? known.user : word));
  if (found.what === 'chat') return refOf(found.chat);
  if (found.what === 'nobody') throw new Refusal(`There is no user and no group ${word}.`);
  throw new Refusal(`#${found.name} is a group, and you are no member: /join ${found.name}`);
}

/** How chats are called; by their ids, if nobody can be asked. */
async function titles(host: Host): Promise<(row: Row) => string> {
  const names = new Map<string, string>();
  const of = (kind: Row['kind']) => host.rows.filter((row) => row.kind === kind).map(({ name }) => name);
  const nobody = new Map<string, { display_name?: string; title?: string }>();
  if (host.chat.state === 'online') {
    const [users, groups] = await Promise.all([
      host.profiles.users(of('private')).catch(() => nobody),
      host.profiles.groups(of('group')).catch(() => nobody),
    ]);
    for (const [id, { display_name: name }] of users) if (name) names.set(`@${id}`, name);
    for (const [id, { title }] of groups) if (title) names.set(`#${id}`, title);
  }
  return (row) => {
    const [word, title] = [wordFor(row), titleOf({ names }, row)];
    return title === word || `#${title}` === word ? word : `${title} (${word})`;
  };
}

/** The chats with this in what they are called. */
const matching = (rows: readonly Row[], called: (row: Row) => string, word: string): Row[] =>
  rows.filter((row) => matches(wordsOf(word), [folded(called(row))]));

/** The only chat that a word names, or part of its name. @throws Refusal */
export async function chatsCalled(host: Host, word: string): Promise<Row> {
  const row = rowNamed(host, word);
  if (row) return row;
  const called = await titles(host);
  const found = matching(host.rows, called, word);
  const [first] = found;
  if (!first) throw new Refusal(`There is no chat ${word}. /msg NAME begins one.`);
  if (found.length > 1)
    throw new Refusal(
      `Which one? ${found.slice(0, 10).map(called).join(', ')}${found.length > 10 ? ' …' : ''}`,
    );
  return first;
}

/** Lists the chats, newest first, with what is unread. @param word only those with this in their names */
export async function listChats(host: Host, word = ''): Promise<void> {
  const called = await titles(host);
  const rows = matching(host.rows, called, word);
  if (rows.length === 0)
    throw new Refusal(word === '' ? 'You have no chats. /msg NAME begins one.' : `There is no chat ${word}.`);
  host.tell(
    rows.map((row) => `${called(row)}${row.unread > 0 ? `: ${countText(row, Infinity)} unread` : ''}`),
  );
}
