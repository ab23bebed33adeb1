import { type Chat, type ChatRef, type Message, type ReplyFor, RequestError } from '../client/chat.ts';
import type { Row } from './view.ts';

/** What a command is given to work with: the screen, or a program's lines. */
export interface Host {
  readonly chat: Chat;
  /** The chat that is shown. */
  readonly open: Row | undefined;
  /** All that are known. */
  readonly rows: readonly Row[];
  /** The user's last message in the chat that is shown. */
  readonly lastOwn: Message | undefined;
  tell(lines: readonly string[]): void;
  show(chat: ChatRef): Promise<void>;
  send(chat: ChatRef, content: string): void;
  /** The chat is the user's no more. */
  left(row: Row): void;
  /** The list of chats has changed. */
  refresh(): Promise<void>;
  quit(): void;
}

interface Command {
  usage: string;
  doc: string;
  /** How many words it needs; the rest of the line belongs to the last. */
  needs?: number;
  run(host: Host, ...words: string[]): unknown;
}

export const refOf = ({ kind, name }: Row): ChatRef => (kind === 'group' ? { group: name } : { user: name });

/** A command cannot be done, for a reason that is told as it is. */
class Refusal extends Error {}

const bare = (name: string): string => name.replace(/^#/, '').toLowerCase();

/** The chat of this name; a user's, if there is none. */
export function chatNamed(rows: readonly Row[], name: string): ChatRef {
  const row = rows.find(
    (each) => each.name === bare(name) && (each.kind === 'group' || !name.startsWith('#')),
  );
  if (row) return refOf(row);
  return name.startsWith('#') ? { group: bare(name) } : { user: bare(name) };
}

function chosen({ open, rows }: Host, name: string | undefined): Row {
  const row = name === undefined ? open : rows.find((each) => each.name === bare(name));
  if (!row)
    throw new Refusal(name === undefined ? 'Open a chat first: /switch CHAT.' : `There is no chat ${name}.`);
  return row;
}

async function enter(host: Host, name: string, isNew: boolean): Promise<void> {
  await (isNew ? host.chat.createGroup(bare(name)) : host.chat.joinGroup(bare(name)));
  await host.refresh();
  await host.show({ group: bare(name) });
}

async function who(host: Host, name?: string): Promise<void> {
  const row = chosen(host, name);
  host.tell(await (row.kind === 'group' ? members(host.chat, row.name) : presence(host.chat, row.name)));
}

async function members(chat: Chat, group: string): Promise<string[]> {
  const lines: string[] = [];
  for (let next: { after?: string } | undefined = {}; next; ) {
    const page: ReplyFor<'list_members'> = await chat.request({
      type: 'list_members',
      group_id: group,
      ...next,
    });
    for (const { username, online, role } of page.members)
      lines.push(`${online ? '●' : '○'} ${username}${role === 'creator' ? ' (creator)' : ''}`);
    next = page.next;
  }
  return [`#${group}: ${lines.length} ${lines.length === 1 ? 'member' : 'members'}`, ...lines];
}

async function presence(chat: Chat, username: string): Promise<string[]> {
  const { users } = await chat.request({ type: 'presence', usernames: [username] });
  return users.map(({ online, last_seen }) => {
    if (online) return `● ${username}`;
    return `○ ${username}${last_seen ? `, last seen ${last_seen}` : ''}`;
  });
}

async function leave(host: Host, name?: string): Promise<void> {
  const row = chosen(host, name);
  if (row.kind !== 'group') throw new Refusal('Only groups can be left.');
  await host.chat.leaveGroup(row.name);
  host.left(row);
  host.tell([`You have left #${row.name}.`]);
}

function lastOwn({ lastOwn: message }: Host): { chat: string; seq: number } {
  if (!message) throw new Refusal('There is no message of yours here.');
  return { chat: message.chat_id, seq: message.seq };
}

function failed({ chat }: Host): string[] {
  const ids = chat.sendings.filter(({ status }) => status === 'failed').map(({ id }) => id);
  if (ids.length === 0) throw new Refusal('Nothing has failed.');
  return ids;
}

const commands: Record<string, Command> = {
  msg: {
    usage: 'NAME [TEXT]',
    doc: 'write to somebody',
    needs: 1,
    async run(host, name = '', text) {
      const chat = chatNamed(host.rows, name);
      if (text) host.send(chat, text);
      await host.show(chat);
    },
  },
  switch: {
    usage: 'CHAT',
    doc: 'show a chat; Tab shows the next one',
    needs: 1,
    run: (host, name) => host.show(refOf(chosen(host, name))),
  },
  join: { usage: 'GROUP', doc: 'join a group', needs: 1, run: (host, name = '') => enter(host, name, false) },
  create: {
    usage: 'GROUP',
    doc: 'begin a group',
    needs: 1,
    run: (host, name = '') => enter(host, name, true),
  },
  leave: { usage: '[GROUP]', doc: 'leave a group', run: leave },
  who: { usage: '[CHAT]', doc: 'who is in a chat, and who is online', run: who },
  edit: {
    usage: 'TEXT',
    doc: 'put another text in place of your last message',
    needs: 1,
    run: (host, ...words) =>
      host.chat.request({ type: 'edit_message', ...lastOwn(host), content: words.join(' ') }),
  },
  delete: {
    usage: '',
    doc: 'take your last message back',
    run: (host) => host.chat.request({ type: 'delete_message', ...lastOwn(host) }),
  },
  retry: {
    usage: '',
    doc: 'send again what failed (!)',
    run: (host) => failed(host).map((id) => host.chat.retry(id)),
  },
  discard: {
    usage: '',
    doc: 'forget what failed',
    run: (host) => failed(host).map((id) => host.chat.discard(id)),
  },
  help: { usage: '', doc: 'this', run: (host) => host.tell(help()) },
  logout: {
    usage: '',
    doc: 'quit, and forget the session that is kept here',
    run: (host) => host.chat.logout(),
  },
  quit: { usage: '', doc: 'quit; so do Ctrl-C and Ctrl-D', run: (host) => host.quit() },
};

const help = (): string[] =>
  Object.entries(commands).map(([name, { usage, doc }]) => `/${name} ${usage}`.padEnd(20) + doc);

/** Whether a line is a command, and no text that begins with `//`. */
export const isCommand = (line: string): boolean => /^\/(?!\/)/.test(line);

/**
 * Does what a line like `/join team` says; what goes wrong is told.
 * @returns whether it was done
 */
export async function runCommand(host: Host, line: string): Promise<boolean> {
  try {
    const [, name = '', rest = ''] = /^\/(\S*)\s*(.*)$/s.exec(line.trimEnd()) ?? [];
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (!command) throw new Refusal(`There is no /${name}: /help lists the commands.`);
    const [, first = '', second = ''] = /^(\S*)\s*(.*)$/s.exec(rest) ?? [];
    const words = [first, second].filter((word) => word !== '');
    if (words.length < (command.needs ?? 0)) throw new Refusal(`/${name} ${command.usage}`);
    await command.run(host, ...words);
    return true;
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof RequestError)) throw error;
    host.tell([error.message]);
    return false;
  }
}
