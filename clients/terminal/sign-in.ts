import { WebSocket } from 'ws';
import { type Chat, type Code, connect, RequestError, register, type Store } from '../sdk/chat.ts';
import type { Arguments } from './arguments.ts';
import { inWords, mayLogInAgain } from './words.ts';

/** Asks whoever sits there. */
export interface Asker {
  /** @param isSecret it is not shown */
  ask(question: string, isSecret?: boolean): Promise<string>;
  say(line: string): void;
}

interface Around {
  /** Asked for a password, or whether to register; absent where nobody sits. */
  asker?: Asker;
  /** Told of each attempt before anything can come. */
  opened?(chat: Chat): void;
}

const MOST_TRIES = 5;

/**
 * Logs in as who the arguments say.
 * @returns online, or, where somebody sits, waiting for the service
 * @throws RequestError the login's or the registration's refusal; `unreachable` where nobody sits
 */
export async function signIn(given: Arguments, store: Store, { asker, opened }: Around): Promise<Chat> {
  const { url, name: username } = given;
  const who = { url, username, webSocket: WebSocket };
  let { password } = given;
  if (given.register) await registerOnce({ ...who, password });
  for (let tries = 1; ; tries++) {
    const chat = connect({ ...who, password, store });
    opened?.(chat);
    const refusal = await outcome(chat, !asker);
    if (refusal === undefined) return chat;
    if (refusal === 'unreachable' && asker) return chat;
    chat.close();
    if (!mayLogInAgain(refusal) || !asker || tries === MOST_TRIES) throw refused(username, refusal);
    password = await another({ ...who, password }, asker);
  }
}

/** Why it is not online; nothing if it is. @param isPatient also what passes is waited for, unless nothing is there at all */
function outcome(chat: Chat, isPatient: boolean): Promise<Code | undefined> {
  return new Promise((resolve) => {
    const end = chat.on('state', ({ state, reason = 'unreachable' }) => {
      if (state === 'connecting' || (state === 'waiting' && isPatient && reason !== 'unreachable')) return;
      end();
      resolve(state === 'online' ? undefined : state === 'waiting' ? 'unreachable' : reason);
    });
  });
}

const refused = (username: string, code: Code): RequestError =>
  new RequestError(code, `${username}: ${inWords(code)}`);

type Who = Parameters<typeof register>[0];

/** Registers, unless that was done before: whether it was by the same one, the login will say. */
async function registerOnce(who: Who): Promise<void> {
  await register(who).catch((error: RequestError) => {
    if (error.code !== 'name_taken') throw error;
  });
}

/** The service says alike of a wrong password and of a name that nobody has: what to try next. */
async function another(who: Who, asker: Asker): Promise<string | undefined> {
  asker.say(`${who.username} is not registered here, or has another password.`);
  const password = await asker.ask('Password (just Enter to register): ', true);
  if (password !== '') return password;
  const chosen =
    (await asker.ask(`A password for ${who.username} (just Enter for none): `, true)) || undefined;
  await register({ ...who, password: chosen }).catch((error: RequestError) => asker.say(error.message));
  return chosen;
}
