import { useEffect, useLayoutEffect } from 'preact/hooks';
import { followAddress } from './address.ts';
import { Banner } from './banner.tsx';
import { Conversation } from './conversation.tsx';
import { onLook } from './looked-at.ts';
import type { Model } from './model.ts';
import { Sidebar } from './sidebar.tsx';
import { useModel } from './use-model.ts';
import { useParting } from './use-parting.ts';

/** The list of chats and the open chat; on a phone, one of the two. */
export function ChatPage({ model }: { model: Model }) {
  useModel(model);
  useEffect(() => onLook(() => model.looks()), [model]);
  useLayoutEffect(() => followAddress(model), [model]);
  useParting(model.chat);
  const { open } = model;
  const unread = model.list.reduce((sum, row) => sum + row.unread, 0);
  const title = [open && model.titleOf(open), 'Parley'].filter(Boolean).join(' – ');
  useEffect(() => {
    document.title = unread > 0 ? `(${unread > 99 ? '99+' : unread}) ${title}` : title;
    return () => {
      document.title = 'Parley';
    };
  }, [unread, title]);
  return (
    <main class={`room ${open ? 'has-open' : ''}`}>
      <h1 class="hidden">Parley</h1>
      <Banner model={model} />
      <Sidebar model={model} />
      <div class="stage">
        {open ? (
          <Conversation key={open.id} model={model} row={open} />
        ) : (
          <p class="empty">Pick a chat, or start one.</p>
        )}
      </div>
    </main>
  );
}
