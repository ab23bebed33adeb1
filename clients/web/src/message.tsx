import type { Message } from '../../sdk/chat.ts';
import type { Row, Sent } from '../../view/view.ts';
import { Called } from './called.tsx';
import { hueOf, timeOf } from './format.ts';
import { MessageActions } from './message-actions.tsx';
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
export function MessageLine({ model, row, entry, follows, onEdit }: MessageLineProps) {
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
  const { id, content, status, reason } = sending;
  const hasFailed = status === 'failed';
  return (
    <article class={`message is-mine ${hasFailed ? 'has-failed' : 'is-pending'}`}>
      <div class="bubble">
        <p class="text" dir="auto">
          {content}
        </p>
        <footer>{hasFailed ? (reason ?? 'Not sent.') : 'sending …'}</footer>
      </div>
      {hasFailed && (
        <div class="actions is-shown">
          <button type="button" class="small" onClick={() => model.chat.retry(id)}>
            Try again
          </button>
          <button type="button" class="quiet small" onClick={() => model.chat.discard(id)}>
            Discard
          </button>
        </div>
      )}
    </article>
  );
}
