import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import { connect, type EditableChat } from '../../sdk/chat.ts';
import { changes } from '../../sdk/editing.ts';
import { partOfService } from '../../sdk/store.ts';
import { withoutSource } from '../../view/detail.ts';
import { forgetAddress } from './address.ts';
import { ChatPage } from './chat-page.tsx';
import { forgetUser, keepUser, lastUser, removeUser } from './last-user.ts';
import { isAway } from './looked-at.ts';
import { endOf, Model } from './model.ts';
import { unsubscribe } from './push.ts';
import type { Service } from './service.ts';
import { store } from './store.ts';
import { type GetToken, onSignOut, tokenSource, userIn } from './token.ts';
import { closeNotes, pushing } from './worker.ts';

interface TokenAppProps {
  url: string;
  /** The claim of a token that names its user. */
  claim: string;
  hosts: readonly string[];
  service: Service;
}

/** For users of an identity provider: whoever runs the page hands it their tokens. */
export function TokenApp(props: TokenAppProps) {
  const [getToken] = useState(() => tokenSource(props.hosts));
  return getToken ? <SignedIn {...props} getToken={getToken} /> : <NoToken hosts={props.hosts} />;
}

// Milliseconds for the first token to say whose data may be shown before the login.
const PATIENCE = 5_000;

/** The chat page, and what is said before and after. */
function SignedIn({ url, claim, hosts, service, getToken }: TokenAppProps & { getToken: GetToken }) {
  const [model, setModel] = useState<Model>();
  const [current, setCurrent] = useState<EditableChat>();
  const [status, setStatus] = useState('Signing in …');
  const [isOver, setIsOver] = useState(false);
  const own = useMemo(() => partOfService(store, url), [url]);

  const enter = useCallback(async () => {
    setIsOver(false);
    setStatus('Signing in …');
    const last = lastUser(own);
    let first = last ? await inTime(async () => getToken()) : undefined;
    const isKnown = first !== undefined && userIn(first, claim) === last;
    const chat = connect({
      changes,
      url,
      // Nobody else's token logs in where this user's chats are shown.
      ...(isKnown && { username: last }),
      getToken(refused) {
        const token = first;
        first = undefined;
        return token ?? getToken(refused);
      },
      store,
    });
    setCurrent(chat);
    let shown: Model | undefined;
    const show = () => {
      const model = new Model(chat, { store: own, isAway, isKnown, service, proof: () => getToken() });
      setModel(model);
      return model;
    };
    if (isKnown) shown = show();
    chat.on('state', ({ state, reason, detail }) => {
      if (state === 'online') keepUser(own, chat.username);
      // Whose page it is, the first login says.
      if (state === 'online' && !shown) {
        shown = show();
        void shown.refresh();
      }
      if (state === 'waiting' && !shown)
        setStatus(
          reason === 'no_token'
            ? `There is no sign-in yet. ${withoutSource(detail)}`
            : `${detail} Trying again …`,
        );
      if (state !== 'closed') return;
      forgetUser(own);
      // Other tabs may go on with a better token. If there are none, the next start of the page ends it.
      if (reason !== 'unauthorized') void unsubscribe(pushing, own, (user) => user === chat.username);
      if (reason === 'logged_out') forgetAddress();
      setStatus(
        reason === 'unauthorized' ? `The service refused your sign-in. ${detail}` : endOf(reason, detail),
      );
      setIsOver(true);
      setModel(undefined);
    });
  }, [url, claim, service, getToken, own]);

  // Whoever was here before may have closed the page before it had ended the subscription, and what it shows.
  useEffect(() => {
    if (lastUser(own)) return;
    void unsubscribe(pushing, own, () => true);
    void closeNotes();
  }, [own]);
  useEffect(() => void enter(), [enter]);
  useEffect(() => {
    const signOut = () => {
      removeUser(own);
      void (model ?? current)?.logout();
    };
    return onSignOut(hosts, signOut);
  }, [hosts, model, current, own]);

  if (model) return <ChatPage model={model} />;
  return (
    <Card>
      <p role={isOver ? 'alert' : 'status'}>{status || 'You are logged out.'}</p>
      {isOver && (
        <button type="button" class="primary" onClick={() => void enter()}>
          Sign in again
        </button>
      )}
    </Card>
  );
}

/** @returns undefined if there is none, or not soon: the client asks again, and reports why */
const inTime = (token: () => Promise<string>): Promise<string | undefined> =>
  Promise.race([
    token().catch(() => undefined),
    new Promise<undefined>((resolve) => setTimeout(resolve, PATIENCE)),
  ]);

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
