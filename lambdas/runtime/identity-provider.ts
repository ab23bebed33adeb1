import { createHash } from 'node:crypto';
import { JwtVerifier } from 'aws-jwt-verify';
import * as errors from 'aws-jwt-verify/error';
import { decomposeUnverifiedJwt } from 'aws-jwt-verify/jwt';
import type { JwtPayload } from 'aws-jwt-verify/jwt-model';
import { Unavailable } from '../../chat/errors.ts';
import type { Claims, Identity, Millis } from '../../chat/model.ts';
import type { IdentityProvider } from '../../chat/ports.ts';
import { ChatError, login } from '../../protocol/index.ts';
import { env } from './env.ts';
import { keysOf } from './issuer-keys.ts';

// Clocks differ by seconds.
const GRACE = 5;
// A token of later than this would outlast `logout everywhere`. Many backends write milliseconds by mistake.
const AHEAD = 60;
// RFC 3339 has four digits for a year.
const END_OF_TIME: Millis = Date.UTC(10_000, 0) - 1;

/** The identity provider that the settings name. */
export function identityProvider(): IdentityProvider {
  const issuer = env('JWT_ISSUER');
  const audience = env('JWT_AUDIENCE');
  const claim = env('USERNAME_CLAIM');
  const uri = env('JWKS_URI');
  const verifier = JwtVerifier.create(
    // The audience is checked below: the library knows one claim for it.
    { issuer, audience: null, graceSeconds: GRACE },
    { jwksCache: keysOf(issuer, uri === 'off' ? undefined : uri) },
  );
  return {
    async verify(token) {
      try {
        // First, since it is what is most often set up wrong, and another issuer's keys are not among these.
        const { header, payload: unverified } = decomposeUnverifiedJwt(token);
        checkIssuer(unverified, issuer);
        // RFC 7515, section 4.1.11: none of these extensions is known here.
        if ('crit' in header) throw invalid('Its header has extensions that must be understood ("crit").');
        const payload = await verifier.verify(token);
        checkAudience(payload, audience);
        return identityIn(payload, claim);
      } catch (error) {
        throw error instanceof ChatError ? error : refusalOf(error);
      }
    },
  };
}

function checkIssuer({ iss }: JwtPayload, issuer: string): void {
  if (iss !== issuer) throw invalid(`It was issued by ${quoted(iss)}, not by ${issuer}.`);
}

/** Access tokens of Amazon Cognito have no `aud`; theirs is the client that they were issued to. */
function checkAudience({ aud, client_id }: JwtPayload, audience: string): void {
  const meant = aud ?? client_id;
  if (![meant].flat().includes(audience)) throw invalid(`It is for ${quoted(meant)}, not for ${audience}.`);
}

function identityIn(payload: JwtPayload, claim: string): Identity {
  const { exp, iat } = payload;
  if (exp === undefined) throw invalid('It has no "exp", so it would never expire.');
  if (iat === undefined) throw invalid('It has no "iat", so it could not be revoked.');
  if (iat > Date.now() / 1000 + AHEAD) throw invalid('Its "iat", a time in seconds, lies in the future.');
  const username = login.request.safeParse({ username: payload[claim] }).data?.username;
  if (username === undefined) throw invalid(`Its claim ${quoted(claim)} is missing, or no user id.`);
  const claims = claimsIn(payload);
  return { username, issued: millis(Math.floor(iat)), until: millis(exp), ...(claims && { claims }) };
}

/** OpenID Connect's claims that fill a profile; many access tokens have none. */
function claimsIn(payload: JwtPayload): Claims | undefined {
  const [name, picture] = [payload.name, payload.picture].map((claim) =>
    typeof claim === 'string' && claim !== '' ? claim : undefined,
  );
  if (name === undefined && picture === undefined) return undefined;
  const digest = createHash('sha256')
    .update(JSON.stringify([name, picture]))
    .digest('base64url');
  return { ...(name !== undefined && { name }), ...(picture !== undefined && { picture }), digest };
}

const millis = (seconds: number): Millis => Math.max(0, Math.min(Math.floor(seconds * 1000), END_OF_TIME));

const invalid = (why: string) => new ChatError('invalid_token', `The token is not valid here. ${why}`);

// What others have written may be long.
const quoted = (value: unknown): string =>
  value === undefined ? 'nobody' : JSON.stringify(value).slice(0, 200);

/** Of what the library throws: what is wrong with the token, or that it is not the token's fault. */
export const tokenErrors: ReadonlyMap<unknown, string | 'expired' | 'keys'> = new Map([
  [errors.JwtParseError, 'It is no JSON Web Token.'],
  [errors.JwtWithoutValidKidError, 'It does not name the key that signed it.'],
  [errors.KidNotFoundInJwksError, 'It was signed by a key that the issuer does not have.'],
  [errors.JwkInvalidUseError, 'It names a key of the issuer that is not for signatures.'],
  [errors.JwkInvalidKtyError, 'It names a key of the issuer that is not for signatures.'],
  [
    errors.JwtInvalidSignatureAlgorithmError,
    'It must be signed by an asymmetric algorithm, as its key is for.',
  ],
  [errors.JwtInvalidSignatureError, 'Its signature is wrong.'],
  [errors.JwtNotBeforeError, 'It is not valid yet.'],
  [errors.JwtExpiredError, 'expired'],
  [errors.FetchError, 'keys'],
  [errors.NonRetryableFetchError, 'keys'],
  [errors.JwksValidationError, 'keys'],
  [errors.JwkValidationError, 'keys'],
  [errors.WaitPeriodNotYetEndedJwkError, 'keys'],
]);

/** Anything else that the library throws is a fault of this code. */
function refusalOf(error: unknown): unknown {
  const cause = tokenErrors.get((error as Error).constructor) ?? causeOf(error as NodeJS.ErrnoException);
  if (cause === undefined) return error;
  if (cause === 'expired') return new ChatError('token_expired', 'The token has expired: get a fresh one.');
  if (cause === 'keys') return new Unavailable("The issuer's keys cannot be had", { cause: error });
  return invalid(cause);
}

/**
 * The library throws a RangeError for a time that it can't write, and Node throws where a signature, or the algorithm that
 * the token names, does not fit the key.
 */
function causeOf(error: NodeJS.ErrnoException) {
  if (error instanceof RangeError) return 'It has a time that cannot be.';
  const { code } = error;
  if (code === 'ERR_CRYPTO_INVALID_JWK') return 'keys';
  return code !== undefined && /^ERR_(CRYPTO|OSSL)/.test(code) ? 'Its signature is wrong.' : undefined;
}
