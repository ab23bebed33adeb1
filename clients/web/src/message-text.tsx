import { useMemo } from 'preact/hooks';
import { cut, isOnlyEmoji, type Part, partsOf, type Room } from './text.ts';

interface MessageTextProps {
  id: string;
  content: string;
  room: Room;
  /** Whether all of it is shown, however long it is. */
  isOpen: boolean;
  onToggle(): void;
}

/** A message's text. What is very long is cut; a search in the page finds the rest, and opens it. */
export function MessageText({ id, content, room, isOpen, onToggle }: MessageTextProps) {
  const parts = useMemo(() => partsOf(content), [content]);
  const [head, rest] = useMemo(() => cut(parts, room), [parts, room]);
  if (rest.length === 0) return <Text id={id} parts={parts} isLarge={isOnlyEmoji(content)} />;
  return (
    <>
      <div id={id}>
        <Text parts={isOpen ? parts : head} />
        {!isOpen && (
          <div {...({ hidden: 'until-found', onBeforeMatch: onToggle } as object)}>
            <Text parts={rest} />
          </div>
        )}
      </div>
      <button type="button" class="small more" aria-expanded={isOpen} aria-controls={id} onClick={onToggle}>
        {isOpen ? 'Show less' : 'Show more'}
      </button>
    </>
  );
}

/** What people have written: its own direction in each line, links and code; nothing else is markup. */
export const Written = ({ content }: { content: string }) => (
  <Text parts={useMemo(() => partsOf(content), [content])} />
);

interface TextProps {
  id?: string;
  parts: readonly Part[];
  isLarge?: boolean;
}

const Text = ({ id, parts, isLarge = false }: TextProps) => (
  <div class={`text ${isLarge ? 'is-large' : ''}`} dir="auto" id={id}>
    {parts.map(shown)}
  </div>
);

function shown(part: Part) {
  if (part.kind === 'link')
    return (
      <>
        <a href={part.href} dir="ltr" target="_blank" rel="noopener noreferrer">
          {part.text}
        </a>
        {part.host && (
          <>
            {' '}
            <bdi class="host">({part.host})</bdi>
          </>
        )}
      </>
    );
  if (part.kind === 'code') return <code>{part.text}</code>;
  if (part.kind === 'block') return <pre dir="ltr">{part.text}</pre>;
  return part.text;
}
