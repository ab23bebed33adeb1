import { AsyncLocalStorage } from 'node:async_hooks';
import type { LogAttributes } from '@aws-lambda-powertools/logger/types';

/** The state of one invocation. */
interface Invocation {
  /** When API Gateway received the frame, or when the queued message was stored; in milliseconds since 1970. */
  requestedAt: number;
  /** When the invocation began, by `performance.now()`. */
  started: number;
  /** Its deadline, in milliseconds since 1970. */
  deadline: number;
  /** When a message was first posted to a recipient, by `performance.now()`. */
  firstPost?: number;
  /** The cost of its units and posts so far, in millionths of a dollar (spending.ts). */
  spent: number;
  /** The fields of each of its log lines. */
  logFields: LogAttributes;
  /** Its measured values, by metric (metrics.ts). */
  measured: Map<string, number>;
}

const invocations = new AsyncLocalStorage<Invocation>();

const startingAt = (requestedAt: number, deadline: number): Invocation => ({
  requestedAt,
  started: performance.now(),
  deadline,
  spent: 0,
  logFields: {},
  measured: new Map(),
});

// For code outside an invocation, like a benchmark of the gateway: it has no deadline.
const outside = startingAt(0, Number.POSITIVE_INFINITY);

/** Runs a function as one invocation. */
export const startInvocation = <R>(requestedAt: number, deadline: number, run: () => R): R =>
  invocations.run(startingAt(requestedAt, deadline), run);

export const currentInvocation = (): Invocation => invocations.getStore() ?? outside;

/** How long the invocation has taken, in milliseconds. */
export const elapsed = (): number => Math.round(performance.now() - currentInvocation().started);
