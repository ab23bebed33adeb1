import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Attempt } from '../use-attempt.ts';
import { useId } from '../use-id.ts';

interface DialogProps {
  title: string;
  /** What its form does: the dialog says what fails in it. */
  form: Attempt;
  /** Closes the dialog when it is done. @param signal the dialog was closed before @returns a sentence if something is in its way */
  onSubmit(signal: AbortSignal): unknown;
  /** Takes the dialog away: it is done, or its user wants it no more. */
  onDone(): void;
  /** Another word for that. */
  cancel?: string;
  children: ComponentChildren;
}

/** A form in a dialog. It has the focus until it closes, by Escape, too; then what had it before has it again. */
export function Dialog({ title, form, onSubmit, onDone, cancel = 'Cancel', children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const done = useRef(onDone);
  done.current = onDone;
  // Before anything is painted: nobody can type into what is behind it.
  useLayoutEffect(() => {
    const element = dialog.current;
    const close = () => done.current();
    element?.showModal();
    // Preact's types have no `onClose`.
    element?.addEventListener('close', close);
    return () => {
      element?.removeEventListener('close', close);
      // Gives the focus back, which taking it out of the page doesn't.
      element?.close();
    };
  }, []);

  async function submit(event: Event) {
    event.preventDefault();
    if (await form.attempt(onSubmit)) done.current();
  }

  return (
    <dialog ref={dialog} aria-labelledby={heading}>
      <form class="card" onSubmit={submit} noValidate>
        <h2 id={heading}>{title}</h2>
        {children}
        <button type="button" class="quiet" onClick={() => dialog.current?.close()}>
          {cancel}
        </button>
      </form>
    </dialog>
  );
}

/** What failed, where it happened. */
export const Problem = ({ text, id }: { text: string; id?: string }) =>
  text === '' ? null : (
    <p role="alert" id={id} dir="auto">
      {text}
    </p>
  );
