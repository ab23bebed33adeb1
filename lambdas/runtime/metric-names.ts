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
  BeforeSendFailed: 'Count',
  FanOutSize: 'None',
  FanOutTime: 'Milliseconds',
  SendToPost: 'Milliseconds',
  Latency: 'Milliseconds',
} as const;

/** The name of any metric. `Failures.` has an error code behind it, like `Failures.busy`: refusals by code. */
export type MetricName = keyof typeof units | `Failures.${string}`;
