import { randomUUID } from 'node:crypto';
import type { Queue } from '../queues/queue.ts';
import type { HttpTarget, TargetModel } from '../template/model.ts';
import type { Failure, Send } from './delivery.ts';

/** What targets are. */
interface TargetOptions {
  queueOf(arn: string): Queue | undefined;
  /** Runs a function. @throws if it fails */
  invoke(functionId: string, event: unknown, requestId: string): Promise<unknown>;
  complain(line: string): void;
}

const gone = (what: string): Failure => ({ code: 'RESOURCE_NOT_FOUND', message: what, retries: false });

/** Delivers to queues, functions and HTTP endpoints. */
export const targets = ({ queueOf, invoke, complain }: TargetOptions): Send => ({
  async target({ to, arn }: TargetModel, body: string): Promise<Failure | undefined> {
    if ('http' in to) return post(to.http, body);
    if ('queueArn' in to) {
      const queue = queueOf(to.queueArn);
      if (!queue) return gone(`There is no queue ${to.queueArn}`);
      queue.send(body);
      return undefined;
    }
    return invokeLater(() => invoke(to.functionId, JSON.parse(body), randomUUID()), arn, complain);
  },
  failed(arn, body, attributes) {
    const queue = queueOf(arn);
    if (queue) queue.send(body, 0, attributes);
    else complain(`An event is lost: there is no queue ${arn}`);
  },
});

// Source: "Asynchronous invocation", Lambda's developer guide: two retries. There they come after one and two minutes.
const RETRY_AFTER_MS = [1_000, 2_000];

/**
 * Invokes a function without its result, as EventBridge does: an error of the function is no failure of the delivery. Unlike
 * there, the event is in the rule's hands until the function succeeds or its retries are used up, so that it survives this
 * process.
 */
async function invokeLater(
  run: () => Promise<unknown>,
  arn: string,
  complain: (line: string) => void,
): Promise<undefined> {
  for (const wait of [...RETRY_AFTER_MS, undefined]) {
    try {
      await run();
      return undefined;
    } catch {
      // The error is in the function's log.
      if (wait === undefined) complain(`${arn} failed three times on an event, which is dropped`);
      else await new Promise((done) => setTimeout(done, wait));
    }
  }
  return undefined;
}

// Source: "API destinations", EventBridge's user guide: a request takes at most 5 s.
const TIMEOUT_MS = 5_000;
const RETRIED = new Set([401, 407, 409, 429]);

/** One request. Redirects are failures, and only some statuses are worth a retry. */
async function post(
  { url, method, headers, anyStatus = false }: HttpTarget,
  body: string,
): Promise<Failure | undefined> {
  const sent = {
    'Content-Type': 'application/json; charset=utf-8',
    'User-Agent': 'Amazon/EventBridge/ApiDestinations',
    ...headers,
  };
  try {
    const response = await fetch(url, {
      method,
      headers: sent,
      ...(method !== 'GET' && method !== 'HEAD' && { body }),
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.body?.cancel();
    if (response.ok) return undefined;
    const after = Number(response.headers.get('retry-after') ?? 0);
    const { status } = response;
    return {
      code: 'SDK_CLIENT_ERROR',
      message: `Unable to invoke ApiDestination endpoint: Request failed with status code: ${status}`,
      retries: anyStatus || ((RETRIED.has(status) || status >= 500) && !(after < 0)),
      ...(after > 0 && { wait: after * 1_000 }),
    };
  } catch (error) {
    const { message, cause } = error as Error;
    const why = cause instanceof Error ? cause.message : message;
    return {
      code: 'SDK_CLIENT_ERROR',
      message: `Unable to invoke ApiDestination endpoint: ${why}`,
      retries: true,
    };
  }
}
