import type { Invitation } from '../../view/invitations.ts';
import { chatOfGroup } from '../../view/look-for.ts';
import { Called } from './called.tsx';
import { Problem } from './dialogs/dialog.tsx';
import type { Model } from './model.ts';
import { useAttempt } from './use-attempt.ts';

/** Who invites the user to which group, to be accepted or declined. */
export function InvitationList({ model }: { model: Model }) {
  const { list } = model.invitations;
  return (
    <section class="invitations" aria-label="Invitations" aria-live="polite">
      {list.map((each) => (
        <Line key={each.group} model={model} invitation={each} />
      ))}
    </section>
  );
}

function Line({ model, invitation: { group, by, title = group } }: { model: Model; invitation: Invitation }) {
  const { problem, isBusy, attempt } = useAttempt(model);
  const join = async () => {
    await model.join(group);
    void model.show(chatOfGroup(group));
  };
  return (
    <div class="invitation">
      <p>
        <Called id={by} name={model.nameOf(by)} /> invites you to <Called id={group} name={title} />.
      </p>
      <div class="pair">
        <button type="button" class="primary small" disabled={isBusy} onClick={() => void attempt(join)}>
          Join<span class="hidden"> {group}</span>
        </button>
        <button
          type="button"
          class="small"
          disabled={isBusy}
          onClick={() => void attempt(() => model.invitations.decline(group))}
        >
          Decline<span class="hidden"> {group}</span>
        </button>
      </div>
      <Problem text={problem} />
    </div>
  );
}
