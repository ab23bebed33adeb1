import type { ChatRef, EditableChat } from '../sdk/chat.ts';
import { decodeId } from '../sdk/names.ts';
import type { Profiles } from '../sdk/profiles.ts';
import { type Row, titleOf } from '../view/view.ts';

/** What a user can switch on and off. */
export type Setting = 'bell' | 'numbers';

/** The host of a command: the screen, or the line client. */
export interface Host {
  readonly chat: EditableChat;
  readonly profiles: Profiles;
  /** The open chat. */
  readonly open: Row | undefined;
  /** All known chats. */
  readonly rows: readonly Row[];
  /** Whether a screen shows which chat is open: not where lines say who they are for. */
  readonly isScreen: boolean;
  /** The columns for what is told; a line that is wider is broken. */
  readonly columns: number;
  /** Whether commands wait for a connection, as nobody sits here who would wait with them. */
  readonly isPatient: boolean;
  /** The user's last message in a chat, as far as it is known: its seq, or the id of one that is not stored yet. */
  lastOwn(chat: ChatRef): Promise<number | string | undefined>;
  /** Replaces the text of a message. @param target its seq, or the id of one that is not stored yet */
  edit(chat: ChatRef, target: number | string, content: string): void;
  /** Takes a message back. */
  remove(chat: ChatRef, target: number | string): void;
  tell(lines: readonly string[]): void;
  /** Opens a chat, or closes the open one. */
  show(chat?: ChatRef): Promise<void>;
  /** Shows earlier messages of a chat. */
  older(chat: ChatRef): Promise<void>;
  /** Opens the next chat with unread messages, or else the next chat. */
  next(): Promise<void>;
  send(chat: ChatRef, content: string): void;
  /** The user has read everything in a chat. */
  reads(row: Row): Promise<void>;
  /** Called when the user has left a chat. */
  left(row: Row): void;
  /** The user has changed a name: their own (`@ID`) or a group's (`#ID`). */
  renamed(key: string): Promise<void>;
  /** Called when the list of chats has changed. */
  refresh(): Promise<void>;
  /** Asks the user these, one after the other, and hides the answers. @returns undefined if they don't answer all */
  askSecrets(questions: readonly string[]): Promise<string[] | undefined>;
  set(setting: Setting, isOn: boolean): void;
  quit(): void;
}

/** The partner or group of a chat. */
export const refOf = ({ kind, name }: Pick<Row, 'kind' | 'name'>): ChatRef =>
  kind === 'group' ? { group: name } : { user: name };

/** A command that cannot run. The message is shown as it is. */
export class Refusal extends Error {}

/** Normalises a group's name, as the service does. */
export const groupNamed = (name: string): string => name.replace(/^#/, '').toLowerCase();

/** The id of the user whom a word names. With an identity provider, one that begins with `#` or `%` is written as in chat ids. */
export const userNamed = (chat: Pick<EditableChat, 'userIdOf'>, word: string): string =>
  chat.userIdOf(word.startsWith('%') ? decodeId(word) : word);

type Known = Pick<Host, 'chat' | 'rows'>;

/** The known chat that a word names: a user's, if it may be one and there is one; with `#`, a group's. */
export function rowNamed({ chat, rows }: Known, word: string): Row | undefined {
  const user = word.startsWith('#') ? undefined : userNamed(chat, word);
  const find = (kind: Row['kind'], name: string | undefined) =>
    rows.find((each) => each.kind === kind && each.name === name);
  return find('private', user) ?? find('group', groupNamed(word));
}

/** Returns the chat with a name; a private chat if none is known. */
export function chatNamed(host: Known, word: string): ChatRef {
  const row = rowNamed(host, word);
  if (row) return refOf(row);
  return word.startsWith('#') ? { group: groupNamed(word) } : { user: userNamed(host.chat, word) };
}

/** Returns the chat with a name, or the open chat without one. @throws Refusal if there is none */
export function chosen(host: Known & Pick<Host, 'open'>, name: string | undefined): Row {
  const row = name === undefined ? host.open : rowNamed(host, name);
  if (!row)
    throw new Refusal(name === undefined ? 'Open a chat first: /switch CHAT.' : `There is no chat ${name}.`);
  return row;
}

/** A chat as a line names it: `bob`, `#team`. */
export const wordFor = (row: Pick<Row, 'kind' | 'name'>): string =>
  `${row.kind === 'group' ? '#' : ''}${titleOf({ names: new Map() }, row)}`;
