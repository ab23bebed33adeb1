import { type ChatRef, type Message, RequestError } from '../sdk/chat.ts';
import { chatIdOf, recipientOf } from '../sdk/names.ts';
import { isAllRead, nothingRead } from '../sdk/reading.ts';
import { stageOf, withChange } from '../view/changes.ts';
import { emptyLog } from '../view/log.ts';
import { isBy } from '../view/sender.ts';
import { type Sent, sendingsIn, typingIn, type View } from '../view/view.ts';
import { isAlike, kept, keptList } from './kept.ts';
import type { Model } from './model.ts';
import type { ChatActions, ChatMessage, Messages } from './types.ts';

const PAGE = 40;

/** One chat, as its hooks show it. */
export class Conversation {
  readonly ref: ChatRef;
  readonly actions: ChatActions;
  /** Before anything is known. */
  readonly initial: Messages;
  readonly #model: Model;
  #watchers = 0;
  #loading: Promise<void> | undefined;
  #isLoaded = false;
  #isFilling = false;
  #error: RequestError | undefined;
  /** By id. */
  #items: ReadonlyMap<string, ChatMessage> = new Map();
  #messages: readonly ChatMessage[] = [];
  #typing: readonly string[] = [];

  constructor(model: Model, ref: ChatRef) {
    this.#model = model;
    this.ref = ref;
    const to = recipientOf(ref);
    const target = ({ seq, sendingId, id }: ChatMessage) => seq ?? sendingId ?? id;
    this.actions = {
      send: (content) => model.chat.send(to, content),
      edit: (message, content) => void model.chat.edit(to, target(message), content),
      remove: (message, undoMs) => void model.chat.delete(to, target(message), undoMs),
      undo: ({ sendingId }) => sendingId && model.chat.undo(sendingId),
      retry: ({ sendingId }) => sendingId && model.chat.retry(sendingId),
      discard: ({ sendingId }) => sendingId && model.chat.discard(sendingId),
      markRead: (message) => this.#markRead(message),
      readUpTo: () => {
        const row = model.view.rows.get(this.chatId ?? '') ?? nothingRead;
        // What is not loaded has one's own messages alone, which move no read mark.
        return isAllRead(row) ? Math.max(row.read, (this.#log.messages[0]?.seq ?? 1) - 1) : row.read;
      },
      typing: () => {
        const row = model.view.rows.get(this.chatId ?? '');
        if (row) model.reader.types(row);
      },
      loadOlder: () => this.#load(),
    };
    this.initial = {
      ...{ messages: [], isLoading: true, error: undefined, hasOlder: true, isLoadingOlder: false },
      ...this.actions,
    };
  }

  /** Undefined until the user is known. */
  get chatId(): string | undefined {
    const { me } = this.#model.view;
    return me === '' ? undefined : chatIdOf(me, this.ref);
  }

  /** Somebody shows the messages. @returns not any more */
  watch(): () => void {
    this.#watchers++;
    if (!this.#isLoaded) void this.#load();
    return () => {
      this.#watchers--;
    };
  }

  /** There is a connection again: what failed without one is tried again. */
  online(): void {
    if (this.#watchers > 0 && (!this.#isLoaded || this.#error)) void this.#load();
  }

  /** There is no connection: what is kept is shown, since what was asked for while connecting may not be answered for long. */
  offline(): void {
    if (this.#watchers === 0 || this.#isLoaded || this.#isFilling) return;
    this.#isFilling = true;
    void this.#page().finally(() => {
      this.#isFilling = false;
      this.#model.changed();
    });
  }

  /** The user is no member any more. */
  left(): void {
    this.end(new RequestError('not_a_member', 'You are no member of this group.'));
  }

  /** Nothing of it may be shown any more. */
  end(error: RequestError): void {
    this.#isLoaded = false;
    this.#error = error;
    this.#model.changed();
  }

  /** Loads the first page, or the one before the first message. */
  #load(): Promise<void> {
    if (this.#log.isWhole && this.#isLoaded) return Promise.resolve();
    this.#loading ??= this.#page().finally(() => {
      this.#loading = undefined;
      this.#model.changed();
    });
    this.#model.changed();
    return this.#loading;
  }

  async #page(): Promise<void> {
    const model = this.#model;
    try {
      const { first } = this.#log;
      const page = await model.chat.history(this.ref, { before: first, limit: PAGE });
      const chatId = page[0]?.chat_id ?? this.chatId;
      if (chatId !== undefined) model.act({ what: 'history', chatId, page, before: first });
      this.#isLoaded = true;
      this.#error = undefined;
    } catch (error) {
      this.#error = error as RequestError;
    }
  }

