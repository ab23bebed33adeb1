import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import { connect } from '../../sdk/chat.ts';
import { changes } from '../../sdk/editing.ts';
import { partOfService, tokenOn, userOn } from '../../sdk/store.ts';
import { isolated } from '../../view/words.ts';
import { forgetAddress } from './address.ts';
import { ChatPage } from './chat-page.tsx';
import { LoginPage } from './login-page.tsx';
import { isAway } from './looked-at.ts';
import { Model } from './model.ts';
import { unsubscribe } from './push.ts';
import type { Service } from './service.ts';
import { store } from './store.ts';
import { closeNotes, pushing } from './worker.ts';

/** The login page, and after the login the chat page. */
export function App({ url, service }: { url: string; service: Service }) {
  const [model, setModel] = useState<Model>();
  const own = useMemo(() => partOfService(store, url), [url]);
  const [refusal, setRefusal] = useState('');
  // If a session ended unasked, the same user will most likely log in again.
  const [last, setLast] = useState('');
  const [other, setOther] = useState('');

  const enter = useCallback(
    (username: string, password?: string) => {
      setRefusal('');
      setOther('');
      const chat = connect({ url, username, password, store, changes });
      const isKnown = username === userOn(own);
      setModel(new Model(chat, { store: own, isAway, isKnown, service, proof: () => tokenOn(own) }));
    },
    [url, service, own],
  );

  useEffect(() => {
    const known = userOn(own);
    if (known) enter(known);
  }, [enter, own]);

  useEffect(
    () =>
      model?.onEnd((reason, isOut) => {
        // Who logs in again comes back to the chat.
        if (isOut) forgetAddress();
        setRefusal(reason);
        setLast(isOut ? '' : model.chat.username);
        setModel(undefined);
      }),
    [model],
  );

  // Of whoever was here before, who may have closed the page before it had ended that.
  useEffect(() => {
    if (!model) void unsubscribe(pushing, own, (user) => user !== userOn(own));
    if (!model && userOn(own) === undefined) void closeNotes();
  }, [model, own]);

  // Tabs share the login.
  useEffect(() => {
    let known = userOn(own);
    return own.watch?.(() => {
      const user = userOn(own);
      if (user === known) return;
      known = user;
      if (!model) setOther(user ?? '');
      else if (user !== undefined && user !== model.chat.username) {
        model.chat.close();
        setRefusal(`${isolated(user)} has logged in, in another tab.`);
      }
    });
  }, [model, own]);

  return model ? (
    <ChatPage model={model} />
  ) : (
    <LoginPage url={url} service={service} refusal={refusal} username={last} other={other} onEnter={enter} />
  );
}
