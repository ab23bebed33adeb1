import { setTimeout as pause } from 'node:timers/promises';
import type { LambdaClientConfig } from '@aws-sdk/client-lambda';
import type { Replies, Requests } from '../sdk/wire.ts';
import { type Code, ServerApiError } from './errors.ts';
import { type Call, type Invoker, invoker, type Reply } from './invoke.ts';
import { type Patience, repeatedly } from './repeat.ts';
import type { NotAsUser, OperatorReplies, OperatorRequests } from './wire.ts';

/** The `type` of what a user may ask for through a backend, and of what the operator may. */
export type UserCommand = Exclude<keyof Requests, NotAsUser>;
export type OperatorCommand = keyof OperatorRequests;

/** A request as a user, by its `type`, and what its success carries. */
export type UserRequest<T extends UserCommand> = { type: T } & Requests[T];
export type UserReply<T extends UserCommand> = Replies[T];

/** A request as the operator, by its `type`, and what its success carries. */
export type OperatorRequest<T extends OperatorCommand> = { type: T } & OperatorRequests[T];
export type OperatorReply<T extends OperatorCommand> = OperatorReplies[T];

/** Commands that do in one call what there is time for. */
type InPages = {
  [T in OperatorCommand]: OperatorReplies[T] extends { next?: string } ? T : never;
}[OperatorCommand];

/** A user, as whom the backend acts. */
export interface AsUser {
  /** Does what the user could do on a device of theirs. @throws ServerApiError */
  request<T extends UserCommand>(request: UserRequest<T>): Promise<UserReply<T>>;
}

/** The server API of one service. It keeps nothing, and may be shared by all of a program. */
export interface ServerApi {
  /** Does what only the operator may. @throws ServerApiError */
  request<T extends OperatorCommand>(request: OperatorRequest<T>): Promise<OperatorReply<T>>;
  /** The same, for a command whose reply may have `next`: calls until there is none. @throws ServerApiError */
  pages<T extends InPages>(request: OperatorRequest<T>): AsyncGenerator<OperatorReply<T>>;
  /** Acts as a user. @param username their id */
  as(username: string): AsUser;
  /** Closes connections that are open to Lambda. */
  close(): void;
}

/** Where the server API is. */
export interface ServerApiOptions {
  /** The name or ARN of its function: the stack's output `ApiFunction`, the construct's `functions.api`. */
  functionName: string;
  /** Of Lambda's client: `region`, `credentials`, `endpoint` and so on; absent, as the environment says. */
  lambda?: LambdaClientConfig;
  /** How often a call is made at most, the first time included; absent, 5 times. */
  attempts?: number;
}

/** As often, and with pauses as long, as a backend can wait that somebody waits for. */
export const patient: Patience = { attempts: 5, pause, random: Math.random };

/**
 * The server API of a service. Each call is made again after what passes, if that can do no harm.
 * @throws TypeError without a function
 */
export function serverApi({
  functionName,
  lambda,
  attempts = patient.attempts,
}: ServerApiOptions): ServerApi {
  if (typeof functionName !== 'string' || functionName === '')
    throw new TypeError('"functionName" is missing: it is the output ApiFunction of the stack.');
  return serverApiOf(invoker(functionName, lambda), { ...patient, attempts });
}

/** The same by other means to invoke it. */
export function serverApiOf({ invoke, close }: Invoker, patience: Patience): ServerApi {
  const once = async (call: Call) => {
    const reply = await invoke(JSON.stringify(call));
    if (reply.code !== undefined) throw refusalOf(reply);
    return reply;
  };
  const asked = (call: Call): Promise<never> => repeatedly(once, call, patience) as Promise<never>;
  const request: ServerApi['request'] = (given) => asked({ request: given });
  return {
    request,
    async *pages(given) {
      for (let next: string | undefined, more = true; more; more = next !== undefined) {
        const page = await request(next === undefined ? given : { ...given, next });
        yield page;
        next = (page as { next?: string }).next;
      }
    },
    as: (username) => ({ request: (given) => asked({ as: username, request: given }) }),
    close,
  };
}

const refusalOf = ({ code, reason = '', retry_after_ms, after_seq, ask }: Reply): ServerApiError =>
  new ServerApiError(code as Code, reason, {
    retryAfterMs: retry_after_ms as number | undefined,
    afterSeq: after_seq as number | undefined,
    ask: ask as string | undefined,
  });
