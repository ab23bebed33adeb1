import type { LogLine } from '../../local/lambda/instance.ts';

/** CloudWatch bills each event as its bytes and 26 more (quotas of CloudWatch Logs, PutLogEvents). */
const EVENT_BYTES = 26;

/**
 * What Lambda writes of each invocation itself, with its log format JSON: `platform.start` and `platform.report`, of 140
 * and 300 bytes with what CloudWatch adds. Estimated by the samples in "Lambda telemetry API event schema".
 */
export const PLATFORM_BYTES = 440;

/** An EMF line's part about its metrics. */
interface Emf {
  CloudWatchMetrics?: { Namespace: string; Dimensions: string[][]; Metrics: { Name: string }[] }[];
}

/** What the functions write, as CloudWatch bills it. */
export class Logs {
  /** Since the last reset. */
  bytes = 0;
  /** Since the last reset, by function: the requests that lines are of, and the milliseconds that each says it took. */
  readonly requests = new Map<string, Map<string, number>>();
  /** Metrics of our own that lines ask for, ever: each combination of dimensions is one. */
  readonly metrics = new Set<string>();

  reset(): void {
    this.bytes = 0;
    this.requests.clear();
  }

  readonly take = ({ function: name, requestId, line }: LogLine): void => {
    this.bytes += Buffer.byteLength(line) + EVENT_BYTES;
    const requests = this.requests.get(name) ?? new Map<string, number>();
    this.requests.set(name, requests);
    if (requestId !== undefined) {
      const ms = Number(/"ms":(\d+)/.exec(line)?.[1] ?? 0);
      requests.set(requestId, Math.max(ms, requests.get(requestId) ?? 0));
    }
    for (const metric of metricsIn(line)) this.metrics.add(metric);
  };
}

function metricsIn(line: string): string[] {
  if (!line.includes('"_aws"')) return [];
  const event = JSON.parse(line) as Record<string, unknown> & { _aws?: Emf };
  return (event._aws?.CloudWatchMetrics ?? []).flatMap(({ Namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((names) => {
      const dimensions = names.map((name) => `${name}=${event[name]}`);
      return Metrics.map(({ Name }) => [Namespace, ...dimensions, Name].join(' '));
    }),
  );
}
