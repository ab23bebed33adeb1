import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { Entry } from './entries.ts';
import { dayOf } from './format.ts';
import { MessageLine, SendingLine } from './message.tsx';
import type { Model, Row } from './model.ts';

interface MessageListProps {
  model: Model;
  row: Row;
  onEdit(entry: Entry): void;
}

// So near to the end, one looks at the newest.
const NEAR = 80;

/** What was said, oldest first. Scrolled to its top, it reads on; at its end, it stays there. */
export function MessageList({ model, row, onEdit }: MessageListProps) {
  const box = useRef<HTMLDivElement>(null);
  const top = useRef<HTMLDivElement>(null);
  const before = useRef({ height: 0, first: 0, isAtEnd: true });
  const entries = model.entriesOf(row.id);
  const { list } = entries;
  const sendings = model.sendingsOf(row);

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const { height, first, isAtEnd } = before.current;
    const grewAbove = first > 0 && (entries.first ?? 0) < first;
    if (grewAbove) element.scrollTop += element.scrollHeight - height;
    else if (isAtEnd) element.scrollTop = element.scrollHeight;
    before.current = { ...before.current, height: element.scrollHeight, first: entries.first ?? 0 };
  });

  useEffect(() => {
    if (!top.current || entries.isWhole) return;
    const watch = new IntersectionObserver(
      ([seen]) => seen?.isIntersecting && entries.first !== undefined && void model.older(row.id),
      { root: box.current },
    );
    watch.observe(top.current);
    return () => watch.disconnect();
  }, [model, row.id, entries.first, entries.isWhole]);

  const onScroll = () => {
    const element = box.current;
    if (element)
      before.current.isAtEnd = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR;
  };

  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (axe).
    <div class="messages" ref={box} onScroll={onScroll} role="log" aria-label="Messages" tabIndex={0}>
      <div ref={top} class="older">
        {entries.isWhole || row.lastSeq === 0 ? 'This is where it begins.' : 'Earlier messages …'}
      </div>
      {list.map((entry, index) => {
        const previous = list[index - 1];
        const isNewDay = !previous || dayOf(previous.timestamp) !== dayOf(entry.timestamp);
        return (
          <>
            {isNewDay && (
              <div key={`day-${entry.seq}`} class="day">
                {dayOf(entry.timestamp)}
              </div>
            )}
            <MessageLine
              key={entry.seq}
              model={model}
              row={row}
              entry={entry}
              follows={!isNewDay && previous?.sender === entry.sender}
              onEdit={onEdit}
            />
          </>
        );
      })}
      {sendings.map((sending) => (
        <SendingLine key={sending.id} model={model} sending={sending} />
      ))}
    </div>
  );
}
