import { countText } from '../../view/counts.ts';
import type { Row } from '../../view/view.ts';
import { Avatar } from './avatar.tsx';
import { Called } from './called.tsx';
import { whenOf } from './format.ts';
import type { Model } from './model.ts';
import { Preview } from './preview.tsx';

interface ChatLineProps {
  model: Model;
  row: Row;
  tabIndex: 0 | -1;
}

/** A chat in the list, which opens it. */
export function ChatLine({ model, row, tabIndex }: ChatLineProps) {
  const isOpen = row.id === model.open?.id;
  const { unread } = row;
  const title = model.titleOf(row);
  return (
    <li>
      <button
        type="button"
        class={`chat-line ${unread > 0 ? 'is-unread' : ''}`}
        data-id={row.id}
        tabIndex={tabIndex}
        aria-current={isOpen ? 'true' : undefined}
        onClick={() => void model.show(row)}
      >
        <Avatar model={model} id={row.name} name={title} isGroup={row.kind === 'group'} />
        <span class="name">
          <Called id={row.name} name={row.kind === 'group' && title === row.name ? `#${title}` : title} />
        </span>
        <span class="when">{row.lastAt && whenOf(row.lastAt)}</span>
        <Preview model={model} row={row} />
        {unread > 0 && (
          <span class="badge">
            {countText(row)}
            <span class="hidden"> unread</span>
          </span>
        )}
      </button>
    </li>
  );
}
