import { check, settingOf } from './config.ts';
import { settings } from './settings.ts';

/** What the page's `config.json` says, besides the socket's `url`. */
export interface PageConfig {
  /** Whether users come from an identity provider: then the page needs tokens of it. */
  provider?: true;
  /** The claim that names the user, if it is another than `sub`. */
  claim?: string;
  /** Whether every user needs a password; absent, one can do without. */
  passwords?: 'required';
  /** The minimum length of a new password, in characters; absent, 1. */
  passwordLength?: number;
  /** Origins that may show the page in a frame and hand it tokens. */
  hosts?: string[];
}

/**
 * Reads the page's configuration from the context: `-c jwtIssuer=… -c pageHosts=https://app.example,…`, and what it says of
 * passwords.
 * @param context returns a value of the context
 * @throws ConfigError that names the invalid setting
 */
export function pageConfigOf(context: (key: string) => unknown): PageConfig {
  const given = (key: string) => String(context(key) ?? 'off');
  const hosts = given('pageHosts');
  const { pattern, message } = settings.allowedOrigins.format;
  check(pattern.test(hosts), `-c pageHosts=${hosts}: ${message}`);
  const provider = given('jwtIssuer') !== 'off';
  // Whoever shows the page in a frame could lead its visitors' clicks, so nobody may without a reason.
  check(
    provider || hosts === 'off',
    '-c pageHosts needs -c jwtIssuer: without one, the page takes no tokens',
  );
  const claim = context('usernameClaim');
  const valueHere = (name: 'passwords' | 'passwordLength') =>
    settingOf(settings[name], context(name), context('stage'));
  const passwordLength = Number(valueHere('passwordLength'));
  return {
    ...(provider && { provider: true, ...(claim !== undefined && { claim: String(claim) }) }),
    ...(!provider && valueHere('passwords') === 'required' && { passwords: 'required' }),
    ...(!provider && passwordLength > 1 && { passwordLength }),
    ...(hosts !== 'off' && { hosts: hosts.split(',') }),
  };
}

/** A header of the page, with the origins that may show it in a frame. */
export const withHosts = (header: string, { hosts }: PageConfig): string =>
  header.replace('HOSTS', hosts?.join(' ') ?? "'none'");
