import { useEffect, useRef, useState } from 'preact/hooks';
import { previewOf } from '../../view/preview.ts';
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

  const { label, isUrgent, text } = previewOf(row, {
    draft: row.id === model.open?.id ? '' : model.writing.draft(row),
    sendings: model.sendingsIn(row),
    last: model.lastOf(row),
    me: model.chat.username,
    nameOf: (username) => model.nameOf(username),
  });
  const Label = isUrgent ? 'em' : 'span';
  // The direction is that of the text: else the beginning of an Arabic one were cut off, after a label in Latin letters.
  return (
    <span ref={line} class="preview" dir="auto">
      {label && (
        <>
          <Label dir="auto">{label}:</Label>{' '}
        </>
      )}
      {text}
    </span>
  );
}
