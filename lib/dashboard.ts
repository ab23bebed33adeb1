import { Stack } from 'aws-cdk-lib';
import {
  Dashboard,
  GraphWidget,
  type IMetric,
  MathExpression,
  PeriodOverride,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { MetricName } from '../lambdas/runtime/metric-names.ts';
import { apiMetric, ownMetric, type Watched } from './metrics.ts';

// Of 24 columns: three graphs per row.
const WIDTH = 8;

/** The graphs that docs/operations.md explains, from what users notice down to the resources below. */
export function addDashboard(scope: Construct, watched: Watched): Dashboard {
  const own = (statistic: string, ...names: MetricName[]) =>
    names.map((name) => ownMetric(watched.name, name, { statistic }));
  const sums = (...names: MetricName[]) => own(Stats.SUM, ...names);
  const graph = (title: string, left: IMetric[]) => new GraphWidget({ title, left, width: WIDTH });
  const functions = watched.functions.map(({ function: handler }) => handler);
  // A search, since only codes that have occurred are metrics.
  const failures = new MathExpression({
    expression: `SEARCH('{Parley,service} service="${watched.name}" Failures', 'Sum', 300)`,
    usingMetrics: {},
    label: '',
  });
  return new Dashboard(scope, 'Dashboard', {
    // A dashboard's name is unique in the account, across regions.
    dashboardName: `${watched.name}-${Stack.of(scope).region}`,
    periodOverride: PeriodOverride.INHERIT,
    widgets: [
      [
        graph('Messages', sums('Messages', 'Deliveries')),
        graph('From send to post, ms', [
          ...own(Stats.p(50), 'SendToPost'),
          ...own(Stats.p(99), 'SendToPost'),
        ]),
        graph('Failures by code', [failures]),
      ],
      [
        graph('Requests', sums('Requests')),
        graph('From request to reply, ms', [...own(Stats.p(50), 'Latency'), ...own(Stats.p(99), 'Latency')]),
        graph('Chats marked pending, and delivered at login', sums('PendingWritten', 'PendingDelivered')),
      ],
      [
        graph('Fan-out, ms', own(Stats.p(99), 'FanOutTime')),
        graph('Failed posts', sums('GoneConnections', 'PostsThrottled', 'PostsFailed')),
        graph('Attempts to append', sums('AppendAttempts', 'Messages')),
      ],
      [
        graph(
          'Lambda: errors',
          functions.map((each) => each.metricErrors()),
        ),
        graph(
          'Lambda: throttles',
          functions.map((each) => each.metricThrottles()),
        ),
        graph(
          'Lambda: p99 duration, ms',
          functions.map((each) => each.metricDuration({ statistic: Stats.p(99) })),
        ),
      ],
      [
        graph(
          'API',
          ['ConnectCount', 'MessageCount'].map((name) => apiMetric(watched, name)),
        ),
        graph(
          'API: errors',
          ['ClientError', 'IntegrationError', 'ExecutionError'].map((name) => apiMetric(watched, name)),
        ),
        graph('Dead letters', [watched.failed.metricApproximateNumberOfMessagesVisible()]),
      ],
    ],
  });
}
