import type { Message } from '../../sdk/chat.ts';
import { stageOf } from '../../view/changes.ts';
import { isBy, nameIn } from '../../view/sender.ts';
import { SYSTEM, YOU } from '../../view/shown-names.ts';
import type { Row, Sent } from '../../view/view.ts';
import { Called } from './called.tsx';
import { hueOf, timeOf } from './format.ts';
import { MessageActions, SendingActions } from './message-actions.tsx';
import { MessageText } from './message-text.tsx';
import type { Model } from './model.ts';
import type { Room } from './text.ts';

/** Where a message stands in the list, and whether the keyboard reaches it. */
interface Place {
  tabIndex: number;
  'aria-posinset': number;
  'aria-setsize': number;
  onFocusIn(): void;
}

/** Whether all of a long message is shown. */
interface Opening {
  room: Room;
  isOpen: boolean;
  onToggle(): void;
}

interface MessageLineProps {
  model: Model;
  row: Row;
  entry: Message;
  /** Whether the previous message is by the same sender. */
  follows: boolean;
  place: Place;
  opening: Opening;
  /** Whether it is in the editor. */
  isEdited: boolean;
  onEdit(entry: Message): void;
}

/** One message. */
export function MessageLine({
  model,
  row,
  entry: stored,
  follows,
  place,
  opening,
  isEdited,
  onEdit,
}: MessageLineProps) {
  const entry = model.shown(row, stored);
  const change = model.changeOf(row, stored.seq);
  const { seq, sender, system, content, timestamp, edited, deleted } = entry;
  const isMine = isBy(entry, model.chat.username);
  const text = `m${seq}`;
  return (
    <article
      {...place}
      class={`message ${isMine ? 'is-mine' : system ? 'is-system' : ''} ${follows ? 'follows' : ''} ${isEdited ? 'is-edited' : ''}`}
      aria-label={`${isMine ? YOU : nameIn(entry, (id) => model.nameOf(id))}, ${timeOf(timestamp)}`}
      aria-describedby={text}
    >
      {!follows && system && <h3 class="sender">{SYSTEM}</h3>}
      {/* Between two people, everything else that is not one's own is the other's. */}
      {!follows && !isMine && !system && row.kind === 'group' && (
        <h3 class={`sender hue-${Math.round(hueOf(sender) / 30) % 12}`}>
          <Called id={sender} name={model.nameOf(sender)} />
        </h3>
      )}
      <div class="bubble">
        {deleted ? (
          <p class="gone" id={text}>
            {stored.deleted ? 'Deleted' : 'Deleting …'}
          </p>
        ) : (
          <MessageText id={text} content={content} {...opening} />
        )}
        <footer>
          {isEdited && <strong>editing below </strong>}
          {change && stageOf(change) === 'saving' && <span>saving … </span>}
          {edited && !deleted && <span>edited </span>}
          <time dateTime={timestamp}>{timeOf(timestamp)}</time>
          {isMine && !deleted && <Mark row={row} isRead={model.readBy(row) >= seq} />}
        </footer>
      </div>
      {isMine && <MessageActions model={model} row={row} entry={entry} onEdit={onEdit} />}
    </article>
  );
}

/** The service tells who has read only in private chats: in a group, a tick says that the message is stored. */
function Mark({ row, isRead }: { row: Row; isRead: boolean }) {
  const label = row.kind === 'group' ? 'sent to the group' : isRead ? 'read' : 'sent';
  return (
    <span class="mark" role="img" aria-label={label} title={label}>
      {row.kind === 'private' && isRead ? '✓✓' : '✓'}
    </span>
  );
}

interface SendingLineProps {
  model: Model;
  sending: Sent;
  place: Place;
  opening: Opening;
  isEdited: boolean;
}

/** A message that is not stored yet, or has failed. */
export function SendingLine({ model, sending, place, opening, isEdited }: SendingLineProps) {
  const { id, content, status, reason, isDeletion } = sending;
  const hasFailed = status === 'failed';
  const text = `s${id}`;
  return (
    <article
      {...place}
      class={`message is-mine ${hasFailed ? 'has-failed' : 'is-pending'} ${isEdited ? 'is-edited' : ''}`}
      aria-label={hasFailed ? 'You, not sent' : 'You, sending'}
      aria-describedby={text}
    >
      <div class="bubble">
        {isDeletion ? (
          <p class="gone" id={text}>
            Deleted
          </p>
        ) : (
          <MessageText id={text} content={content} {...opening} />
        )}
        {!isDeletion && <footer>{hasFailed ? (reason ?? 'Not sent.') : 'sending …'}</footer>}
      </div>
      {model.open && <SendingActions model={model} row={model.open} sending={sending} />}
    </article>
  );
}
