import { Window } from 'happy-dom';
import { createElement, type ReactNode, StrictMode } from 'react';
import { onTestFinished } from 'vitest';

/** What React takes from the global object; all of it goes with the test. */
const globals = ['window', 'document', 'HTMLElement', 'Node', 'navigator', 'HTMLIFrameElement'] as const;

/** A page of React's, for one test. */
export async function aRoot() {
  const window = new Window();
  const before = new Map(globals.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]));
  for (const name of globals)
    Object.defineProperty(globalThis, name, {
      value: window[name as never],
      configurable: true,
      writable: true,
    });
  const { createRoot } = await import('react-dom/client');
  const { flushSync } = await import('react-dom');
  const element = window.document.createElement('div');
  const root = createRoot(element as unknown as HTMLElement);
  const unmount = () => flushSync(() => root.unmount());
  onTestFinished(async () => {
    unmount();
    await window.happyDOM.close();
    for (const [name, descriptor] of before)
      if (descriptor) Object.defineProperty(globalThis, name, descriptor);
      else Reflect.deleteProperty(globalThis, name);
  });
  return {
    render: (node: ReactNode) => flushSync(() => root.render(node)),
    unmount,
    get text() {
      return element.textContent;
    },
  };
}

export const strictly = (node: ReactNode) => createElement(StrictMode, null, node);

interface Watched<T> {
  use(): T;
  saw(value: T): void;
}

function Watcher<T>({ use, saw }: Watched<T>) {
  saw(use());
  return null;
}

/** A component that calls a hook, and what that returned at each rendering. */
export function watcher<T>(use: () => T) {
  const all: T[] = [];
  return {
    node: createElement(Watcher<T>, { use, saw: (value: T) => all.push(value) }),
    all: all as readonly T[],
    get last(): T {
      return all.at(-1) as T;
    },
    get renders() {
      return all.length;
    },
  };
}
