/** Whether nobody looks at the page: it is in the background, another window has the focus, or a dialog is before it. */
export const isAway = (): boolean =>
  document.visibilityState === 'hidden' ||
  !document.hasFocus() ||
  document.querySelector('dialog[open]') !== null;

/** Calls when somebody may have begun to look at the page. @returns stops */
export function onLook(listener: () => void): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  document.addEventListener('visibilitychange', listener, { signal });
  window.addEventListener('focus', listener, { signal });
  // It doesn't bubble.
  document.addEventListener('close', listener, { signal, capture: true });
  return () => stop.abort();
}
