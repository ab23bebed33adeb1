import { useCallback, useEffect, useState } from 'preact/hooks';
import { browserStore, connect } from '../../sdk/chat.ts';
import { forgetAddress } from './address.ts';
import { ChatPage } from './chat-page.tsx';
import { forgetUser, keepUser, lastUser } from './last-user.ts';
import { LoginPage } from './login-page.tsx';
import { isAway } from './looked-at.ts';
import { Model } from './model.ts';

/** The login page, and after the login the chat page. */
export function App({ url }: { url: string }) {
  const [model, setModel] = useState<Model>();
  const [refusal, setRefusal] = useState('');
  // If a session ended unasked, the same user will most likely log in again.
  const [last, setLast] = useState('');

  const enter = useCallback(
    (username: string, password?: string) => {
      setRefusal('');
      const store = browserStore();
      const chat = connect({ url, username, password, store });
      setModel(new Model(chat, { store, isAway, isKnown: username === lastUser() }));
    },
    [url],
  );

  useEffect(() => {
    if (lastUser()) enter(lastUser());
  }, [enter]);

  useEffect(
    () =>
      model?.onEnd((reason) => {
        forgetUser();
        // Who logs in again comes back to the chat.
        if (!reason) forgetAddress();
        setRefusal(reason);
        setLast(reason && model.chat.username);
        setModel(undefined);
      }),
    [model],
  );

  useEffect(() => model?.onOnline(() => keepUser(model.chat.username)), [model]);

  return model ? (
    <ChatPage model={model} />
  ) : (
    <LoginPage url={url} refusal={refusal} username={last} onEnter={enter} />
  );
}
