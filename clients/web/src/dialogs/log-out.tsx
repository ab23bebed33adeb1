import type { Model } from '../model.ts';
import { useAttempt } from '../use-attempt.ts';
import { Dialog } from './dialog.tsx';

/** Asks whether to log out though something is not sent yet. */
export function LogOut({ model, onDone }: { model: Model; onDone(): void }) {
  // Possible without a connection, too.
  const form = { ...useAttempt(model), attempt: async () => Boolean(model.logout()) };
  const { length } = model.chat.sendings;
  return (
    <Dialog title="Log out?" form={form} onSubmit={() => {}} onDone={onDone} cancel="Stay">
      <p>
        {length === 1
          ? 'A message or change of yours is not sent yet. It is lost if you log out now.'
          : `${length} messages and changes of yours are not sent yet. They are lost if you log out now.`}
      </p>
      <button type="submit" class="danger">
        Log out
      </button>
    </Dialog>
  );
}
