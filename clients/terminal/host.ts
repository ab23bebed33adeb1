import type { Chat, ChatRef, Message } from '../sdk/chat.ts';
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

/** Normalises a chat's name, as the service does. */
export const bare = (name: string): string => name.replace(/^#/, '').toLowerCase();

/** Returns the chat with a name; a private chat if none is known. */
export function chatNamed(rows: readonly Row[], name: string): ChatRef {
  const row = rows.find(
    (each) => each.name === bare(name) && (each.kind === 'group' || !name.startsWith('#')),
  );
  if (row) return refOf(row);
  return name.startsWith('#') ? { group: bare(name) } : { user: bare(name) };
}

/** Returns the chat with a name, or the open chat without one. @throws Refusal if there is none */
export function chosen({ open, rows }: Host, name: string | undefined): Row {
  const row = name === undefined ? open : rows.find((each) => each.name === bare(name));
  if (!row)
    throw new Refusal(name === undefined ? 'Open a chat first: /switch CHAT.' : `There is no chat ${name}.`);
  return row;
}
