import { Duration } from 'aws-cdk-lib';
import type { WebSocketApi, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { type IMetric, MathExpression, Metric, type MetricOptions, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { MetricName } from '../lambdas/runtime/metric-names.ts';
import type { RouteFunction } from './route-function.ts';

/** The resources that alarms and the dashboard watch. */
export interface Watched {
  /** What tells this service's metrics from those of others. */
  name: string;
  api: WebSocketApi;
  stage: WebSocketStage;
  /** The dead-letter queue of fan-outs. */
  failed: Queue;
  /** The dead-letter queue of events, where there are any. */
  unsent?: Queue | undefined;
  /** Whether messages wait for a function of the operator's. */
  asks: boolean;
  /** For how many seconds messages to large groups may wait for one another; 0 for none. */
  batchWindow: number;
  /** All functions. */
  functions: readonly RouteFunction[];
}

/** The shortest period that alarms evaluate. */
export const PERIOD = Duration.minutes(5);

// The minimum number of samples for a meaningful ratio.
const ENOUGH = 20;

/** A custom metric of the functions (lambdas/runtime/metrics.ts). */
export const ownMetric = (service: string, metricName: MetricName, options: MetricOptions): Metric =>
  new Metric({
    namespace: 'Parley',
    metricName,
    dimensionsMap: { service },
    statistic: Stats.SUM,
    period: PERIOD,
    ...options,
  });

/** A metric of API Gateway for the stage. */
export const apiMetric = ({ api, stage }: Watched, metricName: string): Metric =>
  new Metric({
    namespace: 'AWS/ApiGateway',
    metricName,
    dimensionsMap: { ApiId: api.apiId, Stage: stage.stageName },
    statistic: Stats.SUM,
    period: PERIOD,
  });

type Metrics = Readonly<Record<string, IMetric>>;

// A metric without data points would make the whole sum empty.
const sum = (metrics: Metrics): string =>
  `(${Object.keys(metrics)
    .map((name) => `FILL(${name}, 0)`)
    .join(' + ')})`;

/** The sum of `some` in percent of the sum of `all`; 0 while there are too few samples. */
export const share = (some: Metrics, all: Metrics): MathExpression =>
  new MathExpression({
    expression: `IF(${sum(all)} >= ${ENOUGH}, 100 * ${sum(some)} / ${sum(all)}, 0)`,
    usingMetrics: { ...all, ...some },
    period: PERIOD,
  });

/** A metric's value; 0 while there are too few samples. */
export const ofEnough = (value: Metric): MathExpression =>
  new MathExpression({
    expression: `IF(samples >= ${ENOUGH}, value, 0)`,
    usingMetrics: { value, samples: value.with({ statistic: Stats.SAMPLE_COUNT }) },
    period: PERIOD,
  });
