import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Credentials of a function. */
export interface Credentials {
  accessKeyId: string;
  sessionToken: string;
}

/** Who signed a request: a function and one of its instances. */
export interface Signer {
  functionKey: string;
  instanceKey: string;
}

/** Callers of the local cloud's endpoints, by access key id. */
export type Callers<T> = ReadonlyMap<string, { identity: T; sessionToken: string }>;

/** Makes random credentials. They are new at each start, known to one function's environment, and never stored. */
export const newCredentials = (): Credentials => ({
  accessKeyId: `AKIA${randomBytes(8).toString('hex').toUpperCase()}`,
  sessionToken: randomBytes(32).toString('base64url'),
});

/**
 * Who makes a request: the access key id names the function, a dash, and the instance's number; the session token
 * proves it. The signature is not checked: the token travels over the loopback interface only, which nobody can read
 * who could not read this process's memory.
 * @returns undefined for a stranger
 */
export function callerOf<T>(
  headers: IncomingHttpHeaders,
  callers: Callers<T>,
): { identity: T; signer: Signer } | undefined {
  const [, instanceKey = ''] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\//.exec(headers.authorization ?? '') ?? [];
  const functionKey = instanceKey.replace(/-\d+$/, '');
  const caller = callers.get(functionKey);
  if (!caller || !isSame(String(headers['x-amz-security-token']), caller.sessionToken)) return undefined;
  return { identity: caller.identity, signer: { functionKey, instanceKey } };
}

/** Takes as long for a guess that is nearly right as for any other of its length. */
function isSame(given: string, secret: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(secret)];
  return one.length === other.length && timingSafeEqual(one, other);
}
