import { useCallback, useEffect, useState } from 'preact/hooks';
import { browserStore, connect } from '../../sdk/chat.ts';
import { ChatPage } from './chat-page.tsx';
import { LoginPage } from './login-page.tsx';
import { Model } from './model.ts';

// The client stores the session token; the page stores its user's name.
const WHO = 'parley-page/username';

/** The login page, and after the login the chat page. */
export function App({ url }: { url: string }) {
  const [model, setModel] = useState<Model>();
  const [refusal, setRefusal] = useState('');
  // If a session ended unasked, the same user will most likely log in again.
  const [last, setLast] = useState('');

  const enter = useCallback(
    (username: string, password?: string) => {
      setRefusal('');
      const chat = connect({ url, username, password, store: browserStore() });
      setModel(new Model(chat, () => document.hidden));
    },
    [url],
  );

  useEffect(() => {
    const username = localStorage.getItem(WHO);
    if (username) enter(username);
  }, [enter]);

  useEffect(
    () =>
      model?.onEnd((reason) => {
        localStorage.removeItem(WHO);
        setRefusal(reason);
        setLast(reason && model.chat.username);
        setModel(undefined);
      }),
    [model],
  );

  useEffect(() => model?.onOnline(() => localStorage.setItem(WHO, model.chat.username)), [model]);

  return model ? (
    <ChatPage model={model} />
  ) : (
    <LoginPage url={url} refusal={refusal} username={last} onEnter={enter} />
  );
}
