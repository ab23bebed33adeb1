import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { folded, matches, wordsOf } from '../../view/matching.ts';
import type { Person } from '../../view/people.ts';
import type { Row } from '../../view/view.ts';
import { Avatar } from './avatar.tsx';
import { Called } from './called.tsx';
import { CopyLink } from './copy-link.tsx';
import { AboutGroup } from './dialogs/about-group.tsx';
import { Problem } from './dialogs/dialog.tsx';
import { Leave } from './dialogs/leave.tsx';
import { Member } from './dialogs/member.tsx';
import { Invite } from './invite.tsx';
import { isAway } from './looked-at.ts';
import { Written } from './message-text.tsx';
import type { Model } from './model.ts';
import { useAttempt } from './use-attempt.ts';
import { useRoving } from './use-roving.ts';
import { useWindow } from './use-window.ts';

interface MembersProps {
  model: Model;
  row: Row;
  /** Whether its user came to invite people. */
  invites: boolean;
  onDone(): void;
}

/** The members of a group, what its owner decides, and the button to leave it. */
export function Members({ model, row, invites, onDone }: MembersProps) {
  const [dialog, setDialog] = useState<'about' | 'leave' | Person>();
  const close = useRef<HTMLButtonElement>(null);
  const done = () => setDialog(undefined);
  const { people } = model;
  useLayoutEffect(() => {
    // The field of the invitation has the focus instead.
    if (!invites) close.current?.focus();
  }, [invites]);
  useEffect(() => people.watch(isAway), [people]);
  return (
    <aside
      class="members"
      aria-label={`Members of ${model.titleOf(row)}`}
      onKeyDown={({ key }) => key === 'Escape' && dialog === undefined && onDone()}
    >
      <header>
        <h3>{people.count === undefined ? 'Members' : countOf(people.count)}</h3>
        <button
          ref={close}
          type="button"
          class="quiet"
          onClick={onDone}
          aria-label="Close the list"
          data-back
        >
          ✕
        </button>
      </header>
      <p>
        {model.titleOf(row) !== row.name && (
          <>
            <strong>
              <bdi>{model.titleOf(row)}</bdi>
            </strong>{' '}
          </>
        )}
        <code>#{row.name}</code>
      </p>
      {people.topic && <Written content={people.topic} />}
      <CopyLink
        chatId={row.id}
        host={people.inviteOnly ? people.owner : undefined}
        hint={
          people.inviteOnly ? `Only people ${people.isOwner ? 'you' : 'its owner'} invited can use it.` : ''
        }
      />
      <MemberList model={model} onPick={setDialog} />
      {people.isOwner && (
        <>
          <Invite model={model} isFirst={invites} />
          <WhoMayJoin model={model} />
          <button type="button" onClick={() => setDialog('about')}>
            Title, topic and picture
          </button>
        </>
      )}
      <button type="button" class="danger" onClick={() => setDialog('leave')}>
        Leave group
      </button>
      {dialog === 'about' && <AboutGroup model={model} row={row} onDone={done} />}
      {dialog === 'leave' && <Leave model={model} row={row} onDone={done} />}
      {typeof dialog === 'object' && <Member model={model} person={dialog} onDone={done} />}
    </aside>
  );
}

export const countOf = (count: number): string => (count === 1 ? '1 member' : `${count} members`);

// Pixels of a line, as in style.css.
const HEIGHT = 44;
// From so many on there is a field to find one.
const MANY = 10;
// Milliseconds until what was typed is looked for among those who are not read yet.
const PAUSE = 300;

