import { useEffect, useState } from 'preact/hooks';
import type { Row } from '../../view/view.ts';
import { Avatar } from './avatar.tsx';
import { Called } from './called.tsx';
import { Composer } from './composer.tsx';
import { agoOf } from './format.ts';
import { countOf, Members } from './members.tsx';
import { MessageList } from './message-list.tsx';
import type { Model } from './model.ts';

const LOOK_AGAIN_MS = 30_000;

/** The open chat: its members, its messages and the editor. */
export function Conversation({ model, row }: { model: Model; row: Row }) {
  const [showsMembers, setShowsMembers] = useState<boolean | 'to invite'>(false);
  const edited = model.writing.edited(row);
  useEffect(() => {
    // Without a connection, requests would wait and go out all at once when there is one.
    const timer = setInterval(() => model.state === 'online' && void model.refresh(), LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [model]);
  const isGroup = row.kind === 'group';
  const { waiting, people } = model;
  const isAlone = isGroup && people.isOwner && people.count === 1;
  const title = model.titleOf(row);
  return (
    <section class="conversation" aria-label={`Chat with ${title}`}>
      <header>
        <button
          type="button"
          class="quiet back"
          onClick={() => void model.show()}
          aria-label={`Back to chats${waiting > 0 ? `, ${waiting} with news` : ''}`}
        >
          ←{waiting > 0 && <span class="badge">{waiting > 99 ? '99+' : waiting}</span>}
        </button>
        <Avatar model={model} id={row.name} name={title} isGroup={isGroup} />
        <div class="title">
          <h2>
            <Called id={row.name} name={title} />
          </h2>
          <p class="presence">
            {presenceOf(model, row)}
            {people.topic && (
              <>
                {' · '}
                <bdi>{people.topic}</bdi>
              </>
            )}
          </p>
        </div>
        {isGroup && (
          <button
            type="button"
            class="quiet"
            aria-expanded={showsMembers !== false}
            onClick={() => setShowsMembers(!showsMembers)}
          >
            Members
          </button>
        )}
      </header>
      {showsMembers && (
        <Members
          model={model}
          row={row}
          invites={showsMembers === 'to invite'}
          onDone={() => setShowsMembers(false)}
        />
      )}
      {isAlone && !showsMembers && (
        <p class="alone">
          Only you are in this group.{' '}
          <button type="button" class="small" onClick={() => setShowsMembers('to invite')}>
            Invite people
          </button>
        </p>
      )}
      <MessageList
        model={model}
        row={row}
        onEdit={({ seq, content }) => model.writing.edit(row, { target: seq, text: content })}
      />
      <p class="typing" aria-live="polite">
        <TypingLine names={model.typingIn(row)} />
      </p>
      <Composer key={edited?.target ?? 0} model={model} row={row} edited={edited} />
    </section>
  );
}

function presenceOf({ people: { list, count, hasMore }, state }: Model, row: Row): string {
  // Who is online is known to those who are.
  const isKnown = state === 'online';
  if (row.kind === 'group') {
    if (count === undefined) return list.length === 0 ? 'Group' : `more than ${list.length} members`;
    if (!isKnown || hasMore) return countOf(count);
    return `${countOf(count)}, ${list.filter(({ online }) => online).length} online`;
  }
  const [partner] = list;
  if (!partner || !isKnown) return '';
  if (partner.unknown) return 'no such user';
  if (partner.online) return 'online';
  return partner.lastSeen ? `last seen ${agoOf(partner.lastSeen)}` : 'offline';
}

function TypingLine({ names: [one, other, ...more] }: { names: string[] }) {
  if (one === undefined) return null;
  if (more.length > 0) return <>Several people are typing …</>;
  return (
    <>
      <bdi>{one}</bdi>
      {other !== undefined && (
        <>
          {' '}
          and <bdi>{other}</bdi>
        </>
      )}{' '}
      typing …
    </>
  );
}
