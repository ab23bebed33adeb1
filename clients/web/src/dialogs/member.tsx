import { useState } from 'preact/hooks';
import { chatWith } from '../../../view/look-for.ts';
import type { Person } from '../../../view/people.ts';
import { Called } from '../called.tsx';
import type { Model } from '../model.ts';
import { useAttempt } from '../use-attempt.ts';
import { Dialog, Problem } from './dialog.tsx';

/** What can be done about a member of the open group: anybody can write to them, its owner can do more. */
export function Member({ model, person, onDone }: { model: Model; person: Person; onDone(): void }) {
  const { username } = person;
  const name = model.nameOf(username);
  const form = useAttempt(model);
  const [asks, setAsks] = useState<'remove' | 'owner'>();
  const mayManage = model.people.isOwner && username !== model.chat.username;

  if (asks === 'remove')
    return (
      <Dialog
        key={asks}
        title="Remove from the group?"
        form={form}
        onSubmit={() => model.people.remove(username)}
        onDone={onDone}
      >
        <p>
          <Called id={username} name={name} /> gets no more messages of this group, and comes back only if you
          invite them.
        </p>
        <Problem text={form.problem} />
        <button type="submit" class="danger" disabled={form.isBusy}>
          Remove
        </button>
      </Dialog>
    );
  if (asks === 'owner')
    return (
      <Dialog
        key={asks}
        title="Hand the group over?"
        form={form}
        onSubmit={() => model.people.handOver(username)}
        onDone={onDone}
      >
        <p>
          <Called id={username} name={name} /> may then invite, remove and decide all that you can now. You
          stay a member.
        </p>
        <Problem text={form.problem} />
        <button type="submit" class="danger" disabled={form.isBusy}>
          Hand over
        </button>
      </Dialog>
    );
  // Opens what is there already: offline, too.
  const write = {
    ...form,
    attempt: async () => {
      onDone();
      void model.show(chatWith(model.chat, username));
      return false;
    },
  };
  return (
    <Dialog key="member" title="Member" form={write} onSubmit={() => {}} onDone={onDone} cancel="Close">
      <p>
        <Called id={username} name={name} /> <code>{username}</code>
      </p>
      <button type="submit" class="primary">
        Write to <bdi>{name}</bdi>
      </button>
      {mayManage && (
        <>
          <button type="button" onClick={() => setAsks('owner')}>
            Hand the group over
          </button>
          <button type="button" class="danger" onClick={() => setAsks('remove')}>
            Remove from the group
          </button>
        </>
      )}
    </Dialog>
  );
}
