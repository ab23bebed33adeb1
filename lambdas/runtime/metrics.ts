import { Metrics } from '@aws-lambda-powertools/metrics';
import type { ChatError } from '../../protocol/index.ts';
import { currentInvocation } from './invocation.ts';
import { once } from './once.ts';

/** What is measured, each as one value an invocation; docs/operations.md says what each one means. */
const units = {
  Requests: 'Count',
  Messages: 'Count',
  AppendAttempts: 'Count',
  Deliveries: 'Count',
  PendingWritten: 'Count',
  PendingDelivered: 'Count',
  GoneConnections: 'Count',
  PostsThrottled: 'Count',
  PostsFailed: 'Count',
  FanOutSize: 'None',
  FanOutTime: 'Milliseconds',
  SendToPost: 'Milliseconds',
  Latency: 'Milliseconds',
} as const;

/** Refusals by their code; only those that occur are metrics, and cost anything. */
type Failure = `Failures.${ChatError['code']}`;
type Measured = keyof typeof units;
type Counted = { [M in Measured]: (typeof units)[M] extends 'Milliseconds' ? never : M }[Measured];
type Timed = Exclude<Measured, Counted>;

// POWERTOOLS_SERVICE_NAME tells several deployments in one account apart. No dimension besides: each value of each would
// be paid for as a metric of its own.
const metrics = /* @__PURE__ */ once(() => new Metrics({ namespace: 'Parley' }));

/** Makes what writes metrics while the function starts, so that its first request doesn't wait for that. */
export const openMetrics = (): void => void metrics();

/** Counts something that happened in this invocation. */
export const count = (what: Counted | Failure, more = 1): void => {
  const values = currentInvocation().measured;
  values.set(what, (values.get(what) ?? 0) + more);
};

/** Records how long something took in this invocation, in milliseconds; the longest time counts. */
export const recordDuration = (what: Timed, ms: number): void => {
  const values = currentInvocation().measured;
  values.set(what, Math.max(values.get(what) ?? 0, ms));
};

/**
 * Writes what was measured as one line of EMF, which CloudWatch makes metrics of.
 * @param properties to find the line by; they are no dimensions
 */
export function publish(properties: Record<string, string>): void {
  const values = currentInvocation().measured;
  if (values.size === 0) return;
  for (const [what, value] of values) {
    metrics().addMetric(what, units[what as Measured] ?? 'Count', Math.round(value));
  }
  values.clear();
  for (const [name, value] of Object.entries(properties)) metrics().addMetadata(name, value);
  metrics().publishStoredMetrics();
}
