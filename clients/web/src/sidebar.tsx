import { useState } from 'preact/hooks';
import { Avatar } from './avatar.tsx';
import { Called } from './called.tsx';
import { ChatList } from './chat-list.tsx';
import { Account } from './dialogs/account.tsx';
import { LogOut } from './dialogs/log-out.tsx';
import { NewChat } from './dialogs/new-chat.tsx';
import { InvitationList } from './invitation-list.tsx';
import type { Model } from './model.ts';

/** The user, their invitations, and all chats. */
export function Sidebar({ model }: { model: Model }) {
  const [dialog, setDialog] = useState<'new' | 'account' | 'out'>();
  const done = () => setDialog(undefined);
  const { username } = model.chat;

  async function logOut() {
    if ((await model.unsent()) > 0) setDialog('out');
    else void model.logout();
  }

  return (
    <nav class="sidebar" aria-label="Chats">
      <header>
        <button type="button" class="quiet who" onClick={() => setDialog('account')}>
          <span class="hidden">Account: </span>
          <Avatar model={model} id={username} name={model.nameOf(username)} />
          <strong>
            <Called id={username} name={model.nameOf(username)} />
          </strong>
        </button>
        <button type="button" class="primary small" onClick={() => setDialog('new')}>
          New
        </button>
        <button type="button" class="quiet small" onClick={() => void logOut()}>
          Log out
        </button>
      </header>
      {dialog === 'account' && <Account model={model} onDone={done} />}
      {dialog === 'out' && <LogOut model={model} onDone={done} />}
      {dialog === 'new' && <NewChat model={model} onDone={done} />}
      <InvitationList model={model} />
      <ChatList model={model} />
    </nav>
  );
}
