import type { Message } from '../sdk/chat.ts';
import { indexAfter, type Log } from './log.ts';

/** What a user has seen of the chat that they opened, and where the news in it begin. */
export class News {
  /** Messages of others after this seq are news; absent if there are none to point at. It stays until `settle`. */
  after: number | undefined;
  /** Messages of others that were not seen yet. */
  unseen = 0;
  /** Up to this seq, all was seen. */
  #seen: number;
  readonly #me: string;

  /** @param row the chat as it was opened */
  constructor(me: string, { read }: { read: number }) {
    this.#me = me;
    this.#seen = read;
  }

  /** Called when the chat is shown. Where nothing was ever read, nobody left off: it opens at its newest message. */
  open(messages: readonly Message[]): void {
    if (this.#seen > 0 && this.firstUnseenIn(messages) >= 0) this.after = this.#seen;
  }

  /**
   * Called after each change of what is shown.
   * @param upTo the newest message in view; absent if nobody looks
   * @returns whether the news or the number of unseen messages are others now
   */
  look(messages: readonly Message[], upTo?: number): boolean {
    const before = [this.after, this.unseen].join();
    const wasAllSeen = this.unseen === 0;
    this.#seen = Math.max(this.#seen, upTo ?? 0);
    this.unseen = this.#newIn(messages, this.#seen).length;
    // Who was away comes back to the first that they missed; who looks is shown where it goes on further down.
    if (this.unseen > 0 && (this.after === undefined || (upTo === undefined && wasAllSeen)))
      this.after = this.#seen;
    return before !== [this.after, this.unseen].join();
  }

  /** The user has read on elsewhere. */
  readElsewhere(seq: number): void {
    this.#seen = Math.max(this.#seen, seq);
  }

  /** The user goes to the newest message, past all that was not seen. */
  skip(messages: readonly Message[]): void {
    this.#seen = Math.max(this.#seen, messages.at(-1)?.seq ?? 0);
    this.unseen = 0;
  }

  /** The user has written: nothing is left to be pointed at. */
  settle(messages: readonly Message[]): void {
    this.skip(messages);
    this.after = undefined;
  }

  /** The index of the first of the news; -1 without any. */
  firstIn(messages: readonly Message[]): number {
    return this.after === undefined ? -1 : this.#firstAfter(messages, this.after);
  }

  /** The index of the first message that was not seen; -1 if all were. */
  firstUnseenIn(messages: readonly Message[]): number {
    return this.#firstAfter(messages, this.#seen);
  }

  /** Whether the log reaches back to the first message that was not seen. @param unread as the list of chats counts them */
  reachesBack({ isWhole, first = 0, messages }: Log, unread: number): boolean {
    const isAllSeen = this.#seen === 0 || (unread === 0 && this.firstUnseenIn(messages) < 0);
    return isWhole || isAllSeen || first <= this.#seen + 1;
  }

  #firstAfter(messages: readonly Message[], seq: number): number {
    const start = indexAfter(messages, seq);
    const index = messages.slice(start).findIndex((each) => this.#isNew(each));
    return index < 0 ? -1 : start + index;
  }

  #newIn(messages: readonly Message[], seq: number): Message[] {
    return messages.slice(indexAfter(messages, seq)).filter((each) => this.#isNew(each));
  }

  #isNew = ({ sender, deleted }: Message): boolean => sender !== this.#me && deleted === undefined;
}
