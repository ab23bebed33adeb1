import {
  FetchError,
  JwksValidationError,
  KidNotFoundInJwksError,
  WaitPeriodNotYetEndedJwkError,
} from 'aws-jwt-verify/error';
import { type Jwks, type PenaltyBox, SimpleJwksCache } from 'aws-jwt-verify/jwk';
import type { Millis } from '../../chat/model.ts';

// A function waits for two answers at most, and API Gateway for 29 s.
const PATIENCE: Millis = 3_000;
// So often, at most, are the keys fetched again because a token names one that they don't have.
const EVERY: Millis = 10_000;
// So long is a key believed that the issuer has withdrawn or replaced.
const KEY_LIFE: Millis = 60 * 60_000;
// Bytes of one answer: a hundred times what issuers have.
const MOST = 1024 * 1024;

/**
 * An issuer's public keys. They are fetched when they are first needed, again when a token names a key that is not among
 * them, and after an hour.
 * @param uri where they are; absent, where the issuer's discovery document says (OpenID Connect Discovery 1.0, section 4),
 *   or without one at its /.well-known/jwks.json
 */
export const keysOf = (issuer: string, uri?: string): SimpleJwksCache =>
  new FreshKeys({
    fetcher: { fetch: async () => fetchKeys(uri ?? (await discover(issuer))) },
    penaltyBox: new RareLooks(),
  });

/** @returns where the keys are. @throws FetchError, JwksValidationError */
async function discover(issuer: string): Promise<string> {
  const { status, body } = await get(under(issuer, 'openid-configuration'));
  const document = status === 200 ? jsonIn(body) : undefined;
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
  const { status, body } = await get(uri);
  if (status !== 200) throw new FetchError(uri, `Status ${status}`);
  return new Uint8Array(body).buffer;
}

/** @throws FetchError unless the whole answer comes in time */
async function get(uri: string): Promise<{ status: number; body: Buffer }> {
  if (!isSafe(uri)) throw new FetchError(uri, 'Keys must come by HTTPS');
  try {
    // A redirect could lead away from HTTPS.
    const response = await fetch(uri, { redirect: 'error', signal: AbortSignal.timeout(PATIENCE) });
    return { status: response.status, body: await bodyOf(response) };
  } catch (error) {
    throw new FetchError(uri, error);
  }
}

async function bodyOf({ body }: Response): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body ?? []) {
    size += part.length;
    if (size > MOST) throw new Error(`It has more than ${MOST} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

// Plain HTTP only where no network is in between (lib/settings.ts).
const isSafe = (uri: string): boolean => /^(https:|http:\/\/(127\.0\.0\.1|localhost)[:/])/.test(uri);

function jsonIn(body: Buffer): { issuer?: unknown; jwks_uri?: unknown } | undefined {
  try {
    return JSON.parse(body.toString()) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Keys that are fetched again after a while, so that none is believed for as long as the function's instance lives. */
class FreshKeys extends SimpleJwksCache {
  /** When they have to be fetched again; undefined before the first time. */
  #due: Millis | undefined;

  override async getJwks(...of: Parameters<SimpleJwksCache['getJwks']>): Promise<Jwks> {
    const keys = await super.getJwks(...of);
    this.#due = Date.now() + KEY_LIFE;
    return keys;
  }

  override async getJwk(...[uri, jwt]: Parameters<SimpleJwksCache['getJwk']>) {
    if (this.#due !== undefined && Date.now() >= this.#due) {
      this.#due = Date.now() + EVERY;
      // An issuer that doesn't answer now has withdrawn nothing.
      await this.getJwks(uri).catch(() => {});
    }
    // By its id, the library would go on to use an earlier key that had the same one.
    return { ...(await super.getJwk(uri, jwt)), kid: '' };
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
