/** For a client of AWS: a call that hangs must not take the whole of a function's time. Each is repeated by the SDK. */
export const httpOptions = {
  connectionTimeout: 1_000,
  requestTimeout: 5_000,
  throwOnRequestTimeout: true,
};
