import { AsyncLocalStorage } from 'node:async_hooks';
import type { LogAttributes } from '@aws-lambda-powertools/logger/types';

/** The state of one invocation. */
interface Invocation {
  /** When API Gateway took what it is about; in what comes from a queue, when that was stored. Milliseconds since 1970. */
  requestedAt: number;
  /** When it began here, by `performance`. */
  started: number;
  /** When Lambda stops it. Milliseconds since 1970. */
  deadline: number;
  /** When a message was first posted to a recipient, by `performance`. */
  firstPost?: number;
  /** What it has cost so far, in units and posts: millionths of a dollar (spending.ts). */
  spent: number;
  /** On each of its log lines. */
  logFields: LogAttributes;
  /** What it has measured, by metric (metrics.ts). */
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

// For what runs in no invocation, like a benchmark of the gateway: nothing stops it.
const outside = startingAt(0, Number.POSITIVE_INFINITY);

/** Runs something as one invocation. */
export const startInvocation = <R>(requestedAt: number, deadline: number, run: () => R): R =>
  invocations.run(startingAt(requestedAt, deadline), run);

export const currentInvocation = (): Invocation => invocations.getStore() ?? outside;

/** How long the invocation has taken, in milliseconds. */
export const elapsed = (): number => Math.round(performance.now() - currentInvocation().started);
