/** Operator → condition key → values to compare with. */
export type Conditions = Record<string, Record<string, string[]>>;

/** One statement of an IAM policy, resolved. */
export interface Statement {
  effect: 'Allow' | 'Deny';
  actions: string[];
  resources: string[];
  conditions?: Conditions;
}

/** A deployed function. */
export interface FunctionModel {
  /** Its logical id in the template. */
  id: string;
  /** Its name for display, like `SendMessage`. */
  name: string;
  arn: string;
  /** The folder with its code. */
  folder: string;
  handler: string;
  /** Megabytes. */
  memory: number;
  /** Milliseconds. */
  timeout: number;
  environment: Record<string, string>;
  statements: Statement[];
}

/** A table, as input for CreateTable. */
export interface TableModel {
  name: string;
  arn: string;
  create: Record<string, unknown>;
  /** The attribute with the time, in seconds, after which an item may be deleted. */
  ttl?: string;
  /** Its stream: what records hold, and the stream's ARN. */
  stream?: { view: string; arn: string };
}

/** A queue of SQS. */
export interface QueueModel {
  /** Its logical id in the template. */
  id: string;
  arn: string;
  /** Visibility timeout in milliseconds. */
  visibility: number;
  /** The dead-letter queue, and the number of receives after which a message goes there. */
  failed?: { arn: string; after: number };
}

/** An event source mapping: a table's stream whose records invoke a function. Source: Lambda's developer guide. */
export interface StreamFeedModel {
  /** Its logical id in the template. */
  id: string;
  streamArn: string;
  /** The logical id of the function. */
  functionId: string;
  start: 'LATEST' | 'TRIM_HORIZON';
  /** Maximum number of records per event. */
  batch: number;
  /** How long to gather records for an event, in milliseconds. */
  window: number;
  /** Whether a batch that fails is split in two. */
  bisect: boolean;
  /** Retries before a batch is discarded; absent for no limit but its age. */
  retries?: number;
  /** The age in milliseconds at which a batch that fails is discarded; absent for that of the stream. */
  age?: number;
  /** Whether the function reports the first record of a batch that failed. */
  partial: boolean;
  /** Event patterns: a record that matches none is skipped. Empty, all are wanted. */
  filters: Pattern[];
  /** The ARN of the queue that is told of discarded batches. */
  failedArn?: string;
}

/** An event pattern: a field's patterns, or a list of values and comparisons of which one must match. */
export type Pattern = { [field: string]: Pattern | unknown[] };

/** A bus of EventBridge. */
export interface BusModel {
  name: string;
  arn: string;
}

/** A rule of a bus. */
export interface RuleModel {
  arn: string;
  busArn: string;
  pattern: Pattern;
  targets: TargetModel[];
}

/** A target of a rule. */
export interface TargetModel {
  /** Unique in the template. */
  id: string;
  arn: string;
  to: { queueArn: string } | { functionId: string } | { http: HttpTarget };
  /** What it gets instead of the event: a constant, or the part of the event at this path. */
  input?: { constant: string } | { path: string[] };
  retries: number;
  /** The age in milliseconds at which an event is given up. */
  age: number;
  /** The ARN of its dead-letter queue. */
  failedArn?: string;
}

/** An HTTP endpoint: an API destination with its connection. */
export interface HttpTarget {
  url: string;
  method: string;
  /** The connection's credential and all other headers. */
  headers: Record<string, string>;
  /** Whether to try again whatever the answer was; absent, as EventBridge does. */
  anyStatus?: boolean;
}

/** An event source mapping: a queue whose messages invoke a function. */
export interface FeedModel {
  queueArn: string;
  /** The logical id of the function. */
  functionId: string;
  /** Maximum number of messages per event. */
  batch: number;
  /** Maximum number of concurrent events. */
  concurrency: number;
  /** Whether the function reports which messages of a batch failed. */
  partial: boolean;
}

/** A route of the API. */
export interface RouteModel {
  key: string;
  /** The logical id of its function. */
  functionId: string;
  /** Whether the function's result is sent to the client. */
  response: boolean;
}

/** A throttle: requests per second, and the burst. */
export interface ThrottleModel {
  rate: number;
  burst: number;
}

/** Everything that the local cloud runs. */
export interface CloudModel {
  apiId: string;
  stage: string;
  /** The path of the request's field that selects the route: `['type']` for `$request.body.type`. */
  selection: string[];
  routes: RouteModel[];
  /** The stage's throttles: the default, and those of single routes. */
  throttles: { all?: ThrottleModel; routes: Record<string, ThrottleModel> };
  functions: FunctionModel[];
  tables: TableModel[];
  queues: QueueModel[];
  feeds: FeedModel[];
  streamFeeds: StreamFeedModel[];
  buses: BusModel[];
  rules: RuleModel[];
  /** An output of the stack; undefined if there is none of this name. */
  output(name: string): string | undefined;
  /** Resource types that the local cloud doesn't support and ignores. */
  ignored: string[];
}
