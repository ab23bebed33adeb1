import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Faults } from '../faults/faults.ts';
import { isAllowed } from '../iam.ts';
import { type Signer, signerOf } from '../signature.ts';
import { arn } from '../template/aws.ts';
import type { CloudModel, FunctionModel } from '../template/model.ts';
import type { Gateway } from './gateway.ts';

/** What the management API knows beside the gateway. */
interface ManagementOptions {
  model: () => CloudModel;
  gateway: () => Gateway;
  /** Access key id → function. */
  functions: ReadonlyMap<string, FunctionModel>;
  /** Bytes of one message. */
  payload: number;
  /** Told of every message that a connection took. */
  onPost: (connectionId: string) => void;
  faults: Faults;
  /** Kills the instance that makes a call. */
  kill: (signer: Signer) => void;
}

/** `POST`, `GET` and `DELETE /{stage}/@connections/{id}`: how functions reach clients. */
export function managementServer(options: ManagementOptions): Server {
  const server = createServer((request, response) => {
    serve(options, request, response).catch((error: unknown) => {
      process.stderr.write(`@connections: ${(error as Error).stack}\n`);
      refuse(response, 500, 'InternalServerErrorException');
    });
  });
  server.keepAliveTimeout = 65_000;
  return server;
}

async function serve(
  options: ManagementOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { gateway, functions, payload, faults } = options;
  const model = options.model();
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const data = Buffer.concat(chunks);
  const verb = request.method ?? '';
  const [, stage, encoded] = /^\/([^/]+)\/(?:@|%40)connections\/([^/?]+)/.exec(request.url ?? '') ?? [];
  if (stage !== model.stage || encoded === undefined) return refuse(response, 404, 'NotFoundException');
  const connectionId = decodeURIComponent(encoded);
  const signer = signerOf(request.headers.authorization);
  const caller = functions.get(signer.functionKey);
  const resource = arn('execute-api', `${model.apiId}/${stage}/${verb}/@connections/${connectionId}`);
  if (!caller || !isAllowed(caller.statements, { action: 'execute-api:ManageConnections', resource })) {
    const message = `User: ${caller?.arn ?? 'anonymous'} is not authorized to perform: execute-api:ManageConnections on resource: ${resource}`;
    return refuse(response, 403, 'ForbiddenException', message);
  }
  const connection = gateway().connections.get(connectionId);
  const fault = faults.first(['killBefore', 'killAfter', 'tooMany', 'postError', 'gone', 'lost']);
  if (fault === 'tooMany') return refuse(response, 429, 'LimitExceededException');
  if (fault === 'postError') return refuse(response, 500, 'InternalServerErrorException');
  if (fault === 'gone' || fault === 'lost') connection?.terminate();
  if (fault === 'lost' && connection) return void response.writeHead(200, { 'content-length': 0 }).end();
  if (fault === 'killBefore' || fault === 'killAfter') {
    if (fault === 'killAfter' && verb === 'POST' && connection?.isOpen) connection.send(data);
    options.kill(signer);
    response.destroy();
    return;
  }
  if (!connection?.isOpen) return refuse(response, 410, 'GoneException');
  if (verb === 'POST') {
    if (data.length > payload) return refuse(response, 413, 'PayloadTooLargeException');
    options.onPost(connectionId);
    connection.send(data);
    response.writeHead(200, { 'content-length': 0 }).end();
  } else if (verb === 'DELETE') {
    connection.close(1000, 'Connection Closed Normally');
    response.writeHead(204).end();
  } else if (verb === 'GET') {
    const time = (at: number) => new Date(at).toISOString();
    const body = JSON.stringify({
      connectedAt: time(connection.connectedAt),
      lastActiveAt: time(connection.lastActiveAt),
      identity: connection.identity,
    });
    response
      .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
      .end(body);
  } else {
    refuse(response, 405, 'MethodNotAllowedException');
  }
}

/** The SDK knows an error by this header alone. */
function refuse(response: ServerResponse, status: number, type: string, message?: string): void {
  const body = message === undefined ? '' : JSON.stringify({ message });
  response
    .writeHead(status, { 'x-amzn-errortype': type, 'content-length': Buffer.byteLength(body) })
    .end(body);
}
