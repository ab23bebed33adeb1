import type { Row } from '../../../view/view.ts';
import { Called } from '../called.tsx';
import type { Model } from '../model.ts';
import { Confirm } from './confirm.tsx';

/** Asks whether to leave a group, and says what comes of it. */
export function Leave({ model, row, onDone }: { model: Model; row: Row; onDone(): void }) {
  const { count, isOwner, inviteOnly } = model.people;
  const leave = () => model.leave(row);
  return (
    <Confirm model={model} title="Leave this group?" verb="Leave" work={leave} onDone={onDone}>
      <p>
        You get no more messages of <Called id={row.name} name={model.titleOf(row)} />, and can’t read it here
        any more.
      </p>
      {count === 1 ? (
        <p>You are its last member: the group ends.</p>
      ) : (
        <>
          {isOwner && <p>You own it: it passes to whoever has been in it longest.</p>}
          {inviteOnly && <p>To come back, you need an invitation.</p>}
        </>
      )}
    </Confirm>
  );
}
