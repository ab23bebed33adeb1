// Bars of a browser come and go, too; a keyboard is higher.
const LEAST = 100;

interface Viewport extends EventTarget {
  readonly height: number;
  /** Of a zoom by two fingers. */
  readonly scale: number;
}

/** The part of a window that is used. */
interface Window {
  readonly visualViewport: Viewport | null;
  readonly innerHeight: number;
  scrollTo(x: number, y: number): void;
}

/**
 * Ends the page above the keyboard on the screen, where that lies over it: on iOS, which scrolls the header out of sight
 * instead. Elsewhere the page shrinks by itself (`interactive-widget` in index.html).
 */
export function fitKeyboard(root: { style: { height: string } }, window: Window): void {
  const { visualViewport: viewport } = window;
  const fit = () => {
    if (!viewport) return;
    const isCovered = viewport.scale === 1 && window.innerHeight - viewport.height > LEAST;
    root.style.height = isCovered ? `${viewport.height}px` : '';
    if (isCovered) window.scrollTo(0, 0);
  };
  viewport?.addEventListener('resize', fit);
}
