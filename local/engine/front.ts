import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isAllowed } from '../iam.ts';
import { callerOf } from '../signature.ts';
import type { FunctionModel } from '../template/model.ts';
import { type Count, type DynamoCall, type Fault, resourcesOf, tablesOf } from './calls.ts';
import type { Dynamo } from './dynamo.ts';

type Json = Record<string, unknown>;

/** What the front knows beside the store. */
export interface FrontOptions {
  dynamo: Dynamo;
  /** Access key id → the function that signs with it. */
  functions: ReadonlyMap<string, Pick<FunctionModel, 'id' | 'arn' | 'statements'>>;
  /** Asked before each call; the seam for faults. */
  disturb?: (call: DynamoCall) => Fault | undefined;
}

/** DynamoDB's HTTP API in front of the store: who calls, may they, what does it cost. */
export class Front {
  readonly server: Server;
  readonly #options: FrontOptions;
  readonly #counts = new Map<string, Count>();

  constructor(options: FrontOptions) {
    this.#options = options;
    this.server = createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => {
        process.stderr.write(`DynamoDB: ${(error as Error).stack}\n`);
        send(response, 500, failure('InternalServerError', 'The local DynamoDB failed'));
      });
    });
    // A client keeps its connections; the default of 5 s would cut them between two messages.
    this.server.keepAliveTimeout = 65_000;
  }

  /** All calls since the last reset, by caller, table and operation. */
  counts(): Count[] {
    return [...this.#counts.values()];
  }

  resetCounts(): void {
    this.#counts.clear();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await read(request);
    const caller = callerOf(request.headers.authorization);
    const identity = this.#options.functions.get(caller ?? '');
    if (identity === undefined) {
      send(
        response,
        400,
        failure('UnrecognizedClientException', 'The security token included in the request is invalid.'),
      );
      return;
    }
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    const call: DynamoCall = { caller: identity.id, operation, input: JSON.parse(body) as Json };
    const denied = denial(identity, call);
    if (denied) {
      send(response, 400, failure('AccessDeniedException', denied));
      return;
    }
    const { status, json } = await this.#run(call);
    send(response, status, json);
  }

  async #run(call: DynamoCall): Promise<{ status: number; json: Json }> {
    const fault = this.#options.disturb?.(call);
    if (fault?.delay) await new Promise((done) => setTimeout(done, fault.delay));
    const error = fault?.error;
    const instead = error && { status: error.status, json: failure(error.type, 'A fault was injected') };
    if (instead && error.when === 'before') return instead;
    const { consumed, status, body } = await this.#options.dynamo.call(call.operation, call.input);
    const table = tablesOf(call).join('+');
    const key = `${call.caller} ${table} ${call.operation}`;
    const count = this.#counts.get(key) ?? {
      caller: call.caller ?? '',
      table,
      operation: call.operation,
      requests: 0,
      read: 0,
      write: 0,
    };
    this.#counts.set(key, count);
    count.requests++;
    count.read += consumed.read;
    count.write += consumed.write;
    return instead ?? { status, json: body };
  }
}

function denial(
  { arn, statements }: Pick<FunctionModel, 'arn' | 'statements'>,
  call: DynamoCall,
): string | undefined {
  const action = `dynamodb:${call.operation}`;
  const resource = resourcesOf(call).find((each) => !isAllowed(statements, { action, resource: each }));
  return (
    resource &&
    `User: ${arn} is not authorized to perform: ${action} on resource: ${resource} ` +
      'because no identity-based policy allows the action'
  );
}

const failure = (type: string, message: string): Json => ({
  __type: `com.amazonaws.dynamodb.v20120810#${type}`,
  message,
});

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function send(response: ServerResponse, status: number, json: Json): void {
  const body = Buffer.from(JSON.stringify(json));
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0', 'content-length': body.length });
  response.end(body);
}
