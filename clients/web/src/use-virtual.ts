import {
  elementScroll,
  measureElement,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
  type VirtualizerOptions,
} from '@tanstack/virtual-core';
import { useLayoutEffect, useState } from 'preact/hooks';

type Options = VirtualizerOptions<HTMLElement, HTMLElement>;
type Observed = 'scrollToFn' | 'observeElementRect' | 'observeElementOffset' | 'measureElement' | 'onChange';

/** A list of which only what is near the visible part is in the document (TanStack Virtual), for Preact. */
export function useVirtual(options: Omit<Options, Observed>): Virtualizer<HTMLElement, HTMLElement> {
  const [, setTick] = useState(0);
  const all: Options = {
    ...options,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    measureElement(element, entry, virtual) {
      // What is in view stays where it is when something above it changes its height. TanStack leaves that out until 150 ms
      // after the last scroll upward, and an edit that came then moved what was being read.
      virtual.scrollDirection = null;
      return measureElement(element, entry, virtual);
    },
    // Preact renders in a microtask: before the page is painted.
    onChange: () => setTick((tick) => tick + 1),
  };
  const [virtual] = useState(() => new Virtualizer(all));
  virtual.setOptions(all);
  useLayoutEffect(() => virtual._didMount(), [virtual]);
  useLayoutEffect(() => virtual._willUpdate());
  return virtual;
}
