import { useState } from 'preact/hooks';
import { chatWith } from '../../../view/look-for.ts';
import type { Person } from '../../../view/people.ts';
import { Called } from '../called.tsx';
import type { Model } from '../model.ts';
import { useAttempt } from '../use-attempt.ts';
import { Confirm } from './confirm.tsx';
import { Dialog } from './dialog.tsx';

/** What can be done about a member of the open group: anybody can write to them, its owner can do more. */
export function Member({ model, person, onDone }: { model: Model; person: Person; onDone(): void }) {
  const { username } = person;
  const name = model.nameOf(username);
  const form = useAttempt(model);
  const [asks, setAsks] = useState<'remove' | 'owner'>();
  const isSelf = username === model.chat.username;
  const common = { model, onDone };

  if (asks === 'remove') {
    const remove = () => model.people.remove(username);
    return (
      <Confirm key={asks} {...common} title="Remove from the group?" verb="Remove" work={remove}>
        <p>
          <Called id={username} name={name} /> gets no more messages of this group, and comes back only if you
          invite them.
        </p>
      </Confirm>
    );
  }
  if (asks === 'owner') {
    const handOver = () => model.people.handOver(username);
    return (
      <Confirm key={asks} {...common} title="Hand the group over?" verb="Hand over" work={handOver}>
        <p>
          <Called id={username} name={name} /> may then invite, remove and decide all that you can now. You
          stay a member.
        </p>
      </Confirm>
    );
  }
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
        {name !== username && <Called id={username} name={name} />} <code>{username}</code>
      </p>
      <button type="submit" class="primary">
        Write to <bdi>{isSelf ? 'yourself' : name}</bdi>
      </button>
      {model.people.isOwner && !isSelf && (
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
