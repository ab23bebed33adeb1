import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { browserStore, type Chat, connect } from '../../sdk/chat.ts';
import { ChatPage } from './chat-page.tsx';
import { endOf, Model, withoutSource } from './model.ts';
import { type GetToken, onSignOut, tokenSource } from './token.ts';

interface TokenAppProps {
  url: string;
  hosts: readonly string[];
}

/** For users of an identity provider: whoever runs the page hands it their tokens. */
export function TokenApp({ url, hosts }: TokenAppProps) {
  const [getToken] = useState(() => tokenSource(hosts));
  return getToken ? <SignedIn url={url} hosts={hosts} getToken={getToken} /> : <NoToken hosts={hosts} />;
}

/** The room, and what is said before and after. */
function SignedIn({ url, hosts, getToken }: TokenAppProps & { getToken: GetToken }) {
  const [model, setModel] = useState<Model>();
  const [current, setCurrent] = useState<Chat>();
  const [status, setStatus] = useState('Signing in …');
  const [isOver, setIsOver] = useState(false);

  const enter = useCallback(() => {
    setIsOver(false);
    setStatus('Signing in …');
    const chat: Chat = connect({ url, getToken, store: browserStore() });
    setCurrent(chat);
    // Whose page it is, the first login says.
    let shown: Model | undefined;
    chat.on('state', ({ state, reason, detail }) => {
      if (state === 'online' && !shown) {
        shown = new Model(chat, () => document.hidden);
        setModel(shown);
        void shown.refresh();
      }
      if (state === 'waiting' && !shown)
        setStatus(
          reason === 'no_token'
            ? `There is no sign-in yet. ${withoutSource(detail)}`
            : `${detail} Trying again …`,
        );
      if (state !== 'closed') return;
      setStatus(reason === 'unauthorized' ? `The service refused your sign-in. ${detail}` : endOf(reason));
      setIsOver(true);
      setModel(undefined);
    });
  }, [url, getToken]);

  useEffect(enter, [enter]);
  useEffect(() => onSignOut(hosts, () => void current?.logout()), [hosts, current]);

  if (model) return <ChatPage model={model} />;
  return (
    <Card>
      <p role={isOver ? 'alert' : 'status'}>{status || 'You are logged out.'}</p>
      {isOver && (
        <button type="button" class="primary" onClick={enter}>
          Sign in again
        </button>
      )}
    </Card>
  );
}

/** What is missing, and how whoever runs the page gives it. */
function NoToken({ hosts }: { hosts: readonly string[] }) {
  return (
    <Card>
      <p role="alert">This page has no sign-in.</p>
      <p>
        Users of this service come from an identity provider, and nothing hands this page their tokens. Open
        the page of your provider or app instead.
      </p>
      <p>Do you run this page? Then do one of these:</p>
      <ul>
        <li>
          Load a script before the page's own:
          <pre>
            <code>{'window.parley = {\n  getToken: async () => token,\n};'}</code>
          </pre>
        </li>
        <li>
          Show the page in a frame of your app, and answer its <code>postMessage</code>.{' '}
          {hosts.length > 0
            ? `It takes tokens from ${hosts.join(' and ')}.`
            : 'Name the origin of your app with -c pageHosts=https://app.example.'}
        </li>
      </ul>
      <p class="lead">docs/page.md in Parley's repository has both in full.</p>
    </Card>
  );
}

function Card({ children }: { children: ComponentChildren }) {
  return (
    <main class="door">
      <div class="card">
        <h1>
          <img src="./icon.svg" alt="" width="28" height="28" /> Parley
        </h1>
        {children}
      </div>
    </main>
  );
}
