import type { Chat, ChatRef, Message } from '../sdk/chat.ts';
import { decodeId } from '../sdk/names.ts';
import type { Profiles } from '../sdk/profiles.ts';
import type { Row } from '../view/view.ts';

/** The host of a command: the screen, or the line client. */
export interface Host {
  readonly chat: Chat;
  readonly profiles: Profiles;
  /** The open chat. */
  readonly open: Row | undefined;
  /** All known chats. */
  readonly rows: readonly Row[];
  /** The user's last message in the open chat. */
  readonly lastOwn: Message | undefined;
  tell(lines: readonly string[]): void;
  show(chat: ChatRef): Promise<void>;
  send(chat: ChatRef, content: string): void;
  /** Called when the user has left a chat. */
  left(row: Row): void;
  /** The user has changed a name: their own (`@ID`) or a group's (`#ID`). */
  renamed(key: string): Promise<void>;
  /** Called when the list of chats has changed. */
  refresh(): Promise<void>;
  quit(): void;
}

/** The partner or group of a chat. */
export const refOf = ({ kind, name }: Row): ChatRef => (kind === 'group' ? { group: name } : { user: name });

/** A command that cannot run. The message is shown as it is. */
export class Refusal extends Error {}

/** Normalises a group's name, as the service does. */
export const groupNamed = (name: string): string => name.replace(/^#/, '').toLowerCase();

/** The id of the user whom a word names. With an identity provider, one that begins with `#` or `%` is written as in chat ids. */
const userNamed = (chat: Chat, word: string): string =>
  chat.userIdOf(word.startsWith('%') ? decodeId(word) : word);

/** The known chat that a word names: a user's, if it may be one and there is one; with `#`, a group's. */
function rowNamed({ chat, rows }: Pick<Host, 'chat' | 'rows'>, word: string): Row | undefined {
  const user = word.startsWith('#') ? undefined : userNamed(chat, word);
  const find = (kind: Row['kind'], name: string | undefined) =>
    rows.find((each) => each.kind === kind && each.name === name);
  return find('private', user) ?? find('group', groupNamed(word));
}

/** Returns the chat with a name; a private chat if none is known. */
export function chatNamed(host: Pick<Host, 'chat' | 'rows'>, word: string): ChatRef {
  const row = rowNamed(host, word);
  if (row) return refOf(row);
  return word.startsWith('#') ? { group: groupNamed(word) } : { user: userNamed(host.chat, word) };
}

/** Returns the chat with a name, or the open chat without one. @throws Refusal if there is none */
export function chosen(host: Pick<Host, 'chat' | 'rows' | 'open'>, name: string | undefined): Row {
  const row = name === undefined ? host.open : rowNamed(host, name);
  if (!row)
    throw new Refusal(name === undefined ? 'Open a chat first: /switch CHAT.' : `There is no chat ${name}.`);
  return row;
}
