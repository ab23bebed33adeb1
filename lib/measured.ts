import { Duration, type Stack } from 'aws-cdk-lib';
import type { WebSocketApi, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { type IMetric, MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { RouteFunction } from './route-function.ts';

/** What is looked at. */
export interface Watched {
  api: WebSocketApi;
  stage: WebSocketStage;
  /** Where what failed too often waits for a person. */
  failed: Queue;
}

/** What alarms look back over, at least. */
export const PERIOD = Duration.minutes(5);

// A share of fewer says little.
const ENOUGH = 20;

/** A metric of the functions' own (lambdas/metrics.ts). */
export const ownMetric = (stack: Stack, metricName: string, statistic: string): Metric =>
  new Metric({
    namespace: 'Parley',
    metricName,
    dimensionsMap: { service: stack.stackName },
    statistic,
    period: PERIOD,
  });

/** A metric of API Gateway's for the one stage. */
export const apiMetric = ({ api, stage }: Watched, metricName: string): Metric =>
  new Metric({
    namespace: 'AWS/ApiGateway',
    metricName,
    dimensionsMap: { ApiId: api.apiId, Stage: stage.stageName },
    statistic: Stats.SUM,
    period: PERIOD,
  });

/** All functions of the stack. */
export const functionsOf = (stack: Stack): RouteFunction[] =>
  stack.node.findAll().filter((each) => each instanceof RouteFunction);

/** How many percent of a metric some others are together; 0 while there are too few to tell. */
export function share(some: Record<string, IMetric>, all: IMetric): MathExpression {
  // What does not occur has no data, which would leave the sum without any.
  const sum = Object.keys(some)
    .map((name) => `FILL(${name}, 0)`)
    .join(' + ');
  return new MathExpression({
    expression: `IF(all >= ${ENOUGH}, 100 * (${sum}) / all, 0)`,
    usingMetrics: { ...some, all },
    period: PERIOD,
  });
}
