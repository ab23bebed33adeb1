import { useState } from 'preact/hooks';
import { inviteAll } from '../../view/invite-all.ts';
import { asName, Field } from './dialogs/field.tsx';
import type { Model } from './model.ts';
import { useAttempt } from './use-attempt.ts';

/** The field in which the owner of the open group invites people, and may think better of it. */
export function Invite({ model }: { model: Model }) {
  const [text, setText] = useState('');
  const [asked, setAsked] = useState<readonly string[]>([]);
  const { problem, isBusy, attempt, say } = useAttempt(model);
  // Who has joined meanwhile stands in the list.
  const invited = asked.filter((each) => !model.people.has(each));

  async function invite() {
    const { users, rest, problem } = await inviteAll(model.chat, model.people, text);
    setText(rest.join(', '));
    setAsked(users);
    return problem || undefined;
  }

  async function withdraw() {
    await model.people.withdraw(invited);
    setAsked([]);
  }

  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setAsked([]);
        void attempt(invite);
      }}
    >
      <Field
        label="Invite somebody by name"
        value={text}
        onText={(typed) => {
          setText(typed);
          setAsked([]);
          say('');
        }}
        {...asName}
        autoComplete="off"
        placeholder="ann, ben"
        problem={problem}
        hint={
          <span role="status">
            {invited.length > 0 && `${invited.join(', ')} ${invited.length === 1 ? 'is' : 'are'} invited.`}
          </span>
        }
      >
        <button type="submit" disabled={isBusy || text.trim() === ''}>
          Invite
        </button>
      </Field>
      {invited.length > 0 && (
        <button type="button" class="quiet small" disabled={isBusy} onClick={() => void attempt(withdraw)}>
          Undo
        </button>
      )}
    </form>
  );
}
