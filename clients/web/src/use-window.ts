import { useLayoutEffect, useRef, useState } from 'preact/hooks';

// Up to here all rows are drawn.
const FEW = 200;
// Rows that are drawn above and below those in sight.
const BEYOND = 20;

/** The rows of a long list that are near to being in sight, all of one height. @param height pixels */
export function useWindow(count: number, height: number) {
  const list = useRef<HTMLUListElement>(null);
  const [top, setTop] = useState(0);
  const [rows, setRows] = useState(FEW);
  useLayoutEffect(() => setRows(Math.ceil((list.current?.clientHeight ?? 0) / height)));
  const first = Math.floor(top / height);
  const isLong = count > FEW;
  return {
    list,
    from: isLong ? Math.max(0, Math.min(first, count - rows) - BEYOND) : 0,
    to: isLong ? Math.min(count, first + rows + BEYOND) : count,
    onScroll: () => setTop(list.current?.scrollTop ?? 0),
  };
}
