// Pixels: within this distance of the end, the list follows new messages.
const NEAR = 80;

/** Whether the list follows new messages. */
export const isAtEnd = ({ scrollHeight, scrollTop, clientHeight }: HTMLElement): boolean =>
  scrollHeight - scrollTop - clientHeight < NEAR;

/** The seqs of the oldest and the newest message whose end is in view; none if something is before the list. */
export function inView(box: HTMLElement): [oldest?: number, newest?: number] {
  const { top, bottom, left, width } = box.getBoundingClientRect();
  if (!box.contains(document.elementFromPoint(left + width / 2, (top + bottom) / 2))) return [];
  const seqs = [...box.querySelectorAll<HTMLElement>('[data-seq]')]
    .filter((slot) => {
      const end = slot.getBoundingClientRect().bottom;
      // A pixel may be lost in rounding.
      return end > top && end <= bottom + 1;
    })
    .map((slot) => Number(slot.dataset.seq));
  return seqs.length === 0 ? [] : [Math.min(...seqs), Math.max(...seqs)];
}

/** Whether all of a message is in view. */
export function isWithin(box: HTMLElement | null, index: number): boolean {
  const slot = box?.querySelector(`[data-index="${index}"]`)?.getBoundingClientRect();
  const area = box?.getBoundingClientRect();
  return slot !== undefined && area !== undefined && slot.top >= area.top && slot.bottom <= area.bottom + 1;
}
