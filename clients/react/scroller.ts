import { Seen } from '../view/seen.ts';
import type { ChatMessage, Messages } from './types.ts';

/** The part of an element that is used. */
export interface Viewport {
  scrollTop: number;
  readonly scrollHeight: number;
  readonly clientHeight: number;
  readonly children: ArrayLike<Child>;
  readonly style: { overflowAnchor?: string };
  getBoundingClientRect(): { top: number; bottom: number };
  querySelectorAll(selector: string): ArrayLike<Child>;
  addEventListener(event: 'scroll', listener: () => void): void;
  removeEventListener(event: 'scroll', listener: () => void): void;
}

interface Child {
  readonly isConnected: boolean;
  getBoundingClientRect(): { top: number; bottom: number };
  getAttribute(name: string): string | null;
}

interface Page {
  document?: {
    visibilityState: string;
    hasFocus(): boolean;
    addEventListener(event: string, listener: () => void): void;
    removeEventListener(event: string, listener: () => void): void;
  };
  ResizeObserver?: new (changed: () => void) => { observe(element: object): void; disconnect(): void };
  addEventListener?(event: string, listener: () => void): void;
  removeEventListener?(event: string, listener: () => void): void;
}

const page = globalThis as unknown as Page;

// Pixels: heights may be fractions.
const CLOSE = 2;

/** Keeps the place in one element that scrolls. */
export class Scroller {
  readonly #setIsAtEnd: (isAtEnd: boolean) => void;
  readonly #setNewAfter: (seq: number | undefined) => void;
  #element: Viewport | undefined;
  #messages: Messages | undefined;
  /** Whether the place to begin with was found. */
  #isOpen = false;
  #isAtEnd = true;
  /** The first child in view, and where it is. */
  #anchor: { child: Child; top: number } | undefined;
  #last: ChatMessage | undefined;
  /** What was in view. */
  #seen: Seen | undefined;
  #detach: () => void = () => {};

  constructor(setIsAtEnd: (isAtEnd: boolean) => void, setNewAfter: (seq: number | undefined) => void) {
    this.#setIsAtEnd = setIsAtEnd;
    this.#setNewAfter = setNewAfter;
  }

