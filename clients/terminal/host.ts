import type { Chat, ChatRef, Message } from '../sdk/chat.ts';
import type { Row } from '../view/view.ts';

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

/** Whose chat it is. */
export const refOf = ({ kind, name }: Row): ChatRef => (kind === 'group' ? { group: name } : { user: name });

/** A command cannot be done, for a reason that is told as it is. */
export class Refusal extends Error {}

/** A chat's name as the service writes it. */
export const bare = (name: string): string => name.replace(/^#/, '').toLowerCase();

/** The chat of this name; a user's, if there is none. */
export function chatNamed(rows: readonly Row[], name: string): ChatRef {
  const row = rows.find(
    (each) => each.name === bare(name) && (each.kind === 'group' || !name.startsWith('#')),
  );
  if (row) return refOf(row);
  return name.startsWith('#') ? { group: bare(name) } : { user: bare(name) };
}

/** The chat of this name; without one, the chat that is shown. @throws Refusal if there is none */
export function chosen({ open, rows }: Host, name: string | undefined): Row {
  const row = name === undefined ? open : rows.find((each) => each.name === bare(name));
  if (!row)
    throw new Refusal(name === undefined ? 'Open a chat first: /switch CHAT.' : `There is no chat ${name}.`);
  return row;
}
