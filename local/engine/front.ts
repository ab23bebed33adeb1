import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { bodyOf } from '../body.ts';
import { type Callers, callerOf, type Signer } from '../callers.ts';
import { type Faults, pause } from '../faults/faults.ts';
import { Permissions } from '../iam.ts';
import type { FunctionModel } from '../template/model.ts';
import { type Count, callOf, type DynamoCall, resourcesOf, tablesOf } from './calls.ts';
import { contextOf } from './context.ts';
import type { Dynamo } from './dynamo.ts';
import type { Outcome } from './store.ts';

type Json = Record<string, unknown>;

/** The caller. Without a display name, its id is shown. */
export type Caller = Pick<FunctionModel, 'id' | 'arn' | 'statements'> & { name?: string };

/** What the HTTP front needs besides the store. */
export interface FrontOptions {
  dynamo: Dynamo;
  callers: Callers<Caller>;
  faults: Faults;
  /** Kills the instance that makes a call. */
  kill: (signer: Signer) => void;
}

const DELAY_MS = 100;
// BatchGetItem asks for consistent reads per table.
const READS = new Set(['GetItem', 'Query', 'Scan']);
const FAULTS = ['throttle', 'errorBefore', 'kill'] as const;
const OF_WRITES = ['errorAfter', 'errorLate'] as const;
const WRITES = /^(Put|Update|Delete|BatchWrite|TransactWrite)/;

interface Answer {
  status: number;
  json: Json;
}

/** DynamoDB's HTTP API in front of the store: identifies callers, checks their rights, counts the cost. */
export class Front {
  readonly server: Server;
  readonly #options: FrontOptions;
  readonly permissions = new Permissions();
  readonly #counts = new Map<string, Count>();

  constructor(options: FrontOptions) {
    this.#options = options;
    this.server = createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => {
        process.stderr.write(`DynamoDB: ${(error as Error).stack}\n`);
        send(response, 500, failure('InternalServerError', 'The local DynamoDB failed'));
      });
    });
    // Clients keep their connections open; the default of 5 s would close them between two messages.
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
    const body = await bodyOf(request);
    const caller = callerOf(request.headers, this.#options.callers);
    if (caller === undefined) return refuse(response, 'UnrecognizedClientException', NO_CLIENT);
    const { identity, signer } = caller;
    const call = callOf(identity.id, String(request.headers['x-amz-target']), body.toString());
    if (typeof call === 'string') return refuse(response, call);
    const denied = this.#denial(identity, call);
    if (denied) return refuse(response, 'AccessDeniedException', denied);
    const answer = await this.#disturbed(call, signer);
    // A killed instance's connections end with it; if they ended earlier, the SDK would retry.
    if (answer) this.#send(response, answer);
  }

  #denial({ id, name = id, arn, statements }: Caller, call: DynamoCall): string | undefined {
    const { dynamo } = this.#options;
    const action = `dynamodb:${call.operation}`;
    const context = contextOf(call, (table, index) => dynamo.hashKeyOf(table, index));
    const resource = this.permissions.denies(
      { name, arn, statements },
      { action, resources: resourcesOf(call), context },
    );
    return (
      resource &&
      `User: ${arn} is not authorized to perform: ${action} on resource: ${resource} ` +
        'because no identity-based policy allows the action'
    );
  }

  /** Answers with the faults injected; doesn't answer a killed instance. */
  async #disturbed(call: DynamoCall, signer: Signer): Promise<Answer | undefined> {
    const { faults, kill } = this.#options;
    // A read has no effect, so it can't fail after one.
    const fault = faults.first(WRITES.test(call.operation) ? [...FAULTS, ...OF_WRITES] : FAULTS);
    if (fault === 'throttle') return throttled;
    if (fault === 'errorBefore') return broken;
    if (fault === 'errorLate') {
      void this.#late(call);
      return broken;
    }
    const early = fault === 'kill' && faults.outcome('kill') < 0.5;
    const answer = early ? undefined : await this.#slowly(call);
    if (fault === 'errorAfter') return broken;
    if (fault !== 'kill') return answer;
    kill(signer);
    return undefined;
  }

  #send(response: ServerResponse, { status, json }: Answer): void {
    // Errors of load balancers in front of the service have their own forms.
    const form = status >= 500 ? this.#options.faults.first(['bare', 'html']) : undefined;
    if (form === undefined) send(response, status, json);
    else response.writeHead(status).end(form === 'html' ? '<html><body>Error</body></html>' : '');
  }

  /** Delays a call before or after it takes effect. */
  async #slowly(call: DynamoCall): Promise<Answer> {
    const { faults } = this.#options;
    const delay = faults.happens('delay') ? faults.outcome('delay') * faults.time('delayMs', DELAY_MS) : 0;
    const half = (delay + faults.time('latency', 0)) / 2;
    await pause(half);
    const answer = await this.#run(call);
    await pause(half);
    return answer;
  }

  /** Applies a write some time after its caller got an error. */
  async #late(call: DynamoCall): Promise<void> {
    const { faults } = this.#options;
    await pause(faults.outcome('errorLate') * faults.time('delayMs', DELAY_MS));
    await this.#run(call);
  }

  /** Answers an eventually consistent read from the replica. */
  async #stale({ operation, input }: DynamoCall): Promise<Outcome | undefined> {
    const { faults, dynamo } = this.#options;
    const mayBe = READS.has(operation) && !input.ConsistentRead;
    return mayBe && faults.happens('stale') ? dynamo.readStale(operation, input) : undefined;
  }

  async #run(call: DynamoCall): Promise<Answer> {
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
    const stale = await this.#stale(call);
    return { status, json: stale?.body ?? body };
  }
}

const NO_CLIENT = 'The security token included in the request is invalid.';

const refuse = (response: ServerResponse, type: string, message = ''): void =>
  send(response, 400, failure(type, message));

const failure = (type: string, message: string): Json => ({
  __type: `com.amazonaws.dynamodb.v20120810#${type}`,
  message,
});

const throttled = {
  status: 400,
  json: failure('ProvisionedThroughputExceededException', 'A fault: throttled'),
};
const broken = { status: 500, json: failure('InternalServerError', 'A fault: broken') };

function send(response: ServerResponse, status: number, json: Json): void {
  // As a string, the body goes out in one piece with the head.
  const body = JSON.stringify(json);
  response.writeHead(status, {
    'content-type': 'application/x-amz-json-1.0',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}
