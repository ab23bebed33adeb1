/** Parts of a chat, as ranges of seqs with both ends: in order, with something between each two. */
export type Parts = readonly (readonly [first: number, last: number])[];

/** The first and the last message whose end is in view. */
export interface InView {
  first: number;
  last: number;
}

/** Parts with one more. Those that touch become one. */
export function withPart(parts: Parts, first: number, last: number): Parts {
  if (last < first || parts.some(([from, to]) => from <= first && last <= to)) return parts;
  const [before, after] = [
    parts.filter(([, to]) => to < first - 1),
    parts.filter(([from]) => from > last + 1),
  ];
  const touched = parts.slice(before.length, parts.length - after.length);
  const start = Math.min(first, ...touched.map(([from]) => from));
  const end = Math.max(last, ...touched.map(([, to]) => to));
  return [...before, [start, end], ...after];
}

export const isIn = (parts: Parts, seq: number): boolean =>
  parts.some(([first, last]) => first <= seq && seq <= last);

/**
 * What somebody has seen of a chat. Whoever scrolls sees all that goes by. Whoever jumps sees nothing of what is in between,
 * so it may be several parts. Nobody scrolls past what is not loaded.
 */
export class Seen {
  parts: Parts;
  /** What was in view last, unless its user has jumped since. */
  #last: InView | undefined;

  /** @param read the last seq that was read @param parts what was seen behind it before */
  constructor(read: number, parts: Parts = []) {
    this.parts = parts;
    this.reads(read);
  }

  /** Up to here, nothing was passed over. */
  get start(): number {
    return this.parts[0]?.[1] ?? 0;
  }

  has(seq: number): boolean {
    return isIn(this.parts, seq);
  }

  /** @param loaded the ends of what is loaded and has no gap */
  looks({ first, last }: InView, loaded: InView): void {
    const { first: from, last: to } = this.#last ?? { first, last };
    const [start, end] = [Math.min(first, from), Math.max(last, to)];
    // Else one was put in place of the other, as around a message that is far from both ends.
    const isScrolled = loaded.first <= start && end <= loaded.last;
    this.parts = isScrolled ? withPart(this.parts, start, end) : withPart(this.parts, first, last);
    this.#last = { first, last };
  }

  /** This is in view, and not seen yet. Whoever scrolls on from here will have seen it, too. */
  begins(inView: InView): void {
    this.#last ??= inView;
  }

  /** These were shown, one after the other. */
  shows(first: number, last: number): void {
    this.parts = withPart(this.parts, first, last);
  }

  /** What is in view next doesn't follow on what was in view last. */
  leaps(): void {
    this.#last = undefined;
  }

  /** All up to here was read, wherever. */
  reads(seq: number): void {
    this.parts = withPart(this.parts, 0, seq);
  }
}
