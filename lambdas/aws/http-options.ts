/** Timeouts for AWS clients, so that a hanging call leaves time for the SDK's retries. */
export const httpOptions = {
  connectionTimeout: 1_000,
  requestTimeout: 5_000,
  throwOnRequestTimeout: true,
};
