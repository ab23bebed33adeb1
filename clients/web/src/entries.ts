import type { Message } from '../../sdk/chat.ts';

/** A message, or a change of one, as the log has it. */
export type Entry = Message & { edits?: number; deletes?: number; edited?: string; deleted?: string };

/** The messages of one chat as they stand: what changed them is applied, and not shown. */
export class Entries {
  readonly #messages = new Map<number, Entry>();
  /** What came before the message that it changes. */
  readonly #changes = new Map<number, Entry>();
  /** Whether there is nothing before the first. */
  isWhole = false;

  /** Oldest first. */
  get list(): Entry[] {
    return [...this.#messages.values()].sort((one, other) => one.seq - other.seq);
  }

  get first(): number | undefined {
    return this.#messages.size > 0 ? Math.min(...this.#messages.keys()) : undefined;
  }

  add(entry: Entry): void {
    const target = entry.edits ?? entry.deletes;
    if (target === undefined) {
      // A page may be older than what came meanwhile.
      if (this.#messages.get(entry.seq)?.deleted !== undefined) return;
      this.#messages.set(entry.seq, entry);
      const change = this.#changes.get(entry.seq);
      if (change) this.#apply(entry, change);
      return;
    }
    const known = this.#changes.get(target);
    // A deletion is final, in whatever order changes come.
    if (known?.deletes !== undefined) return;
    if (entry.deletes === undefined && (known?.seq ?? 0) >= entry.seq) return;
    this.#changes.set(target, entry);
    const message = this.#messages.get(target);
    if (message) this.#apply(message, entry);
  }

  #apply(message: Entry, { content, deletes, timestamp }: Entry): void {
    if (message.deleted !== undefined) return;
    const changed =
      deletes === undefined ? { content, edited: timestamp } : { content: '', deleted: timestamp };
    this.#messages.set(message.seq, { ...message, ...changed });
  }
}
