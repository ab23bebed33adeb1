import { readFrame } from '../../protocol/index.ts';
import { connect } from './client.ts';

/** What the service under test is configured as, where tests must know. */
export interface Configured {
  passwords: 'optional' | 'required';
}

/** Of every user who is registered by name alone. A line can have no spaces in a word. */
export const PASSWORD = 'a-long-enough-password';

/** Asks the service itself: no flag can say something else than what it does. */
export async function configuredOf(url: string): Promise<Configured> {
  const client = await connect(url);
  const username = `asks-${Math.random().toString(36).slice(2)}-${Date.now().toString(36)}`;
  const { code, status, reason } = await client.request({ type: 'register', username });
  await client.close();
  if (status === 'register_success') return { passwords: 'optional' };
  if (code === 'bad_request' && reason?.includes('"password"')) return { passwords: 'required' };
  throw new Error(`${url} lets nobody register: ${reason}`);
}

/**
 * A frame as the service needs it: who registers or logs in by name alone does so with a password, always the same. Whatever
 * else is in a frame stays as it is; one with `"password": null` means to have none.
 */
export function withCredentials(frame: string, { passwords }: Configured): string {
  const { form, command, input } = readFrame(frame);
  const asks = command?.type === 'register' || command?.type === 'login';
  const isBare = typeof input.username === 'string' && input.password === undefined && !input.session_token;
  if (passwords === 'optional' || !asks || !isBare) return frame;
  return form === 'text'
    ? `${frame.trimEnd()} ${PASSWORD}`
    : frame.replace('{', `{"password":"${PASSWORD}",`);
}