  attach(element: Viewport | null): void {
    this.#detach();
    this.#detach = () => {};
    this.#element = element ?? undefined;
    if (!element) return;
    // Else browsers that have it, which Safari does not, would do the same a second time.
    element.style.overflowAnchor = 'none';
    const scrolled = () => this.#look();
    const resized = () => this.#settle();
    const seen = () => this.#markRead();
    const observer = page.ResizeObserver && new page.ResizeObserver(resized);
    element.addEventListener('scroll', scrolled);
    page.addEventListener?.('focus', seen);
    page.document?.addEventListener('visibilitychange', seen);
    this.#observe = () => {
      observer?.observe(element);
      for (const child of Array.from(element.children)) observer?.observe(child);
    };
    this.#detach = () => {
      observer?.disconnect();
      element.removeEventListener('scroll', scrolled);
      page.removeEventListener?.('focus', seen);
      page.document?.removeEventListener('visibilitychange', seen);
    };
    if (this.#messages) this.show(this.#messages);
  }

  #observe = (): void => {};

  /** The messages are in the element now. */
  show(messages: Messages): void {
    this.#messages = messages;
    if (!this.#element) return;
    this.#observe();
    const last = messages.messages.at(-1);
    // Who writes wants to see it.
    if (this.#isOpen && last?.isOwn && last.seq === undefined && last.id !== this.#last?.id) {
      this.#isAtEnd = true;
      this.#seen?.leaps();
    }
    this.#last = last;
    if (!this.#isOpen) this.#open(messages);
    this.#settle();
  }

  /** Finds where to begin: at the first message of others that was not read, if anything ever was. */
  #open({ messages, isLoading, isLoadingOlder, error, hasOlder, readUpTo, loadOlder }: Messages): void {
    if (isLoading || (error && messages.length === 0)) return;
    const read = readUpTo();
    const [first] = messages;
    const found = read > 0 ? messages.find((each) => isNew(each) && (each.seq ?? 0) > read) : undefined;
    const isBehind = read > 0 && (first?.seq ?? 0) > read + 1;
    if (isBehind && hasOlder && !error) {
      if (!isLoadingOlder) void loadOlder();
      return;
    }
    this.#isOpen = true;
    const row = found && this.#element?.querySelectorAll(`[data-seq="${found.seq}"]`)[0];
    if (!found || !row || !this.#element) return;
    this.#setNewAfter(read);
    this.#element.scrollTop += row.getBoundingClientRect().top - this.#element.getBoundingClientRect().top;
    this.#isAtEnd = this.#isEnd();
    this.#remember();
  }

  toEnd(): void {
    this.#isAtEnd = true;
    this.#seen?.leaps();
    this.#settle();
  }

  /** Something has another height, or is new. */
  #settle(): void {
    const element = this.#element;
    if (!element) return;
    if (this.#isAtEnd) element.scrollTop = element.scrollHeight;
    else if (this.#anchor?.child.isConnected)
      element.scrollTop += this.#anchor.child.getBoundingClientRect().top - this.#anchor.top;
    this.#look();
  }

  /** The user may see something else now. */
  #look(): void {
    const messages = this.#messages;
    if (!this.#element || !messages) return;
    this.#isAtEnd = this.#isEnd();
    this.#setIsAtEnd(this.#isAtEnd);
    this.#remember();
    if (!this.#isOpen) return;
    this.#markRead();
    const { hasOlder, isLoading, isLoadingOlder, error, loadOlder } = messages;
    const isNear = this.#element.scrollTop < this.#element.clientHeight;
    if (isNear && hasOlder && !isLoading && !isLoadingOlder && !error) void loadOlder();
  }

  #isEnd(): boolean {
    const { scrollTop, scrollHeight, clientHeight } = this.#element as Viewport;
    return scrollHeight - scrollTop - clientHeight <= CLOSE;
  }

  #remember(): void {
    const element = this.#element as Viewport;
    const { top } = element.getBoundingClientRect();
    const rows = element.querySelectorAll('[data-seq]');
    const child =
      rows[firstIndex(rows.length, (index) => (rows[index] as Child).getBoundingClientRect().bottom > top)];
    this.#anchor = child && { child, top: child.getBoundingClientRect().top };
  }

  /** Marks as read what was in view of somebody, up to the first message that was passed over. */
  #markRead(): void {
    const { document } = page;
    const element = this.#element;
    if (!element || !this.#messages || !this.#isOpen) return;
    if (!document?.hasFocus() || document.visibilityState !== 'visible') {
      this.#seen?.leaps();
      return;
    }
    const { messages, hasOlder, readUpTo, markRead } = this.#messages;
    const { top, bottom } = element.getBoundingClientRect();
    const rows = element.querySelectorAll('[data-seq]');
    const endsBelow = (line: number) => (index: number) =>
      (rows[index] as Child).getBoundingClientRect().bottom > line;
    const seqAt = (index: number) => Number(rows[index]?.getAttribute('data-seq'));
    const [first, last] = [
      seqAt(firstIndex(rows.length, endsBelow(top))),
      seqAt(firstIndex(rows.length, endsBelow(bottom + CLOSE)) - 1),
    ];
    if (!(first <= last)) return;
    // Where nothing was ever read, nobody left off.
    this.#seen ??= new Seen(readUpTo() || first - 1);
    const seen = this.#seen;
    seen.reads(readUpTo());
    const oldest = messages[0]?.seq ?? 0;
    const newest = messages.findLast(({ seq }) => seq !== undefined)?.seq ?? 0;
    seen.looks({ first, last }, { first: oldest, last: newest });
    // Nobody has seen what is not loaded.
    if (hasOlder && oldest > seen.start + 1) return;
    const passed = messages.find((each) => isNew(each) && !seen.has(each.seq ?? 0));
    const read = messages.findLast(
      ({ seq = 0 }) => seq > 0 && seq <= last && seq < (passed?.seq ?? Infinity),
    );
    if (read) markRead(read);
  }
}

const isNew = ({ seq, isOwn, isDeleted }: ChatMessage): boolean => seq !== undefined && !isOwn && !isDeleted;

/** The first index for which it holds, as it does for all behind; the length if for none. */
function firstIndex(length: number, holds: (index: number) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
