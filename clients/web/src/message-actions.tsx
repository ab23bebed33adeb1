import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Message } from '../../sdk/chat.ts';
import { stageOf } from '../../view/changes.ts';
import type { Row, Sent } from '../../view/view.ts';
import type { Model } from './model.ts';

interface MessageActionsProps {
  model: Model;
  row: Row;
  /** One of the user's own, as it will be. */
  entry: Message;
  onEdit(entry: Message): void;
}

/** What can be done with a message of the user's own, and what became of the last change of it. */
export function MessageActions({ model, row, entry, onEdit }: MessageActionsProps) {
  const change = model.changeOf(row, entry.seq);
  const stage = change && stageOf(change);
  if (change && stage === 'deleting') return change.canUndo ? <Undo model={model} id={change.id} /> : null;
  if (change && stage !== 'saving')
    return (
      <Refused model={model} row={row} sending={change}>
        {stage === 'not saved' ? 'Not saved' : 'Not deleted'}
      </Refused>
    );
  if (entry.deleted) return null;
  return <Actions onEdit={() => onEdit(entry)} onDelete={() => model.writing.remove(row, entry.seq)} />;
}

/** The same of one that is not stored yet. */
export function SendingActions({ model, row, sending }: { model: Model; row: Row; sending: Sent }) {
  const { id, content, status, isDeletion } = sending;
  if (isDeletion) return <Undo model={model} id={id} />;
  if (status === 'failed') return <Refused model={model} row={row} sending={sending} />;
  return (
    <Actions
      onEdit={() => model.writing.edit(row, { target: id, text: content })}
      onDelete={() => model.writing.remove(row, id)}
    />
  );
}

/** What can be done: beside the message while a mouse or the keyboard is there; where nothing hovers, behind a button. */
function Actions({ onEdit, onDelete }: { onEdit(): void; onDelete(): void }) {
  const [isOpen, setIsOpen] = useState(false);
  const [isBeside, setIsBeside] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const dots = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    const acts = place.current?.querySelector<HTMLElement>('.acts');
    const bubble = place.current?.parentElement?.querySelector<HTMLElement>('.bubble');
    if (!isOpen || !acts || !bubble || !dots.current) return;
    setIsBeside(bubble.offsetLeft - dots.current.offsetWidth >= acts.offsetWidth);
  }, [isOpen]);
  useEffect(() => {
    const { current } = place;
    if (!isOpen || !current) return;
    current.querySelector<HTMLElement>('.acts button')?.focus({ preventScroll: true });
    current.querySelector('.acts')?.scrollIntoView({ block: 'nearest' });
    const stop = new AbortController();
    const { signal } = stop;
    /** Whoever goes on to something else wants nothing of it any more. */
    const leave = (to: EventTarget | null) => to && !current.contains(to as Node) && setIsOpen(false);
    document.addEventListener('pointerdown', ({ target }) => leave(target), { signal });
    // A touch takes the focus away before it presses: to nothing.
    current.addEventListener('focusout', ({ relatedTarget }) => leave(relatedTarget), { signal });
    const close = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      setIsOpen(false);
      dots.current?.focus();
    };
    current.addEventListener('keydown', close, { signal });
    return () => stop.abort();
  }, [isOpen]);

  return (
    <div ref={place} class={`actions ${isOpen ? 'is-open' : ''} ${isBeside ? 'is-beside' : ''}`}>
      <button
        ref={dots}
        type="button"
        class="quiet small dots"
        aria-label="Edit or delete"
        aria-expanded={isOpen}
        onClick={() => setIsOpen(!isOpen)}
      >
        ⋯
      </button>
      <div class="acts">
        <button type="button" class="quiet small" onClick={onEdit}>
          Edit
        </button>
        <button type="button" class="quiet small" onClick={onDelete}>
          Delete
        </button>
      </div>
    </div>
  );
}

function Undo({ model, id }: { model: Model; id: string }) {
  const button = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    const { current } = button;
    // The button that was pressed is gone. Whoever is elsewhere already stays there.
    if (document.activeElement === document.body) current?.focus({ preventScroll: true });
    return () => {
      if (document.activeElement === current)
        current?.closest<HTMLElement>('article')?.focus({ preventScroll: true });
    };
  }, []);
  return (
    <div class="actions is-shown" key="undo">
      <button type="button" class="small" ref={button} onClick={() => model.chat.undo(id)}>
        Undo
      </button>
    </div>
  );
}

interface RefusedProps {
  model: Model;
  row: Row;
  sending: Sent;
  /** What did not happen; absent where the message itself says so. */
  children?: string;
}

/** What was refused: why, the text that was typed, and what can be done. */
function Refused({ model, row, sending, children }: RefusedProps) {
  const { id, content, reason } = sending;
  return (
    <div class="refused">
      {children && (
        <p>
          {`${children}: ${reason ?? ''}`}
          {content && <q dir="auto">{content}</q>}
        </p>
      )}
      <div>
        <button type="button" class="small" onClick={() => model.chat.retry(id)}>
          Try again
        </button>
        {content && (
          <button type="button" class="quiet small" onClick={() => model.writing.takeBack(row, sending)}>
            Take the text back
          </button>
        )}
        <button type="button" class="quiet small" onClick={() => model.chat.discard(id)}>
          Discard
        </button>
      </div>
    </div>
  );
}
