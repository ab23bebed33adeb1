import { run } from '../cli/command.ts';
import { type Chat, RequestError, type Store } from '../clients/sdk/chat.ts';
import { endedKey } from '../clients/sdk/ended.ts';
import { type Arguments, argumentsOf, command } from '../clients/terminal/arguments.ts';
import { askerOn, GaveUp } from '../clients/terminal/asker.ts';
import { openStore } from '../clients/terminal/own-store.ts';
import { pipe } from '../clients/terminal/piped.ts';
import { reportAs } from '../clients/terminal/report.ts';
import { signIn } from '../clients/terminal/sign-in.ts';
import { inWords, isEndedElsewhere, mayLogInAgain } from '../clients/terminal/words.ts';

const { stdin: input, stdout: output, stderr: errors } = process;

/** For a person: until they quit, or what they log in with is no good any more. */
async function onTerminal(given: Arguments): Promise<0 | 1> {
  // Ink is slow to load, and only a terminal needs it.
  if (process.env.NO_COLOR) process.env.FORCE_COLOR = '0';
  const { runTerminal } = await import('../clients/terminal/run-terminal.ts');
  const { store, isTaken } = openStore(given);
  const notice = isTaken ? [`${given.name} is open in another terminal: this one keeps nothing.`] : [];
  const asker = askerOn(input, errors);
  for (;;) {
    const chat = await signIn(given, store, { asker });
    const reason = await runTerminal(chat, { input, output, notice });
    chat.close();
    if (reason === 'logged_out' && isOwed(store)) asker.say(OWED);
    if (!reason || !isEndedElsewhere(reason)) return 0;
    if (!mayLogInAgain(reason)) throw new RequestError(reason, inWords(reason));
    asker.say(inWords(reason));
  }
}

const OWED =
  'Nothing is kept here any more. The service hears that the session is over at the next start of this program.';

/** Whether the service could not be told of a logout (clients/sdk/ended.ts). */
const isOwed = (store: Store): boolean => store.keys(endedKey('')).length > 0;

/** For a program, or for somebody at a terminal that takes no commands. @param isSeated somebody can be asked */
async function inLines(given: Arguments, isSeated: boolean): Promise<0 | 1> {
  const { store, isTaken } = openStore(given);
  const { problem } = reportAs({ output, errors, ...given });
  if (isTaken) problem(`${given.name} is in use by another process: this one keeps nothing.`);
  const asker = isSeated ? askerOn(input, errors) : undefined;
  const open = async (opened: (chat: Chat) => void) => {
    const chat = await signIn(given, store, { asker, opened });
    if (isSeated) problem('Each line is TO MESSAGE; /help lists the commands, /quit ends.');
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => chat.close());
    return chat;
  };
  const code = await pipe(open, { input, output, errors, ...given });
  if (isOwed(store)) problem(OWED);
  return code;
}

await run(command, async (values, rest) => {
  const given = argumentsOf({ values, rest }, process.env);
  // Whoever reads may stop to.
  output.on('error', () => process.exit(1));
  const isSeated = input.isTTY && output.isTTY && !given.json;
  // It would show escape sequences as they are.
  const isDumb = process.env.TERM === 'dumb';
  const talk = isSeated && !isDumb ? onTerminal(given) : inLines(given, isSeated);
  const code = await talk.catch((error: unknown) => {
    if (!(error instanceof RequestError || error instanceof GaveUp)) throw error;
    reportAs({ output, errors, ...given }).problem(error.message, 'code' in error ? error.code : undefined);
    return 1;
  });
  // The input may be open still, and what was written must be out.
  output.write('', () => process.exit(code));
});
