import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { Scroller, type Viewport } from './scroller.ts';
import type { Messages } from './types.ts';

/** The place in a scrolling list of messages. */
export interface Scroll {
  /** For the element that scrolls. Its children that are messages have `data-seq={message.seq}`. */
  ref(element: Viewport | null): void;
  /** Whether the newest message is in view. */
  isAtEnd: boolean;
  /** Where the user left off when the chat was opened: what others wrote after this seq is new; undefined if nothing is. */
  newAfter: number | undefined;
  /** Shows the newest message. */
  toEnd(): void;
}

// A server has no layout, and React 18 warns.
const useLayout = 'document' in globalThis ? useLayoutEffect : useEffect;

/**
 * Opens a chat where its user left off, loads what is before when that comes near, and leaves everything in its place when
 * messages are added above or change their height. Who is at the end stays there. Marks as read what was in view of a page
 * that is visible and has the focus.
 * @param messages of one chat: another one needs another component, by its `key`
 */
export function useScroll(messages: Messages): Scroll {
  const [isAtEnd, setIsAtEnd] = useState(true);
  const [newAfter, setNewAfter] = useState<number>();
  const scroller = useRef<Scroller>(undefined);
  scroller.current ??= new Scroller(setIsAtEnd, setNewAfter);
  const { current } = scroller;
  useLayout(() => current.show(messages));
  const ref = useCallback((element: Viewport | null) => current.attach(element), [current]);
  const toEnd = useCallback(() => current.toEnd(), [current]);
  return { ref, isAtEnd, newAfter, toEnd };
}
