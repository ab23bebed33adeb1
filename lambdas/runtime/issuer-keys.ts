import {
  FetchError,
  JwksValidationError,
  KidNotFoundInJwksError,
  WaitPeriodNotYetEndedJwkError,
} from 'aws-jwt-verify/error';
import { type PenaltyBox, SimpleJwksCache } from 'aws-jwt-verify/jwk';
import type { Millis } from '../../chat/model.ts';

// A function waits for two answers at most, and API Gateway for 29 s.
const PATIENCE: Millis = 3_000;
// So often, at most, are the keys fetched again because a token names one that they don't have.
const EVERY: Millis = 10_000;

/**
 * An issuer's public keys. They are fetched when they are first needed, and again when a token names a key that is not
 * among them.
 * @param uri where they are; absent, where the issuer's discovery document says (OpenID Connect Discovery 1.0, section 4),
 *   or without one at its /.well-known/jwks.json
 */
export const keysOf = (issuer: string, uri?: string): SimpleJwksCache =>
  new SimpleJwksCache({
    fetcher: { fetch: async () => fetchKeys(uri ?? (await discover(issuer))) },
    penaltyBox: new RareLooks(),
  });

/** @returns where the keys are. @throws FetchError, JwksValidationError */
async function discover(issuer: string): Promise<string> {
  const response = await get(under(issuer, 'openid-configuration'));
  const document = response.ok ? await jsonOf(response) : undefined;
  // Some backends have keys and no discovery, and some answer any path with a page.
  if (document?.jwks_uri === undefined) return under(issuer, 'jwks.json');
  if (document.issuer !== issuer)
    throw new JwksValidationError(
      `The discovery document is of ${JSON.stringify(document.issuer)}, not of ${issuer}`,
    );
  return String(document.jwks_uri);
}

const under = (issuer: string, file: string): string => `${issuer.replace(/\/$/, '')}/.well-known/${file}`;

async function fetchKeys(uri: string): Promise<ArrayBuffer> {
  const response = await get(uri);
  if (!response.ok) throw new FetchError(uri, `Status ${response.status}`);
  return response.arrayBuffer();
}

/** @throws FetchError */
async function get(uri: string): Promise<Response> {
  if (!isSafe(uri)) throw new FetchError(uri, 'Keys must come by HTTPS');
  try {
    // A redirect could lead away from HTTPS.
    return await fetch(uri, { redirect: 'error', signal: AbortSignal.timeout(PATIENCE) });
  } catch (error) {
    throw new FetchError(uri, error);
  }
}

// Plain HTTP only where no network is in between (lib/settings.ts).
const isSafe = (uri: string): boolean => /^(https:|http:\/\/(127\.0\.0\.1|localhost)[:/])/.test(uri);

async function jsonOf(response: Response): Promise<{ issuer?: unknown; jwks_uri?: unknown } | undefined> {
  try {
    return (await response.json()) as object;
  } catch {
    return undefined;
  }
}

/** Bounds how often tokens that name unknown keys cause a request to the issuer. */
class RareLooks implements PenaltyBox {
  /** The keys that the issuer did not have when it was last asked. */
  readonly #unknown = new Set<string>();
  #until: Millis = 0;

  /** @throws KidNotFoundInJwksError, or if the issuer may have it by now WaitPeriodNotYetEndedJwkError */
  async wait(_: string, kid: string): Promise<void> {
    if (Date.now() >= this.#until) return;
    if (this.#unknown.has(kid))
      throw new KidNotFoundInJwksError('The issuer did not have this key a moment ago');
    throw new WaitPeriodNotYetEndedJwkError('The issuer was asked for an unknown key a moment ago');
  }

  registerFailedAttempt(_: string, kid: string): void {
    if (Date.now() >= this.#until) this.#unknown.clear();
    this.#unknown.add(kid);
    this.#until = Date.now() + EVERY;
  }

  registerSuccessfulAttempt(): void {}
}
