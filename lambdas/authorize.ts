import { JwtVerifier } from 'aws-jwt-verify';
import { FetchError, JwksValidationError, JwkValidationError, JwtBaseError } from 'aws-jwt-verify/error';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import { login } from '../protocol/index.ts';
import { env } from './runtime/env.ts';
import { describe, log } from './runtime/log.ts';
import { count } from './runtime/metrics.ts';
import { logOutcome, withObservability } from './runtime/observability.ts';

/** The request that API Gateway sends to the authorizer before it opens a connection. */
interface AuthorizerEvent {
  methodArn: string;
  headers?: Record<string, string | undefined>;
  queryStringParameters?: Record<string, string | undefined> | null;
}

// Plain HTTP is for loopback only (lib/settings.ts): tests serve their own keys.
const plainFetcher = {
  async fetch(from: string) {
    const response = await fetch(from);
    if (!response.ok) throw new FetchError(from, `Status ${response.status}`);
    return response.arrayBuffer();
  },
};

/**
 * Allows a connection if the client has a valid token from the issuer: as `token` in the query, or as a subprotocol next
 * to `parley`. The `username` in the response is part of every event of the connection.
 * @throws Error `Unauthorized`: API Gateway answers 401 only for this message
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

/** @param uri the URL of the issuer's public keys; `off` for the issuer's default */
const verifierOf = (issuer: string, uri: string) =>
  JwtVerifier.create(
    {
      issuer,
      audience: env('JWT_AUDIENCE'),
      jwksUri: uri === 'off' ? undefined : uri,
      // Tolerates clocks that differ by seconds.
      graceSeconds: 5,
    },
    { jwksCache: new SimpleJwksCache(uri.startsWith('http://') ? { fetcher: plainFetcher } : undefined) },
  );

/** The client's token; empty without one. */
function tokenOf({ headers = {}, queryStringParameters }: AuthorizerEvent): string {
  const [, offered = ''] =
    Object.entries(headers).find(([name]) => name.toLowerCase() === 'sec-websocket-protocol') ?? [];
  const protocols = offered.split(',').map((each) => each.trim());
  return queryStringParameters?.token ?? protocols.find((each) => each !== 'parley') ?? '';
}

/** The user name in the token; undefined if the token is invalid or its claim is no valid user name. */
const usernamesBy =
  (verifier: ReturnType<typeof verifierOf>, claim: string) =>
  async (token: string): Promise<string | undefined> => {
    try {
      const payload = await verifier.verify(token);
      return login.request.safeParse({ username: payload[claim] }).data?.username;
    } catch (error) {
      if (!isOfToken(error)) {
        // Lambda's own error count includes refusals.
        count('Failures.internal_error');
        log('error', 'authorize', { outcome: 'internal_error', error: describe(error) });
        throw error;
      }
      logOutcome('authorize', error.name);
      return undefined;
    }
  };

/** Whether the token is invalid, rather than the issuer's keys unavailable. */
const isOfToken = (error: unknown): error is JwtBaseError =>
  error instanceof JwtBaseError &&
  ![FetchError, JwksValidationError, JwkValidationError].some((kind) => error instanceof kind);
