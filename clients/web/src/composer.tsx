import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Message } from '../../sdk/chat.ts';
import type { Row } from '../../view/view.ts';
import { draftOf, keepDraft } from './drafts.ts';
import type { Model } from './model.ts';

interface ComposerProps {
  model: Model;
  row: Row;
  /** The message being edited, if any. */
  edited?: Message;
  onDone(): void;
}

// The server's limit for one message.
const MOST_BYTES = 16 * 1024;

/** The message editor: Enter sends, Shift+Enter inserts a line break, Escape cancels an edit. */
export function Composer({ model, row, edited, onDone }: ComposerProps) {
  const { username } = model.chat;
  const [text, setText] = useState(() => edited?.content ?? draftOf(username, row.id));
  const field = useRef<HTMLTextAreaElement>(null);
  // Before it is painted: what is typed as soon as one sees it must not be lost.
  useLayoutEffect(() => {
    if (matchMedia('(hover: hover)').matches || edited) field.current?.focus();
  }, [edited]);
  const title = model.titleOf(row);
  const isTooLong = new TextEncoder().encode(text).length > MOST_BYTES;

  function type(typed: string) {
    setText(typed);
    if (!edited) keepDraft(username, row.id, typed);
  }

  function submit() {
    if (text.trim() === '' || isTooLong) return;
    if (edited) void model.edit(row, edited.seq, text);
    else model.send(row, text);
    type('');
    onDone();
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.key === 'Escape' && edited) onDone();
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  }

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {edited && (
        <p class="editing">
          Changing a message
          <button type="button" class="quiet small" onClick={onDone}>
            Cancel
          </button>
        </p>
      )}
      <textarea
        ref={field}
        rows={Math.min(6, text.split('\n').length)}
        value={text}
        dir="auto"
        aria-label={`Message to ${title}`}
        placeholder={`Message ${title}`}
        onInput={(event) => {
          type(event.currentTarget.value);
          model.types(row);
        }}
        onKeyDown={onKeyDown}
      />
      <button type="submit" class="primary" disabled={text.trim() === '' || isTooLong}>
        {edited ? 'Save' : 'Send'}
      </button>
      {isTooLong && <p role="alert">A message may have 16 KiB.</p>}
    </form>
  );
}
