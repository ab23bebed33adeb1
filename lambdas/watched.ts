import type { Context } from 'aws-lambda';
import { beginLog, know, log } from './log.ts';
import { publish } from './metrics.ts';

/** What of an event says when it began, and for whom. */
interface Origin {
  requestContext?: { requestTimeEpoch?: number; connectionId?: string };
}

/** What is known of the invocation that an instance has; it has one at a time. */
interface Invocation {
  /** When API Gateway took what it is about; in what comes from a queue, when that was stored. Milliseconds since 1970. */
  began: number;
  /** When it began here, by `performance`. */
  started: number;
  /** When a message was first posted to a recipient, by `performance`. */
  firstPost?: number;
  /** What it has cost so far, in units and posts: millionths of a dollar (lambdas/spent.ts). */
  spent: number;
}

let invocation: Invocation = { began: 0, started: 0, spent: 0 };

export const current = (): Invocation => invocation;

/** How long the invocation has taken, in milliseconds. */
export const elapsed = (): number => Math.round(performance.now() - invocation.started);

/** The line of an invocation that is about no command. */
export const conclude = (name: string, outcome: string, fields: Record<string, unknown> = {}): void =>
  log('info', name, { outcome, ...fields, ms: elapsed() });

/**
 * A handler that is seen: its lines carry the invocation's id, and whatever comes of it, what it measured is one line
 * of EMF.
 * @param name what is invoked
 */
export function watched<E extends object, R>(
  name: string,
  handle: (event: E, context: Context) => Promise<R>,
): (event: E, context: Context) => Promise<R> {
  return async (event, context) => {
    const { requestTimeEpoch = Date.now(), connectionId } = (event as Origin).requestContext ?? {};
    invocation = { began: requestTimeEpoch, started: performance.now(), spent: 0 };
    beginLog(context);
    know({ route: name });
    if (connectionId !== undefined) know({ connection_id: connectionId });
    try {
      return await handle(event, context);
    } finally {
      publish({ route: name, request_id: context.awsRequestId });
    }
  };
}
