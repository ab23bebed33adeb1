import { useEffect, useRef, useState } from 'preact/hooks';
import { RequestError, register } from '../../sdk/chat.ts';

interface DoorProps {
  url: string;
  /** Why the last session ended. */
  refusal: string;
  /** The user of the last session, if they may log in again. */
  username: string;
  /** Who has logged in meanwhile, in another tab; empty for nobody. */
  other: string;
  onEnter(username: string, password?: string): void;
}

/** Log in, or register and log in. */
export function LoginPage({ url, refusal, username: last, other, onEnter }: DoorProps) {
  const [isNew, setIsNew] = useState(false);
  const [problem, setProblem] = useState('');
  const [isBusy, setIsBusy] = useState(false);

  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    const fields = [...(form.current?.querySelectorAll('input') ?? [])];
    // Who is typing wants to be somebody else.
    if (other && fields.every(({ value, defaultValue }) => value === defaultValue)) onEnter(other);
  }, [other, onEnter]);

  async function submit(event: Event) {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const username = String(form.get('username')).trim();
    const password = String(form.get('password')) || undefined;
    setProblem('');
    setIsBusy(true);
    try {
      if (isNew) await register({ url, username, password });
      onEnter(username, password);
    } catch (error) {
      setProblem(error instanceof RequestError ? error.message : 'Something went wrong. Try again.');
    } finally {
      setIsBusy(false);
    }
  }

  return (
    <main class="door">
      <form ref={form} class="card" onSubmit={submit}>
        <h1>
          <img src="./icon.svg" alt="" width="28" height="28" /> Parley
        </h1>
        <p class="lead">{isNew ? 'Choose a name that others write to.' : 'Welcome back.'}</p>
        <label>
          Name
          <input
            name="username"
            defaultValue={last}
            required
            maxLength={32}
            autoComplete="username"
            autoCapitalize="none"
            spellcheck={false}
          />
        </label>
        <label>
          Password <small>if you have one</small>
          <input name="password" type="password" autoComplete={isNew ? 'new-password' : 'current-password'} />
        </label>
        {(problem || refusal) && <p role="alert">{problem || refusal}</p>}
        <button type="submit" class="primary" disabled={isBusy}>
          {isNew ? 'Register' : 'Log in'}
        </button>
        {other && (
          <button type="button" onClick={() => onEnter(other)}>
            Go on as <bdi>{other}</bdi>
          </button>
        )}
        <button type="button" class="quiet" onClick={() => setIsNew(!isNew)}>
          {isNew ? 'I have a name: log in' : 'New here? Register'}
        </button>
      </form>
    </main>
  );
}
