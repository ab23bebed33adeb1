import { RequestError } from '../sdk/chat.ts';
import { chatNamed, chosen, groupNamed, type Host, Refusal, refOf } from './host.ts';
import { who } from './who.ts';

interface Command {
  usage: string;
  doc: string;
  /** The number of arguments; the second one is the rest of the line. */
  needs?: number;
  /** The rest of the line is one argument. */
  isText?: boolean;
  run(host: Host, ...words: string[]): unknown;
}

async function enter(host: Host, name: string, isNew: boolean): Promise<void> {
  await (isNew ? host.chat.createGroup(groupNamed(name)) : host.chat.joinGroup(groupNamed(name)));
  await host.refresh();
  await host.show({ group: groupNamed(name) });
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
      const chat = chatNamed(host, name);
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
  name: {
    usage: '[NAME]',
    doc: 'the name that others see',
    isText: true,
    async run(host, display_name = '') {
      await host.profiles.set({ display_name });
      await host.renamed(`@${host.chat.username}`);
    },
  },
  title: {
    usage: '[TITLE]',
    doc: 'the title of your group',
    isText: true,
    async run(host, title = '') {
      const row = chosen(host, undefined);
      if (row.kind !== 'group') throw new Refusal('Only groups have titles.');
      await host.profiles.setGroup(row.name, { title });
      await host.renamed(`#${row.name}`);
    },
  },
  edit: {
    usage: 'TEXT',
    doc: 'change your last message',
    needs: 1,
    isText: true,
    run: (host, content = '') => host.chat.request({ type: 'edit_message', ...lastOwn(host), content }),
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
    doc: 'quit, and forget all that is kept here',
    run: (host) => host.chat.logout(),
  },
  quit: { usage: '', doc: 'quit; so do Ctrl-C and Ctrl-D', run: (host) => host.quit() },
};

const help = (): string[] =>
  Object.entries(commands).map(([name, { usage, doc }]) => `/${name} ${usage}`.padEnd(18) + doc);

/** Whether a line is a command. A line that begins with `//` is text. */
export const isCommand = (line: string): boolean => /^\/(?!\/)/.test(line);

/**
 * Runs a command line like `/join team`, and shows its errors.
 * @returns whether it succeeded
 */
export async function runCommand(host: Host, line: string): Promise<boolean> {
  try {
    const [, name = '', rest = ''] = /^\/(\S*)\s*(.*)$/s.exec(line.trimEnd()) ?? [];
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (!command) throw new Refusal(`There is no /${name}: /help lists the commands.`);
    const [, first = '', second = ''] = /^(\S*)\s*(.*)$/s.exec(rest) ?? [];
    const words = (command.isText ? [rest] : [first, second]).filter((word) => word !== '');
    if (words.length < (command.needs ?? 0)) throw new Refusal(`/${name} ${command.usage}`);
    await command.run(host, ...words);
    return true;
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof RequestError)) throw error;
    host.tell([error.message]);
    return false;
  }
}
