import type { Message } from '../../sdk/chat.ts';
import type { Row } from '../../view/view.ts';
import type { Model } from './model.ts';

interface MessageActionsProps {
  model: Model;
  row: Row;
  /** One of the user's own. */
  entry: Message;
  onEdit(entry: Message): void;
}

/** What can be done with a message of the user's own. */
export function MessageActions({ model, row, entry, onEdit }: MessageActionsProps) {
  if (entry.deleted) return null;
  return (
    <div class="actions">
      <button type="button" class="quiet small" onClick={() => onEdit(entry)}>
        Edit
      </button>
      <button type="button" class="quiet small" onClick={() => void model.remove(row, entry.seq)}>
        Delete
      </button>
    </div>
  );
}
