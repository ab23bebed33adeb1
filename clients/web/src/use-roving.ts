import { useState } from 'preact/hooks';

const STEPS: Record<string, (index: number, last: number) => number> = {
  ArrowDown: (index, last) => Math.min(index + 1, last),
  ArrowUp: (index) => Math.max(index - 1, 0),
  Home: () => 0,
  End: (_, last) => last,
};

/** What the list's element needs. */
interface Keys {
  onKeyDown(event: KeyboardEvent & { currentTarget: HTMLElement }): void;
  onFocusCapture(event: FocusEvent): void;
}

/**
 * Moves through a list of buttons by arrow keys; one of them is in the order of Tab. The buttons have their ids as `data-id`.
 * @param ids those that are shown @param start the one for Tab, until another has had the focus
 */
export function useRoving(
  ids: readonly string[],
  start?: string,
): { keys: Keys; tabIndexOf(id: string): 0 | -1 } {
  const [last, setLast] = useState<string>();
  const current = [last, start].find((each) => each !== undefined && ids.includes(each)) ?? ids[0];
  return {
    keys: {
      onKeyDown(event) {
        const step = STEPS[event.key];
        if (!step) return;
        const buttons = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-id]')];
        const index = buttons.indexOf(document.activeElement as HTMLElement);
        if (index < 0) return;
        event.preventDefault();
        buttons[step(index, buttons.length - 1)]?.focus();
      },
      onFocusCapture: ({ target }) => setLast((target as HTMLElement).dataset.id),
    },
    tabIndexOf: (id) => (id === current ? 0 : -1),
  };
}
