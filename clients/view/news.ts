import type { Message } from '../sdk/chat.ts';
import { isAllRead } from '../sdk/reading.ts';
import type { Count } from './counts.ts';
import { indexAfter, type Log } from './log.ts';
import { type InView, type Parts, Seen } from './seen.ts';
import { isBy } from './sender.ts';

/** What a user has seen of the chat that they opened, and where the news in it begin. */
export class News {
  /** Messages of others after this seq are news; absent if there are none to point at. It stays until `settle`. */
  after: number | undefined;
  /** Messages of others that were not seen yet, below what is in view. */
  unseen = 0;
  readonly #me: string;
  readonly #seen: Seen;
  /** What was in view last. What was not seen is above or below it. */
  #place: InView;

  /** @param row the chat as it was opened @param parts what was seen of it before, behind what counts as read */
  constructor(me: string, { read }: { read: number }, parts?: Parts) {
    this.#me = me;
    this.#seen = new Seen(read, parts);
    this.#place = { first: read, last: read };
  }

  /** What was seen, also if something before it was not. */
  get seen(): Parts {
    return this.#seen.parts;
  }

  /** Called when the chat is shown. Where nothing was ever read, nobody left off: it opens at its newest message. */
  open(messages: readonly Message[]): void {
    if (this.firstUnseenIn(messages) < 0) return;
    if (this.start > 0) this.after = this.start;
    else this.#goTo(messages.at(-1)?.seq ?? 0);
  }

  /**
   * Called after each change of what is shown.
   * @param messages all that are loaded, without a gap
   * @param last the newest message in view; absent if nobody looks
   * @param first the oldest message in view
   * @returns whether the news or the number of unseen messages are others now
   */
  look(messages: readonly Message[], last?: number, first = last): boolean {
    const before = [this.after, this.unseen, ...this.seen.flat()].join();
    const wasAllSeen = this.unseen === 0;
    if (first !== undefined && last !== undefined) {
      this.#place = { first, last };
      this.#seen.looks(this.#place, { first: messages[0]?.seq ?? 0, last: messages.at(-1)?.seq ?? 0 });
    }
    const below = this.#unseenIn(messages).filter(({ seq }) => seq > this.#place.last);
    this.unseen = below.length;
    const [next] = below;
    // Who was away comes back to the first that they missed; who looks is shown where it goes on further down.
    if (next && (this.after === undefined || (last === undefined && wasAllSeen))) this.after = next.seq - 1;
    return before !== [this.after, this.unseen, ...this.seen.flat()].join();
  }

  /**
   * The messages above what is in view that were not seen.
   * @param count as the list of chats has it
   */
  above(log: Log, count: Count): number {
    const { unread } = count;
    const isReached = this.reachesAbove(log);
    // It was read elsewhere, or deleted.
    if (!isReached && isAllRead(count)) this.#seen.reads((log.first ?? 1) - 1);
    const known = this.#unseenIn(log.messages).filter(({ seq }) => seq < this.#place.first).length;
    if (isReached || unread === 0) return known;
    // Of what is not loaded, the list may count too little.
    return Math.max(1, known + Math.max(0, unread - this.#newIn(log.messages, this.start).length));
  }

  /** The seq up to which nothing was passed over. */
  get start(): number {
    return this.#seen.start;
  }

  /** Whether the log reaches back to the first of the messages above. */
  reachesAbove(log: Log): boolean {
    return this.#reaches(log, this.start);
  }

  /** The user goes to the first of the messages that were passed over. @returns its index */
  goBack(messages: readonly Message[]): number {
    this.after = this.start;
    this.#goTo(this.start);
    return this.firstIn(messages);
  }

  /** Up to where all was seen, as far as the log tells. */
  readUpTo(log: Log): number {
    if (!this.reachesAbove(log)) return this.start;
    const { messages } = log;
    const [first] = this.#unseenIn(messages);
    const end = first ? indexAfter(messages, first.seq - 1) - 1 : messages.length - 1;
    return Math.max(this.start, messages[end]?.seq ?? 0);
  }

  /** The user has read on elsewhere. */
  readElsewhere(seq: number): void {
    this.#seen.reads(seq);
  }

  /** The user looks, though what is in view doesn't count before all that was missed is there: that it is what follows. */
  begins(last: number, first = last): void {
    this.#seen.begins({ first, last });
  }

  /** The user goes elsewhere without a look at what is in between. */
  leap(): void {
    this.#seen.leaps();
  }

  /** The user goes to the newest message. What they pass over was not seen, so it is above from then on. */
  jump(messages: readonly Message[]): void {
    this.#goTo(messages.at(-1)?.seq ?? 0);
    this.unseen = 0;
  }

  /** The user has enough of all that was not seen. */
  skip(messages: readonly Message[]): void {
    this.#seen.reads(messages.at(-1)?.seq ?? 0);
    this.unseen = 0;
  }

  /** The user has written, and looks at what comes now. What they passed over is above, and needs no line. */
  settle(messages: readonly Message[]): void {
    this.jump(messages);
    this.after = undefined;
  }

  /** The index of the first of the news; -1 without any. */
  firstIn(messages: readonly Message[]): number {
    return this.after === undefined ? -1 : this.#firstAfter(messages, this.after);
  }

  /** The index of the first message below what is in view that was not seen; -1 if all were. */
  firstUnseenIn(messages: readonly Message[]): number {
    const found = this.#unseenIn(messages).find(({ seq }) => seq > this.#place.last);
    return found ? indexAfter(messages, found.seq) - 1 : -1;
  }

  /** Whether the log reaches back to where the news begin. */
  reachesNews(log: Log): boolean {
    return this.after !== undefined && this.#reaches(log, this.after);
  }

  /** Whether the log reaches back to the first message that was not seen. @param unread as the list of chats counts them */
  reachesBack(log: Log, unread: number): boolean {
    const isAllSeen = this.start === 0 || (unread === 0 && this.firstUnseenIn(log.messages) < 0);
    return isAllSeen || this.#reaches(log, this.start);
  }

  #reaches({ isWhole, first = 0 }: Log, seq: number): boolean {
    return isWhole || first <= seq + 1;
  }

  /** All up to this seq is above from now on, and what follows it below. */
  #goTo(seq: number): void {
    this.#seen.leaps();
    this.#place = { first: seq + 1, last: seq };
  }

  #firstAfter(messages: readonly Message[], seq: number): number {
    const start = indexAfter(messages, seq);
    const index = messages.slice(start).findIndex((each) => this.#isNew(each));
    return index < 0 ? -1 : start + index;
  }

  #unseenIn(messages: readonly Message[]): Message[] {
    return this.#newIn(messages, this.start).filter(({ seq }) => !this.#seen.has(seq));
  }

  #newIn(messages: readonly Message[], seq: number): Message[] {
    return messages.slice(indexAfter(messages, seq)).filter((each) => this.#isNew(each));
  }

  #isNew = (message: Message): boolean => !isBy(message, this.#me) && message.deleted === undefined;
}
