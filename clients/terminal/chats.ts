import { type ChatRef, RequestError } from '../sdk/chat.ts';
import { type Row, titleOf } from '../view/view.ts';
import { chatNamed, groupNamed, type Host, Refusal, rowNamed, wordFor } from './host.ts';

/** The chat with a user or a group that exists, as far as this can be known now. @throws Refusal, RequestError */
export async function whoIsMeant(host: Host, word: string): Promise<ChatRef> {
  const { chat } = host;
  const ref = chatNamed(host, word);
  // What is written offline is sent later. A script learns from the reply.
  if (rowNamed(host, word) || host.isPatient || chat.state !== 'online') return ref;
  const { users } =
    'user' in ref ? await chat.request({ type: 'presence', usernames: [ref.user] }) : { users: [] };
  if (users.some(({ unknown }) => !unknown)) return ref;
  const group = groupNamed(word);
  try {
    await chat.request({ type: 'list_members', group_id: group, limit: 1 });
    return { group };
  } catch (error) {
    const code = error instanceof RequestError ? error.code : undefined;
    if (code === 'not_a_member')
      throw new Refusal(`#${group} is a group, and you are no member: /join ${group}`);
    if (code === 'unknown_group' || code === 'invalid_name')
      throw new Refusal(`There is no user and no group ${word}.`);
    throw error;
  }
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
  rows.filter((row) => called(row).toLowerCase().includes(word.toLowerCase()));

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
  host.tell(rows.map((row) => `${called(row)}${row.unread > 0 ? `: ${row.unread} unread` : ''}`));
}