  get #log() {
    return this.#model.view.logs.get(this.chatId ?? '') ?? emptyLog;
  }

  #markRead(message?: ChatMessage): void {
    const { chatId } = this;
    const seq = message ? message.seq : this.#log.messages.at(-1)?.seq;
    if (chatId !== undefined && seq !== undefined) this.#model.sees(chatId, seq);
  }

  readonly #snapshot = kept(
    (
      messages: readonly ChatMessage[],
      isLoaded: boolean,
      isBusy: boolean,
      hasOlder: boolean,
      error: RequestError | undefined,
    ): Messages => ({
      messages,
      isLoading: !isLoaded && error === undefined,
      error,
      hasOlder,
      isLoadingOlder: isLoaded && isBusy,
      ...this.actions,
    }),
  );

  get snapshot(): Messages {
    const { me, sendings, logs, readBy } = this.#model.view;
    const { chatId = '' } = this;
    const log = logs.get(chatId) ?? emptyLog;
    this.#messages = keptList(this.#messages, this.#all(log.messages, sendings, readBy.get(chatId) ?? 0, me));
    const isBusy = this.#loading !== undefined;
    return this.#snapshot(this.#messages, this.#isLoaded, isBusy, !log.isWhole, this.#error);
  }

  readonly #all = kept(
    (stored: readonly Message[], sendings: View['sendings'], readBy: number, me: string) => {
      const { view } = this.#model;
      const chatId = this.chatId ?? '';
      const changes = new Map<number, Sent>();
      for (const each of sendings)
        if (each.target !== undefined && chatIdOf(me, refOfSent(each)) === chatId)
          changes.set(each.target, each);
      const unsent = me === '' ? [] : sendingsIn(view, chatId);
      const isGroup = 'group' in this.ref;
      const all = [
        ...stored.map((message) => storedItem(message, changes.get(message.seq), me, isGroup ? 0 : readBy)),
        ...unsent.map((each) => unsentItem(each, me)),
      ];
      const items = new Map<string, ChatMessage>();
      for (const made of all) {
        // Some clients count their ids anew at each start.
        const isTaken = made.seq !== undefined && items.has(made.id);
        const item = isTaken ? { ...made, id: `#${made.seq}` } : made;
        const known = this.#items.get(item.id);
        items.set(item.id, known && isAlike(known, item) ? known : item);
      }
      this.#items = items;
      return [...items.values()];
    },
  );

  /** Who types here. */
  get typing(): readonly string[] {
    const { chatId } = this;
    const now = chatId === undefined ? [] : typingIn(this.#model.view, chatId);
    this.#typing = keptList(this.#typing, now);
    return this.#typing;
  }

  /** The last message that is known, whether or not the chat is open. */
  get last(): ChatMessage | undefined {
    const { chatId } = this;
    if (chatId === undefined) return undefined;
    const newest = this.snapshot.messages.at(-1);
    if (newest) return newest;
    const preview = this.#model.previewOf(chatId);
    return preview && this.#preview(preview, this.#model.view.me);
  }

  readonly #preview = kept((message: Message, me: string) => storedItem(message, undefined, me, 0));

  /** Somebody shows the last message. */
  wantLast(): void {
    const row = this.#model.view.rows.get(this.chatId ?? '');
    if (row && this.#log.last === undefined) void this.#model.previews.want(row);
  }
}

const refOfSent = ({ to }: Sent): ChatRef => (typeof to === 'string' ? { user: to } : to);

function storedItem(stored: Message, change: Sent | undefined, me: string, readBy: number): ChatMessage {
  const { seq, sender, system, content, timestamp, edited, deleted } = withChange(stored, change);
  const isOwn = isBy(stored, me);
  return {
    // Those of others are not ours to choose: they could be equal.
    id: (isOwn && stored.client_message_id) || `#${seq}`,
    ...{ seq, sender, isOwn, isSystem: system ?? false, content, timestamp },
    isEdited: edited !== undefined,
    isDeleted: deleted !== undefined,
    status: change ? stageOf(change) : 'sent',
    problem: change?.reason,
    canUndo: change?.canUndo ?? false,
    isRead: isOwn && seq <= readBy,
    sendingId: change?.id,
  };
}

function unsentItem(sent: Sent, me: string): ChatMessage {
  const { id, content, status, isDeletion, canUndo, reason } = sent;
  return {
    ...{ id, seq: undefined, sender: me, isOwn: true, isSystem: false, content, timestamp: undefined },
    ...{ isEdited: false, isDeleted: isDeletion },
    status: isDeletion ? stageOf(sent) : status === 'failed' ? 'not sent' : 'sending',
    ...{ problem: reason, canUndo, isRead: false, sendingId: id },
  };
}
