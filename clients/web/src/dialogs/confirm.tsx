import type { ComponentChildren } from 'preact';
import type { Model } from '../model.ts';
import { useAttempt } from '../use-attempt.ts';
import { Dialog, Problem } from './dialog.tsx';

interface ConfirmProps {
  model: Model;
  title: string;
  /** What the button does, in a word. */
  verb: string;
  /** What is done then. Closes the dialog when it is done. */
  work(): unknown;
  /** Whether it is possible without a connection, too. */
  isLocal?: boolean;
  onDone(): void;
  /** Another word for cancelling. */
  cancel?: string;
  /** What comes of it. */
  children: ComponentChildren;
}

/** Asks before something that can't be undone. */
export function Confirm({ model, title, verb, work, isLocal, onDone, cancel, children }: ConfirmProps) {
  const online = useAttempt(model);
  const local = { ...online, attempt: async () => [work()].length > 0 };
  const form = isLocal ? local : online;
  return (
    <Dialog title={title} form={form} onSubmit={work} onDone={onDone} cancel={cancel}>
      {children}
      <Problem text={form.problem} />
      <button type="submit" class="danger" disabled={form.isBusy}>
        {verb}
      </button>
    </Dialog>
  );
}
