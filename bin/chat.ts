import { type Chat, RequestError } from '../client/chat.ts';
import { type Arguments, HELP, readArguments } from '../terminal/arguments.ts';
import { askerOn, GaveUp } from '../terminal/asker.ts';
import { enter } from '../terminal/enter.ts';
import { openStore } from '../terminal/own-store.ts';
import { pipe } from '../terminal/piped.ts';

const { stdin: input, stdout: output, stderr: errors } = process;

function readFlags(): Arguments {
  try {
    return readArguments(process.argv.slice(2), process.env);
  } catch (error) {
    console.error(`${(error as Error).message}\nTry: npm run chat -- --help`);
    process.exit(1);
  }
}

/** For a person: until they quit, or what they log in with is no good any more. */
async function onTerminal(given: Arguments): Promise<0 | 1> {
  // Ink is slow to load, and only a terminal needs it.
  if (process.env.NO_COLOR) process.env.FORCE_COLOR = '0';
  const { sit } = await import('../terminal/sit.ts');
  const { store, isTaken } = openStore(given);
  const notice = isTaken ? [`${given.name} is open in another terminal: this one keeps nothing.`] : [];
  const asker = askerOn(input, errors);
  for (;;) {
    const chat = await enter(given, store, { asker });
    const reason = await sit(chat, { input, output, notice });
    chat.close();
    if (reason === undefined || reason === 'closed' || reason === 'logged_out') return 0;
    if (reason !== 'invalid_credentials') throw new RequestError(reason, `The session has ended: ${reason}.`);
  }
}

/** For a program. */
async function onPipe(given: Arguments): Promise<0 | 1> {
  const { store, isTaken } = openStore(given);
  if (isTaken) errors.write(`${given.name} is in use by another process: this one keeps nothing.\n`);
  const open = async (opened: (chat: Chat) => void) => {
    const chat = await enter(given, store, { opened });
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => chat.close());
    return chat;
  };
  return pipe(open, { input, output, errors, ...given });
}

const given = readFlags();
if (given.help) {
  console.log(HELP);
  process.exit(0);
}

// Whoever reads may stop to.
output.on('error', () => process.exit(1));

const isSeated = input.isTTY && output.isTTY && !given.json;
const run = isSeated ? onTerminal : onPipe;
const code = await run(given).catch((error: unknown) => {
  if (!(error instanceof RequestError || error instanceof GaveUp)) throw error;
  if (given.json)
    output.write(
      `${JSON.stringify({ event: 'problem', code: 'code' in error ? error.code : undefined, reason: error.message })}\n`,
    );
  else errors.write(`${error.message}\n`);
  return 1;
});
// The input may be open still, and what was written must be out.
output.write('', () => process.exit(code));
