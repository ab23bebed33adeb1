import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { Message } from '../../sdk/chat.ts';
import type { Row } from '../../view/view.ts';
import { dayOf } from './format.ts';
import { MessageLine, SendingLine } from './message.tsx';
import type { Model } from './model.ts';

interface MessageListProps {
  model: Model;
  row: Row;
  onEdit(entry: Message): void;
}

// Within this distance of the end, the list follows new messages.
const NEAR = 80;

/** The messages, oldest first. Loads earlier ones at the top, and follows new ones at the end. */
export function MessageList({ model, row, onEdit }: MessageListProps) {
  const box = useRef<HTMLDivElement>(null);
  const top = useRef<HTMLDivElement>(null);
  const before = useRef({ height: 0, first: 0, isAtEnd: true });
  const log = model.logOf(row);

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const { height, first, isAtEnd } = before.current;
    const grewAbove = first > 0 && (log.first ?? 0) < first;
    if (grewAbove) element.scrollTop += element.scrollHeight - height;
    else if (isAtEnd) element.scrollTop = element.scrollHeight;
    before.current = { ...before.current, height: element.scrollHeight, first: log.first ?? 0 };
  });

  useEffect(() => {
    if (!top.current || log.isWhole) return;
    const watch = new IntersectionObserver(
      ([seen]) => seen?.isIntersecting && log.first !== undefined && void model.older(row.id),
      { root: box.current },
    );
    watch.observe(top.current);
    return () => watch.disconnect();
  }, [model, row.id, log.first, log.isWhole]);

  const onScroll = () => {
    const element = box.current;
    if (element)
      before.current.isAtEnd = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR;
  };

  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (axe).
    <div class="messages" ref={box} onScroll={onScroll} role="log" aria-label="Messages" tabIndex={0}>
      <div ref={top} class="older">
        {log.isWhole || row.lastSeq === 0 ? 'This is where it begins.' : 'Earlier messages …'}
      </div>
      {log.messages.map((entry, index) => {
        const previous = log.messages[index - 1];
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
      {model.sendingsIn(row).map((sending) => (
        <SendingLine key={sending.id} model={model} sending={sending} />
      ))}
    </div>
  );
}
