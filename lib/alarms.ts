import { Stack } from 'aws-cdk-lib';
import { Alarm, type AlarmProps, type IMetric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { apiMetric, ofEnough, ownMetric, PERIOD, share, type Watched } from './metrics.ts';
import type { RouteFunction } from './route-function.ts';

/** Who is notified. Without an address, alarms only show in the console. */
interface Watchers {
  email?: string;
}

// Share of the timeout, at the 99th percentile, above which slower invocations are about to be cut off.
const NEARLY_OUT_OF_TIME = 0.8;

/** The alarms of docs/operations.md, with a topic if somebody is to be notified. */
export class Alarms extends Construct {
  readonly all: Alarm[] = [];
  readonly #action: SnsAction | undefined;

  constructor(scope: Construct, id: string, watched: Watched, { email }: Watchers) {
    super(scope, id);
    this.#action = email === undefined ? undefined : new SnsAction(this.#topic(watched.name, email));
    for (const route of watched.functions) this.#ofFunction(route);
    this.#ofApi(watched);
    this.#ofService(watched);
    this.#add('Failed', watched.failed.metricApproximateNumberOfMessagesVisible({ period: PERIOD }), {
      threshold: 1,
      alarmDescription: 'Look: the dead-letter queue holds undelivered messages to large groups.',
    });
    if (watched.unsent)
      this.#add('Unsent', watched.unsent.metricApproximateNumberOfMessagesVisible({ period: PERIOD }), {
        threshold: 1,
        alarmDescription:
          'Look: the dead-letter queue of events names changes whose events are not on the bus.',
      });
  }

  #topic(name: string, email: string): Topic {
    const topic = new Topic(this, 'Topic', { displayName: `${name} alarms`, enforceSSL: true });
    topic.addSubscription(new EmailSubscription(email));
    // A topic with its own policy (`enforceSSL` adds one) accepts only what the policy allows.
    topic.grantPublish(
      new ServicePrincipal('cloudwatch.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    return topic;
  }

  #ofFunction({ function: handler, node }: RouteFunction): void {
    const timeout = handler.timeout?.toMilliseconds() ?? 0;
    this.#add(`${node.id}Errors`, handler.metricErrors({ period: PERIOD }), {
      threshold: 1,
      alarmDescription: `Page: ${node.id} threw, or ran out of time.`,
    });
    this.#add(`${node.id}Throttles`, handler.metricThrottles({ period: PERIOD }), {
      threshold: 1,
      alarmDescription: `Look: ${node.id} was throttled: the concurrency of the account, or its own, is used up.`,
    });
    this.#add(`${node.id}Slow`, handler.metricDuration({ period: PERIOD, statistic: Stats.p(99) }), {
      threshold: timeout * NEARLY_OUT_OF_TIME,
      evaluationPeriods: 3,
      alarmDescription: `Look: ${node.id} takes over 80% of its ${timeout / 1000} s.`,
    });
  }

  #ofApi(watched: Watched): void {
    // API Gateway's message count includes what it sends, which is far more.
    const answered = { requests: ownMetric(watched.name, 'Requests', {}) };
    const failed = { execution: apiMetric(watched, 'ExecutionError') };
    this.#add('ApiServerErrors', share(failed, { ...answered, ...failed }), {
      threshold: 1,
      alarmDescription: 'Page: API Gateway could not call a function for over 1% of what clients send (5xx).',
    });
    // Of all answers by functions, API Gateway counts only a refused handshake as an error.
    const refused = {
      client: apiMetric(watched, 'ClientError'),
      integration: apiMetric(watched, 'IntegrationError'),
    };
    this.#add('ApiClientErrors', share(refused, { ...answered, ...refused }), {
      threshold: 5,
      evaluationPeriods: 3,
      alarmDescription:
        'Look: over 5% of what clients send, handshakes included, is refused at API Gateway (4xx).',
    });
  }

  #ofService({ name, asks, batchWindow }: Watched): void {
    const requests = ownMetric(name, 'Requests', {});
    const failed = {
      busy: ownMetric(name, 'Failures.busy', {}),
      unknown: ownMetric(name, 'Failures.outcome_unknown', {}),
    };
    // Messages that wait for one another are due when they have waited.
    const slow = 1 + batchWindow;
    this.#add('SendToPost', ofEnough(ownMetric(name, 'SendToPost', { statistic: Stats.p(99) })), {
      threshold: 1_000 * slow,
      evaluationPeriods: 3,
      alarmDescription: `Page: 1% of messages take over ${slow} s from the sender to the last recipient.`,
    });
    this.#add('Busy', share(failed, { requests }), {
      threshold: 1,
      evaluationPeriods: 2,
      alarmDescription:
        'Page: over 1% of requests are answered "busy" or "outcome_unknown": DynamoDB throttles or fails.',
    });
    if (asks)
      this.#add('BeforeSendFailed', ownMetric(name, 'BeforeSendFailed', {}), {
        threshold: 1,
        alarmDescription:
          'Page: the function before messages gave no verdict. Messages are not stored, or are stored without one.',
      });
    this.#add('InternalErrors', ownMetric(name, 'Failures.internal_error', {}), {
      threshold: 1,
      alarmDescription: 'Page: a request failed unexpectedly; its client got a request id to quote.',
    });
  }

  #add(
    id: string,
    metric: IMetric,
    props: Pick<AlarmProps, 'threshold' | 'alarmDescription'> & Partial<AlarmProps>,
  ): void {
    const alarm = new Alarm(this, id, {
      metric,
      evaluationPeriods: 1,
      // No data means no traffic.
      treatMissingData: TreatMissingData.NOT_BREACHING,
      ...props,
    });
    this.all.push(alarm);
    if (this.#action) {
      alarm.addAlarmAction(this.#action);
      alarm.addOkAction(this.#action);
    }
  }
}
