import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { RequestError, register } from '../../sdk/chat.ts';
import { isName } from '../../view/look-for.ts';
import { inWords, wordsFor } from '../../view/words.ts';
import { groupInAddress } from './address.ts';
import { Problem } from './dialogs/dialog.tsx';
import { asName, Field } from './dialogs/field.tsx';
import { Password } from './password.tsx';
import type { Service } from './service.ts';

interface LoginPageProps {
  url: string;
  service: Service;
  /** Why the last session ended. */
  refusal: string;
  /** The user of the last session, if they may log in again. */
  username: string;
  /** Who has logged in meanwhile, in another tab; empty for nobody. */
  other: string;
  onEnter(username: string, password?: string): void;
}

/** What is wrong, by where it is said. */
interface Problems {
  name?: string;
  password?: string;
  other?: string;
}

/** Log in, or register and log in. */
export function LoginPage({ url, service, refusal, username: last, other, onEnter }: LoginPageProps) {
  const [isNew, setIsNew] = useState(false);
  const [problems, setProblems] = useState<Problems>();
  const [isBusy, setIsBusy] = useState(false);
  const { passwords, passwordLength = 1, registration } = service;
  const [group] = useState(groupInAddress);

  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    const fields = [...(form.current?.querySelectorAll('input') ?? [])];
    // Who is typing wants to be somebody else.
    if (other && fields.every(({ value, defaultValue }) => value === defaultValue)) onEnter(other);
  }, [other, onEnter]);
  // Before its user sees it and types.
  useLayoutEffect(() => {
    // Not where that calls up a keyboard, which would cover half of what is new there, unless its user has just asked for it.
    if (!isNew && matchMedia('(pointer: coarse)').matches) return;
    const fields = [...(form.current?.querySelectorAll('input') ?? [])];
    fields.find(({ value }) => value === '')?.focus();
  }, [isNew]);

  /** What can be told without asking the service. */
  function problemsOf(username: string, password: string): Problems | undefined {
    if (username === '') return { name: 'Type your name.' };
    if (isNew && !isName(username)) return { name: inWords('invalid_name') };
    if (password === '')
      return passwords && { password: isNew ? 'Choose a password.' : 'Type your password.' };
    if (isNew && [...password].length < passwordLength)
      return { password: `A password has at least ${passwordLength} characters.` };
    return undefined;
  }

  async function submit(event: Event) {
    event.preventDefault();
    // As password managers fill it in, with or without an event.
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const username = String(form.get('username')).trim();
    const password = String(form.get('password'));
    const found = problemsOf(username, password);
    setProblems(found ?? {});
    if (found || isBusy) return;
    setIsBusy(true);
    try {
      if (isNew) await register({ url, username, password: password || undefined });
      onEnter(username, password || undefined);
    } catch (error) {
      setProblems(placed(error));
    } finally {
      setIsBusy(false);
    }
  }

  const isWrong = refusal === inWords('invalid_credentials');
  const shown = problems ?? (isWrong ? { password: refusal } : { other: refusal });
  const said = (what: keyof Problems) => shown[what] ?? '';
  return (
    <main class="door">
      <form ref={form} class="card" onSubmit={submit} noValidate>
        <h1>
          <img src="./icon.svg" alt="" width="28" height="28" /> Parley
        </h1>
        <p class="lead">
          {isNew
            ? 'Choose a name that others write to.'
            : // Whoever typed something wrong may never have been here.
              last && !isWrong
              ? 'Welcome back.'
              : registration === 'closed'
                ? 'Log in. Whoever runs this service adds its users.'
                : 'Log in, or register if you are new here.'}
        </p>
        {group && (
          <p>
            This link leads to the group <strong>#{group}</strong>.
          </p>
        )}
        <Problem text={said('other')} />
        <Field
          label="Name"
          name="username"
          defaultValue={last}
          maxLength={32}
          {...asName}
          autoComplete="username"
          hint={isNew && !said('name') ? 'Up to 32 letters a to z, digits and . _ -' : ''}
          problem={said('name')}
        />
        <Password
          label="Password"
          name="password"
          autoComplete={isNew ? 'new-password' : 'current-password'}
          hint={isNew ? (said('password') ? '' : newHint(service)) : passwords ? '' : 'If you have one.'}
          problem={said('password')}
        />
        <button type="submit" class="primary" disabled={isBusy}>
          {isNew ? 'Register' : 'Log in'}
        </button>
        {other && (
          <button type="button" onClick={() => onEnter(other)}>
            Go on as <bdi>{other}</bdi>
          </button>
        )}
        {registration !== 'closed' && (
          <button
            type="button"
            class="quiet"
            onClick={() => {
              setIsNew(!isNew);
              setProblems({});
            }}
          >
            {isNew ? 'I have a name: log in' : 'New here? Register'}
          </button>
        )}
      </form>
    </main>
  );
}

function newHint({ passwords, passwordLength = 1 }: Service): string {
  const length = passwordLength > 1 ? `At least ${passwordLength} characters.` : '';
  return passwords ? length : `${length} Without one, whoever knows your name can log in as you.`.trim();
}

/** Where a refusal belongs. */
function placed(error: unknown): Problems {
  const words = wordsFor(error);
  const code = error instanceof RequestError ? error.code : undefined;
  if (code === 'name_taken') return { name: `${words} If it is yours, log in.` };
  if (code === 'invalid_name') return { name: words };
  // Of the fields that a registration has, the service can only refuse the password for its form.
  return code === 'bad_request' ? { password: words } : { other: words };
}
