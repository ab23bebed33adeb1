import { useState } from 'preact/hooks';
import { meaningOf } from '../../view/look-for.ts';
import { inWords } from '../../view/words.ts';
import { asName, Field } from './dialogs/field.tsx';
import type { Model } from './model.ts';
import { useAttempt } from './use-attempt.ts';

/** The field in which the owner of the open group invites somebody. */
export function Invite({ model }: { model: Model }) {
  const [name, setName] = useState('');
  const [done, setDone] = useState('');
  const { problem, isBusy, attempt, say } = useAttempt(model);

  async function invite() {
    const { user } = meaningOf(model.chat, name);
    if (user === undefined) return inWords('invalid_name');
    if (model.people.has(user)) return `${user} is in this group already.`;
    await model.people.invite(user);
    setName('');
    setDone(`${user} is invited.`);
    return undefined;
  }

  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setDone('');
        void attempt(invite);
      }}
    >
      <Field
        label="Invite somebody by name"
        value={name}
        onText={(text) => {
          setName(text);
          setDone('');
          say('');
        }}
        maxLength={128}
        {...asName}
        autoComplete="off"
        problem={problem}
        hint={<span role="status">{done}</span>}
      >
        <button type="submit" disabled={isBusy || name.trim() === ''}>
          Invite
        </button>
      </Field>
    </form>
  );
}
