import type { Context } from 'aws-lambda';
import { OutcomeUnknown } from '../chat/errors.ts';
import type { Credentials } from '../chat/ports.ts';
import { requireUser } from '../chat/require-user.ts';
import {
  asUserId,
  ChatError,
  type Command,
  commands,
  limits,
  type OperatorCommand,
  operatorCommands,
  type Users,
} from '../protocol/index.ts';
import { FunctionFailed, type Invoke } from './aws/invoke.ts';
import { answering } from './runtime/answer.ts';
import { users } from './runtime/config.ts';
import { env } from './runtime/env.ts';
import type { BackendEvent } from './runtime/event.ts';
import { withObservability } from './runtime/observability.ts';

interface Ports {
  credentials: Credentials;
  invoke: Invoke;
}

/** The server API: `{"as":USER,"request":{…}}`, or without a user the operator's. Returns the reply as JSON, and throws nothing. */
export type Api = (call: unknown, context: Context) => Promise<unknown>;

/**
 * The function that backends invoke. It checks who is meant, invokes the command's own function, which has the rights for it,
 * and returns the reply. Whoever may invoke it may act as anybody.
 */
export function onApiCall({ credentials, invoke }: Ports): Api {
  const functions: Readonly<Record<string, string>> = JSON.parse(env('FUNCTIONS'));
  const idsOf = users();
  const answer = answering();

  async function run(command: AnyCommand, input: Fields, backend: Backend): Promise<string> {
    if (backend.as !== undefined) await requireUser({ credentials }, backend.as);
    const event: BackendEvent = { backend, body: JSON.stringify({ ...input, type: command.type }) };
    const result = await invoke(functions[command.type] ?? functions.operator ?? '', event).catch(
      (cause: unknown) => {
        // Functions answer what goes wrong in them. One that doesn't was killed, or has no time left.
        throw cause instanceof FunctionFailed ? new OutcomeUnknown(cause.message, { cause }) : cause;
      },
    );
    return (result as { body: string }).body;
  }

  const handle = withObservability('api', async ({ call }: { call: unknown }, context) => {
    let command: AnyCommand | undefined;
    let input: Fields = {};
    const reply = async () => {
      const { as, request } = readCall(call);
      input = request;
      command = commandOf(request.type);
      return run(command, request, backendOf(command, as, idsOf));
    };
    // One place turns errors into replies, and logs them.
    const fail = (error: unknown) =>
      answer(
        { form: 'json', command, input: { ...input }, problem: error as ChatError },
        () => Promise.reject(error),
        { backend: {}, body: '' },
        context,
      );
    return JSON.parse((await reply().catch(fail)) ?? '');
  });
  return (call, context) => handle({ call }, context);
}

type AnyCommand = Command | OperatorCommand;
type Backend = BackendEvent['backend'];
type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const bad = (reason: string) => new ChatError('bad_request', reason);
const quoted = (word: string) => JSON.stringify(word.slice(0, 40));

/**
 * The parts of a call. Nothing unknown is ignored: a call whose "as" is misspelled must not be the operator's.
 * @throws ChatError `bad_request`
 */
function readCall(call: unknown): { as?: string; request: Fields } {
  if (!isObject(call))
    throw bad('A call must be an object like {"as":"ann","request":{"type":"list_chats"}}.');
  const unknown = Object.keys(call).find((key) => key !== 'as' && key !== 'request');
  if (unknown !== undefined) throw bad(`A call has "request" and "as", but no ${quoted(unknown)}.`);
  const { as, request } = call;
  if ('as' in call && typeof as !== 'string')
    throw bad('"as" must be the id of a user. For the operator, leave it out.');
  if (!isObject(request)) throw bad('"request" must be an object like {"type":"list_chats"}.');
  if (Buffer.byteLength(JSON.stringify(request)) > limits.requestBytes)
    throw bad(`"request" must be at most ${limits.requestBytes} bytes of JSON.`);
  return { request, ...(typeof as === 'string' && { as }) };
}

/** @throws ChatError `bad_request`, `unknown_type` */
function commandOf(type: unknown): AnyCommand {
  if (typeof type !== 'string') throw bad('"type" of the request must be a string.');
  const wanted = type.trim().toLowerCase();
  const found = [...commands, ...operatorCommands].find((each) => each.type.toLowerCase() === wanted);
  if (found === undefined) throw new ChatError('unknown_type', `There is no command ${quoted(type)}.`);
  return found;
}

/**
 * Who asks, if they may.
 * @throws ChatError `bad_request`, `invalid_name`, `not_allowed`
 */
function backendOf({ type, operator, notAsUser }: AnyCommand, as: string | undefined, idsOf: Users): Backend {
  if (as === undefined) {
    if (operator === undefined) throw bad(`"as" is missing: a user does ${type}, not the operator.`);
    return {};
  }
  if (operator === 'only') throw new ChatError('not_allowed', `${type} is the operator's: leave "as" out.`);
  if (notAsUser !== undefined)
    throw new ChatError('not_allowed', `${type} is not for backends. ${notAsUser}`);
  const username = asUserId(as, idsOf);
  if (username === undefined) throw new ChatError('invalid_name', '"as" is not the id of a user.');
  return { as: username };
}
