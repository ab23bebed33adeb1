import type { Context } from 'aws-lambda';
import { elapsed, startInvocation } from './invocation.ts';
import { addLogFields, log, openLog, startLines } from './log.ts';
import { openMetrics, publish } from './metrics.ts';

/** What of an event says when it began, and for whom. */
interface Origin {
  requestContext?: { requestTimeEpoch?: number; connectionId?: string };
}

/** Logs the outcome of an invocation that is about no command. */
export const logOutcome = (name: string, outcome: string, fields: Record<string, unknown> = {}): void =>
  log('info', name, { outcome, ...fields, ms: elapsed() });

/**
 * A handler whose log lines carry the invocation's id, and whose measurements are one line of EMF when it ends, however it
 * ends.
 * @param name what is invoked
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
