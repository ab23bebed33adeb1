/** An AWS price. */
export interface Price {
  /** The line of the bill. */
  line: string;
  /** The billed unit, for users. */
  unit: string;
  /** Dollars per number of units. */
  dollars: number;
  per: number;
  /** Free units per month, for an account with the free tier. */
  free: number;
  /** The source. */
  source: string;
}

/** The region of the prices, and the day on which they were looked up. */
export const priceList = { region: 'us-east-1', date: '2026-11-23' } as const;

const MILLION = 1_000_000;

const gateway = 'https://aws.amazon.com/api-gateway/pricing/';
const lambda = 'https://aws.amazon.com/lambda/pricing/';
const dynamo = 'https://aws.amazon.com/dynamodb/pricing/on-demand/';
const cloudWatch = 'https://aws.amazon.com/cloudwatch/pricing/';
const sqs = 'https://aws.amazon.com/sqs/pricing/';
const eventBridge = 'https://aws.amazon.com/eventbridge/pricing/';
const ec2 = 'https://aws.amazon.com/ec2/pricing/on-demand/';

/**
 * List prices of the first tier; higher tiers are cheaper. A GB is 10^9 bytes here. Lambda runs on arm64, DynamoDB is on
 * demand in the standard table class, and log groups are in the standard class.
 */
export const prices = {
  // A message of up to 32 KB, in either direction; a longer one counts once for each 32 KB begun.
  messages: price('API Gateway: messages', 'messages', 1, MILLION, MILLION, gateway),
  minutes: price('API Gateway: connections', 'minutes', 0.25, MILLION, 750_000, gateway),
  invocations: price('Lambda: requests', 'requests', 0.2, MILLION, MILLION, lambda),
  gbSeconds: price('Lambda: duration', 'GB-seconds', 0.0000133334, 1, 400_000, lambda),
  // The first 25 GB of storage are free; on-demand units never are.
  writes: price('DynamoDB: writes', 'units', 0.625, MILLION, 0, dynamo),
  reads: price('DynamoDB: reads', 'units', 0.125, MILLION, 0, dynamo),
  stored: price('DynamoDB: storage', 'GB', 0.25, 1, 25, dynamo),
  backedUp: price('DynamoDB: point-in-time recovery', 'GB', 0.2, 1, 0, dynamo),
  logged: price('CloudWatch: logs ingested', 'GB', 0.5, 1, 5, cloudWatch),
  // The 5 free GB cover ingested and stored logs together; they are counted above.
  logsKept: price('CloudWatch: logs stored', 'GB', 0.03, 1, 0, cloudWatch),
  metrics: price('CloudWatch: custom metrics', 'metrics', 0.3, 1, 10, cloudWatch),
  alarms: price('CloudWatch: alarms', 'alarms', 0.1, 1, 10, cloudWatch),
  // Three dashboards with at most 50 metrics each are free; ours has more.
  dashboards: price('CloudWatch: dashboards', 'dashboards', 3, 1, 0, cloudWatch),
  queued: price('SQS: requests', 'requests', 0.4, MILLION, MILLION, sqs),
  // Custom events; one counts once for each 64 KB begun, and ours are smaller.
  events: price('EventBridge: events', 'events', 1, MILLION, 0, eventBridge),
  sentOut: price('Data to the internet', 'GB', 0.09, 1, 100, ec2),
} as const satisfies Record<string, Price>;

/** What is billed. */
export type Item = keyof typeof prices;

function price(
  line: string,
  unit: string,
  dollars: number,
  per: number,
  free: number,
  source: string,
): Price {
  return { line, unit, dollars, per, free, source };
}
