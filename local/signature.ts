/**
 * The access key id of a signed request. The signature itself is not checked: both endpoints listen on the
 * loopback address only, and every function of one cloud has a key of its own.
 */
export const callerOf = (authorization: string | undefined): string | undefined =>
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\//.exec(authorization ?? '')?.[1];
