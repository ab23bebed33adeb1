import { useCallback, useState } from 'preact/hooks';
import { Avatar } from './avatar.tsx';
import { whenOf } from './format.ts';
import type { Model, Row } from './model.ts';
import { NewChat } from './new-chat.tsx';

/** Who one is, and all chats, the newest first. */
export function Sidebar({ model }: { model: Model }) {
  const [isStarting, setIsStarting] = useState(false);
  const done = useCallback(() => setIsStarting(false), []);
  const { username } = model.chat;
  return (
    <nav class="sidebar" aria-label="Chats">
      <header>
        <Avatar name={username} />
        <strong class="who">{username}</strong>
        <button type="button" class="primary small" onClick={() => setIsStarting(true)}>
          New
        </button>
        <button type="button" class="quiet small" onClick={() => void model.chat.logout()}>
          Log out
        </button>
      </header>
      {isStarting && <NewChat model={model} onDone={done} />}
      <ul>
        {model.list.map((row) => (
          <ChatLine key={row.id} model={model} row={row} />
        ))}
      </ul>
      {model.rows.size === 0 && <p class="hint">No chats yet. Write to somebody, or join a group.</p>}
    </nav>
  );
}

function ChatLine({ model, row }: { model: Model; row: Row }) {
  const isOpen = row.id === model.openId;
  const { unread } = row;
  const preview =
    row.lastText ??
    model.entriesOf(row.id).list.at(-1)?.content ??
    (row.lastSeq > 0 ? '…' : 'No messages yet');
  return (
    <li>
      <button
        type="button"
        class={`chat-line ${unread > 0 ? 'is-unread' : ''}`}
        aria-current={isOpen ? 'true' : undefined}
        onClick={() => void model.show(row.id)}
      >
        <Avatar name={row.name} isGroup={row.kind === 'group'} />
        <span class="name">{row.kind === 'group' ? `#${row.name}` : row.name}</span>
        <span class="when">{row.lastAt && whenOf(row.lastAt)}</span>
        <span class="preview">{preview}</span>
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
