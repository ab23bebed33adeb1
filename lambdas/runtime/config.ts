import type { Millis, Policy, Rate } from '../../chat/model.ts';
import type { Users } from '../../protocol/index.ts';
import { env } from './env.ts';

// A setting that is switched off has the value `off` (lib/settings.ts).
function number(variable: string): number | undefined {
  const text = env(variable);
  if (text === 'off') return undefined;
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new Error(`${variable} is no number: ${text}`);
  return value;
}

function needed(variable: string): number {
  const value = number(variable);
  if (value === undefined) throw new Error(`${variable} cannot be off`);
  return value;
}

function rate(name: string): Rate | undefined {
  const perSecond = number(`${name}_RATE`);
  return perSecond === undefined ? undefined : { perSecond, burst: needed(`${name}_BURST`) };
}

const DAY = 24 * 60 * 60 * 1000;

/** Where users come from. */
export const users = (): Users => (env('JWT_ISSUER') === 'off' ? 'registered' : 'provided');

/** This deployment's rules for passwords and sessions, from the environment. */
export const policy = (): Policy => ({
  hasProvider: users() === 'provided',
  registration: env('REGISTRATION') === 'closed' ? 'closed' : 'open',
  passwords: env('PASSWORDS') === 'required' ? 'required' : 'optional',
  passwordLength: needed('PASSWORD_LENGTH'),
  devices: needed('DEVICES'),
  sessionLife: needed('SESSION_DAYS') * DAY,
  invalidLogins: number('LOGIN_FAILURES'),
  failedLoginsOfAddress: number('ADDRESS_FAILURES'),
});

/** How long messages are kept; undefined for forever. */
export function retention(): Millis | undefined {
  const days = number('RETENTION_DAYS');
  return days === undefined ? undefined : days * DAY;
}

/** The number of group members that one invocation delivers to. */
export const fanOutPageSize = (): number => needed('FAN_OUT_PAGE_SIZE');

/** How long messages to a large group wait for one another; 0 for not at all. */
export const batchWindow = (): Millis => (number('BATCH_WINDOW') ?? 0) * 1_000;

/** The operator's function that is asked before messages are stored; undefined if there is none. */
export function beforeSend():
  | { functionName: string; timeout: Millis; fails: 'open' | 'closed' }
  | undefined {
  const { BEFORE_SEND: functionName } = process.env;
  if (functionName === undefined) return undefined;
  const fails = env('BEFORE_SEND_FAILS') === 'open' ? 'open' : 'closed';
  return { functionName, timeout: needed('BEFORE_SEND_TIMEOUT'), fails };
}

/** Whether events have the messages' texts. */
export const eventContent = (): boolean => env('EVENT_CONTENT') === 'on';

/** A user's rate, where a message costs 1 (`price` in protocol/command.ts). */
export const sendRate = (): Rate | undefined => rate('SEND');

/** The rate of registrations from one address, and of groups that one user or one address creates. */
export const registerRate = (): Rate | undefined => rate('REGISTER');

/** The rate of logins from one address that can't succeed: one per second, and the burst of wrong passwords. */
export function invalidLoginRate(): Rate | undefined {
  const burst = number('ADDRESS_FAILURES');
  return burst === undefined ? undefined : { perSecond: 1, burst };
}

/** The rate of malformed frames on one connection, per instance of a function. */
export const malformedRate = (): Rate | undefined => rate('MALFORMED');
