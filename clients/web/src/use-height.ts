import type { RefObject } from 'preact';
import { useLayoutEffect } from 'preact/hooks';

/** Makes a field as high as its text where the browser's style sheets can't (`field-sizing`, style.css). */
export function useHeight(field: RefObject<HTMLTextAreaElement>, text: string): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height depends on the text.
  useLayoutEffect(() => {
    const element = field.current;
    if (!element || CSS.supports('field-sizing', 'content')) return;
    element.style.height = 'auto';
    element.style.height = `${element.scrollHeight + element.offsetHeight - element.clientHeight}px`;
  }, [field, text]);
}
