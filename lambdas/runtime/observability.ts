import type { Context } from 'aws-lambda';
import { elapsed, startInvocation } from './invocation.ts';
import { addLogFields, log, openLog, startLines } from './log.ts';
import { openMetrics, publish } from './metrics.ts';

/** The fields of an event that say when it began, and for whom. */
interface Origin {
  requestContext?: { requestTimeEpoch?: number; connectionId?: string };
}

/** Logs the outcome of an invocation without a command. */
export const logOutcome = (name: string, outcome: string, fields: Record<string, unknown> = {}): void =>
  log('info', name, { outcome, ...fields, ms: elapsed() });

/**
 * Wraps a handler: its log lines carry the invocation's id, and its metrics are written as one line of EMF when it returns
 * or throws.
 * @param name the function's name in logs
 */
export function withObservability<E extends object, R>(
  name: string,
  handle: (event: E, context: Context) => Promise<R>,
): (event: E, context: Context) => Promise<R> {
  openLog();
  openMetrics();
  return (event, context) => {
    const { requestTimeEpoch = Date.now(), connectionId } = (event as Origin).requestContext ?? {};
    const deadline = Date.now() + context.getRemainingTimeInMillis();
    return startInvocation(requestTimeEpoch, deadline, async () => {
      startLines(context);
      addLogFields({ route: name, ...(connectionId !== undefined && { connection_id: connectionId }) });
      try {
        return await handle(event, context);
      } finally {
        publish({ route: name, request_id: context.awsRequestId });
      }
    });
  };
}
