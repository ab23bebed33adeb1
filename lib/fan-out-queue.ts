import { Duration } from 'aws-cdk-lib';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { RouteFunction } from './route-function.ts';

/** Timeout of the function for one message of the queue. */
export const FAN_OUT_TIMEOUT = Duration.seconds(30);

// AWS recommends six times the function's timeout, as Lambda may be throttled before it runs it.
const VISIBILITY = Duration.seconds(6 * FAN_OUT_TIMEOUT.toSeconds());
const TRIES = 5;
// Messages processed in parallel. Each posts a few thousand times a second (docs/performance.md), and API Gateway allows
// an account 10,000; throttled posts are retried.
const AT_ONCE = 4;

/** The queue of fan-out jobs, with a dead-letter queue for those that failed too often. */
export class FanOutQueue extends Construct {
  readonly queue: Queue;
  readonly failed: Queue;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const common = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true };
    this.failed = new Queue(this, 'Failed', { ...common, retentionPeriod: Duration.days(14) });
    this.queue = new Queue(this, 'Queue', {
      ...common,
      visibilityTimeout: VISIBILITY,
      deadLetterQueue: { queue: this.failed, maxReceiveCount: TRIES },
    });
  }

  /** Lets a function send to the queue. */
  grantSend(route: RouteFunction): void {
    route.allow(['sqs:SendMessage'], [this.queue.queueArn]);
    route.function.addEnvironment('QUEUE_URL', this.queue.queueUrl);
  }

  /** Invokes a function for each message; Lambda receives and deletes messages with that function's role. */
  feed(route: RouteFunction): EventSourceMapping {
    route.allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], [this.queue.queueArn]);
    const mapping = new EventSourceMapping(this, 'Mapping', {
      target: route.function,
      eventSourceArn: this.queue.queueArn,
      // A failure must not requeue other messages with it.
      batchSize: 1,
      maxConcurrency: AT_ONCE,
    });
    // Lambda refuses a mapping whose function may not receive yet.
    mapping.node.addDependency(route.role);
    return mapping;
  }
}
