import type { Node } from 'constructs';
import { demand } from './context.ts';

/** What the service is tried with: each setting by itself, by a test that boots it and chats (test/cloud/settings.test.ts). */
export interface Sample {
  /** A value other than the standard one. */
  sample: string;
  /** What else has to be set with it. */
  needs?: readonly string[];
}

/** What can be set with `-c name=value`, and reaches the functions in their environment. */
interface Setting extends Sample {
  variable: string;
  /** For people. */
  doc: string;
  /** In any stage, and in `prod` if that has another. */
  standard: string;
  prod?: string;
  /** What a value must look like, and how to say so. */
  form: { is: RegExp; says: string };
}

const RATE = {
  is: /^((?=[\d.]*[1-9])\d+(\.\d+)?(\/[smh])?|off)$/,
  says: 'must be like 50, 30/m, 100/h (a second, minute, hour) and above 0, or off, which is without a limit',
};
const COUNT = { is: /^[1-9]\d{0,8}$/, says: 'must be a whole number from 1' };
// Each is some 110 bytes of the inbox, and a post of every message.
const DEVICES = { is: /^([1-9]\d?|100)$/, says: 'must be a whole number from 1 to 100' };
const COUNT_OR_OFF = { is: /^([1-9]\d{0,8}|off)$/, says: 'must be a whole number from 1, or off' };
const ORIGINS = {
  is: /^(https?:\/\/[^\s,/]+(,https?:\/\/[^\s,/]+)*|off)$/,
  says: 'must be like https://chat.example,https://other.example, or off',
};
// Plain HTTP to this machine alone, for tests: keys from the network must come by HTTPS.
const ADDRESS = {
  is: /^(https:\/\/\S+|http:\/\/(127\.0\.0\.1|localhost)(:\d+)?(\/\S*)?|off)$/,
  says: 'must be like https://…, or off',
};
const DAYS_OR_OFF = {
  is: /^((?=.*[1-9])\d+(\.\d+)?|off)$/,
  says: 'must be a number of days above 0, or off',
};
const WORD = { is: /^\S+$/, says: 'must be one word' };
const LEVEL = { is: /^(info|warn|error)$/, says: 'must be info, warn or error' };
const YES_OR_NO = { is: /^(optional|required)$/, says: 'must be optional or required' };

