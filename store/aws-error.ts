// What became of a call to AWS. The status decides: a name is there only if the answer has one, in a header or in its body.
// An answer without either has been seen for 410 (aws-sdk-js #2591, laravel-echo-api-gateway #25), and whatever stands
// before a service answers a 5xx with a page of HTML, of which the SDK makes a SyntaxError.

// DynamoDB throttles with a 400, so that the name alone tells.
const THROTTLES = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
]);

// The operating system's name of what went wrong on the way, as ECONNRESET or EAI_AGAIN; Node's own begin with ERR_.
const OF_THE_NETWORK = /^E(?!RR_)[A-Z_]+$/;

/** The HTTP status that a call was answered with; undefined if no answer came. */
export const statusOf = (error: unknown): number | undefined =>
  (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;

/** Whether the service refused the call for its rate: then it did nothing. */
export function isThrottled(error: unknown): boolean {
  const status = statusOf(error);
  return status === 429 || (status === 400 && THROTTLES.has((error as Error).name));
}

/** Whether the service failed; it may have done what it was asked for. */
export const isServerError = (error: unknown): boolean => (statusOf(error) ?? 0) >= 500;

/** Whether no answer came; the service may have done what it was asked for. */
export function isUnanswered(error: unknown): boolean {
  const { name, code } = error as Error & { code?: unknown };
  if (statusOf(error) !== undefined) return false;
  return name === 'TimeoutError' || (typeof code === 'string' && OF_THE_NETWORK.test(code));
}

// It never got there.
const UNSENT = new Set(['ECONNREFUSED', 'EAI_AGAIN', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH']);

/** Whether a call that failed can have done nothing: it was refused, or was never sent. */
export function didNothing(error: unknown): boolean {
  const status = statusOf(error);
  if (status === undefined) return UNSENT.has(String((error as { code?: unknown }).code));
  return status >= 400 && status < 500;
}

/** Whether a condition stood against a write. */
export const isConditionFailed = (error: unknown): boolean =>
  statusOf(error) === 400 && (error as Error).name === 'ConditionalCheckFailedException';
