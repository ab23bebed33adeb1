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
  /** Resource types that the local cloud doesn't support and ignores. */
  ignored: string[];
}
