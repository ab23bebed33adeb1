import { asContext, check, environmentOf, hasProvider, type Source, stageOf } from './config.ts';
import { PICTURE_HOSTS, settings, WEB_PUSH } from './settings.ts';

/** What the page's `config.json` says, besides the socket's `url`. */
export interface PageConfig {
  /** Whether users come from an identity provider: then the page needs tokens of it. */
  provider?: true;
  /** The claim that names the user, if it is another than `sub`. */
  claim?: string;
  /** Whether every user needs a password; absent, one can do without. */
  passwords?: 'required';
  /** Whether only the operator creates users; absent, anybody may register. */
  registration?: 'closed';
  /** The minimum length of a new password, in characters; absent, 1. */
  passwordLength?: number;
  /** Origins that may show the page in a frame and hand it tokens. */
  hosts?: string[];
  /** Origins whose pictures the page shows; absent, it shows none. */
  pictures?: string[];
  /** Where a backend takes the page's subscriptions for web push; absent, nobody pushes. */
  push?: string;
}

/** The settings that are addresses, as text. */
interface Addresses {
  pageHosts?: string | undefined;
  pictureHosts?: string | undefined;
  webPush?: string | undefined;
}

/**
 * Returns the page's configuration.
 * @param environment of the functions
 * @throws ConfigError that names the invalid setting
 */
export function pageConfigOf(
  environment: Readonly<Record<string, string>>,
  { pageHosts: hosts = 'off', pictureHosts: pictures = 'off', webPush: push = 'off' }: Addresses,
  { called, isUnresolved = () => false }: Source = asContext,
): PageConfig {
  const formats = [
    ['pageHosts', hosts, settings.allowedOrigins.format],
    ['pictureHosts', pictures, PICTURE_HOSTS],
    ['webPush', push, WEB_PUSH],
  ] as const;
  for (const [name, value, { pattern, message }] of formats)
    check(isUnresolved(value) || pattern.test(value), `${called(name)}=${value}: ${message}`);
  const provider = hasProvider(environment);
  // Whoever shows the page in a frame could lead its visitors' clicks, so nobody may without a reason.
  check(
    provider || hosts === 'off',
    `${called('pageHosts')} needs ${called('jwtIssuer')}: without one, the page takes no tokens`,
  );
  const {
    USERNAME_CLAIM: claim,
    PASSWORDS: passwords,
    PASSWORD_LENGTH: length,
    REGISTRATION: registration,
  } = environment;
  return {
    ...(provider && { provider, ...(claim !== settings.usernameClaim.default && { claim }) }),
    ...(!provider && passwords === 'required' && { passwords }),
    ...(!provider && registration === 'closed' && { registration }),
    ...(!provider && Number(length) > 1 && { passwordLength: Number(length) }),
    ...(hosts !== 'off' && { hosts: hosts.split(',') }),
    ...(pictures !== 'off' && { pictures: pictures.split(',') }),
    ...(push !== 'off' && { push }),
  };
}

/**
 * The page's configuration by the context.
 * @throws ConfigError that names the invalid setting
 */
export function pageConfigIn(context: Readonly<Record<string, unknown>>): PageConfig {
  const environment = environmentOf((name) => context[name], stageOf(String(context.stage ?? 'dev')));
  const { pageHosts = 'off', pictureHosts = 'off', webPush = 'off' } = context;
  return pageConfigOf(environment, {
    pageHosts: String(pageHosts),
    pictureHosts: String(pictureHosts),
    webPush: String(webPush),
  });
}

/**
 * A header of the page, with the origins that may show it in a frame, those of the pictures that it shows, and where the
 * backend that pushes is: all below it.
 */
export const withHosts = (header: string, { hosts, pictures = [], push }: PageConfig): string =>
  header
    .replace(' PUSH', () => (push === undefined ? '' : ` ${push}/`))
    .replace('PICTURES', () => ["'self'", ...pictures].join(' '))
    .replace('HOSTS', () => hosts?.join(' ') ?? "'none'");
