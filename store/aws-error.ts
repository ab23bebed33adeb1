// Classifies errors of AWS calls by their HTTP status, because the error's name is unreliable. A 410 may come without a name
// in header or body (aws-sdk-js #2591, laravel-echo-api-gateway #25), and a proxy's 5xx with an HTML body becomes a
// SyntaxError in the SDK.

// DynamoDB throttles with status 400, so these need the name.
const THROTTLES = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
]);

// The operating system's network errors, such as ECONNRESET or EAI_AGAIN. Node's own begin with ERR_.
const NETWORK_ERROR = /^E(?!RR_)[A-Z_]+$/;

/** The HTTP status of the response; undefined if there was none. */
export const statusOf = (error: unknown): number | undefined =>
  (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;

/** Whether the service throttled the call, which then had no effect. */
export function isThrottled(error: unknown): boolean {
  const status = statusOf(error);
  return status === 429 || (status === 400 && THROTTLES.has((error as Error).name));
}

/** Whether the service failed. The call may have taken effect. */
export const isServerError = (error: unknown): boolean => (statusOf(error) ?? 0) >= 500;

/** Whether no response came. The call may have taken effect. */
export function isUnanswered(error: unknown): boolean {
  const { name, code } = error as Error & { code?: unknown };
  if (statusOf(error) !== undefined) return false;
  return name === 'TimeoutError' || (typeof code === 'string' && NETWORK_ERROR.test(code));
}

// Errors before the request is sent.
const UNSENT = new Set(['ECONNREFUSED', 'EAI_AGAIN', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH']);

/** Whether a failed call certainly had no effect: it was refused or never sent. */
export function didNothing(error: unknown): boolean {
  const status = statusOf(error);
  if (status === undefined) return UNSENT.has(String((error as { code?: unknown }).code));
  return status >= 400 && status < 500;
}

/** Whether a write's condition failed. */
export const isConditionFailed = (error: unknown): boolean =>
  statusOf(error) === 400 && (error as Error).name === 'ConditionalCheckFailedException';
