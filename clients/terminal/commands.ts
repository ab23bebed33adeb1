import { RequestError } from '../sdk/chat.ts';
import type { Row } from '../view/view.ts';
import { wordsFor } from '../view/words.ts';
import { deleteAccount, logOut, newPassword } from './account.ts';
import { chatsCalled, listChats, whoIsMeant } from './chats.ts';
import { decline, enter, invitations, leave, members } from './groups.ts';
import { chosen, groupNamed, type Host, Refusal, refOf, type Setting } from './host.ts';
import { discard, edit, remove, retry, undo } from './own-messages.ts';
import { wrapped } from './text.ts';
import { who } from './who.ts';

/** The groups of commands in the help, in its order. */
const sections = {
  messages: 'write, and change what you wrote',
  chats: 'go from chat to chat',
  groups: 'groups, their members and their owners',
  account: 'your name, your picture, your password, your sessions',
  program: 'this program',
} as const;

type Command = Described & (OfNone | OfChat);

interface OfNone {
  about?: undefined;
  run(host: Host, ...words: string[]): unknown;
}

/** About the open chat; without one, about the chat that its first word names. */
interface OfChat {
  about: 'chat' | 'group';
  run(host: Host, row: Row, ...words: string[]): unknown;
}

interface Described {
  section: keyof typeof sections;
  /** The words behind it. */
  usage: string;
  /** What it does, in one line. */
  doc: string;
  /** More of it, for `/help COMMAND`. */
  more?: string;
  /** How many words it takes, beside that chat; the last one is the rest of the line if it is a text. */
  words: [least: number, most: number];
  isText?: boolean;
  /** It works without a connection. */
  isOffline?: boolean;
}

const toggle =
  (setting: Setting) =>
  (host: Host, word = 'on'): void => {
    if (word !== 'on' && word !== 'off') throw new Refusal(`/${setting} on, or /${setting} off.`);
    host.set(setting, word === 'on');
    host.tell([`${setting === 'bell' ? 'The bell is' : 'Numbers are'} ${word}.`]);
  };

const numbered = 'Of an earlier message, give the number: `:12`. /numbers shows the numbers.';

// People that one line invites.
const MOST_INVITED = 50;

const pictured =
  'Pages show it if it is on a host that their operator has allowed (pictureHosts). Terminals show none: /who tells the address.';

