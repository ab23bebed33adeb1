import { useState } from 'preact/hooks';

let last = 0;

/** An id of the page's, the same at each rendering. */
export function useId(): string {
  const [id] = useState(() => `id-${++last}`);
  return id;
}
