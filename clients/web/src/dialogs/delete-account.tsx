import { useState } from 'preact/hooks';
import { RequestError } from '../../../sdk/chat.ts';
import type { Model } from '../model.ts';
import { Password } from '../password.tsx';
import { useAttempt } from '../use-attempt.ts';
import { Dialog, Problem } from './dialog.tsx';
import { asName, Field } from './field.tsx';

/** What is wrong, by the field that it is said of. */
interface Problems {
  name?: string;
  password?: string;
}

/** Asks twice before the account is deleted: the id is typed, and the password, where there is one. */
export function DeleteAccount({ model, onDone }: { model: Model; onDone(): void }) {
  const { username } = model.chat;
  const [typed, setTyped] = useState('');
  const [password, setPassword] = useState('');
  const [problems, setProblems] = useState<Problems>({});
  const form = useAttempt(model);
  const { provider, passwords } = model.service;

  // The client forgets its user with the reply, and the page goes to the login.
  async function remove(): Promise<string | undefined> {
    setProblems({});
    if (model.chat.userIdOf(typed.trim()) !== username) {
      setProblems({ name: 'This is not your id.' });
      return '';
    }
    try {
      await model.chat.request({ type: 'delete_account', ...(password !== '' && { password }) });
      return undefined;
    } catch (error) {
      if (!(error instanceof RequestError) || error.code !== 'invalid_credentials') throw error;
      setProblems({ password: 'This is not your password.' });
      return '';
    }
  }

  return (
    <Dialog title="Delete my account?" form={form} onSubmit={remove} onDone={onDone}>
      <p>
        Your profile, your memberships, and the text of your messages in the chats that you are in are deleted
        for good. Nobody gets your name.
      </p>
      <Field
        label={
          <>
            To confirm, type your id: <code>{username}</code>
          </>
        }
        value={typed}
        onText={setTyped}
        maxLength={128}
        {...asName}
        autoComplete="off"
        problem={problems.name}
      />
      {!provider && (
        <Password
          label="Password"
          hint={passwords ? '' : 'If you have one.'}
          value={password}
          onText={setPassword}
          autoComplete="current-password"
          problem={problems.password}
        />
      )}
      <Problem text={form.problem} />
      <button type="submit" class="danger" disabled={form.isBusy}>
        Delete my account
      </button>
    </Dialog>
  );
}
