/** Who signed a request: a function, and which of its instances. */
export interface Signer {
  functionKey: string;
  instanceKey: string;
}

/**
 * Reads the access key id of a signed request: the function's, a dash, and the instance's number. The signature itself is not checked: both endpoints listen on the
 * loopback address only, and every function of one cloud has a key of its own.
 */
export function signerOf(authorization: string | undefined): Signer {
  const [, instanceKey = ''] = /^AWS4-HMAC-SHA256 Credential=([^/]+)\//.exec(authorization ?? '') ?? [];
  return { functionKey: instanceKey.replace(/-\d+$/, ''), instanceKey };
}
