import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { didNothing } from './aws-error.ts';

/** What is kept of one call, over all attempts that the SDK makes at it. */
interface Watched {
  attempts: { inDoubt: boolean };
}

const inDoubt = new WeakSet<object>();

/**
 * Whether some attempt of a failed call may have taken effect: the SDK shows the last one's error alone, and what timed
 * out may be followed by a refusal.
 */
export const hadAttemptInDoubt = (error: unknown): boolean => inDoubt.has(error as object);

/** Makes a client note what became of each attempt. */
export function watchAttempts({ middlewareStack }: DynamoDBClient): void {
  middlewareStack.add(
    (next) => async (args) => {
      // Not in the context: the SDK makes one for all calls of a kind (`cacheMiddleware`).
      const attempts = { inDoubt: false };
      try {
        return await next({ ...args, attempts } as typeof args & Watched);
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
        if (!didNothing(error)) (args as typeof args & Watched).attempts.inDoubt = true;
        throw error;
      }
    },
    // Within the SDK's retries.
    { step: 'finalizeRequest', priority: 'low', name: 'attemptMiddleware' },
  );
}
