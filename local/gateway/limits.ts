/** API Gateway's limits for a connection; times in milliseconds, sizes in bytes. Tests may shorten the times. */
export interface GatewayLimits {
  /** Idle time, without a message in either direction. */
  idle: number;
  /** Maximum age. */
  life: number;
  /** One WebSocket frame, in and out. */
  frame: number;
  /** One message, in and out. */
  payload: number;
  /** How long a route waits for its function. */
  integration: number;
  /** Bytes that may be buffered for a client that doesn't read; our own limit, to bound memory. */
  backlog: number;
}

/** Source: API Gateway's quotas. */
export const serviceLimits: GatewayLimits = {
  idle: 10 * 60_000,
  life: 2 * 60 * 60_000,
  frame: 32 * 1024,
  payload: 128 * 1024,
  integration: 29_000,
  backlog: 8 * 1024 * 1024,
};
