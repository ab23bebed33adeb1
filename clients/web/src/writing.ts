import type { EditableChat, Message, Recipient } from '../../sdk/chat.ts';
import { type KeyValueStore, partOfUser, readJson } from '../../sdk/store.ts';
import { lastOwn, UNDO_MS } from '../../view/changes.ts';
import type { Row, Sent } from '../../view/view.ts';

/** A message that is being edited: its seq, or the id of one that is not stored yet; and the text as typed so far. */
export interface Edited {
  target: number | string;
  text: string;
}

interface WritingOptions {
  chat: EditableChat;
  /** The service's part. */
  store: KeyValueStore;
  /** The messages of a chat as stored, and as they will be. */
  messagesIn(row: Row): readonly Message[];
  sendingsIn(row: Row): readonly Sent[];
  shown(row: Row, message: Message): Message;
  changed(): void;
  /** Tells the user. */
  say(notice: string): void;
}

type Place = Pick<Row, 'id'>;

/**
 * What the user has typed and not sent: a text for each chat, and beside it one that replaces a message's. Kept in the
 * user's part of the store, so it survives a reload, and a logout clears it (clients/sdk/client.ts).
 */
export class Writing {
  readonly #options: WritingOptions;

  constructor(options: WritingOptions) {
    this.#options = options;
  }

  draft({ id }: Place): string {
    return this.#options.store.get(this.#key('d', id)) ?? '';
  }

  /** @param text empty if nothing is left to keep */
  keep({ id }: Place, text: string): void {
    this.#options.store.set(this.#key('d', id), text || undefined);
  }

  edited({ id }: Place): Edited | undefined {
    return readJson(this.#options.store, this.#key('e', id));
  }

  /** Begins to edit a message, or keeps what was typed of it. */
  edit({ id }: Place, edited: Edited | undefined): void {
    this.#options.store.set(this.#key('e', id), edited && JSON.stringify(edited));
    this.#options.changed();
  }

  /** Begins to edit the last message of the user's own, if there is one. */
  editLast(row: Row): void {
    const { messagesIn, sendingsIn, shown, chat } = this.#options;
    const last = lastOwn(messagesIn(row), sendingsIn(row), (each) => shown(row, each), chat.username);
    if (last) this.edit(row, { target: last.target, text: last.content });
  }

  /** Sends the edited text, unless it is the same as before. */
  save(row: Row, { target, text }: Edited): void {
    const { chat, say } = this.#options;
    const known = this.#known(row, target);
    const before = this.#textOf(row, known);
    if (before === undefined && typeof known === 'string') {
      this.#giveBack(row, text);
      // Discarded, or sent a moment ago.
      say('Another tab has sent or discarded this message. What you typed is in the field again.');
    } else if (text !== before) chat.edit(recipientOf(row), known, text);
    this.edit(row, undefined);
  }

  /** Deletes a message, at once for its user's eyes, and after a while for others'. */
  remove(row: Row, target: number | string): void {
    // Whoever deletes a message wants no text of it.
    if (this.edited(row)?.target === target) this.edit(row, undefined);
    const known = this.#known(row, target);
    // Another tab may have discarded it.
    if (typeof known === 'number' || this.#textOf(row, known) !== undefined)
      this.#options.chat.delete(recipientOf(row), known, UNDO_MS);
  }

  /** Gives the text of what was refused back to its user, and discards it. */
  takeBack(row: Row, { id, target, content }: Sent): void {
    const message = this.#options.messagesIn(row).find(({ seq }) => seq === target);
    // Before it is discarded, so that no accident in between loses it.
    if (message && !message.deleted) this.edit(row, { target: message.seq, text: content });
    else this.#giveBack(row, content);
    this.#options.chat.discard(id);
    this.#options.changed();
  }

  #giveBack(row: Place, text: string): void {
    this.keep(row, [this.draft(row), text].filter(Boolean).join('\n'));
  }

  /** The seq of a message that was stored meanwhile. */
  #known(row: Row, target: number | string): number | string {
    const { messagesIn } = this.#options;
    if (typeof target === 'number') return target;
    return messagesIn(row).find(({ client_message_id }) => client_message_id === target)?.seq ?? target;
  }

  /** A message's text as it will be. */
  #textOf(row: Row, target: number | string): string | undefined {
    const { messagesIn, sendingsIn, shown } = this.#options;
    const known = this.#known(row, target);
    const message = messagesIn(row).find(({ seq }) => seq === known);
    return message ? shown(row, message).content : sendingsIn(row).find(({ id }) => id === known)?.content;
  }

  /** Whether the store keeps something typed under this key. */
  isKey(key: string): boolean {
    return ['d', 'e'].some((what) => key.startsWith(this.#key(what, '')));
  }

  #key(what: string, chatId: string): string {
    return `${partOfUser(this.#options.chat.username)}${what}/${chatId}`;
  }
}

const recipientOf = ({ kind, name }: Row): Recipient => (kind === 'group' ? { group: name } : name);
