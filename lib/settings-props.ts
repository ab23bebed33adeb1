// Generated from lib/settings.ts by `npm run docs`.
import type { Duration } from 'aws-cdk-lib';
import type { Rate } from './rate.ts';

/** The settings of the service, each with its default. A rate and its burst are a leaky bucket. */
export interface ParleySettings {
  /**
   * Whether anybody may register; `closed`, only a backend creates users, by `create_user`, or the identity provider; while passwords are optional, anybody can log in as a user who has none.
   * @default open
   */
  readonly registration?: 'open' | 'closed';

  /**
   * Whether every user needs a password.
   * @default optional, in prod required
   */
  readonly passwords?: 'optional' | 'required';

  /**
   * Minimum length of a new password, in characters.
   * @default 1, in prod 8
   */
  readonly passwordLength?: number;

  /**
   * Lifetime of a session token, in days.
   * @default 30
   */
  readonly sessionLifetime?: Duration;

  /**
   * Days that messages are kept; with it, each message costs one write unit more.
   * @default off
   */
  readonly messageRetention?: Duration;

  /**
   * Messages one user may send per second, and other commands at a comparable price.
   * @default 50
   */
  readonly sendRate?: Rate | 'off';

  /**
   * Burst on top of `sendRate`; the first message of a private chat counts as 11.
   * @default 500
   */
  readonly sendBurst?: number;

  /**
   * Connections one user may be logged in on at a time; each one gets, and costs, every message.
   * @default 10
   */
  readonly devices?: number;

  /**
   * Registrations from one address, and groups that one user or one address creates.
   * @default 1, in prod 6/m
   */
  readonly registerRate?: Rate | 'off';

  /**
   * Burst on top of `registerRate`.
   * @default 5000, in prod 100
   */
  readonly registerBurst?: number;

  /**
   * Wrong passwords for one account before further attempts have to wait.
   * @default 10
   */
  readonly loginFailures?: number | 'off';

  /**
   * Wrong passwords from one address before further attempts have to wait.
   * @default 1000, in prod 100
   */
  readonly addressFailures?: number | 'off';

  /**
   * Malformed frames that one connection may send per second.
   * @default 20
   */
  readonly malformedRate?: Rate | 'off';

  /**
   * Burst on top of `malformedRate`.
   * @default 1000
   */
  readonly malformedBurst?: number;

  /**
   * Web origins that may connect, separated by commas; other pages are refused at the handshake, except the page that comes with the service.
   * @default off
   */
  readonly allowedOrigins?: readonly string[];

  /**
   * The identity provider whose users may log in, as its tokens' `iss` has it; each login then needs a token from it.
   * @default off
   */
  readonly jwtIssuer?: string;

  /**
   * The audience that tokens must be issued for: their `aud`, or `client_id` where they have none, like Cognito's access tokens.
   * @default off
   */
  readonly jwtAudience?: string;

  /**
   * Where the issuer's public keys are, if neither its /.well-known/openid-configuration says so nor they are at its /.well-known/jwks.json.
   * @default off
   */
  readonly jwksUri?: string;

  /**
   * The claim that holds the user id.
   * @default sub
   */
  readonly usernameClaim?: string;

  /**
   * Group members that one invocation delivers to; the queue delivers to the rest.
   * @default 1000
   */
  readonly fanOutPageSize?: number;

  /**
   * Seconds, up to 2, for which messages to a group of more than `fanOutPageSize` wait for one another if each follows within three times as long on the one before, to go out in one frame to clients that take several; other groups never wait; experimental (docs/settings.md).
   * @default off
   */
  readonly batchWindow?: number | 'off';

  /**
   * `info` logs each request, `warn` and `error` only what went wrong.
   * @default info
   */
  readonly logLevel?: 'info' | 'warn' | 'error';
}
