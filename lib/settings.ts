/** A value for a test that deploys the service locally with one setting and chats (test/cloud/settings.test.ts). */
export interface Sample {
  /** A value other than the default. */
  sample: string;
  /** Other settings that it requires. */
  needs?: readonly string[];
}

/** Likewise, for a setting that changes what is deployed. */
export interface DeploymentSample extends Sample {
  /** The value that leaves it out, as by default. */
  off?: string;
}

/** A setting of the functions: `-c name=value` becomes an environment variable. */
export interface Setting extends Sample {
  variable: string;
  /** Its name as a prop, if a typed value fits another name. */
  prop?: string;
  /** A description for users. */
  doc: string;
  /** The default, unless the stage is `prod` and `prod` is given. */
  default: string;
  prod?: string;
  format: Format;
  /** Says which tokens of the identity provider are valid, so it is refused where there is no provider. */
  aboutTokens?: true;
}

/** What a value is. lib/props.ts has the type of each as a prop. */
export type Kind =
  | 'rate'
  | 'count'
  | 'countOrOff'
  | 'days'
  | 'daysOrOff'
  | 'origins'
  | 'text'
  | 'logLevel'
  | 'passwords'
  | 'registration';

/** The format of a value, and the message for other values. */
interface Format<K extends Kind = Kind> {
  kind: K;
  pattern: RegExp;
  message: string;
}

/** A rate. Functions get it per second. */
export const RATE: Format<'rate'> = {
  kind: 'rate',
  pattern: /^((?=[\d.]*[1-9])\d+(\.\d+)?(\/[smh])?|off)$/,
  message: 'must be like 50, 30/m or 100/h (per second, minute, hour) and above 0, or off for no limit',
};
const COUNT: Format<'count'> = {
  kind: 'count',
  pattern: /^[1-9]\d{0,8}$/,
  message: 'must be a whole number from 1',
};
// Each device takes some 110 bytes of the inbox, and one post per message.
const DEVICES: Format<'count'> = {
  kind: 'count',
  pattern: /^([1-9]\d?|100)$/,
  message: 'must be a whole number from 1 to 100',
};
const COUNT_OR_OFF: Format<'countOrOff'> = {
  kind: 'countOrOff',
  pattern: /^([1-9]\d{0,8}|off)$/,
  message: 'must be a whole number from 1, or off',
};
// SQS delays by whole seconds.
const WINDOW: Format<'countOrOff'> = {
  kind: 'countOrOff',
  pattern: /^([12]|off)$/,
  message: 'must be 1, 2 or off',
};
const ORIGINS: Format<'origins'> = {
  kind: 'origins',
  pattern: /^(https?:\/\/[^\s,;/]+(,https?:\/\/[^\s,;/]+)*|off)$/,
  message: 'must be like https://chat.example,https://other.example, or off',
};
/** Hosts of pictures. They become a part of the page's content security policy. */
export const PICTURE_HOSTS: Format<'origins'> = {
  kind: 'origins',
  pattern: /^(https:\/\/[a-z\d._-]+(:\d+)?(,https:\/\/[a-z\d._-]+(:\d+)?)*|off)$/,
  message: 'must be like https://pictures.example,https://other.example, or off',
};
/** Where the page registers for web push. With all below it, it becomes a part of the page's content security policy. */
export const WEB_PUSH: Format<'text'> = {
  kind: 'text',
  pattern: /^((https:\/\/[a-z\d._-]+|http:\/\/(127\.0\.0\.1|localhost))(:\d{1,5})?(\/[\w.~-]+)*|off)$/,
  message: 'must be like https://backend.example/push, without a slash at its end, or off',
};
// Plain HTTP is for loopback only, for tests: keys from the network must come over HTTPS.
const ADDRESS: Format<'text'> = {
  kind: 'text',
  pattern: /^(https:\/\/\S+|http:\/\/(127\.0\.0\.1|localhost)(:\d+)?(\/\S*)?|off)$/,
  message: 'must be like https://…, or off',
};
const DAYS: Format<'days'> = {
  kind: 'days',
  pattern: /^(?=.*[1-9])\d+(\.\d+)?$/,
  message: 'must be a number of days above 0',
};
const DAYS_OR_OFF: Format<'daysOrOff'> = {
  kind: 'daysOrOff',
  pattern: /^((?=.*[1-9])\d+(\.\d+)?|off)$/,
  message: 'must be a number of days above 0, or off',
};
const WORD: Format<'text'> = { kind: 'text', pattern: /^\S+$/, message: 'must be one word' };
const LEVEL: Format<'logLevel'> = {
  kind: 'logLevel',
  pattern: /^(info|warn|error)$/,
  message: 'must be info, warn or error',
};
const YES_OR_NO: Format<'passwords'> = {
  kind: 'passwords',
  pattern: /^(optional|required)$/,
  message: 'must be optional or required',
};

