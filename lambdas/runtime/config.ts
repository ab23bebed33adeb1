import type { Millis, Policy, Rate } from '../../chat/model.ts';
import { env } from './env.ts';

// What is switched off is the word `off` (lib/settings.ts).
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

/** What this deployment asks of its users, from its environment. */
export const policy = (): Policy => ({
  passwords: env('PASSWORDS') === 'required' ? 'required' : 'optional',
  passwordLength: needed('PASSWORD_LENGTH'),
  devices: needed('DEVICES'),
  sessionLife: needed('SESSION_DAYS') * DAY,
  failedLogins: number('LOGIN_FAILURES'),
  failedLoginsOfAddress: number('ADDRESS_FAILURES'),
});

/** How long messages are kept; undefined, for ever. */
export function retention(): Millis | undefined {
  const days = number('RETENTION_DAYS');
  return days === undefined ? undefined : days * DAY;
}

/** How many members of a group one invocation takes on. */
export const fanOutPageSize = (): number => needed('FAN_OUT_PAGE_SIZE');

/** How much a user may ask for, where a message is 1 (`price` in protocol/command.ts). */
export const sendRate = (): Rate | undefined => rate('SEND');

/** How many users may be registered from one address; and how many groups may be made by one user, or from one address. */
export const registerRate = (): Rate | undefined => rate('REGISTER');

/** How many logins from one address may be such that they cannot succeed: as many as wrong passwords, and one more each second. */
export function hopelessLoginRate(): Rate | undefined {
  const burst = number('ADDRESS_FAILURES');
  return burst === undefined ? undefined : { perSecond: 1, burst };
}

/** How many malformed frames one connection may send, on one instance of a function. */
export const malformedRate = (): Rate | undefined => rate('MALFORMED');
