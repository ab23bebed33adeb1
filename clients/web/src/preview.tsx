import { useEffect, useRef, useState } from 'preact/hooks';
import type { Row } from '../../view/view.ts';
import type { Model } from './model.ts';

/** What a chat of the list ends with. */
export function Preview({ model, row }: { model: Model; row: Row }) {
  const line = useRef<HTMLSpanElement>(null);
  const [isInView, setIsInView] = useState(false);
  const isUnknown = row.lastSeq > 0 && model.lastOf(row) === undefined;

  // Of hundreds of chats, only those that are seen are asked about.
  useEffect(() => {
    if (!isUnknown || !line.current) return;
    const observer = new IntersectionObserver((entries) =>
      setIsInView(entries.some(({ isIntersecting }) => isIntersecting)),
    );
    observer.observe(line.current);
    return () => observer.disconnect();
  }, [isUnknown]);
  const { state } = model;
  // biome-ignore lint/correctness/useExhaustiveDependencies: with another state, what failed may succeed.
  useEffect(() => {
    if (isInView && isUnknown) void model.previews.want(row);
  }, [model, row.id, isInView, isUnknown, state]);

  const draft = row.id === model.open?.id ? '' : model.writing.draft(row).trim();
  return (
    <span ref={line} class="preview" dir="auto">
      {draft === '' ? (
        textOf(model, row)
      ) : (
        <>
          <em>Draft:</em> <bdi>{draft}</bdi>
        </>
      )}
    </span>
  );
}

function textOf(model: Model, row: Row): string {
  const sendings = model.sendingsIn(row);
  if (sendings.some(({ status }) => status === 'failed')) return 'Not sent!';
  if (sendings.length > 0) return 'Sending …';
  const last = model.lastOf(row);
  if (last) return last.deleted ? 'Deleted' : last.content;
  return row.lastSeq > 0 ? '…' : 'No messages yet';
}
