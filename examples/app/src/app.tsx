import { browserStore, ChatProvider, useParley } from '@parley-chat/react';
import { type FormEvent, useEffect, useState } from 'react';
import { Chat } from './chat.tsx';

/** A user of the app. */
export interface Person {
  id: string;
  name: string;
}

async function ask(path: string, body?: object): Promise<Response> {
  const headers = { 'Content-Type': 'application/json' };
  const response = await fetch(
    `/api/${path}`,
    body && { method: 'POST', headers, body: JSON.stringify(body) },
  );
  if (!response.ok) throw new Error(`The app answered ${response.status}.`);
  return response;
}

const CHAT_URL = import.meta.env.VITE_CHAT_URL ?? 'ws://localhost:3001';
const getToken = async () => (await ask('chat-token', {})).text();

export function App() {
  const [me, setMe] = useState<Person | null>();
  useEffect(() => {
    ask('me')
      .then((response) => response.json())
      .then(setMe, () => setMe(null));
  }, []);
  if (me === undefined) return null;
  if (me === null) return <SignIn onDone={setMe} />;
  return (
    <ChatProvider url={CHAT_URL} username={me.id} getToken={getToken} store={browserStore}>
      <Club me={me} onLeave={() => setMe(null)} />
    </ChatProvider>
  );
}

function Club({ me, onLeave }: { me: Person; onLeave(): void }) {
  const [people, setPeople] = useState<Person[]>([]);
  const { logout } = useParley();
  useEffect(() => {
    ask('people')
      .then((response) => response.json())
      .then(setPeople, () => {});
  }, []);
  const signOut = async () => {
    // First the chat, which leaves nothing of this user in the browser.
    await logout();
    await ask('sign-out', {});
    onLeave();
  };
  return (
    <>
      <header className="top">
        <h1>Book club</h1>
        <bdi>{me.name}</bdi>
        <button type="button" onClick={signOut}>
          Sign out
        </button>
      </header>
      <Chat people={people.filter(({ id }) => id !== me.id)} />
    </>
  );
}

function SignIn({ onDone }: { onDone(me: Person): void }) {
  const [problem, setProblem] = useState('');
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    ask('sign-in', Object.fromEntries(new FormData(event.currentTarget)))
      .then((response) => response.json())
      .then(onDone, () => setProblem('Wrong name or password.'));
  };
  return (
    <form className="door" onSubmit={submit}>
      <h1>Book club</h1>
      <label>
        Name <input name="login" autoComplete="username" required />
      </label>
      <label>
        Password <input name="password" type="password" autoComplete="current-password" required />
      </label>
      <button type="submit">Sign in</button>
      <p role="alert">{problem}</p>
    </form>
  );
}