const OPEN_OR_CLOSED: Format<'registration'> = {
  kind: 'registration',
  pattern: /^(open|closed)$/,
  message: 'must be open or closed',
};

/** The settings of the functions, by name. A rate and its burst are a leaky bucket. */
export const settings = {
  registration: {
    variable: 'REGISTRATION',
    doc: 'whether anybody may register; `closed`, only a backend creates users, by `create_user`, or the identity provider; while passwords are optional, anybody can log in as a user who has none',
    default: 'open',
    format: OPEN_OR_CLOSED,
    sample: 'closed',
  },
  passwords: {
    variable: 'PASSWORDS',
    doc: 'whether every user needs a password',
    default: 'optional',
    prod: 'required',
    format: YES_OR_NO,
    sample: 'required',
  },
  passwordLength: {
    variable: 'PASSWORD_LENGTH',
    doc: 'minimum length of a new password, in characters',
    default: '1',
    prod: '8',
    format: COUNT,
    sample: '12',
  },
  sessionDays: {
    variable: 'SESSION_DAYS',
    prop: 'sessionLifetime',
    doc: 'lifetime of a session token, in days',
    default: '30',
    format: DAYS,
    sample: '7',
  },
  retentionDays: {
    variable: 'RETENTION_DAYS',
    prop: 'messageRetention',
    doc: 'days that messages are kept; with it, each message costs one write unit more',
    default: 'off',
    format: DAYS_OR_OFF,
    sample: '1',
  },
  sendRate: {
    variable: 'SEND_RATE',
    doc: 'messages one user may send per second, and other commands at a comparable price',
    default: '50',
    format: RATE,
    sample: '20',
  },
  sendBurst: {
    variable: 'SEND_BURST',
    doc: 'burst on top of `sendRate`; the first message of a private chat counts as 11',
    default: '500',
    format: COUNT,
    sample: '30',
  },
  devices: {
    variable: 'DEVICES',
    doc: 'connections one user may be logged in on at a time; each one gets, and costs, every message',
    default: '10',
    format: DEVICES,
    sample: '3',
  },
  registerRate: {
    variable: 'REGISTER_RATE',
    doc: 'registrations from one address, and groups that one user or one address creates',
    default: '1',
    prod: '6/m',
    format: RATE,
    sample: '30/m',
  },
  registerBurst: {
    variable: 'REGISTER_BURST',
    doc: 'burst on top of `registerRate`',
    default: '5000',
    prod: '100',
    format: COUNT,
    sample: '20',
  },
  loginFailures: {
    variable: 'LOGIN_FAILURES',
    doc: 'wrong passwords for one account before further attempts have to wait',
    default: '10',
    format: COUNT_OR_OFF,
    sample: '3',
  },
  addressFailures: {
    variable: 'ADDRESS_FAILURES',
    doc: 'wrong passwords from one address before further attempts have to wait',
    default: '1000',
    prod: '100',
    format: COUNT_OR_OFF,
    sample: '5',
  },
  malformedRate: {
    variable: 'MALFORMED_RATE',
    doc: 'malformed frames that one connection may send per second',
    default: '20',
    format: RATE,
    sample: '5',
  },
  malformedBurst: {
    variable: 'MALFORMED_BURST',
    doc: 'burst on top of `malformedRate`',
    default: '1000',
    format: COUNT,
    sample: '9',
  },
  allowedOrigins: {
    variable: 'ALLOWED_ORIGINS',
    doc: 'web origins that may connect, separated by commas; other pages are refused at the handshake, except the page that comes with the service',
    default: 'off',
    format: ORIGINS,
    sample: 'https://chat.example',
  },
  jwtIssuer: {
    variable: 'JWT_ISSUER',
    doc: "the identity provider whose users may log in, as its tokens' `iss` has it; each login then needs a token from it",
    default: 'off',
    format: ADDRESS,
    sample: 'https://issuer.example',
    needs: ['jwtAudience', 'jwksUri'],
  },
  jwtAudience: {
    variable: 'JWT_AUDIENCE',
    aboutTokens: true,
    doc: "the audience that tokens must be issued for: their `aud`, or `client_id` where they have none, like Cognito's access tokens",
    default: 'off',
    format: WORD,
    sample: 'chat',
    needs: ['jwtIssuer', 'jwksUri'],
  },
  jwksUri: {
    variable: 'JWKS_URI',
    aboutTokens: true,
    doc: "where the issuer's public keys are, if neither its /.well-known/openid-configuration says so nor they are at its /.well-known/jwks.json",
    default: 'off',
    format: ADDRESS,
    sample: 'http://127.0.0.1:1/jwks.json',
    needs: ['jwtIssuer', 'jwtAudience'],
  },
  usernameClaim: {
    variable: 'USERNAME_CLAIM',
    aboutTokens: true,
    doc: 'the claim that holds the user id',
    default: 'sub',
    format: WORD,
    sample: 'preferred_username',
    needs: ['jwtIssuer', 'jwtAudience', 'jwksUri'],
  },
  fanOutPageSize: {
    variable: 'FAN_OUT_PAGE_SIZE',
    doc: 'group members that one invocation delivers to; the queue delivers to the rest',
    default: '1000',
    format: COUNT,
    sample: '2',
  },
  batchWindow: {
    variable: 'BATCH_WINDOW',
    doc: 'seconds, up to 2, for which messages to a group of more than `fanOutPageSize` wait for one another if each follows within three times as long on the one before, to go out in one frame to clients that take several; other groups never wait; experimental (docs/settings.md)',
    default: 'off',
    format: WINDOW,
    sample: '1',
  },
  logLevel: {
    variable: 'LOG_LEVEL',
    doc: '`info` logs each request, `warn` and `error` only what went wrong',
    default: 'info',
    format: LEVEL,
    sample: 'warn',
  },
} as const satisfies Readonly<Record<string, Setting>>;

