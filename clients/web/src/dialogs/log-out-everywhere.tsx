import type { Model } from '../model.ts';
import { useAttempt } from '../use-attempt.ts';
import { Dialog, Problem } from './dialog.tsx';

/** Asks whether to end all sessions of the user. */
export function LogOutEverywhere({ model, onDone }: { model: Model; onDone(): void }) {
  const form = useAttempt(model);
  const end = () => model.chat.request({ type: 'logout', everywhere: true });
  return (
    <Dialog title="Log out everywhere?" form={form} onSubmit={end} onDone={onDone}>
      <p>You are logged out on all your devices, here too. Messages that are not sent yet are lost here.</p>
      <Problem text={form.problem} />
      <button type="submit" class="danger" disabled={form.isBusy}>
        Log out everywhere
      </button>
    </Dialog>
  );
}