function MemberList({ model, onPick }: { model: Model; onPick(person: Person): void }) {
  const { people } = model;
  const [text, setText] = useState('');
  const [found, setFound] = useState<readonly Person[]>([]);
  const { problem, isBusy, attempt } = useAttempt(model);
  const words = wordsOf(text);
  const { hasMore } = people;
  const known =
    words.length === 0
      ? people.list
      : people.list.filter(({ username }) =>
          matches(words, [folded(username), folded(model.nameOf(username))]),
        );
  const shown =
    words.length === 0 ? known : [...known, ...found.filter(({ username }) => !people.has(username))];
  const { list, from, to, onScroll } = useWindow(shown.length, HEIGHT);
  const inSight = shown.slice(from, to);
  const idsInSight = inSight.map(({ username }) => username);
  const { keys, tabIndexOf } = useRoving(idsInSight);
  const isWhole = words.length === 0;
  const { length } = shown;

  useEffect(() => {
    if (isWhole) void people.see(from);
  }, [people, from, isWhole]);
  // No id has a space.
  const listed = idsInSight.join(' ');
  useEffect(() => model.listsUsers(listed === '' ? [] : listed.split(' ')), [model, listed]);
  // Whoever comes to the end of the list goes on.
  useEffect(() => {
    if (isWhole && hasMore && to >= length) people.more().catch(() => {});
  }, [people, isWhole, hasMore, to, length]);
  useEffect(() => {
    setFound([]);
    if (text.trim() === '' || !hasMore) return;
    let isLate = false;
    const look = () =>
      people.find(text.trim()).then(
        (all) => isLate || setFound(all),
        () => {},
      );
    const timer = setTimeout(look, PAUSE);
    return () => {
      isLate = true;
      clearTimeout(timer);
    };
  }, [people, text, hasMore]);

  return (
    <>
      {(people.count ?? 0) > MANY && (
        <input
          type="search"
          value={text}
          placeholder="Find a member"
          aria-label="Find a member"
          dir="auto"
          autoComplete="off"
          autoCapitalize="none"
          spellcheck={false}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Escape' || text === '') return;
            event.stopPropagation();
            setText('');
          }}
        />
      )}
      <ul ref={list} onScroll={onScroll} {...keys} hidden={words.length > 0 && shown.length === 0}>
        {from > 0 && <li style={{ height: from * HEIGHT }} aria-hidden="true" />}
        {inSight.map((person) => (
          <li key={person.username}>
            <button
              type="button"
              class="quiet member"
              data-id={person.username}
              tabIndex={tabIndexOf(person.username)}
              onClick={() => onPick(person)}
            >
              <Avatar model={model} id={person.username} name={model.nameOf(person.username)} />
              <span class="name">
                <Called id={person.username} name={model.nameOf(person.username)} />
              </span>
              {person.username === people.owner && <small>owner</small>}
              {model.state === 'online' && <Presence isOnline={person.online} />}
            </button>
          </li>
        ))}
        {to < shown.length && <li style={{ height: (shown.length - to) * HEIGHT }} aria-hidden="true" />}
      </ul>
      {words.length > 0 && shown.length === 0 && (
        <p role="status" class="nobody">
          {hasMore ? 'Nobody is called so, as far as the list goes.' : 'Nobody is called so.'}
        </p>
      )}
      {words.length > 0 && hasMore && (
        <p class="hint">In a group of this size, others than those above are found by how their id begins.</p>
      )}
      {isWhole && hasMore && (
        <button type="button" disabled={isBusy} onClick={() => void attempt(() => people.more())}>
          More members
        </button>
      )}
      <Problem text={problem} />
    </>
  );
}

function WhoMayJoin({ model }: { model: Model }) {
  const { problem, isBusy, attempt } = useAttempt(model);
  const { people } = model;
  return (
    <>
      <label class="check">
        <input
          type="checkbox"
          checked={people.inviteOnly}
          disabled={isBusy}
          onChange={(event) => {
            const field = event.currentTarget;
            const { checked } = field;
            // It shows what holds.
            field.checked = people.inviteOnly;
            void attempt(() => people.setInviteOnly(checked));
          }}
        />
        Only invited people may join
      </label>
      <Problem text={problem} />
    </>
  );
}

const Presence = ({ isOnline }: { isOnline: boolean }) => (
  <>
    <span class={isOnline ? 'dot is-on' : 'dot'} />
    <span class="hidden">{isOnline ? 'online' : 'away'}</span>
  </>
);
