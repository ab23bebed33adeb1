import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { Credentials } from '../callers.ts';
import type { Faults } from '../faults/faults.ts';
import { ACCOUNT, REGION } from '../template/aws.ts';
import type { FunctionModel } from '../template/model.ts';

/** A log line of a function, or of the runtime about it. */
export interface LogLine {
  function: string;
  requestId?: string;
  line: string;
}

/** Why an invocation failed; the client isn't told. */
export class InvocationError extends Error {
  override name = 'InvocationError';
  /** The handler's error, if it threw. */
  readonly thrown: string | undefined;

  constructor(message: string, thrown?: string) {
    super(message);
    this.thrown = thrown;
  }
}

/** The endpoints and credentials of functions. */
export interface FunctionSettings {
  dynamoEndpoint: string;
  sqsEndpoint: string;
  lambdaEndpoint: string;
  eventsEndpoint: string;
  credentialsOf(functionId: string): Credentials;
  /** How many times as long as in Lambda it may take to load, and to handle an event. */
  patience: number;
  faults: Faults;
  log(line: LogLine): void;
}

/** Whether a hanging event hangs before it does anything, or after it has done everything. */
export type Hanging = 'before' | 'after';

interface FromInstance {
  ready?: true;
  result?: unknown;
  error?: { errorType: string; errorMessage: string; stack?: string };
  broken?: { errorType: string; errorMessage: string; stack?: string };
}

// Time limit for loading a module, in Lambda and here.
const INIT_MS = 10_000;

// Lambda freezes an instance between two events. Here V8 would use the idle time to collect garbage repeatedly.
setFlagsFromString('--no-memory-reducer');

/** An instance of a function: handles one event at a time, and keeps its module between events. */
export class Instance {
  readonly ready: Promise<void>;
  /** Its access key id, which identifies its calls. */
  readonly key: string;
  alive = true;
  /** When its last event ended, in milliseconds since 1970. */
  idleSince = 0;
  readonly #worker: Worker;
  readonly #model: FunctionModel;
  readonly #log: (line: LogLine) => void;
  /** Milliseconds for an event. */
  readonly #timeout: number;
  #requestId: string | undefined;
  #fail: (error: Error) => void = () => {};
  #succeed: (result: unknown) => void = () => {};

  /** @param number counts the instances of a function */
  constructor(model: FunctionModel, settings: FunctionSettings, number: number) {
    const { accessKeyId, sessionToken } = settings.credentialsOf(model.id);
    this.key = `${accessKeyId}-${number}`;
    this.#model = model;
    this.#log = settings.log;
    this.#timeout = model.timeout * settings.patience;
    const initMs = INIT_MS * settings.patience;
    const context = {
      functionName: model.name,
      functionVersion: '$LATEST',
      invokedFunctionArn: model.arn,
      memoryLimitInMB: String(model.memory),
      logGroupName: `/aws/lambda/${model.name}`,
      logStreamName: 'local',
    };
    this.#worker = new Worker(new URL('./instance.mjs', import.meta.url), {
      workerData: { folder: model.folder, handler: model.handler, context },
      env: environmentOf(model, settings, { accessKeyId: this.key, sessionToken }),
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: model.memory },
      stdout: true,
      stderr: true,
    });
    this.#forward(this.#worker.stdout);
    this.#forward(this.#worker.stderr);
    this.ready = new Promise((ready, fail) => {
      const timer = setTimeout(() => {
        this.#die(`Init timed out after ${initMs / 1000} seconds`);
        this.kill();
      }, initMs);
      this.#succeed = () => {
        clearTimeout(timer);
        ready();
      };
      this.#fail = (error) => {
        clearTimeout(timer);
        fail(error);
      };
    });
    this.#worker.on('message', (message: FromInstance) => this.#receive(message));
    this.#worker.on('error', (error) => this.#die(`${error.name}: ${error.message}`, error.stack));
    this.#worker.on('exit', (code) => this.#die(`Runtime exited with error: exit status ${code}`));
  }

  /**
   * Runs the handler once.
   * @param hanging the injected fault, if any: the event hangs until its timeout
   * @throws InvocationError if it throws, takes too long, or the instance dies
   */
  invoke(event: unknown, requestId: string, hanging?: Hanging): Promise<unknown> {
    const timeout = this.#timeout;
    this.#requestId = requestId;
    return new Promise<unknown>((succeed, fail) => {
      const timer = setTimeout(() => {
        this.#die(`Task timed out after ${(timeout / 1000).toFixed(2)} seconds`);
        this.kill();
      }, timeout);
      this.#succeed = (result) => {
        if (hanging) return;
        clearTimeout(timer);
        succeed(result);
      };
      this.#fail = (error) => {
        clearTimeout(timer);
        fail(error);
      };
      if (hanging !== 'before')
        this.#worker.postMessage({ event, requestId, deadline: Date.now() + timeout });
    });
  }

  /** Stops it at once, even in the middle of an event. */
  kill(): Promise<number> {
    if (this.alive) this.#fail(new InvocationError('The instance was killed'));
    this.alive = false;
    return this.#worker.terminate();
  }

  #receive({ ready, result, error, broken }: FromInstance): void {
    if (ready || result !== undefined) this.#succeed(result);
    if (error) this.#failWith(`${error.errorType}: ${error.errorMessage}`, error.stack, error.errorMessage);
    if (broken) this.#die(`${broken.errorType}: ${broken.errorMessage}`, broken.stack);
  }

  #die(message: string, stack?: string): void {
    if (this.alive) this.#failWith(message, stack);
    this.alive = false;
  }

  #failWith(message: string, stack?: string, thrown?: string): void {
    const line = JSON.stringify({ level: 'error', message, stack });
    this.#log({ function: this.#model.name, requestId: this.#requestId, line });
    this.#fail(new InvocationError(message, thrown));
  }

  #forward(stream: Readable): void {
    createInterface({ input: stream }).on('line', (line) =>
      this.#log({ function: this.#model.name, requestId: this.#requestId, line }),
    );
  }
}

/** A function's environment variables: the template's and Lambda's. */
function environmentOf(
  model: FunctionModel,
  settings: FunctionSettings,
  { accessKeyId, sessionToken }: Credentials,
): Record<string, string> {
  return {
    TZ: ':UTC',
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_ACCOUNT_ID: ACCOUNT,
    AWS_LAMBDA_FUNCTION_NAME: model.name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(model.memory),
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_SESSION_TOKEN: sessionToken,
    // The deployed Node may be newer than this machine's.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    AWS_ENDPOINT_URL_DYNAMODB: settings.dynamoEndpoint,
    AWS_ENDPOINT_URL_SQS: settings.sqsEndpoint,
    AWS_ENDPOINT_URL_LAMBDA: settings.lambdaEndpoint,
    AWS_ENDPOINT_URL_EVENTBRIDGE: settings.eventsEndpoint,
    ...model.environment,
  };
}
