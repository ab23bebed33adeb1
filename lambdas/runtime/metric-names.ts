import type { ChatError } from '../../protocol/index.ts';

/** The metrics, each with one value per invocation. docs/operations.md explains them. */
export const units = {
  Requests: 'Count',
  Messages: 'Count',
  AppendAttempts: 'Count',
  Deliveries: 'Count',
  PendingWritten: 'Count',
  PendingDelivered: 'Count',
  GoneConnections: 'Count',
  PostsThrottled: 'Count',
  PostsFailed: 'Count',
  FanOutSize: 'None',
  FanOutTime: 'Milliseconds',
  SendToPost: 'Milliseconds',
  Latency: 'Milliseconds',
} as const;

/** Refusals by code. Only codes that occur become metrics and cost anything. */
export type Failure = `Failures.${ChatError['code']}`;

/** The name of any metric. */
export type MetricName = keyof typeof units | Failure;
