import { Readable } from 'node:stream';
import type { HttpRequest } from '@smithy/core/protocols';
import { StandardRetryStrategy } from '@smithy/core/retry';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { type MockInstance, onTestFinished, vi } from 'vitest';
import type { Event } from '../../lambdas/runtime/event.ts';
import type { Command } from '../../protocol/index.ts';
import { contextOf } from '../support/event.ts';

/** A request of the management API. */
interface Request {
  method: string;
  connectionId: string;
  frame?: string;
}

/** What Lambda answers to an Invoke: 200 and what the function returns, if it is not said. */
type Invoked = Answer | { functionError: string };

/** What a request is answered with: a status, or the network's error if no answer comes. */
type Answer = number | Error;

const CONNECTION = /\/@connections\/([^/]+)$/;
const FUNCTION = /\/functions\/([^/]+)\/invocations$/;

/** What the handlers send by lambdas/aws/, and how that is answered. */
class Http {
  readonly requests: Request[] = [];
  /** The functions that were invoked. */
  readonly invoked: string[] = [];
  #noRetries: MockInstance | undefined;
  #answer: (request: Request) => Answer = () => 200;
  #invoked: () => Invoked = () => 200;

  /** An empty one, which takes everything and repeats nothing: vitest ends its spies after each test. */
  reset(): void {
    this.forget();
    this.#answer = () => 200;
    this.#invoked = () => 200;
    vi.spyOn(NodeHttpHandler.prototype, 'handle').mockImplementation((request) => this.#handle(request));
    this.#noRetries = vi
      .spyOn(StandardRetryStrategy.prototype, 'refreshRetryTokenForRetry')
      .mockRejectedValue(new Error('no'));
  }

  /** As it is outside of tests, but for the waits between attempts. */
  retries(): void {
    this.#noRetries?.mockRestore();
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
  }

  forget(): void {
    this.requests.length = 0;
    this.invoked.length = 0;
  }

  /** From now on the management API answers so. */
  answers(answer: Answer | ((request: Request) => Answer)): void {
    this.#answer = typeof answer === 'function' ? answer : () => answer;
  }

  /** From now on Lambda answers so. */
  invokeAnswers(answer: Invoked | (() => Invoked)): void {
    this.#invoked = typeof answer === 'function' ? answer : () => answer;
  }

  /** All frames that were posted to a connection. */
  postedTo(connectionId: string): string[] {
    return this.#of('POST').flatMap((each) => (each.connectionId === connectionId ? [each.frame ?? ''] : []));
  }

  /** All connections that were closed. */
  get closed(): string[] {
    return this.#of('DELETE').map(({ connectionId }) => connectionId);
  }

  #of = (method: string) => this.requests.filter((each) => each.method === method);

  async #handle({ method, path, body }: HttpRequest) {
    const [, functionName] = FUNCTION.exec(path) ?? [];
    if (functionName !== undefined) return this.#invoke(functionName, JSON.parse(body));
    const [, connectionId = ''] = CONNECTION.exec(path) ?? [];
    const request = { method, connectionId: decodeURIComponent(connectionId), frame: body };
    this.requests.push(request);
    const answer = this.#answer(request);
    if (typeof answer !== 'number') throw answer;
    return responseOf(answer, answer === 200 ? '' : 'no');
  }

  async #invoke(name: string, event: object) {
    this.invoked.push(name);
    const answer = this.#invoked();
    if (answer instanceof Error) throw answer;
    if (typeof answer === 'object')
      return responseOf(200, answer.functionError, { 'x-amz-function-error': 'Unhandled' });
    return answer === 200 ? responseOf(200, await run(name, event)) : responseOf(answer, 'no');
  }
}

const responseOf = (statusCode: number, body: string, headers = {}) => ({
  response: { statusCode, headers, body: Readable.from([body]) },
});

/** Runs a command's own function, as Lambda does for `$default`. */
async function run(type: string, event: object): Promise<string> {
  const { commandHandler } = await import('./handlers.ts');
  const handler = commandHandler({ type: type as Command['type'] });
  return JSON.stringify(await handler(event as Event, contextOf()));
}

export const http = new Http();
