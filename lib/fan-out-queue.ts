import { Duration } from 'aws-cdk-lib';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { RouteFunction } from './route-function.ts';

/** How long the function may take for one message of the queue. */
export const FAN_OUT_TIMEOUT = Duration.seconds(30);

// AWS asks for six times the function's timeout, as it may be throttled before it runs.
const VISIBILITY = Duration.seconds(6 * FAN_OUT_TIMEOUT.toSeconds());
const TRIES = 5;
// Messages of the queue that are handled at once: each posts a few thousand times a second (docs/performance.md), and API
// Gateway takes 10,000 a second from an account; what it throttles is tried again.
const AT_ONCE = 4;

/** What is left to do of messages to large groups; what failed too often waits in a queue of its own, for a person. */
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

  /** Runs a function for what is in the queue; Lambda receives and deletes with that function's rights. */
  feed(route: RouteFunction): EventSourceMapping {
    route.allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], [this.queue.queueArn]);
    const mapping = new EventSourceMapping(this, 'Mapping', {
      target: route.function,
      eventSourceArn: this.queue.queueArn,
      // One that fails must not bring others back with it.
      batchSize: 1,
      maxConcurrency: AT_ONCE,
    });
    // Lambda refuses a mapping whose function may not receive yet.
    mapping.node.addDependency(route.role);
    return mapping;
  }
}