/** The settings of the deployment itself. */
export const deploymentSettings = {
  name: { sample: 'acme' },
  stage: { sample: 'prod' },
  domain: { sample: 'chat.example.com', needs: ['certificate'] },
  certificate: { sample: 'arn:aws:acm:us-east-1:123456789012:certificate/1', needs: ['domain'] },
  sendConcurrency: { sample: '5', off: 'off' },
  web: { sample: 'true', off: 'false' },
  pageHosts: { sample: 'https://app.example', needs: ['web', 'jwtIssuer', 'jwtAudience', 'jwksUri'] },
  pictureHosts: { sample: 'https://pictures.example', needs: ['web'] },
  webPush: { sample: 'https://backend.example/push', needs: ['web'] },
  events: { sample: 'true', off: 'false' },
  eventContent: { sample: 'false', needs: ['events'] },
  beforeSend: { sample: 'examples/word-filter.ts' },
  beforeSendEnv: { sample: 'HOME', needs: ['beforeSend'] },
  beforeSendTimeout: { sample: '5', needs: ['beforeSend'] },
  beforeSendFails: { sample: 'open', needs: ['beforeSend'] },
  alarms: { sample: 'true', off: 'false' },
  alarmEmail: { sample: 'ops@example.com' },
  accessLogs: { sample: 'true', off: 'false' },
} satisfies Readonly<
  Record<string, Sample & { /** The value that says what the default is. */ off?: string }>
>;

export type DeploymentSetting = keyof typeof deploymentSettings;
