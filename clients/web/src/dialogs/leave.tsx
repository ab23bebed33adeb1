import type { Row } from '../../../view/view.ts';
import { Called } from '../called.tsx';
import type { Model } from '../model.ts';
import { useAttempt } from '../use-attempt.ts';
import { Dialog, Problem } from './dialog.tsx';

/** Asks whether to leave a group, and says what comes of it. */
export function Leave({ model, row, onDone }: { model: Model; row: Row; onDone(): void }) {
  const form = useAttempt(model);
  const { count, isOwner, inviteOnly } = model.people;
  return (
    <Dialog title="Leave this group?" form={form} onSubmit={() => model.leave(row)} onDone={onDone}>
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
      <Problem text={form.problem} />
      <button type="submit" class="danger" disabled={form.isBusy}>
        Leave
      </button>
    </Dialog>
  );
}
