import { useEffect, useLayoutEffect } from 'preact/hooks';
import { followAddress } from './address.ts';
import { Banner } from './banner.tsx';
import { Conversation } from './conversation.tsx';
import { onLook } from './looked-at.ts';
import type { Model } from './model.ts';
import { Sidebar } from './sidebar.tsx';
import { useModel } from './use-model.ts';
import { useNotifier } from './use-notifier.ts';
import { useParting } from './use-parting.ts';
import { useTitle } from './use-title.ts';

/** The list of chats and the open chat; on a phone, one of the two. */
export function ChatPage({ model }: { model: Model }) {
  useModel(model);
  useEffect(() => onLook(() => model.looks()), [model]);
  useLayoutEffect(() => followAddress(model), [model]);
  useParting(model.chat);
  const { open } = model;
  useTitle(model);
  const notifier = useNotifier(model);
  return (
    <main class={`room ${open ? 'has-open' : ''}`}>
      <h1 class="hidden">Parley</h1>
      <Banner model={model} notifier={notifier} />
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
