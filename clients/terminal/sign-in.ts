import { WebSocket } from 'ws';
import { type Code, connect, type EditableChat, RequestError, register, type Store } from '../sdk/chat.ts';
import { changes } from '../sdk/editing.ts';
import { askOnce } from '../sdk/register.ts';
import type { Arguments } from './arguments.ts';
import { mayLogInAgain, whyOver } from './words.ts';

/** Asks the user a question. */
export interface Asker {
  /** @param isSecret whether to hide the answer */
  ask(question: string, isSecret?: boolean): Promise<string>;
  say(line: string): void;
}

interface Around {
  /** Asks for a password, or whether to register; absent without an interactive user. */
  asker?: Asker;
  /** Called with the chat of each attempt, before any event can arrive. */
  opened?(chat: EditableChat): void;
}

const MOST_TRIES = 5;

/**
 * Logs in as the user in the arguments.
 * @returns the chat: online, or with an interactive user perhaps still connecting
 * @throws RequestError if the login or registration is refused; `unreachable` without an interactive user
 */
export async function signIn(
  given: Arguments,
  store: Store,
  { asker, opened }: Around,
): Promise<EditableChat> {
  const { url, name: username, getToken } = given;
  const who = { url, username, webSocket: WebSocket };
  let { password } = given;
  if (given.register && username) await registerOnce({ ...who, username, password });
  for (let tries = 1; ; tries++) {
    const chat = connect({ ...who, password, getToken, store, changes });
    opened?.(chat);
    const refusal = await outcome(chat, !asker);
    if (refusal === undefined) return chat;
    const { code } = refusal;
    if (code === 'unreachable' && asker) return chat;
    chat.close();
    if (!username || !mayLogInAgain(code) || !asker || tries === MOST_TRIES)
      throw new RequestError(code, `${username ? `${username}: ` : ''}${whyOver(code, refusal.detail)}`);
    password = await another({ ...who, username, password }, asker);
  }
}

/**
 * Waits for a login.
 * @param isPatient whether to wait out temporary errors; that there is no token is none
 * @returns the error; undefined once online
 */
function outcome(
  chat: EditableChat,
  isPatient: boolean,
): Promise<{ code: Code; detail?: string } | undefined> {
  return new Promise((resolve) => {
    const end = chat.on('state', ({ state, reason: code = 'unreachable', detail }) => {
      if (state === 'connecting') return;
      const isFinal = state !== 'waiting' || code === 'no_token';
      if (!isFinal && isPatient && code !== 'unreachable') return;
      end();
      resolve(state === 'online' ? undefined : isFinal ? { code, detail } : { code: 'unreachable' });
    });
  });
}

type Who = Parameters<typeof register>[0];

/** Registers a name. If it is taken, the login shows whether by the same user. */
async function registerOnce(who: Who): Promise<void> {
  await register(who).catch((error: RequestError) => {
    if (error.code !== 'name_taken') throw error;
  });
}

/** Whether the service lets people register: otherwise its help doesn't name the command. */
async function mayRegister(who: Who): Promise<boolean> {
  const { lines } = await askOnce(who, { type: 'help' }).catch(() => ({ lines: undefined }));
  return !Array.isArray(lines) || lines.some((line) => String(line).startsWith('register '));
}

/** Decides what to try next: the service gives the same answer for a wrong password and an unknown name. */
async function another(who: Who, asker: Asker): Promise<string | undefined> {
  asker.say(`${who.username} is not registered here, or has another password.`);
  const isOpen = await mayRegister(who);
  const password = await asker.ask(isOpen ? 'Password (just Enter to register): ' : 'Password: ', true);
  if (password !== '' || !isOpen) return password || undefined;
  const chosen =
    (await asker.ask(`A password for ${who.username} (just Enter for none): `, true)) || undefined;
  await register({ ...who, password: chosen }).catch((error: RequestError) => asker.say(error.message));
  return chosen;
}
