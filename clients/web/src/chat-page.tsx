import { useEffect, useLayoutEffect } from 'preact/hooks';
import { followAddress } from './address.ts';
import { InvitationAnnouncer } from './announcer.tsx';
import { Banner } from './banner.tsx';
import { Conversation } from './conversation.tsx';
import { onLook } from './looked-at.ts';
import type { Model } from './model.ts';
import { Sidebar } from './sidebar.tsx';
import { useModel } from './use-model.ts';
import { useNotifier } from './use-notifier.ts';
import { useParting } from './use-parting.ts';
import { useTitle } from './use-title.ts';
import { startWorker } from './worker.ts';

/** The page of a user, who sees nothing of what the browser keeps of them before it is certain that it is them. */
export function ChatPage({ model }: { model: Model }) {
  useModel(model);
  if (model.isIn) return <Chats model={model} />;
  return (
    <main class="entry">
      <p role="status">
        {model.state === 'waiting'
          ? 'Offline. You are logged in as soon as there is a connection.'
          : 'Connecting …'}
      </p>
      <button type="button" onClick={() => model.chat.close()}>
        Cancel
      </button>
    </main>
  );
}

/** The list of chats and the open chat; on a phone, one of the two. */
function Chats({ model }: { model: Model }) {
  useEffect(() => onLook(() => model.looks()), [model]);
  useLayoutEffect(() => followAddress(model), [model]);
  useEffect(() => void startWorker(), []);
  useParting(model);
  const { open } = model;
  useTitle(model);
  const notifier = useNotifier(model);
  return (
    <main class={`room ${open ? 'has-open' : ''}`}>
      <h1 class="hidden">Parley</h1>
      <Banner model={model} notifier={notifier} />
      <Sidebar model={model} />
      <InvitationAnnouncer model={model} />
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
