import { Metrics } from '@aws-lambda-powertools/metrics';
import type { ChatError } from '../../protocol/index.ts';
import { currentInvocation } from './invocation.ts';
import { units } from './metric-names.ts';
import { once } from './once.ts';

/** Refusals by code. Only codes that occur become metrics and cost anything. */
type Failure = `Failures.${ChatError['code']}`;
type Measured = keyof typeof units;
type Counted = { [M in Measured]: (typeof units)[M] extends 'Milliseconds' ? never : M }[Measured];
type Timed = Exclude<Measured, Counted>;

// POWERTOOLS_SERVICE_NAME tells several deployments in one account apart. There are no other dimensions, because each value
// of each would be billed as a metric of its own.
const metrics = /* @__PURE__ */ once(() => new Metrics({ namespace: 'Parley' }));

/** Creates the metrics writer while the function starts, so that the first request doesn't wait for it. */
export const openMetrics = (): void => void metrics();

/** Adds to a counter of this invocation. */
export const count = (what: Counted | Failure, more = 1): void => {
  const values = currentInvocation().measured;
  values.set(what, (values.get(what) ?? 0) + more);
};

/** Records a duration in this invocation, in milliseconds; the longest counts. */
export const recordDuration = (what: Timed, ms: number): void => {
  const values = currentInvocation().measured;
  values.set(what, Math.max(values.get(what) ?? 0, ms));
};

/**
 * Writes the invocation's values as one line of EMF, from which CloudWatch creates metrics.
 * @param properties fields to find the line by, which are not dimensions
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
