import type { Message } from '../sdk/chat.ts';
import { indexAfter, type Log } from './log.ts';
import { isBy } from './sender.ts';

/** What a user has seen of the chat that they opened, and where the news in it begin. */
export class News {
  /** Messages of others after this seq are news; absent if there are none to point at. It stays until `settle`. */
  after: number | undefined;
  /** Messages of others that were not seen yet. */
  unseen = 0;
  /** Up to this seq, all was seen. */
  #seen: number;
  /** What was passed over, as the chat opened below it: messages between these seqs, both exclusive, were not seen. */
  #gap: { after: number; before: number } | undefined;
  /** Whether the user reads in the gap from its beginning, and no longer upwards from its end. */
  #isInGap = false;
  readonly #me: string;

  /** @param row the chat as it was opened */
  constructor(me: string, { read }: { read: number }) {
    this.#me = me;
    this.#seen = read;
  }

  /** Called when the chat is shown. Where nothing was ever read, nobody left off: it opens at its newest message. */
  open(messages: readonly Message[]): void {
    if (this.firstUnseenIn(messages) < 0) return;
    if (this.#seen > 0) this.after = this.#seen;
    else {
      const last = messages.at(-1)?.seq ?? 0;
      this.#gap = { after: 0, before: last + 1 };
      this.#seen = last;
    }
  }

  /**
   * Called after each change of what is shown.
   * @param upTo the newest message in view; absent if nobody looks
   * @param from the oldest message in view
   * @returns whether the news or the number of unseen messages are others now
   */
  look(messages: readonly Message[], upTo?: number, from = upTo): boolean {
    const before = [this.after, this.unseen, this.#gap?.after, this.#gap?.before].join();
    const wasAllSeen = this.unseen === 0;
    if (this.#gap && from !== undefined && upTo !== undefined) {
      const { after, before: end } = this.#gap;
      if (this.#isInGap) this.#gap.after = Math.max(after, upTo);
      else this.#gap.before = Math.min(end, from);
    }
    this.#seen = Math.max(this.#seen, upTo ?? 0);
    this.unseen =
      this.#newIn(messages, this.#seen).length + (this.#isInGap ? this.#inGap(messages).length : 0);
    // Who was away comes back to the first that they missed; who looks is shown where it goes on further down.
    if (this.unseen > 0 && (this.after === undefined || (upTo === undefined && wasAllSeen)))
      this.after = this.#seen;
    return before !== [this.after, this.unseen, this.#gap?.after, this.#gap?.before].join();
  }

  /**
   * The messages that the chat opened below, as far as they were not seen.
   * @param unread as the list of chats counts them
   * @returns how many; 0 also while the user reads them from the first one on
   */
  above(log: Log, unread: number): number {
    if (!this.#gap) return 0;
    const known = this.#inGap(log.messages).length;
    const isReached = this.#reaches(log, this.#gap.after);
    const isOver = isReached ? known === 0 && !log.ahead : unread === 0;
    if (isOver) this.#gap = undefined;
    if (!this.#gap || this.#isInGap) return 0;
    // Of what is not loaded, the list may count too little.
    return isReached
      ? known
      : Math.max(known, unread - this.#newIn(log.messages, this.#gap.before - 1).length, 1);
  }

  /** The seq after which what was not seen begins: of what is above, or of all. */
  startOf(isAbove: boolean): number {
    return isAbove ? (this.#gap?.after ?? this.#seen) : this.#seen;
  }

  /** Whether the log reaches back to the first of the messages above. */
  reachesAbove(log: Log): boolean {
    return !this.#gap || this.#reaches(log, this.#gap.after);
  }

  /** The user goes to the first of the messages above. @returns its index */
  goBack(messages: readonly Message[]): number {
    this.after = this.#gap?.after;
    this.#isInGap = true;
    return this.firstIn(messages);
  }

  /** Up to where all was seen, also if the user looks further up now. @param newest in view; 0 for nothing */
  readUpTo(newest: number): number {
    return this.#gap ? this.#gap.after : Math.max(newest, this.#seen);
  }

  /** The user has read on elsewhere. */
  readElsewhere(seq: number): void {
    this.#seen = Math.max(this.#seen, seq);
    if (this.#gap) this.#gap.after = Math.max(this.#gap.after, seq);
  }

  /**
   * The user goes to the newest message. What they pass over was not seen, so it is above from then on.
   * @param unread as the list of chats counts them
   */
  jump(log: Log, unread: number): void {
    const { messages } = log;
    const last = messages.at(-1)?.seq ?? 0;
    const isPassed = this.firstUnseenIn(messages) >= 0 || !this.reachesBack(log, unread);
    if (isPassed) this.#gap = { after: this.#gap?.after ?? this.#seen, before: last + 1 };
    this.#isInGap = false;
    this.#seen = Math.max(this.#seen, last);
    this.unseen = 0;
  }

  /** The user has enough of all that was not seen. */
  skip(messages: readonly Message[]): void {
    this.#seen = Math.max(this.#seen, messages.at(-1)?.seq ?? 0);
    this.unseen = 0;
    this.#gap = undefined;
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

  /** Whether the log reaches back to where the news begin. */
  reachesNews(log: Log): boolean {
    return this.after !== undefined && this.#reaches(log, this.after);
  }

  /** Whether the log reaches back to the first message that was not seen. @param unread as the list of chats counts them */
  reachesBack(log: Log, unread: number): boolean {
    const isAllSeen = this.#seen === 0 || (unread === 0 && this.firstUnseenIn(log.messages) < 0);
    return isAllSeen || this.#reaches(log, this.#seen);
  }

  #reaches({ isWhole, first = 0 }: Log, seq: number): boolean {
    return isWhole || first <= seq + 1;
  }

  #inGap(messages: readonly Message[]): Message[] {
    const { after, before } = this.#gap ?? { after: 0, before: 0 };
    return this.#newIn(messages, after).filter(({ seq }) => seq < before);
  }

  #firstAfter(messages: readonly Message[], seq: number): number {
    const start = indexAfter(messages, seq);
    const index = messages.slice(start).findIndex((each) => this.#isNew(each));
    return index < 0 ? -1 : start + index;
  }

  #newIn(messages: readonly Message[], seq: number): Message[] {
    return messages.slice(indexAfter(messages, seq)).filter((each) => this.#isNew(each));
  }

  #isNew = (message: Message): boolean => !isBy(message, this.#me) && message.deleted === undefined;
}
