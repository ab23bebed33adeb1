import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { bodyOf } from '../body.ts';
import { type Callers, callerOf, type Signer } from '../callers.ts';
import type { Faults } from '../faults/faults.ts';
import type { Identity, Judge } from '../iam.ts';
import type { FunctionModel } from '../template/model.ts';
import { InvocationError } from './instance.ts';

interface LambdaOptions {
  callers: Callers<Identity>;
  functions: () => readonly FunctionModel[];
  judge: Judge;
  faults: Faults;
  /** Runs a function. @throws InvocationError if it fails */
  invoke: (functionId: string, event: unknown, requestId: string) => Promise<unknown>;
  /** Kills the instance that makes a call. */
  kill: (signer: Signer) => void;
}

// Source: Lambda's quotas, of a synchronous invocation.
const LARGEST = 6 * 1024 * 1024;
const PATH = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

/** Lambda's API, in so far as functions use it: a synchronous `Invoke`. */
export function lambdaServer(options: LambdaOptions): Server {
  const server = createServer((request, response) => {
    serve(options, request, response).catch((error: unknown) => {
      process.stderr.write(`Lambda: ${(error as Error).stack}\n`);
      refuse(response, 500, 'ServiceException', 'The local Lambda failed');
    });
  });
  server.keepAliveTimeout = 65_000;
  return server;
}

async function serve(
  { callers, functions, judge, faults, invoke, kill }: LambdaOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await bodyOf(request);
  const [, name = ''] = (request.method === 'POST' && PATH.exec(request.url ?? '')) || [];
  if (name === '')
    return refuse(response, 404, 'UnknownOperationException', 'The local Lambda has only Invoke');
  const known = callerOf(request.headers, callers);
  if (known === undefined)
    return refuse(response, 403, 'UnrecognizedClientException', 'The security token is invalid.');
  const type = request.headers['x-amz-invocation-type'] ?? 'RequestResponse';
  if (type !== 'RequestResponse')
    return refuse(response, 400, 'InvalidParameterValueException', `The local Lambda has no ${type}`);
  const called = functions().find(({ id, arn }) => [id, arn].includes(decodeURIComponent(name)));
  const { identity: caller, signer } = known;
  const resource = called?.arn ?? decodeURIComponent(name);
  if (judge.denies(caller, { action: 'lambda:InvokeFunction', resources: [resource] })) {
    const message = `User: ${caller.arn} is not authorized to perform: lambda:InvokeFunction on resource: ${resource} because no identity-based policy allows the lambda:InvokeFunction action`;
    return refuse(response, 403, 'AccessDeniedException', message);
  }
  if (called === undefined)
    return refuse(response, 404, 'ResourceNotFoundException', `Function not found: ${resource}`);
  if (body.length > LARGEST)
    return refuse(response, 413, 'RequestTooLargeException', `${body.length} bytes: the most are ${LARGEST}`);
  if (faults.happens('busy')) return refuse(response, 429, 'TooManyRequestsException', 'Rate Exceeded.');
  const killed = faults.happens('kill');
  if (killed && faults.outcome('kill') < 0.5) return kill(signer);
  const { error, result } = await run(invoke(called.id, parsed(body), randomUUID()));
  if (killed) return kill(signer);
  respond(response, 200, error ?? result ?? null, error && { 'x-amz-function-error': 'Unhandled' });
}

const parsed = (body: Buffer): unknown => (body.length === 0 ? {} : JSON.parse(body.toString()));

/** What the function returned, or what Lambda says of its failure. */
const run = (returned: Promise<unknown>): Promise<{ result?: unknown; error?: object }> =>
  returned.then(
    (result) => ({ result }),
    (error: unknown) => {
      if (!(error instanceof InvocationError)) throw error;
      return { error: { errorType: 'Error', errorMessage: error.message } };
    },
  );

const refuse = (response: ServerResponse, status: number, type: string, message: string): void =>
  respond(response, status, { Type: 'User', message }, { 'x-amzn-errortype': type });

function respond(
  response: ServerResponse,
  status: number,
  json: unknown,
  headers: Record<string, string> = {},
): void {
  const body = JSON.stringify(json);
  response
    .writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      ...headers,
    })
    .end(body);
}
