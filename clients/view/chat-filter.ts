import { folded, matches, wordsOf } from './matching.ts';
import type { Row } from './view.ts';

/** Finds chats by name. It keeps names as they are compared, as hundreds are looked through at each letter. */
export class ChatFilter {
  readonly #forms = new Map<string, string>();

  /** Those whose id or title has every word that was typed, in their order; without a word, all. */
  of(rows: readonly Row[], typed: string, titleOf: (row: Row) => string): readonly Row[] {
    const words = wordsOf(typed);
    if (words.length === 0) return rows;
    return rows.filter((row) => matches(words, [this.#formOf(row.name), this.#formOf(titleOf(row))]));
  }

  #formOf(name: string): string {
    const form = this.#forms.get(name) ?? folded(name);
    this.#forms.set(name, form);
    return form;
  }
}
