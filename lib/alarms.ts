import type { Stack } from 'aws-cdk-lib';
import { Alarm, type AlarmProps, type IMetric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct, type Node } from 'constructs';
import { demand, isAsked } from './context.ts';
import { apiMetric, functionsOf, ofEnough, ownMetric, PERIOD, share, type Watched } from './measured.ts';
import type { RouteFunction } from './route-function.ts';

/** Whom to tell; nobody, where alarms are only looked at. */
export interface Watchers {
  email?: string;
}

// Of the timeout, at the 99th percentile: then what is slower is about to be cut off.
const NEARLY_OUT_OF_TIME = 0.8;

/**
 * Who asked for alarms, with `-c alarmEmail=…` or `-c alarms=true`; undefined if nobody did: they cost $0.10 a month each,
 * talk or no talk.
 * @throws BadContext if a value makes no sense
 */
export function watchersOf(node: Node): Watchers | undefined {
  const email: unknown = node.tryGetContext('alarmEmail');
  const wanted = isAsked(node, 'alarms', email !== undefined);
  demand(
    email === undefined || /^\S+@\S+\.\S+$/.test(String(email)),
    `-c alarmEmail=${email}: must be an address`,
  );
  return wanted ? { email: email as string | undefined } : undefined;
}

/** The alarms of docs/operations.md, and a topic if there is somebody to tell. */
export class Alarms extends Construct {
  readonly #action: SnsAction | undefined;

  constructor(scope: Stack, id: string, watched: Watched, { email }: Watchers) {
    super(scope, id);
    this.#action = email === undefined ? undefined : new SnsAction(this.#topic(scope, email));
    for (const route of functionsOf(scope)) this.#ofFunction(route);
    this.#ofApi(scope, watched);
    this.#ofService(scope);
    this.#add('Failed', watched.failed.metricApproximateNumberOfMessagesVisible({ period: PERIOD }), {
      threshold: 1,
      alarmDescription:
        'Look: messages to large groups that could not be handed on wait in the dead-letter queue.',
    });
  }

  #topic(stack: Stack, email: string): Topic {
    const topic = new Topic(this, 'Topic', { displayName: `${stack.stackName} alarms`, enforceSSL: true });
    topic.addSubscription(new EmailSubscription(email));
    // With a policy of its own, a topic takes nothing that this does not allow.
    topic.grantPublish(
      new ServicePrincipal('cloudwatch.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
      }),
    );
    return topic;
  }

  #ofFunction({ function: handler, node, refusesByThrowing }: RouteFunction): void {
    const timeout = handler.timeout?.toMilliseconds() ?? 0;
    if (!refusesByThrowing) {
      this.#add(`${node.id}Errors`, handler.metricErrors({ period: PERIOD }), {
        threshold: 1,
        alarmDescription: `Page: ${node.id} threw, or ran out of time.`,
      });
    }
    this.#add(`${node.id}Throttles`, handler.metricThrottles({ period: PERIOD }), {
      threshold: 1,
      alarmDescription: `Look: ${node.id} could not start: the account's concurrency, or what is reserved for it, is used up.`,
    });
    this.#add(`${node.id}Slow`, handler.metricDuration({ period: PERIOD, statistic: Stats.p(99) }), {
      threshold: timeout * NEARLY_OUT_OF_TIME,
      evaluationPeriods: 3,
      alarmDescription: `Look: ${node.id} takes most of its ${timeout / 1000} s.`,
    });
  }

  #ofApi(stack: Stack, watched: Watched): void {
    // API Gateway's own count of messages has what it sends in it, of which there is far more.
    const answered = { requests: ownMetric(stack, 'Requests', Stats.SUM) };
    const failed = { execution: apiMetric(watched, 'ExecutionError') };
    this.#add('ApiServerErrors', share(failed, { ...answered, ...failed }), {
      threshold: 1,
      alarmDescription: 'Page: API Gateway could not call a function for over 1% of what clients send (5xx).',
    });
    // Of what functions answer, a handshake's refusal alone is an error to API Gateway.
    const refused = {
      client: apiMetric(watched, 'ClientError'),
      integration: apiMetric(watched, 'IntegrationError'),
    };
    this.#add('ApiClientErrors', share(refused, { ...answered, ...refused }), {
      threshold: 5,
      evaluationPeriods: 3,
      alarmDescription:
        'Look: over 5% of what clients send, handshakes too, is refused at API Gateway (4xx).',
    });
  }

  #ofService(stack: Stack): void {
    const requests = ownMetric(stack, 'Requests', Stats.SUM);
    const failed = {
      busy: ownMetric(stack, 'Failures.busy', Stats.SUM),
      unknown: ownMetric(stack, 'Failures.outcome_unknown', Stats.SUM),
    };
    this.#add('SendToPost', ofEnough(ownMetric(stack, 'SendToPost', Stats.p(99))), {
      threshold: 1_000,
      evaluationPeriods: 3,
      alarmDescription: 'Page: of 100 messages, one takes over 1 s from its sender to its last recipient.',
    });
    this.#add('Busy', share(failed, { requests }), {
      threshold: 1,
      evaluationPeriods: 2,
      alarmDescription:
        'Page: over 1% of requests are answered "busy" or "outcome_unknown": the database is throttled, or fails.',
    });
    this.#add('InternalErrors', ownMetric(stack, 'Failures.internal_error', Stats.SUM), {
      threshold: 1,
      alarmDescription: 'Page: something failed that nobody foresaw; its client has a request id to quote.',
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
      // Nobody talks: nothing is wrong.
      treatMissingData: TreatMissingData.NOT_BREACHING,
      ...props,
    });
    if (this.#action) {
      alarm.addAlarmAction(this.#action);
      alarm.addOkAction(this.#action);
    }
  }
}
