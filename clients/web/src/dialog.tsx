import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Model } from './model.ts';

interface DialogProps {
  model: Model;
  title: string;
  /** @returns false if the dialog has to stay */
  onSubmit(): unknown;
  /** The same function each time. */
  onDone(): void;
  children: ComponentChildren;
}

/** A form in a dialog, which says what fails in it. */
export function Dialog({ model, title, onSubmit, onDone, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  // Before it is painted, as it takes the focus.
  useLayoutEffect(() => {
    dialog.current?.showModal();
    // Preact's types have no `onClose`.
    dialog.current?.addEventListener('close', onDone, { once: true });
    // The dialog shows what fails in it, not what failed before, and nobody else does.
    model.say('');
    model.hasDialog = true;
    return () => {
      model.hasDialog = false;
      model.say('');
    };
  }, [model, onDone]);

  async function submit(event: Event) {
    event.preventDefault();
    model.say('');
    if ((await onSubmit()) !== false) onDone();
  }

  return (
    <dialog ref={dialog} aria-label={title}>
      <form class="card" onSubmit={submit}>
        <h2>{title}</h2>
        {children}
        {model.notice && <p role="alert">{model.notice}</p>}
        <button type="button" class="quiet" onClick={() => dialog.current?.close()}>
          Cancel
        </button>
      </form>
    </dialog>
  );
}
