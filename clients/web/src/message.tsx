import type { Message } from '../../sdk/chat.ts';
import type { Row, Sent } from '../../view/view.ts';
import { Called } from './called.tsx';
import { hueOf, timeOf } from './format.ts';
import { ChangeNote, MessageActions, SendingActions } from './message-actions.tsx';
import type { Model } from './model.ts';

interface MessageLineProps {
  model: Model;
  row: Row;
  entry: Message;
  /** Whether the previous message is by the same sender. */
  follows: boolean;
  onEdit(entry: Message): void;
}

/** One message, always rendered as plain text. */
export function MessageLine({ model, row, entry: stored, follows, onEdit }: MessageLineProps) {
  const entry = model.shown(row, stored);
  const isMine = entry.sender === model.chat.username;
  const isRead = isMine && model.readBy(row) >= entry.seq;
  return (
    <article class={`message ${isMine ? 'is-mine' : ''} ${follows ? 'follows' : ''}`}>
      {!follows && !isMine && (
        <h3 class={`sender hue-${Math.round(hueOf(entry.sender) / 30) % 12}`}>
          <Called id={entry.sender} name={model.nameOf(entry.sender)} />
        </h3>
      )}
      <div class="bubble">
        {entry.deleted ? (
          <p class="gone">Deleted</p>
        ) : (
          <p class="text" dir="auto">
            {entry.content}
          </p>
        )}
        <footer>
          <ChangeNote change={model.changeOf(row, entry.seq)} />
          {entry.edited && !entry.deleted && <span>edited </span>}
          <time dateTime={entry.timestamp}>{timeOf(entry.timestamp)}</time>
          {isMine && <Mark isRead={isRead} />}
        </footer>
      </div>
      {isMine && <MessageActions model={model} row={row} entry={entry} onEdit={onEdit} />}
    </article>
  );
}

const Mark = ({ isRead }: { isRead: boolean }) => (
  <span class="mark" role="img" aria-label={isRead ? 'read' : 'sent'}>
    {isRead ? '✓✓' : '✓'}
  </span>
);

/** A message that is not stored yet, or has failed. */
export function SendingLine({ model, sending }: { model: Model; sending: Sent }) {
  const { content, status, reason, isDeletion } = sending;
  const hasFailed = status === 'failed';
  return (
    <article class={`message is-mine ${hasFailed ? 'has-failed' : 'is-pending'}`}>
      <div class="bubble">
        {isDeletion ? (
          <p class="gone">Deleted</p>
        ) : (
          <p class="text" dir="auto">
            {content}
          </p>
        )}
        {!isDeletion && <footer>{hasFailed ? (reason ?? 'Not sent.') : 'sending …'}</footer>}
      </div>
      {model.open && <SendingActions model={model} row={model.open} sending={sending} />}
    </article>
  );
}
