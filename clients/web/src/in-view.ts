// Pixels: within this distance of the end, the list follows new messages.
const NEAR = 80;

/** Whether the list follows new messages. */
export const isAtEnd = ({ scrollHeight, scrollTop, clientHeight }: HTMLElement): boolean =>
  scrollHeight - scrollTop - clientHeight < NEAR;

/** The seq of the newest message whose end is in view; undefined if there is none, or something is before the list. */
export function newestIn(box: HTMLElement): number | undefined {
  const { top, bottom, left, width } = box.getBoundingClientRect();
  if (!box.contains(document.elementFromPoint(left + width / 2, (top + bottom) / 2))) return undefined;
  let newest: number | undefined;
  for (const slot of box.querySelectorAll<HTMLElement>('[data-seq]')) {
    const end = slot.getBoundingClientRect().bottom;
    // A pixel may be lost in rounding.
    if (end > top && end <= bottom + 1) newest = Math.max(newest ?? 0, Number(slot.dataset.seq));
  }
  return newest;
}

/** Whether all of a message is in view. */
export function isWithin(box: HTMLElement | null, index: number): boolean {
  const slot = box?.querySelector(`[data-index="${index}"]`)?.getBoundingClientRect();
  const area = box?.getBoundingClientRect();
  return slot !== undefined && area !== undefined && slot.top >= area.top && slot.bottom <= area.bottom + 1;
}
