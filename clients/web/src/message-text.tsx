import { useMemo } from 'preact/hooks';
import { type Part, partsOf } from './text.ts';

/** A message's text: its own direction in each line, links and code; nothing else is markup. */
export function MessageText({ id, content }: { id?: string; content: string }) {
  const parts = useMemo(() => partsOf(content), [content]);
  return (
    <div class="text" dir="auto" id={id}>
      {parts.map(shown)}
    </div>
  );
}

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
