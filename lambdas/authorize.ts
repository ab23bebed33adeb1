import { JwtVerifier } from 'aws-jwt-verify';
import { FetchError, JwksValidationError, JwkValidationError, JwtBaseError } from 'aws-jwt-verify/error';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import { login } from '../protocol/index.ts';
import { env } from './runtime/env.ts';
import { describe, log } from './runtime/log.ts';
import { count } from './runtime/metrics.ts';
import { logOutcome, withObservability } from './runtime/observability.ts';

/** What API Gateway asks before a connection is opened. */
interface AuthorizerEvent {
  methodArn: string;
  headers?: Record<string, string | undefined>;
  queryStringParameters?: Record<string, string | undefined> | null;
}

// Plain HTTP only where no network is in between (lib/settings.ts): for tests with keys of their own.
const plainFetcher = {
  async fetch(from: string) {
    const response = await fetch(from);
    if (!response.ok) throw new FetchError(from, `Status ${response.status}`);
    return response.arrayBuffer();
  },
};

/**
 * Lets a connection be opened by who has a good token of the issuer's: in the query as `token`, or offered as the
 * subprotocol beside `parley`. What it answers as `username` is on every event of the connection.
 * @throws Error `Unauthorized`, the one word that API Gateway makes a 401 of
 */
export function authorizer() {
  const usernameOf = usernamesBy(verifierOf(env('JWT_ISSUER'), env('JWKS_URI')), env('USERNAME_CLAIM'));
  return withObservability('authorize', async (event: AuthorizerEvent) => {
    const username = await usernameOf(tokenOf(event));
    if (username === undefined) throw new Error('Unauthorized');
    logOutcome('authorize', 'ok');
    const Statement = [{ Effect: 'Allow', Action: 'execute-api:Invoke', Resource: event.methodArn }];
    return {
      principalId: username,
      policyDocument: { Version: '2012-10-17', Statement },
      context: { username },
    };
  });
}

/** @param uri of the issuer's public keys; `off` for where an issuer has them */
const verifierOf = (issuer: string, uri: string) =>
  JwtVerifier.create(
    {
      issuer,
      audience: env('JWT_AUDIENCE'),
      jwksUri: uri === 'off' ? undefined : uri,
      // Clocks differ by seconds.
      graceSeconds: 5,
    },
    { jwksCache: new SimpleJwksCache(uri.startsWith('http://') ? { fetcher: plainFetcher } : undefined) },
  );

/** The token that a client brought; empty without one. */
function tokenOf({ headers = {}, queryStringParameters }: AuthorizerEvent): string {
  const [, offered = ''] =
    Object.entries(headers).find(([name]) => name.toLowerCase() === 'sec-websocket-protocol') ?? [];
  const protocols = offered.split(',').map((each) => each.trim());
  return queryStringParameters?.token ?? protocols.find((each) => each !== 'parley') ?? '';
}

/** Whose token it is, as a name of the chat; undefined for a token that is no good, or has no such name in it. */
const usernamesBy =
  (verifier: ReturnType<typeof verifierOf>, claim: string) =>
  async (token: string): Promise<string | undefined> => {
    try {
      const payload = await verifier.verify(token);
      return login.request.safeParse({ username: payload[claim] }).data?.username;
    } catch (error) {
      if (!isOfToken(error)) {
        // Lambda's own count of errors has refusals in it.
        count('Failures.internal_error');
        log('error', 'authorize', { outcome: 'internal_error', error: describe(error) });
        throw error;
      }
      logOutcome('authorize', error.name);
      return undefined;
    }
  };

/** Whether the token is to blame, and not that the issuer's keys could not be had. */
const isOfToken = (error: unknown): error is JwtBaseError =>
  error instanceof JwtBaseError &&
  ![FetchError, JwksValidationError, JwkValidationError].some((kind) => error instanceof kind);
