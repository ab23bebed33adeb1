import { execFileSync } from 'node:child_process';
import { run } from '../cli/command.ts';
import { type EditableChat, RequestError } from '../clients/sdk/chat.ts';
import { endedKey } from '../clients/sdk/ended.ts';
import { type KeyValueStore, partOf, partOfService, partOfUser } from '../clients/sdk/store.ts';
import { type Arguments, argumentsOf, command } from '../clients/terminal/arguments.ts';
import { askerOn, GaveUp } from '../clients/terminal/asker.ts';
import { tellFullDisk } from '../clients/terminal/full-disk.ts';
import { openStore } from '../clients/terminal/own-store.ts';
import { pipe } from '../clients/terminal/piped.ts';
import { reportAs } from '../clients/terminal/report.ts';
import { signIn } from '../clients/terminal/sign-in.ts';
import { isEndedElsewhere, mayLogInAgain, whyOver } from '../clients/terminal/words.ts';

const { stdin: input, stdout: output, stderr: errors } = process;

/** Runs the full-screen client until the user quits or can no longer log in. */
async function onTerminal(given: Arguments): Promise<0 | 1> {
  // Loaded here, since Ink is slow to load and pipes don't need it.
  if (process.env.NO_COLOR) process.env.FORCE_COLOR = '0';
  const { runTerminal } = await onScreen(() => import('../clients/terminal/run-terminal.ts'));
  const own = openStore(given);
  const { store } = own;
  const kept = partOfService(store, given.url);
  const asker = askerOn(input, errors);
  for (;;) {
    let isCaughtUp = false;
    const opened = (chat: EditableChat) => {
      chat.on('caught-up', () => {
        isCaughtUp = true;
      });
    };
    const chat = await signIn(given, store, { asker, opened });
    // Without a name, the store is opened at the login.
    const notice = own.isTaken
      ? [`${chat.username} is open in another terminal, so this session is not saved.`]
      : [];
    const drafts = chat.username ? partOf(kept, `${partOfUser(chat.username)}draft/`) : undefined;
    const how = { notice, isCaughtUp, drafts, store, bell: given.bell };
    const { reason, detail } = await runTerminal(chat, { input, output, ...how });
    chat.close();
    if (reason === 'logged_out' && isLogoutPending(kept)) asker.say(LOGOUT_PENDING);
    if (!reason || !isEndedElsewhere(reason)) return 0;
    if (!mayLogInAgain(reason)) throw new RequestError(reason, whyOver(reason, detail));
    asker.say(whyOver(reason, detail));
  }
}

/** Loads Ink so that it draws, also where `CI` is set, as in some containers: there it would show nothing until the end. */
async function onScreen<T>(load: () => Promise<T>): Promise<T> {
  const { CI, CONTINUOUS_INTEGRATION } = process.env;
  delete process.env.CI;
  delete process.env.CONTINUOUS_INTEGRATION;
  try {
    return await load();
  } finally {
    // Commands for tokens may want them. Undefined would become a text.
    if (CI !== undefined) process.env.CI = CI;
    if (CONTINUOUS_INTEGRATION !== undefined) process.env.CONTINUOUS_INTEGRATION = CONTINUOUS_INTEGRATION;
  }
}

const LOGOUT_PENDING =
  'Your data is removed from this machine. The session ends when this program next reaches the service.';

/** Hides what is typed, or shows it again. @throws Error if this terminal cannot */
function echo(isOn: boolean): void {
  execFileSync('stty', [isOn ? 'echo' : '-echo'], { stdio: ['inherit', 'ignore', 'ignore'] });
  if (isOn) process.off('exit', showAgain);
  else process.once('exit', showAgain);
}

const showAgain = () => echo(true);

/** Whether a logout has not reached the service yet (clients/sdk/ended.ts). */
const isLogoutPending = (store: KeyValueStore): boolean => store.keys(endedKey('')).length > 0;

/** Runs the line client, for pipes and dumb terminals. @param isInteractive whether a user can answer questions */
async function inLines(given: Arguments, isInteractive: boolean): Promise<0 | 1> {
  const own = openStore(given);
  const { store } = own;
  const { problem } = reportAs({ output, errors, isInteractive, ...given });
  const asker = isInteractive ? askerOn(input, errors) : undefined;
  const open = async (opened: (chat: EditableChat) => void) => {
    const chat = await signIn(given, store, { asker, opened });
    tellFullDisk(store, chat, problem);
    if (own.isTaken) problem(`${chat.username} is in use by another process, so this session is not saved.`);
    if (isInteractive)
      problem(
        'A line is TO MESSAGE; or /switch CHAT, and then a message. /help lists the commands, /quit quits.',
      );
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => chat.close());
    return chat;
  };
  const code = await pipe(open, { input, output, errors, isInteractive, echo, ...given });
  if (isLogoutPending(partOfService(store, given.url))) problem(LOGOUT_PENDING);
  return code;
}

await run(command, async (values, rest) => {
  const given = argumentsOf({ values, rest }, process.env);
  // The reader of a pipe may close it.
  output.on('error', () => process.exit(1));
  const isInteractive = input.isTTY && output.isTTY && !given.json;
  // A dumb terminal would show escape sequences as text. Windows has no dumb ones, and sets no TERM.
  const { TERM = process.platform === 'win32' ? 'windows' : '' } = process.env;
  const isDumb = ['dumb', 'unknown', ''].includes(TERM);
  const talk = isInteractive && !isDumb && !given.plain ? onTerminal(given) : inLines(given, isInteractive);
  const code = await talk.catch((error: unknown) => {
    if (!(error instanceof RequestError || error instanceof GaveUp)) throw error;
    reportAs({ output, errors, ...given }).problem(error.message, 'code' in error ? error.code : undefined);
    return 1;
  });
  // Exit even if the input is still open, once all output is written.
  output.write('', () => process.exit(code));
});
