import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { inviteAll } from '../../view/invite-all.ts';
import { isolated, isolatedId } from '../../view/words.ts';
import { Called } from './called.tsx';
import { Problem } from './dialogs/dialog.tsx';
import { asName, Field } from './dialogs/field.tsx';
import type { Model } from './model.ts';
import { useAttempt } from './use-attempt.ts';

interface InviteProps {
  model: Model;
  /** Whether its field has the focus first. */
  isFirst: boolean;
}

/** The field in which the owner of the open group invites people, and those who have not answered. */
export function Invite({ model, isFirst }: InviteProps) {
  const form = useRef<HTMLFormElement>(null);
  useLayoutEffect(() => {
    if (isFirst) form.current?.querySelector('input')?.focus();
  }, [isFirst]);
  const [text, setText] = useState('');
  const [asked, setAsked] = useState<readonly string[]>([]);
  const { problem, isBusy, attempt, say } = useAttempt(model);
  const { people } = model;
  // Who has joined meanwhile, or has declined, is invited no more.
  const open = asked.filter((each) => people.invitees.list.includes(each) && !people.has(each));

  async function invite() {
    const { users, rest, problem } = await inviteAll(model.chat, model.people, text);
    setText(rest.join(', '));
    setAsked(users);
    return problem || undefined;
  }

  return (
    <>
      <form
        ref={form}
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
              {open.length > 0 && `${open.join(', ')} ${open.length === 1 ? 'is' : 'are'} invited.`}
            </span>
          }
        >
          <button type="submit" disabled={isBusy || text.trim() === ''}>
            Invite
          </button>
        </Field>
      </form>
      <Invited model={model} onTaken={() => setAsked([])} />
    </>
  );
}

/** Who is invited and has not answered. */
function Invited({ model, onTaken }: { model: Model; onTaken(): void }) {
  const { people } = model;
  const { list, hasMore } = people.invitees;
  const { problem, isBusy, attempt } = useAttempt(model);
  // Who has joined meanwhile stands among the members.
  const open = list.filter((each) => !people.has(each));
  if (open.length === 0 && !hasMore && problem === '') return null;

  const takeBack = (username: string) => async () => {
    onTaken();
    const hasJoined = await people.withdraw(username);
    return hasJoined ? `${isolated(model.nameOf(username))} has joined already, and is a member.` : undefined;
  };

  return (
    <section class="invited" aria-label="Invited">
      <h4>Invited</h4>
      <ul>
        {open.map((username) => (
          <li key={username}>
            <span class="name">
              <Called id={username} name={model.nameOf(username)} />
            </span>
            <button
              type="button"
              class="quiet small"
              disabled={isBusy}
              onClick={() => void attempt(takeBack(username))}
            >
              Take back<span class="hidden"> the invitation of {isolatedId(username)}</span>
            </button>
          </li>
        ))}
      </ul>
      {hasMore && (
        <button type="button" disabled={isBusy} onClick={() => void attempt(() => people.invitees.more())}>
          More invited
        </button>
      )}
      <Problem text={problem} />
    </section>
  );
}
