/** What API Gateway lets a connection do; times in milliseconds, sizes in bytes. Tests may shorten the times. */
export interface GatewayLimits {
  /** Without a message in either direction. */
  idle: number;
  /** In all. */
  life: number;
  /** One WebSocket frame, in and out. */
  frame: number;
  /** One message, in and out. */
  payload: number;
  /** The longest that a route waits for its function. */
  integration: number;
  /** Bytes that a client which does not read may let pile up; ours, so that it costs no memory. */
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
