import { useState } from 'preact/hooks';
import { type Invitation, MOST_RECENT } from '../../view/invitations.ts';
import { chatOfGroup } from '../../view/look-for.ts';
import { Called } from './called.tsx';
import { Confirm } from './dialogs/confirm.tsx';
import { Problem } from './dialogs/dialog.tsx';
import type { Model } from './model.ts';
import { useAttempt } from './use-attempt.ts';

/** Who invites the user to which group, to be accepted or declined: the newest, and the others on demand. */
export function InvitationList({ model }: { model: Model }) {
  const { invitations } = model;
  const { list, hasMore } = invitations;
  const [isLong, setIsLong] = useState(false);
  const { problem, isBusy, attempt } = useAttempt(model);
  const shown = isLong ? list : list.slice(0, MOST_RECENT);
  const rest = list.length - shown.length;

  function more() {
    setIsLong(true);
    if (isLong || rest === 0) void attempt(() => invitations.more());
  }

  return (
    <section class="invitations" aria-label="Invitations">
      {shown.map((each) => (
        <Line key={each.group} model={model} invitation={each} />
      ))}
      {(rest > 0 || hasMore) && (
        <button type="button" class="quiet" disabled={isBusy} onClick={more}>
          {rest > 0 ? countOf(rest, hasMore) : 'More invitations'}
        </button>
      )}
      {isLong && list.length > MOST_RECENT && (
        <button type="button" class="quiet" onClick={() => setIsLong(false)}>
          Fewer invitations
        </button>
      )}
      <Problem text={problem} />
    </section>
  );
}

const countOf = (rest: number, hasMore: boolean): string =>
  rest === 1 && !hasMore ? '1 more invitation' : `${rest}${hasMore ? '+' : ''} more invitations`;

function Line({ model, invitation: { group, by, title = group } }: { model: Model; invitation: Invitation }) {
  const { problem, isBusy, attempt } = useAttempt(model);
  const [asks, setAsks] = useState(false);
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
        <button type="button" class="small" disabled={isBusy} onClick={() => setAsks(true)}>
          Decline<span class="hidden"> {group}</span>
        </button>
      </div>
      <Problem text={problem} />
      {asks && (
        <Confirm
          model={model}
          title="Decline the invitation?"
          verb="Decline"
          work={() => model.invitations.decline(group)}
          onDone={() => setAsks(false)}
        >
          <p>
            To join <Called id={group} name={title} /> later, you may need another one.
          </p>
        </Confirm>
      )}
    </div>
  );
}
