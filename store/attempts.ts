import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { didNothing } from './aws-error.ts';

/** The state of one call, over all of the SDK's attempts. */
interface WatchedCall {
  attempts: { inDoubt: boolean };
}

const inDoubt = new WeakSet<object>();

/**
 * Whether any attempt of a failed call may have taken effect. The SDK reports only the last attempt's error, but an
 * attempt that timed out may be followed by one that was refused.
 */
export const hadAttemptInDoubt = (error: unknown): boolean => inDoubt.has(error as object);

/** Makes a client track the outcome of each attempt. */
export function watchAttempts({ middlewareStack }: DynamoDBClient): void {
  middlewareStack.add(
    (next) => async (args) => {
      // Not in the context, which all calls of one command share (`cacheMiddleware`).
      const attempts = { inDoubt: false };
      try {
        return await next({ ...args, attempts } as typeof args & WatchedCall);
      } catch (error) {
        if (attempts.inDoubt) inDoubt.add(error as object);
        throw error;
      }
    },
    { step: 'initialize', name: 'callMiddleware' },
  );
  middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        if (!didNothing(error)) (args as typeof args & WatchedCall).attempts.inDoubt = true;
        throw error;
      }
    },
    // Runs for each of the SDK's attempts.
    { step: 'finalizeRequest', priority: 'low', name: 'attemptMiddleware' },
  );
}
