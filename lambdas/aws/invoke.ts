import { text } from 'node:stream/consumers';
import { OutcomeUnknown, Unavailable } from '../../chat/errors.ts';
import { didNothing, isServerError, isThrottled, isUnanswered } from '../../store/aws-error.ts';
import { httpOptions } from './http-options.ts';
import { type RetryType, withRetries } from './retries.ts';
import { signedHttp } from './signed-http.ts';

/** A function that threw, timed out or was killed: what it did until then, it did. */
export class FunctionFailed extends Error {}

/** Runs a function and waits for its result. */
export type Invoke = (functionName: string, event: object) => Promise<unknown>;

/**
 * Lambda's Invoke. Retries only what can't have run the function.
 * Source: "Invoke", Lambda's API reference.
 * @param longestMs how long to wait for a function
 * @throws Unavailable if the function did not run, OutcomeUnknown if it may have, FunctionFailed if it threw or timed out
 */
export function invokeIn(region: string, longestMs: number): Invoke {
  // The SDK's own variable, which the local cloud sets.
  const endpoint = process.env.AWS_ENDPOINT_URL_LAMBDA ?? `https://lambda.${region}.amazonaws.com`;
  const send = signedHttp(
    { endpoint, name: 'lambda', region },
    { ...httpOptions, requestTimeout: longestMs },
  );
  const invoke = withRetries(async (functionName: string, event: object) => {
    const path = `/2015-03-31/functions/${encodeURIComponent(functionName)}/invocations`;
    const { headers, body } = await send('POST', path, JSON.stringify(event));
    const said = await text(body);
    if (headers['x-amz-function-error'] !== undefined) throw new FunctionFailed(`${functionName}: ${said}`);
    return JSON.parse(said) as unknown;
  }, retryTypeOf);
  return (functionName, event) =>
    invoke(functionName, event).catch((cause: unknown) => {
      throw failureOf(functionName, cause);
    });
}

function retryTypeOf(error: unknown): RetryType | undefined {
  if (isThrottled(error)) return 'THROTTLING';
  return isUnanswered(error) && didNothing(error) ? 'TRANSIENT' : undefined;
}

function failureOf(functionName: string, cause: unknown): unknown {
  const says = `${functionName}: ${(cause as Error).message}`;
  if (isThrottled(cause) || (isUnanswered(cause) && didNothing(cause)))
    return new Unavailable(says, { cause });
  return isServerError(cause) || isUnanswered(cause) ? new OutcomeUnknown(says, { cause }) : cause;
}
