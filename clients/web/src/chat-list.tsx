import { useRef, useState } from 'preact/hooks';
import { ChatFilter } from '../../view/chat-filter.ts';
import { wordsOf } from '../../view/matching.ts';
import { ChatLine } from './chat-line.tsx';
import type { Model } from './model.ts';
import { useRoving } from './use-roving.ts';

/** All chats, newest first, or those whose name or id has what is typed into the field above them. */
export function ChatList({ model }: { model: Model }) {
  const [text, setText] = useState('');
  const list = useRef<HTMLUListElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const [filter] = useState(() => new ChatFilter());
  const all = model.list;
  const isFiltered = wordsOf(text).length > 0;
  const rows = filter.of(all, text, (row) => model.titleOf(row));
  const { keys, tabIndexOf } = useRoving(
    rows.map(({ id }) => id),
    model.open?.id,
  );

  function onKeyDown(event: KeyboardEvent) {
    const [first] = rows;
    if (event.isComposing) return;
    if (event.key === 'ArrowDown') list.current?.querySelector<HTMLElement>('[data-id]')?.focus();
    else if (event.key === 'Enter' && isFiltered && first) {
      setText('');
      void model.show(first);
    } else if (event.key === 'Escape') setText('');
    else return;
    event.preventDefault();
  }

  // In the list Escape leads back to what was typed.
  function onEscape(event: KeyboardEvent) {
    if (event.key !== 'Escape' || text === '') return;
    setText('');
    field.current?.focus();
  }

  return (
    <>
      {all.length > 0 && (
        <div class="filter">
          <input
            ref={field}
            type="search"
            value={text}
            placeholder="Find a chat"
            aria-label="Find a chat"
            dir="auto"
            autoComplete="off"
            autoCapitalize="none"
            spellcheck={false}
            enterkeyhint="go"
            onInput={(event) => setText(event.currentTarget.value)}
            onKeyDown={onKeyDown}
          />
        </div>
      )}
      <ul ref={list} {...keys} onKeyDownCapture={onEscape} hidden={rows.length === 0}>
        {rows.map((row) => (
          <ChatLine key={row.id} model={model} row={row} tabIndex={tabIndexOf(row.id)} />
        ))}
      </ul>
      <p class="hidden" role="status">
        {isFiltered && `${rows.length} of ${all.length} chats`}
      </p>
      {all.length > 0 && rows.length === 0 && <p class="hint">No chat is called so.</p>}
      {all.length === 0 && <p class="hint">No chats yet. Write to somebody, or join a group.</p>}
    </>
  );
}
