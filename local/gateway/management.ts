import { createServer, type IncomingMessage, type Server } from 'node:http';
import { bodyOf } from '../body.ts';
import { type Callers, callerOf, type Signer } from '../callers.ts';
import type { Faults } from '../faults/faults.ts';
import type { Identity, Permissions } from '../iam.ts';
import { arn } from '../template/aws.ts';
import type { CloudModel } from '../template/model.ts';
import { type Answer, respond } from './answer.ts';
import type { Connection } from './connection.ts';
import type { Gateway } from './gateway.ts';
import type { Throttles } from './throttles.ts';

/** The dependencies of the management API besides the gateway. */
interface ManagementOptions {
  model: () => CloudModel;
  gateway: () => Gateway;
  permissions: Permissions;
  callers: Callers<Identity>;
  /** Maximum bytes of a message. */
  payload: number;
  /** Called for every message that a connection accepted, before the caller is answered. */
  onPost: (connection: Connection, data: Buffer) => void;
  /** Called for every lookup of a connection, whatever the answer. */
  onLook: () => void;
  faults: Faults;
  /** Absent if nothing is throttled. */
  throttles: () => Throttles | undefined;
  /** Kills the instance that makes a call. */
  kill: (signer: Signer) => void;
}

/** `POST`, `GET` and `DELETE /{stage}/@connections/{id}`: how functions reach clients. */
export function managementServer(options: ManagementOptions): Server {
  const server = createServer((request, response) => {
    const respondWith = (answer: Answer) => respond(response, answer, options.faults);
    const answered = answerTo(options, request).then((answer) => answer && respondWith(answer));
    answered.catch((error: unknown) => {
      process.stderr.write(`@connections: ${(error as Error).stack}\n`);
      respondWith({ status: 500, type: 'InternalServerErrorException' });
    });
  });
  server.keepAliveTimeout = 65_000;
  return server;
}

/** Returns the answer; none for a killed instance. */
async function answerTo(options: ManagementOptions, request: IncomingMessage): Promise<Answer | undefined> {
  const { gateway, callers } = options;
  const model = options.model();
  const data = await bodyOf(request);
  const verb = request.method ?? '';
  const [, stage, encoded] = /^\/([^/]+)\/(?:@|%40)connections\/([^/?]+)/.exec(request.url ?? '') ?? [];
  if (stage !== model.stage || encoded === undefined) return { status: 404, type: 'NotFoundException' };
  const connectionId = decoded(encoded);
  if (connectionId === undefined) return { status: 400, type: 'BadRequestException' };
  const caller = callerOf(request.headers, callers);
  const resource = arn('execute-api', `${model.apiId}/${stage}/${verb}/@connections/${connectionId}`);
  if (
    !caller ||
    options.permissions.denies(caller.identity, {
      action: 'execute-api:ManageConnections',
      resources: [resource],
    })
  ) {
    const message = `User: ${caller?.identity.arn ?? 'anonymous'} is not authorized to perform: execute-api:ManageConnections on resource: ${resource}`;
    return { status: 403, type: 'ForbiddenException', json: { message } };
  }
  if (options.throttles()?.admitsPost() === false) return throttled;
  const connection = gateway().connections.get(connectionId);
  if (verb === 'GET') options.onLook();
  const take = () => perform(options, verb, data, connection);
  const answer = disturbed(options, { verb, signer: caller.signer, connection }, take);
  if (verb === 'POST' && connection && answer?.status === 200) options.onPost(connection, data);
  return answer;
}

interface Target {
  verb: string;
  signer: Signer;
  connection?: Connection;
}

const gone: Answer = { status: 410, type: 'GoneException' };
// Used for the account's rate limit and for the full buffer of a client that doesn't read: the service answers both alike.
const throttled: Answer = { status: 429, type: 'LimitExceededException' };

const POST_FAULTS = ['kill', 'throttled', 'error', 'gone', 'lost'] as const;
// Applied to connections that are gone, too: callers must distinguish a lookup that failed from a 410.
const LOOK_FAULTS = ['kill', 'throttled', 'error'] as const;

/** Answers with the faults injected; doesn't answer a killed instance. */
function disturbed(
  { faults, kill }: ManagementOptions,
  { verb, signer, connection }: Target,
  take: () => Answer,
): Answer | undefined {
  const open = verb === 'POST' && connection?.isOpen ? connection : undefined;
  const fault = faults.first(open ? POST_FAULTS : verb === 'GET' ? LOOK_FAULTS : ['kill']);
  if (fault === 'throttled') return throttled;
  if (fault === 'error') {
    if (faults.outcome('error') < 0.5) take();
    return { status: 500, type: 'InternalServerErrorException' };
  }
  if (fault === 'kill') {
    if (faults.outcome('kill') < 0.5) take();
    kill(signer);
    return undefined;
  }
  // A 410 of the service is final, so the connection must not live on.
  if (fault) open?.terminate();
  return fault === 'lost' ? { status: 200 } : take();
}

const VERBS = new Set(['POST', 'GET', 'DELETE']);

/** Posts, disconnects or looks up. */
function perform(
  { payload }: ManagementOptions,
  verb: string,
  data: Buffer,
  connection: Connection | undefined,
): Answer {
  if (!VERBS.has(verb)) return { status: 405, type: 'MethodNotAllowedException' };
  if (!connection?.isOpen) return gone;
  if (verb === 'POST') {
    if (data.length > payload) return { status: 413, type: 'PayloadTooLargeException' };
    if (connection.isFull) return throttled;
    connection.send(data);
    return { status: 200 };
  }
  if (verb === 'DELETE') {
    connection.close(1000, 'Connection Closed Normally');
    return { status: 204 };
  }
  const time = (at: number) => new Date(at).toISOString();
  const { connectedAt, lastActiveAt, identity } = connection;
  return {
    status: 200,
    json: { connectedAt: time(connectedAt), lastActiveAt: time(lastActiveAt), identity },
  };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