const commands: Record<string, Command> = {
  msg: {
    section: 'messages',
    usage: 'NAME [TEXT]',
    doc: 'write to a user or a group',
    words: [1, 2],
    isText: true,
    isOffline: true,
    async run(host, name = '', text) {
      const chat = await whoIsMeant(host, name);
      if (text) host.send(chat, text);
      if (!text || host.isScreen) await host.show(chat);
    },
  },
  edit: {
    section: 'messages',
    usage: '[:NUMBER] TEXT',
    doc: 'change your last message',
    more: numbered,
    about: 'chat',
    words: [1, 1],
    isText: true,
    isOffline: true,
    run: (host, row, text = '') => edit(host, row, text),
  },
  delete: {
    section: 'messages',
    usage: '[:NUMBER]',
    doc: 'take your last message back',
    more: numbered,
    about: 'chat',
    words: [0, 1],
    isOffline: true,
    run: (host, row, number) => remove(host, row, number),
  },
  undo: {
    section: 'messages',
    usage: '',
    doc: 'keep what you deleted just now',
    words: [0, 0],
    isOffline: true,
    run: undo,
  },
  retry: {
    section: 'messages',
    usage: '',
    doc: 'send again what failed (!)',
    words: [0, 0],
    isOffline: true,
    run: retry,
  },
  discard: {
    section: 'messages',
    usage: '',
    doc: 'forget what failed',
    words: [0, 0],
    isOffline: true,
    run: discard,
  },
  chats: {
    section: 'chats',
    usage: '[PART OF A NAME]',
    doc: 'list your chats, with what is unread',
    words: [0, 1],
    isText: true,
    isOffline: true,
    run: listChats,
  },
  switch: {
    section: 'chats',
    usage: '[CHAT]',
    doc: 'open a chat; part of its name is enough',
    more: 'Lines without a command go to the open chat. Without a name, no chat is open any more.',
    words: [0, 1],
    isText: true,
    isOffline: true,
    run: async (host, name) =>
      host.show(name === undefined ? undefined : refOf(await chatsCalled(host, name))),
  },
  next: {
    section: 'chats',
    usage: '',
    doc: 'open the next chat with something new; so does Tab',
    more: 'In lines, it first goes on with what is new in the open chat.',
    words: [0, 0],
    isOffline: true,
    run: (host) => host.next(),
  },
  read: {
    section: 'chats',
    usage: '[CHAT]',
    doc: 'mark a chat as read to its end',
    words: [0, 1],
    run: (host, name) => host.reads(chosen(host, name)),
  },
  history: {
    section: 'chats',
    usage: '',
    doc: 'show earlier messages; so does PageUp',
    about: 'chat',
    words: [0, 0],
    isOffline: true,
    run: (host, row) => host.older(refOf(row)),
  },
  who: {
    section: 'chats',
    usage: '[CHAT]',
    doc: 'who is in a chat, and who is online',
    words: [0, 1],
    run: who,
  },
  join: {
    section: 'groups',
    usage: 'GROUP',
    doc: 'join a group, or accept an invitation',
    words: [1, 1],
    run: async (host, name = '') => {
      await host.chat.joinGroup(groupNamed(name));
      await enter(host, name);
    },
  },
  create: {
    section: 'groups',
    usage: 'GROUP [invite-only]',
    doc: 'begin a group, which is yours',
    more: 'Into one that is invite-only comes nobody but whom you invite.',
    words: [1, 2],
    async run(host, name = '', setting) {
      if (setting !== undefined && setting !== 'invite-only')
        throw new Refusal(`/create ${name}, or /create ${name} invite-only.`);
      await host.chat.createGroup(groupNamed(name), setting ? { invite_only: true } : undefined);
      await enter(host, name);
    },
  },
  leave: { section: 'groups', usage: '[GROUP]', doc: 'leave a group', words: [0, 1], run: leave },
  invitations: {
    section: 'groups',
    usage: '',
    doc: 'the groups that you are invited to',
    words: [0, 0],
    run: invitations,
  },
  decline: {
    section: 'groups',
    usage: 'GROUP',
    doc: 'decline an invitation',
    words: [1, 1],
    run: decline,
  },
  invite: {
    section: 'groups',
    usage: 'USER …',
    doc: 'invite somebody to your group, or several',
    about: 'group',
    words: [1, MOST_INVITED],
    run: (host, row, ...users) =>
      // The id of an identity provider may have a comma within.
      members(host, row).invite(users.map((user) => user.replace(/[,;]$/, ''))),
  },
  invited: {
    section: 'groups',
    usage: '',
    doc: 'who is invited to your group and has not answered',
    about: 'group',
    words: [0, 0],
    run: (host, row) => members(host, row).invited(),
  },
  uninvite: {
    section: 'groups',
    usage: 'USER',
    doc: 'take an invitation back',
    more: 'Who has joined meanwhile stays a member.',
    about: 'group',
    words: [1, 1],
    run: (host, row, user = '') => members(host, row).uninvite(user),
  },
  remove: {
    section: 'groups',
    usage: 'USER',
    doc: 'remove somebody from your group',
    more: 'They stay out until they are invited.',
    about: 'group',
    words: [1, 1],
    run: (host, row, user = '') => members(host, row).remove(user),
  },
  owner: {
    section: 'groups',
    usage: 'USER',
    doc: 'hand your group over to another member',
    about: 'group',
    words: [1, 1],
    run: (host, row, user = '') => members(host, row).handOver(user),
  },
  'invite-only': {
    section: 'groups',
    usage: '',
    doc: 'only who is invited may join your group',
    about: 'group',
    words: [0, 0],
    run: (host, row) => members(host, row).setInviteOnly(true),
  },
  open: {
    section: 'groups',
    usage: '',
    doc: 'anybody may join your group',
    about: 'group',
    words: [0, 0],
    run: (host, row) => members(host, row).setInviteOnly(false),
  },
  title: {
    section: 'groups',
    usage: '[TITLE]',
    doc: 'the title of your group; none removes it',
    about: 'group',
    words: [0, 1],
    isText: true,
    run: (host, row, title = '') => members(host, row).describe({ title }),
  },
  topic: {
    section: 'groups',
    usage: '[TOPIC]',
    doc: 'what your group is about; none removes it',
    about: 'group',
    words: [0, 1],
    isText: true,
    run: (host, row, topic = '') => members(host, row).describe({ topic }),
  },
  'group-picture': {
    section: 'groups',
    usage: '[URL]',
    doc: 'the picture of your group; none removes it',
    more: pictured,
    about: 'group',
    words: [0, 1],
    run: (host, row, avatar_url = '') => members(host, row).describe({ avatar_url }),
  },
  name: {
    section: 'account',
    usage: '[NAME]',
    doc: 'the name that others see; none removes it',
    words: [0, 1],
    isText: true,
    async run(host, display_name = '') {
      await host.profiles.set({ display_name });
      await host.renamed(`@${host.chat.username}`);
    },
  },
  picture: {
    section: 'account',
    usage: '[URL]',
    doc: 'the picture that others see; none removes it',
    more: pictured,
    words: [0, 1],
    async run(host, avatar_url = '') {
      await host.profiles.set({ avatar_url });
      await host.renamed(`@${host.chat.username}`);
      host.tell([avatar_url === '' ? 'You have no picture now.' : `Your picture is at ${avatar_url} now.`]);
    },
  },
  password: {
    section: 'account',
    usage: '',
    doc: 'set a new password',
    more: 'You are asked for it, at a terminal. Your other devices are logged out.',
    words: [0, 0],
    run: newPassword,
  },
  logout: {
    section: 'account',
    usage: '[everywhere]',
    doc: 'quit, and forget all that is kept here',
    more: '`everywhere` logs all your other devices out, too. /logout! does it though something is not sent yet.',
    words: [0, 1],
    isOffline: true,
    run: (host, word) => logOut(host, false, word),
  },
  'delete-account': {
    section: 'account',
    usage: '',
    doc: 'delete your account, and what you wrote',
    more: 'You are asked for your name and password, at a terminal. It cannot be undone.',
    words: [0, 0],
    run: deleteAccount,
  },
  bell: {
    section: 'program',
    usage: '[on|off]',
    doc: 'whether news rings the bell',
    words: [0, 1],
    isOffline: true,
    run: toggle('bell'),
  },
  numbers: {
    section: 'program',
    usage: '[on|off]',
    doc: 'show the numbers of messages, for /edit and /delete',
    words: [0, 1],
    isOffline: true,
    run: toggle('numbers'),
  },
  help: {
    section: 'program',
    usage: '[COMMAND]',
    doc: 'the commands, or one of them in full',
    words: [0, 1],
    isOffline: true,
    run: (host, word) => {
      const columns = Math.min(WIDTH, host.columns);
      host.tell(word === undefined ? help(columns) : helpOf(word.replace(/^\//, ''), columns));
    },
  },
  quit: {
    section: 'program',
    usage: '',
    doc: 'quit; so do Ctrl-C and Ctrl-D',
    words: [0, 0],
    isOffline: true,
    run: (host) => host.quit(),
  },
};

/** What `/help` leaves to the command that names it. */
const hidden: Record<string, Command> = {
  'logout!': {
    ...(commands.logout as Described),
    doc: 'log out, and lose what is not sent yet',
    words: [0, 1],
    run: (host: Host, word?: string) => logOut(host, true, word),
  },
};

/** Other words for them. */
const aliases: Record<string, string> = { search: 'chats', unread: 'next', members: 'who', exit: 'quit' };

/** All words that a command line may begin with, as they are completed. */
export const commandWords: readonly string[] = Object.keys({ ...commands, ...aliases });

// Beside the list of chats of a terminal with 80 columns.
const WIDTH = 58;
// The columns of a title, or of a command's words, with something beside them; the latter where there is room.
const [TITLE, WORDS] = [10, 20];
// Below so many columns everything begins at the left, and what belongs to it is below.
const NARROW = 44;
const INDENT = '  ';

/** The commands by their groups, each with its words. */
function help(columns: number): string[] {
  const lines = Object.keys(sections).flatMap((section) => {
    const all = Object.entries(commands).filter(([, command]) => command.section === section);
    return filled(
      all.map(([name, { usage }]) => usageOf(name, usage)),
      section,
      columns,
    );
  });
  return [...lines, '/help COMMAND, or GROUP like /help groups, says more.'];
}

const usageOf = (name: string, usage: string): string => `/${name} ${usage}`.trimEnd();

/** Puts words on as few lines as fit, with a title before them. */
function filled(words: readonly string[], title: string, columns: number): string[] {
  const isNarrow = columns < NARROW;
  const lines: string[] = isNarrow ? [title] : [];
  const indent = isNarrow ? INDENT : ' '.repeat(TITLE);
  let line = isNarrow ? indent : title.padEnd(TITLE);
  for (const word of words) {
    if (line.length + word.length > columns && line.trim() !== '') {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += `${word}  `;
  }
  return [...lines, line.trimEnd()];
}

function helpOf(word: string, columns: number): string[] {
  if (Object.hasOwn(sections, word)) {
    const all = Object.entries(commands).filter(([, { section }]) => section === word);
    return all.flatMap(([name, { usage, doc }]) => besides(usageOf(name, usage), doc, columns));
  }
  const found = commandNamed(word);
  if (!found) throw unknown(word);
  const { name, command } = found;
  const { usage, doc, more, about } = command;
  const first = about === 'group' ? 'GROUP' : 'CHAT';
  return [
    `${usageOf(name, usage)}: ${doc}.`,
    ...(more ? [more] : []),
    ...(about ? [`Where no chat is open: ${usageOf(name, `${first} ${usage}`)}.`] : []),
  ];
}

/** What a command does, beside its words or below them. */
function besides(usage: string, doc: string, columns: number): string[] {
  const indent = columns < NARROW ? INDENT : ' '.repeat(WORDS);
  const lines = wrapped(doc, columns - indent.length);
  const [start, rest] =
    usage.length < indent.length
      ? [`${usage.padEnd(indent.length)}${lines[0]}`, lines.slice(1)]
      : [usage, lines];
  return [start, ...rest.map((line) => indent + line)];
}

const unknown = (name: string) => new Refusal(`There is no /${name}: /help lists the commands.`);

function commandNamed(word: string): { name: string; command: Command } | undefined {
  const name = Object.hasOwn(aliases, word) ? (aliases[word] ?? word) : word;
  const command = [commands, hidden].find((each) => Object.hasOwn(each, name))?.[name];
  return command && { name, command };
}

/** Whether a line is a command. A line that begins with `//` is text. */
export const isCommand = (line: string): boolean => /^\/(?!\/)/.test(line);

/** Whether somebody wrote a password where none belongs: the line must not come back with an arrow key. */
export const hasSecret = (line: string): boolean => /^\/(password|delete-account)\s+\S/.test(line);

/** The text of a line that is no command. */
export const textOfLine = (line: string): string => line.replace(/^\/\//, '/');

/**
 * Runs a command line like `/join team`.
 * @returns why it did not succeed
 */
export async function runCommand(host: Host, line: string): Promise<Refusal | RequestError | undefined> {
  try {
    const [, word = '', rest = ''] = /^\/(\S*)\s*(.*)$/s.exec(line.trimEnd()) ?? [];
    const found = commandNamed(word);
    if (!found) throw unknown(word);
    const { command } = found;
    const [row, words] = wordsOf(host, word, command, rest);
    if (!command.isOffline && !host.isPatient && host.chat.state !== 'online')
      throw new Refusal(`You are offline. /${word} needs the service: try again when you are online.`);
    if (command.about === undefined) await command.run(host, ...words);
    else await command.run(host, row ?? chosen(host, undefined), ...words);
    return undefined;
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof RequestError)) throw error;
    return error;
  }
}

/** Why a command did not succeed, as a sentence. */
export const inPeoplesWords = (error: Refusal | RequestError): string =>
  error instanceof Refusal ? error.message : wordsFor(error);

/** The chat that a command is about, if it is about one, and its words. @throws Refusal */
function wordsOf(
  host: Host,
  name: string,
  command: Command,
  rest: string,
): [row: Row | undefined, words: string[]] {
  const { about, usage, isText } = command;
  const [least, most] = command.words;
  const isNamed = about !== undefined && host.open === undefined;
  const extra = Number(isNamed);
  const words: string[] = [];
  for (let left = rest; left !== ''; ) {
    const isLast = isText && words.length === most + extra - 1;
    const [, word = '', others = ''] = isLast ? ['', left] : (/^(\S+)\s*(.*)$/s.exec(left) ?? []);
    words.push(word);
    left = others;
  }
  if (words.length > most + extra || words.length < least + extra)
    throw new Refusal(usageOf(name, `${isNamed ? `${about === 'group' ? 'GROUP' : 'CHAT'} ` : ''}${usage}`));
  if (about === undefined) return [undefined, words];
  const row = chosen(host, isNamed ? words.shift() : undefined);
  if (about === 'group' && row.kind !== 'group') throw new Refusal(`/${name} is for groups.`);
  return [row, words];
}
