import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import type { Permissions } from '../iam.ts';
import { type Answer, type ServiceOptions, serviceServer } from '../service.ts';
import type { FunctionModel } from '../template/model.ts';
import { InvocationError } from './instance.ts';

interface LambdaOptions extends ServiceOptions {
  functions: () => readonly FunctionModel[];
  permissions: Permissions;
  /** Runs a function. @throws InvocationError if it fails */
  invoke: (functionId: string, event: unknown, requestId: string) => Promise<unknown>;
}

// Source: Lambda's quotas for synchronous invocations.
const LARGEST = 6 * 1024 * 1024;
const PATH = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

/** The part of Lambda's API that functions use: a synchronous `Invoke`. */
export const lambdaServer = ({ functions, permissions, invoke, ...options }: LambdaOptions): Server =>
  serviceServer(options, {
    name: 'Lambda',
    contentType: 'application/json',
    stranger: refusal(403, 'UnrecognizedClientException', 'The security token is invalid.'),
    broken: refusal(500, 'ServiceException', 'The local Lambda failed'),
    check(caller, request, body) {
      const [, name = ''] = (request.method === 'POST' && PATH.exec(request.url ?? '')) || [];
      if (name === '') return refusal(404, 'UnknownOperationException', 'The local Lambda has only Invoke');
      const type = request.headers['x-amz-invocation-type'] ?? 'RequestResponse';
      if (type !== 'RequestResponse')
        return refusal(400, 'InvalidParameterValueException', `The local Lambda has no ${type}`);
      const called = functions().find(({ id, arn }) => [id, arn].includes(decodeURIComponent(name)));
      const resource = called?.arn ?? decodeURIComponent(name);
      if (permissions.denies(caller, { action: 'lambda:InvokeFunction', resources: [resource] })) {
        const message = `User: ${caller.arn} is not authorized to perform: lambda:InvokeFunction on resource: ${resource} because no identity-based policy allows the lambda:InvokeFunction action`;
        return refusal(403, 'AccessDeniedException', message);
      }
      if (called === undefined)
        return refusal(404, 'ResourceNotFoundException', `Function not found: ${resource}`);
      if (body.length > LARGEST)
        return refusal(
          413,
          'RequestTooLargeException',
          `${body.length} bytes exceed the limit of ${LARGEST}`,
        );
      if (options.faults.happens('busy')) return refusal(429, 'TooManyRequestsException', 'Rate Exceeded.');
      return () => run(invoke(called.id, parsed(body), randomUUID()));
    },
  });

const parsed = (body: Buffer): unknown => (body.length === 0 ? {} : JSON.parse(body.toString()));

/** The function's result, or Lambda's description of its failure. */
const run = (returned: Promise<unknown>): Promise<Answer> =>
  returned.then(
    (result) => ({ status: 200, json: result ?? null }),
    (error: unknown) => {
      if (!(error instanceof InvocationError)) throw error;
      const json = { errorType: 'Error', errorMessage: error.message };
      return { status: 200, json, headers: { 'x-amz-function-error': 'Unhandled' } };
    },
  );

const refusal = (status: number, type: string, message: string): Answer => ({
  status,
  json: { Type: 'User', message },
  headers: { 'x-amzn-errortype': type },
});
