/** Says what happened to lines in the order of the lines, though lines end in any order. */
export class InOrder {
  readonly #open: { says: (() => void)[]; isDone: boolean }[] = [];

  /** A line begins. @returns a function to call at its end, with what there is to say of it, if there is something */
  begin(): (say?: () => void) => void {
    const slot = { says: [] as (() => void)[], isDone: false };
    this.#open.push(slot);
    return (say) => {
      if (say) slot.says.push(say);
      slot.isDone = true;
      while (this.#open[0]?.isDone) for (const each of this.#open.shift()?.says ?? []) each();
    };
  }
}
