import { useState } from 'preact/hooks';
import { RequestError } from '../../../sdk/chat.ts';
import type { Model } from '../model.ts';
import { NewPassword, Password } from '../password.tsx';
import { useAttempt } from '../use-attempt.ts';
import { Dialog, Problem } from './dialog.tsx';

/** The dialog for a new password, or a first one. */
export function ChangePassword({ model, onDone }: { model: Model; onDone(): void }) {
  const [old, setOld] = useState('');
  const [fresh, setFresh] = useState('');
  const [isWrong, setIsWrong] = useState(false);
  const [isSet, setIsSet] = useState(false);
  const form = useAttempt(model);
  const { service } = model;

  async function change() {
    setIsWrong(false);
    if (fresh === '') return 'Choose a new password.';
    try {
      await model.chat.request({
        type: 'change_password',
        new_password: fresh,
        ...(old !== '' && { old_password: old }),
      });
      setIsSet(true);
    } catch (error) {
      if (!(error instanceof RequestError) || error.code !== 'invalid_credentials') throw error;
      setIsWrong(true);
    }
    // Stays, to say what became of it.
    return '';
  }

  if (isSet)
    return (
      <Dialog
        key="set"
        title="Your password is changed"
        form={form}
        onSubmit={onDone}
        onDone={onDone}
        cancel="Close"
      >
        <p role="status">Your other devices are logged out, and log in with the new one.</p>
      </Dialog>
    );
  return (
    <Dialog key="change" title="Change password" form={form} onSubmit={change} onDone={onDone}>
      {/* For password managers. */}
      <input
        class="hidden"
        tabIndex={-1}
        aria-hidden="true"
        autoComplete="username"
        value={model.chat.username}
        readOnly
      />
      <Password
        label="Current password"
        hint={service.passwords ? '' : 'Leave it empty if you have none.'}
        value={old}
        onText={setOld}
        autoComplete="current-password"
        problem={isWrong ? 'This is not your current password.' : ''}
      />
      <NewPassword service={service} value={fresh} onText={setFresh} />
      <p>Your other devices are logged out by it.</p>
      <Problem text={form.problem} />
      <button type="submit" class="primary" disabled={form.isBusy}>
        Change
      </button>
    </Dialog>
  );
}
