import type { LogLine } from '../../local/lambda/instance.ts';

/** CloudWatch bills 26 bytes for each log event in addition to its text (CloudWatch Logs quotas, PutLogEvents). */
const EVENT_BYTES = 26;

/**
 * The bytes that Lambda itself logs per invocation with the JSON log format: `platform.start` and `platform.report`, 140 and
 * 300 bytes with CloudWatch's overhead. Estimated from the samples in "Lambda telemetry API event schema".
 */
export const PLATFORM_BYTES = 440;

/** The metric directives of an EMF line. */
interface Emf {
  CloudWatchMetrics?: { Namespace: string; Dimensions: string[][]; Metrics: { Name: string }[] }[];
}

/** Measures the functions' logs as CloudWatch bills them. */
export class Logs {
  /** Billed bytes since the last reset. */
  bytes = 0;
  /** Function → request id → its logged duration in milliseconds, since the last reset. */
  readonly requests = new Map<string, Map<string, number>>();
  /** Those of each function. */
  readonly bytesOf = new Map<string, number>();
  /** Events that were put on the bus, since the last reset. */
  events = 0;
  /** Every custom metric written so far; each combination of dimensions is one. */
  readonly metrics = new Set<string>();

  reset(): void {
    this.bytes = 0;
    this.bytesOf.clear();
    this.events = 0;
    this.requests.clear();
  }

  readonly take = ({ function: name, requestId, line }: LogLine): void => {
    const bytes = Buffer.byteLength(line) + EVENT_BYTES;
    this.bytes += bytes;
    this.bytesOf.set(name, (this.bytesOf.get(name) ?? 0) + bytes);
    const requests = this.requests.get(name) ?? new Map<string, number>();
    this.requests.set(name, requests);
    if (requestId !== undefined) {
      const ms = Number(/"ms":(\d+)/.exec(line)?.[1] ?? 0);
      requests.set(requestId, Math.max(ms, requests.get(requestId) ?? 0));
    }
    this.events += eventsIn(line);
    for (const metric of metricsIn(line)) this.metrics.add(metric);
  };
}

/** What the line of the function `events` says. */
function eventsIn(line: string): number {
  if (!line.includes('"message":"events"')) return 0;
  return (JSON.parse(line) as { events?: number }).events ?? 0;
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
