import { useState } from 'preact/hooks';
import type { Model } from '../model.ts';
import { useAttempt } from '../use-attempt.ts';
import { useChanges } from '../use-changes.ts';
import { ChangePassword } from './change-password.tsx';
import { DeleteAccount } from './delete-account.tsx';
import { Dialog, Problem } from './dialog.tsx';
import { Field } from './field.tsx';
import { LogOutEverywhere } from './log-out.tsx';
import { PictureField, problemAt } from './picture-field.tsx';

/** All that is the user's own: the name and the picture that others see, the password, the other devices. */
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
  const key = `@${username}`;
  const { fields, into, changes } = useChanges({
    display_name: model.givenName(key),
    avatar_url: model.givenPicture(key),
  });
  const form = useAttempt(model);

  async function save(signal: AbortSignal): Promise<string | undefined> {
    const changed = changes();
    const problem = await problemAt(signal, changed.avatar_url, model.service.pictures);
    if (problem !== undefined || signal.aborted) return problem;
    if (Object.keys(changed).length > 0) await model.setProfile(changed);
    return undefined;
  }

  return (
    <Dialog title="Account" form={form} onSubmit={save} onDone={onDone} cancel="Close">
      <Field
        label="The name that others see"
        value={fields.display_name}
        onText={into('display_name')}
        maxLength={100}
        dir="auto"
        placeholder={username}
        autoComplete="name"
      />
      <PictureField model={model} value={fields.avatar_url} onText={into('avatar_url')} isOwn />
      <Problem text={form.problem} />
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
