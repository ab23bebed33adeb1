import { StandardRetryStrategy } from '@smithy/core/retry';

const ATTEMPTS = 3;

/** Why a request may be retried. */
export type RetryType = 'THROTTLING' | 'TRANSIENT';

/**
 * Retries a call by the SDK's standard strategy: up to three attempts, with jitter, and fewer while many calls fail.
 * @param typeOf classifies an error; undefined if it must not be retried
 * @throws the error of the last attempt
 */
export function withRetries<A extends unknown[], R>(
  attempt: (...args: A) => Promise<R>,
  typeOf: (error: unknown) => RetryType | undefined,
): (...args: A) => Promise<R> {
  const strategy = new StandardRetryStrategy(ATTEMPTS);
  return async (...args) => {
    for (let token = await strategy.acquireInitialRetryToken(''); ; ) {
      try {
        const result = await attempt(...args);
        strategy.recordSuccess(token);
        return result;
      } catch (error) {
        const errorType = typeOf(error);
        if (errorType === undefined) throw error;
        token = await strategy.refreshRetryTokenForRetry(token, { errorType }).catch(() => {
          throw error;
        });
      }
    }
  };
}