/** Every setting, by the name of its context. Rates are leaky buckets: so many a second, and a burst after a pause. */
export const settings = {
  passwords: {
    variable: 'PASSWORDS',
    doc: 'whether every user needs a password',
    standard: 'optional',
    prod: 'required',
    form: YES_OR_NO,
    sample: 'required',
  },
  passwordLength: {
    variable: 'PASSWORD_LENGTH',
    doc: 'minimum length of a new password, in characters',
    standard: '1',
    prod: '8',
    form: COUNT,
    sample: '12',
  },
  sessionDays: {
    variable: 'SESSION_DAYS',
    doc: 'lifetime of a session token, in days',
    standard: '30',
    form: COUNT,
    sample: '7',
  },
  retentionDays: {
    variable: 'RETENTION_DAYS',
    doc: 'days that messages are kept; with it, each message costs one write unit more',
    standard: 'off',
    form: DAYS_OR_OFF,
    sample: '1',
  },
  sendRate: {
    variable: 'SEND_RATE',
    doc: 'messages one user may send per second, and other commands at a comparable price',
    standard: '50',
    form: RATE,
    sample: '20',
  },
  sendBurst: {
    variable: 'SEND_BURST',
    doc: 'burst on top of `sendRate`',
    standard: '500',
    form: COUNT,
    sample: '30',
  },
  devices: {
    variable: 'DEVICES',
    doc: 'connections one user may be logged in on at a time; each one gets, and costs, every message',
    standard: '10',
    form: DEVICES,
    sample: '3',
  },
  registerRate: {
    variable: 'REGISTER_RATE',
    doc: 'registrations from one address, and groups that one user or one address creates',
    standard: '1',
    prod: '6/m',
    form: RATE,
    sample: '30/m',
  },
  registerBurst: {
    variable: 'REGISTER_BURST',
    doc: 'burst on top of `registerRate`',
    standard: '5000',
    prod: '100',
    form: COUNT,
    sample: '20',
  },
  loginFailures: {
    variable: 'LOGIN_FAILURES',
    doc: 'wrong passwords for one account before further attempts have to wait',
    standard: '10',
    form: COUNT_OR_OFF,
    sample: '3',
  },
  addressFailures: {
    variable: 'ADDRESS_FAILURES',
    doc: 'wrong passwords from one address before further attempts have to wait',
    standard: '1000',
    prod: '100',
    form: COUNT_OR_OFF,
    sample: '5',
  },
  malformedRate: {
    variable: 'MALFORMED_RATE',
    doc: 'malformed frames that one connection may send per second',
    standard: '20',
    form: RATE,
    sample: '5',
  },
  malformedBurst: {
    variable: 'MALFORMED_BURST',
    doc: 'burst on top of `malformedRate`',
    standard: '1000',
    form: COUNT,
    sample: '9',
  },
  allowedOrigins: {
    variable: 'ALLOWED_ORIGINS',
    doc: 'web origins that may connect, separated by commas; browsers elsewhere are refused at the handshake',
    standard: 'off',
    form: ORIGINS,
    sample: 'https://chat.example',
  },
  jwtIssuer: {
    variable: 'JWT_ISSUER',
    doc: 'the identity provider whose users may connect; each connection then needs a token from it',
    standard: 'off',
    form: ADDRESS,
    sample: 'https://issuer.example',
    needs: ['jwtAudience', 'jwksUri'],
  },
  jwtAudience: {
    variable: 'JWT_AUDIENCE',
    doc: 'the audience that tokens must be issued for',
    standard: 'off',
    form: WORD,
    sample: 'chat',
    needs: ['jwtIssuer', 'jwksUri'],
  },
  jwksUri: {
    variable: 'JWKS_URI',
    doc: "where the issuer's public keys are, if not at its /.well-known/jwks.json",
    standard: 'off',
    form: ADDRESS,
    sample: 'http://127.0.0.1:1/jwks.json',
    needs: ['jwtIssuer', 'jwtAudience'],
  },
  usernameClaim: {
    variable: 'USERNAME_CLAIM',
    doc: 'the claim that holds the user name',
    standard: 'sub',
    form: WORD,
    sample: 'preferred_username',
    needs: ['jwtIssuer', 'jwtAudience', 'jwksUri'],
  },
  fanOutPageSize: {
    variable: 'FAN_OUT_PAGE_SIZE',
    doc: 'group members that one invocation delivers to; the queue delivers to the rest',
    standard: '1000',
    form: COUNT,
    sample: '2',
  },
  logLevel: {
    variable: 'LOG_LEVEL',
    doc: '`info` logs each request, `warn` and `error` only what went wrong',
    standard: 'info',
    form: LEVEL,
    sample: 'warn',
  },
} as const satisfies Readonly<Record<string, Setting>>;

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/**
 * The environment of every function, as the context says.
 * @throws BadContext that names a value which makes no sense
 */
export function environmentOf(node: Node, stage: string): Record<string, string> {
  const entries = Object.entries(settings as Record<string, Setting>).map(([name, setting]) => {
    const { variable, standard, prod, form } = setting;
    const value = String(node.tryGetContext(name) ?? (stage === 'prod' ? prod : undefined) ?? standard);
    demand(form.is.test(value), `-c ${name}=${value}: ${form.says}`);
    demand(
      stage !== 'prod' || name !== 'passwords' || value === 'required',
      '-c passwords=optional: stage=prod requires passwords',
    );
    return [variable, form === RATE ? perSecond(value) : value] as const;
  });
  const environment: Record<string, string> = Object.fromEntries(entries);
  const hasAudience = environment.JWT_AUDIENCE !== 'off';
  demand(
    !hasProvider(environment) || hasAudience,
    '-c jwtIssuer needs -c jwtAudience: tokens for others must not be good here',
  );
  demand(
    hasProvider(environment) || !hasAudience,
    '-c jwtAudience needs -c jwtIssuer: without one, no token is looked at',
  );
  return environment;
}

/** Whether users come from an identity provider. */
export const hasProvider = (environment: Readonly<Record<string, string>>): boolean =>
  environment.JWT_ISSUER !== 'off';

/** Whether somebody must look at a handshake. */
export const looksAtHandshakes = (environment: Readonly<Record<string, string>>): boolean =>
  hasProvider(environment) || environment.ALLOWED_ORIGINS !== 'off';

function perSecond(rate: string): string {
  const [count = '', unit = 's'] = rate.split('/');
  return count === 'off' ? 'off' : String(Number(count) / (SECONDS[unit] ?? 1));
}
