/** Operator → condition key → the values it is compared with. */
export type Conditions = Record<string, Record<string, string[]>>;

/** One statement of an IAM policy, resolved. */
export interface Statement {
  effect: 'Allow' | 'Deny';
  actions: string[];
  resources: string[];
  conditions?: Conditions;
}

/** A function as it is deployed. */
export interface FunctionModel {
  /** Its logical id in the template. */
  id: string;
  /** Its path in the CDK's tree, for people. */
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

/** A table in DynamoDB's own words, as CreateTable takes it. */
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
  /** Milliseconds for which a message that was received is not seen by others. */
  visibility: number;
  /** Where a message goes that was received so often and is still there. */
  failed?: { arn: string; after: number };
}

/** A queue whose messages Lambda runs a function for. */
export interface FeedModel {
  queueArn: string;
  /** The logical id of the function. */
  functionId: string;
  /** Messages of one event. */
  batch: number;
  /** Events at once. */
  most: number;
  /** Whether the function says which messages of a batch failed. */
  partial: boolean;
}

/** A route of the API. */
export interface RouteModel {
  key: string;
  /** The logical id of the function behind it. */
  functionId: string;
  /** Whether what the function returns is sent to the client. */
  response: boolean;
}

/** So many requests a second, and so many at once. */
export interface ThrottleModel {
  rate: number;
  burst: number;
}

/** All that the local cloud runs. */
export interface CloudModel {
  apiId: string;
  stage: string;
  /** The request's field that picks the route, as a path: `$request.body.type` is `['type']`. */
  selection: string[];
  routes: RouteModel[];
  /** What the stage takes: of all routes that have no throttle of their own, and of those that have one. */
  throttles: { all?: ThrottleModel; routes: Record<string, ThrottleModel> };
  functions: FunctionModel[];
  tables: TableModel[];
  queues: QueueModel[];
  feeds: FeedModel[];
  /** Resource types that the local cloud does not know, and left out. */
  ignored: string[];
}
