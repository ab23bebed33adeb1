import { Duration } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { EventSourceMapping, FilterCriteria, FilterRule, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct, type IDependable } from 'constructs';
import type { TableName } from '../lambdas/runtime/grants.ts';
import { acknowledgeEvents } from './nag-suppressions.ts';
import type { RouteFunction } from './route-function.ts';
import type { Tables } from './tables.ts';

/** Timeout of the function for a batch: three attempts at each of some requests. */
export const EVENTS_TIMEOUT = Duration.minutes(1);

// A batch that fails so often waits in the dead-letter queue; splitting it is no attempt.
const RETRIES = 10;
const BATCH = 100;

const field = (rules: object): object => ({ dynamodb: rules });
const absent = (type: string) => ({ [type]: FilterRule.notExists() });
const present = (type: string) => ({ [type]: FilterRule.exists() });
const OF_GROUP = { Keys: { chat_id: { S: FilterRule.beginsWith('#') } } };

/**
 * The changes that may have an event (store/changes.ts), by table. Lambda skips all others, so that read marks, away notes
 * and the logins of users for whom nothing waits cost no invocation.
 */
const wanted = {
  History: [
    // Messages, and the entries of deletions.
    { eventName: ['INSERT'], ...field({ NewImage: { edits: absent('N') } }) },
    { eventName: ['MODIFY'], ...field({ NewImage: { changed: { M: { kind: present('S') } } } }) },
  ],
  Members: [
    { eventName: ['INSERT'], ...field({ ...OF_GROUP, NewImage: { removed: absent('BOOL') } }) },
    { eventName: ['REMOVE'], ...field({ ...OF_GROUP, OldImage: { removed: absent('BOOL') } }) },
    { eventName: ['MODIFY'], ...field({ ...OF_GROUP, NewImage: { removed: present('BOOL') } }) },
    // A join over a removal record, or over a membership in an earlier group: a new row has none of these yet.
    {
      eventName: ['MODIFY'],
      ...field({
        ...OF_GROUP,
        NewImage: { read: absent('N'), away: absent('N'), loginVersion: absent('N') },
      }),
    },
  ],
  Directory: [{ eventName: ['INSERT', 'MODIFY'], ...field({ NewImage: { kind: { S: ['group'] } } }) }],
  Profiles: [
    {
      eventName: ['INSERT', 'MODIFY'],
      ...field({ Keys: { id: { S: FilterRule.beginsWith('#') } } }),
    },
    { eventName: ['INSERT', 'MODIFY'], ...field({ NewImage: { erased: present('BOOL') } }) },
  ],
  Credentials: [{ eventName: ['INSERT'] }],
  // Of a user for whom something waits. Whether a map is empty, no filter can tell, nor whether a chat is new in it.
  Inboxes: [{ eventName: ['INSERT', 'MODIFY'], ...field({ NewImage: { has_pending: present('BOOL') } }) }],
  Overflow: [{ eventName: ['INSERT'] }],
} satisfies Partial<Record<TableName, object[]>>;

/** What the events need of the service. */
interface EventsProps {
  tables: Tables;
  /** Turns changes of the tables into events. */
  route: RouteFunction;
  /** Whether events have the messages' texts. */
  hasContent: boolean;
}

/** The event bus, and the streams of the tables that lead to it. What can't be put on it waits in a dead-letter queue. */
export class Events extends Construct {
  readonly bus: EventBus;
  readonly failed: Queue;
  readonly route: RouteFunction;
  readonly mappings: readonly IDependable[];
  readonly #hasContent: boolean;

  constructor(scope: Construct, id: string, { tables, route, hasContent }: EventsProps) {
    super(scope, id);
    this.route = route;
    this.#hasContent = hasContent;
    this.bus = new EventBus(this, 'Bus', { description: 'Parley: events of the chat service' });
    this.failed = new Queue(this, 'Failed', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    route.allow(['sqs:SendMessage'], [this.failed.queueArn]);
    const names = Object.keys(wanted) as (keyof typeof wanted)[];
    const streams = names.map((name) => tables[name].tableStreamArn as string);
    route.allow(['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'], streams);
    // It knows no single stream.
    route.allow(['dynamodb:ListStreams'], ['*']);
    acknowledgeEvents(route, this.failed);
    this.mappings = names.map((name, index) => this.#feed(name, streams[index] as string, route));
  }

  /** Lets a function put events on the bus. */
  grantPut(route: RouteFunction): void {
    route.allow(['events:PutEvents'], [this.bus.eventBusArn]);
    route.function.addEnvironment('EVENT_BUS', this.bus.eventBusName);
    route.function.addEnvironment('EVENT_CONTENT', this.#hasContent ? 'on' : 'off');
  }

  /** Lambda reads a stream with the function's role. */
  #feed(name: keyof typeof wanted, eventSourceArn: string, route: RouteFunction): EventSourceMapping {
    const mapping = new EventSourceMapping(this, name, {
      target: route.function,
      eventSourceArn,
      // What happened since the stream is there.
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: BATCH,
      bisectBatchOnError: true,
      retryAttempts: RETRIES,
      reportBatchItemFailures: true,
      filters: wanted[name].map((each) => FilterCriteria.filter(each)),
      onFailure: { bind: () => ({ destination: this.failed.queueArn }) },
    });
    // Lambda refuses a mapping whose function may not read yet.
    mapping.node.addDependency(route.role);
    return mapping;
  }
}
