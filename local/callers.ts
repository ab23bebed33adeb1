import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Credentials of a function. */
export interface Credentials {
  accessKeyId: string;
  sessionToken: string;
}

/** The signer of a request: a function and one of its instances. */
export interface Signer {
  functionKey: string;
  instanceKey: string;
}

/** Callers of the local cloud's endpoints, by access key id. */
export type Callers<T> = ReadonlyMap<string, { identity: T; sessionToken: string }>;

/** Creates random credentials: new at each start, known to one function's environment only, and never stored. */
export const newCredentials = (): Credentials => ({
  accessKeyId: `AKIA${randomBytes(8).toString('hex').toUpperCase()}`,
  sessionToken: randomBytes(32).toString('base64url'),
});

/**
 * Identifies a request's caller: the access key id is the function, a dash and the instance's number; the session token
 * proves it. The signature is not checked: the token only travels over the loopback interface, and whoever can read that
 * could read this process's memory, too.
 * @returns undefined for unknown callers
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

/** Compares in constant time, so that timing doesn't reveal how much of a guess is right. */
function isSame(given: string, secret: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(secret)];
  return one.length === other.length && timingSafeEqual(one, other);
}
