import { useCallback, useState } from 'preact/hooks';
import type { Row } from '../../view/view.ts';
import { Avatar } from './avatar.tsx';
import { Called } from './called.tsx';
import { whenOf } from './format.ts';
import type { Model } from './model.ts';
import { NewChat } from './new-chat.tsx';
import { Profile } from './profile.tsx';

/** The user, and all chats, newest first. */
export function Sidebar({ model }: { model: Model }) {
  const [isStarting, setIsStarting] = useState(false);
  const [hasProfile, setHasProfile] = useState(false);
  const done = useCallback(() => {
    setIsStarting(false);
    setHasProfile(false);
  }, []);
  const { username } = model.chat;
  return (
    <nav class="sidebar" aria-label="Chats">
      <header>
        <button type="button" class="quiet who" onClick={() => setHasProfile(true)}>
          <span class="hidden">Profile: </span>
          <Avatar id={username} name={model.nameOf(username)} />
          <strong>
            <Called id={username} name={model.nameOf(username)} />
          </strong>
        </button>
        <button type="button" class="primary small" onClick={() => setIsStarting(true)}>
          New
        </button>
        <button type="button" class="quiet small" onClick={() => void model.chat.logout()}>
          Log out
        </button>
      </header>
      {hasProfile && <Profile model={model} onDone={done} />}
      {isStarting && <NewChat model={model} onDone={done} />}
      <ul>
        {model.list.map((row) => (
          <ChatLine key={row.id} model={model} row={row} />
        ))}
      </ul>
      {model.list.length === 0 && <p class="hint">No chats yet. Write to somebody, or join a group.</p>}
    </nav>
  );
}

function ChatLine({ model, row }: { model: Model; row: Row }) {
  const isOpen = row.id === model.open?.id;
  const { unread } = row;
  const title = model.titleOf(row);
  return (
    <li>
      <button
        type="button"
        class={`chat-line ${unread > 0 ? 'is-unread' : ''}`}
        aria-current={isOpen ? 'true' : undefined}
        onClick={() => void model.show(row)}
      >
        <Avatar id={row.name} name={title} isGroup={row.kind === 'group'} />
        <span class="name">
          <Called id={row.name} name={row.kind === 'group' && title === row.name ? `#${title}` : title} />
        </span>
        <span class="when">{row.lastAt && whenOf(row.lastAt)}</span>
        <span class="preview" dir="auto">
          {previewOf(model, row)}
        </span>
        {unread > 0 && (
          <span class="badge">
            {unread > 99 ? '99+' : unread}
            <span class="hidden"> unread</span>
          </span>
        )}
      </button>
    </li>
  );
}

function previewOf(model: Model, row: Row): string {
  const sendings = model.sendingsIn(row);
  if (sendings.some(({ status }) => status === 'failed')) return 'Not sent!';
  if (sendings.length > 0) return 'Sending …';
  const last = model.lastOf(row);
  if (last) return last.deleted ? 'Deleted' : last.content;
  return row.lastSeq > 0 ? '…' : 'No messages yet';
}
