import { useState } from 'preact/hooks';
import type { Model } from '../model.ts';
import { useAttempt } from '../use-attempt.ts';
import { ChangePassword } from './change-password.tsx';
import { DeleteAccount } from './delete-account.tsx';
import { Dialog } from './dialog.tsx';
import { Field } from './field.tsx';
import { LogOutEverywhere } from './log-out.tsx';

/** All that is the user's own: the name that others see, the password, the other devices. */
export function Account({ model, onDone }: { model: Model; onDone(): void }) {
  const [part, setPart] = useState<'password' | 'everywhere' | 'delete'>();
  const back = () => setPart(undefined);
  if (part === 'password') return <ChangePassword key={part} model={model} onDone={back} />;
  if (part === 'everywhere') return <LogOutEverywhere key={part} model={model} onDone={back} />;
  if (part === 'delete') return <DeleteAccount key={part} model={model} onDone={back} />;
  return <Own key="own" model={model} onDone={onDone} onPart={setPart} />;
}

interface OwnProps {
  model: Model;
  onDone(): void;
  onPart(part: 'password' | 'everywhere' | 'delete'): void;
}

function Own({ model, onDone, onPart }: OwnProps) {
  const { username } = model.chat;
  const [name, setName] = useState(model.givenName(`@${username}`));
  const form = useAttempt(model);
  return (
    <Dialog
      title="Account"
      form={form}
      onSubmit={() => model.rename(name.trim())}
      onDone={onDone}
      cancel="Close"
    >
      <Field
        label="The name that others see"
        value={name}
        onText={setName}
        maxLength={100}
        dir="auto"
        placeholder={username}
        autoComplete="name"
        problem={form.problem}
      />
      <p>
        Others write to you by your id: <code>{username}</code>
      </p>
      <button type="submit" class="primary" disabled={form.isBusy}>
        Save
      </button>
      <hr />
      {!model.service.provider && (
        <button type="button" onClick={() => onPart('password')}>
          Change password
        </button>
      )}
      <button type="button" onClick={() => onPart('everywhere')}>
        Log out everywhere
      </button>
      <button type="button" class="danger" onClick={() => onPart('delete')}>
        Delete my account
      </button>
    </Dialog>
  );
}
